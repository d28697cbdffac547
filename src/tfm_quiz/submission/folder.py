"""Reading a class of submissions: folders and zips that anybody may have made.

Named regular files only, opened relative to the submission's own folder without following a link; zips are read member
by member in memory and never extracted; everything is capped before it is read. Whatever is wrong becomes a sentence
in that submission's `problems`, and the next one is read as if nothing had happened. Nothing is ever written.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections import deque
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from msgspec import Struct

from tfm_quiz.course import Course
from tfm_quiz.errors import SubmissionProblem

from .archive import read_zip
from .caps import MOST_DEPTH, Found, Refused
from .submission import Submission, assemble, wanted, worth_entering

LONGEST_NAME = 150  # bytes: files are named after submissions, and 255 is the most that a disk takes
HANDED_IN = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".py", ".ipynb"}

OPEN_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
OPEN_FOLDER = OPEN_FILE | getattr(os, "O_DIRECTORY", 0)
CAN_KEEP_LINKS_OUT = os.open in os.supports_dir_fd and os.scandir in os.supports_fd


class Entry(Struct, frozen=True):
    """A submission that is there, not read yet: its name, and the folder or zip (more than one: a clash of names)."""

    name: str
    paths: tuple[Path, ...]


def read_class(folder: Path, course: Course) -> list[Submission]:
    """All submissions of a class, by name. Raises SubmissionProblem if there is nothing to read."""
    return [load(entry, course) for entry in entries(folder, course)]


def entries(folder: Path, course: Course) -> list[Entry]:
    """What is to be read in a class's folder: each folder and each zip in it, sorted by name.

    Links, other archives and single files are listed too, so that whoever handed them in gets a sentence. A folder that
    holds exercises itself, and a single zip, are a class of one. Raises SubmissionProblem if the folder is missing or
    holds nothing that could be a submission.
    """
    if not folder.exists():
        raise SubmissionProblem(
            f"There is no folder {folder}.", next_step="Name the folder that holds the submissions."
        )
    if folder.suffix.lower() == ".zip" and folder.is_file():
        return [Entry(_name(folder), (folder.resolve(),))]
    if not folder.is_dir():
        raise SubmissionProblem(f"{folder} is neither a folder of submissions nor a zip.")
    found: dict[str, list[Path]] = {}
    try:
        if _is_submission(folder, course):
            return [Entry(_name(folder.resolve()), (folder.resolve(),))]
        for child in sorted(folder.iterdir()):
            listed = child.is_symlink() or child.is_dir() or child.suffix.lower() in HANDED_IN
            if listed and not child.name.startswith("."):
                found.setdefault(_name(child), []).append(child)
    except OSError as error:
        raise SubmissionProblem(f"{folder} cannot be read: {error.strerror}.") from None
    if not found:
        raise SubmissionProblem(
            f"{folder} holds no submissions.",
            next_step="Put a folder or a zip for each student into it, named after them.",
        )
    return [Entry(name, tuple(paths)) for name, paths in sorted(found.items())]


def load(entry: Entry, course: Course) -> Submission:
    """Read one submission. Never raises for what it is or holds: that is told in its `problems`.

    Raises SubmissionProblem on a system (Windows) that cannot keep links out.
    """
    if len(entry.paths) > 1:
        names = " and ".join(_shown(path.name) for path in entry.paths)
        sentence = f"{names} have the same name, so neither was read; keep one of them."
        return Submission(name=entry.name, problems=(sentence,))
    if not CAN_KEEP_LINKS_OUT:
        raise SubmissionProblem(
            "This system cannot open files safely by folder, so strangers' work is not read on it.",
            next_step="Use Linux or macOS; on Windows, WSL2.",
        )
    (path,) = entry.paths
    found = Found(course)
    try:
        with _opened(path.name, OPEN_FILE, path.parent) as handle:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                _read_folder(handle, found)
            elif stat.S_ISREG(mode) and path.suffix.lower() == ".zip":
                read_zip(handle, found)
            else:
                raise Refused("is neither a folder nor a zip")
    except Refused as refused:
        found.problems.append(f"{_shown(path.name)} {refused}, so nothing of it was read.")
        found.files.clear()
    return assemble(entry.name, found.files, course, found.sentences())


def _is_submission(folder: Path, course: Course) -> bool:
    places = (folder, folder / "exercises", folder / "exercises" / "notebooks")
    names = [f"{module}{suffix}" for module in course.modules for suffix in (".py", ".ipynb")]
    return any((place / name).is_file() for place in places for name in names)


def _name(path: Path) -> str:
    """A submission's name: the folder's, or the file's without its ending. Any disk takes it, and so does UTF-8."""
    name = path.name if path.is_dir() and not path.is_symlink() else path.stem.removesuffix(".tar")
    name = _shown(name)
    if len(name.encode()) > LONGEST_NAME:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = f"{name.encode()[: LONGEST_NAME - 10].decode(errors='ignore')}~{digest}"
    return name


def _shown(name: str) -> str:
    r"""A file's name as text: bytes that are no UTF-8 are written out, as in `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _read_folder(root: int, found: Found) -> None:
    """Breadth first, so that the caps cost the deepest files.

    Each folder is opened anew from the root, one step at a time: a step that has become a link meanwhile is refused.
    """
    queue: deque[tuple[str, ...]] = deque([()])
    while queue:
        parts = queue.popleft()
        try:
            with ExitStack() as stack:
                folder = root
                for part in parts:
                    folder = stack.enter_context(_opened(part, OPEN_FOLDER, folder))
                if not _read_level(folder, parts, found, queue):
                    return
        except Refused as refused:
            found.refuse(_shown("/".join(parts)), refused)


def _read_level(folder: int, parts: tuple[str, ...], found: Found, queue: deque[tuple[str, ...]]) -> bool:
    """Read the wanted files of one folder and queue the folders in it; false if there are too many of them."""
    names: list[str] = []
    with os.scandir(folder) as scan:
        for item in scan:
            if not found.look():
                return False
            names.append(item.name)
    for name in sorted(names, key=lambda name: found.rank(PurePosixPath(name))):
        path = _shown("/".join((*parts, name)))
        mode = os.lstat(name, dir_fd=folder).st_mode  # only to choose words: what is opened is looked at again
        most = wanted(path, found.course)
        try:
            if stat.S_ISLNK(mode) and (most or not PurePosixPath(name).suffix) and not name.startswith("."):
                raise Refused("is a link")
            if stat.S_ISDIR(mode) and worth_entering(name):
                if len(parts) == MOST_DEPTH:
                    raise Refused(f"lies more than {MOST_DEPTH} folders deep")
                queue.append((*parts, name))
            elif most and not stat.S_ISDIR(mode):
                with _opened(name, OPEN_FILE, folder) as handle:
                    if not stat.S_ISREG(os.fstat(handle).st_mode):
                        raise Refused("is not a regular file")
                    with io.FileIO(handle, closefd=False) as stream:
                        found.take(path, stream, most)
        except Refused as refused:
            found.refuse(path, refused)
    return True


@contextmanager
def _opened(name: str, flags: int, folder: int | Path) -> Generator[int]:
    """A handle on `name` in `folder`, never by way of a link. Raises Refused."""
    try:
        if isinstance(folder, Path):
            handle = os.open(folder / name, flags)
        else:
            handle = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        link = error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR)
        raise Refused("is a link" if link else f"cannot be read ({error.strerror})") from None
    try:
        yield handle
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})") from None
    finally:
        os.close(handle)
