"""List what is to be read of a class: folders, archives, a platform's flat files, an archive of the whole class."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath

from msgspec import Struct

from tfm_quiz.course import Course
from tfm_quiz.errors import SubmissionProblem

from .archive import members_of
from .assemble import assemble
from .caps import Found, Refused
from .file_names import flat_name, is_archive, named, worth_entering
from .folder import CAN_KEEP_LINKS_OUT, OPEN_FILE, opened, read_files, read_path, shown
from .submission import Submission

LONGEST_NAME = 150  # bytes: files are named after submissions, and 255 is the most that a disk takes
HANDED_IN = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".py", ".ipynb"}


class Entry(Struct, frozen=True):
    """A submission that is there, not read yet: its name, and the folder or archive (more than one: a clash of names).

    `inside` is its folder or archive in that archive. `flat` are the names that single files are to have, one for each
    path, or by the path in the archive.
    """

    name: str
    paths: tuple[Path, ...]
    inside: str = ""
    flat: tuple[str, ...] = ()
    members: dict[str, str] = {}


def read_class(folder: Path, course: Course) -> list[Submission]:
    """Return all submissions of a class, by name. Raises SubmissionProblem if there is nothing to read."""
    return [load(entry, course) for entry in entries(folder, course)]


def entries(folder: Path, course: Course) -> list[Entry]:
    """List what to read in a class's folder: each folder and each archive in it, sorted by name.

    Links, other archives and single files are listed too, so that their students get a sentence; files that
    Canvas or Moodle put there flat, with the student's name in front, are one submission a student. A folder that holds
    exercises itself, and a single archive, are a class of one; an archive of a class is that class. Raises
    SubmissionProblem if the folder is missing or holds nothing that could be a submission.
    """
    if not folder.exists():
        raise SubmissionProblem(
            f"There is no folder {folder}.", next_step="Name the folder that holds the submissions."
        )
    if is_archive(folder.name) and folder.is_file():
        return _of_archive(folder.resolve(), course)
    if not folder.is_dir():
        raise SubmissionProblem(f"{folder} is neither a folder of submissions nor a zip.")
    found: dict[str, list[Path]] = {}
    flat: dict[str, list[tuple[str, Path]]] = {}
    try:
        if _is_submission(folder, course):
            return [Entry(_name(folder.resolve()), (folder.resolve(),))]
        children = sorted(folder.iterdir())
        for who, files in _flat([child.name for child in children if not child.is_dir()], course).items():
            if not _is_one_archive(files):
                flat[who] = [(shown(name), folder / whole) for whole, name in files.items()]
        grouped = {path for files in flat.values() for _, path in files}
        for child in children:
            if child in grouped:
                continue
            listed = child.is_symlink() or child.is_dir() or child.suffix.lower() in HANDED_IN
            if listed and not child.name.startswith("."):
                found.setdefault(_name(child), []).append(child)
    except OSError as error:
        raise SubmissionProblem(f"{folder} cannot be read: {error.strerror}.") from None
    if not found and not flat:
        raise SubmissionProblem(
            f"{folder} holds no submissions.",
            next_step="Put a folder or a zip for each student into it, named after them.",
        )
    if len(found) == 1 and not flat:
        ((only,),) = (paths[:1] for paths in found.values())
        if is_archive(only.name) and only.is_file() and not only.is_symlink():
            return _of_archive(only, course)
        if _holds_a_class(only, course):
            return entries(only, course)
    singles = [Entry(name, tuple(paths)) for name, paths in found.items()]
    groups = [
        Entry(_short(who), tuple(path for _, path in files), flat=tuple(name for name, _ in files))
        for who, files in flat.items()
    ]
    return sorted([*singles, *groups], key=lambda entry: entry.name)


def load(entry: Entry, course: Course) -> Submission:
    """Read one submission. Never raises for what it is or holds: its `problems` report that.

    Raises SubmissionProblem if two have this name, since which of them counts is for a person to say, and on a system
    (Windows) that cannot keep links out.
    """
    if len(entry.paths) > 1 and not entry.flat:
        names = " and ".join(shown(path.name) for path in entry.paths)
        raise SubmissionProblem(f"{names} have the same name, so neither was read; keep one of them.")
    if not CAN_KEEP_LINKS_OUT:
        raise SubmissionProblem(
            "This system cannot open files safely by folder, so strangers' work is not read on it.",
            next_step="Use Linux or macOS; on Windows, WSL2.",
        )
    found = Found(course)
    path = entry.paths[0]
    try:
        if entry.flat:
            read_files(list(zip(entry.flat, entry.paths, strict=True)), found)
        else:
            read_path(path, found, inside=entry.inside, renamed=entry.members or None)
    except Refused as refused:
        where = f"{entry.inside} in {shown(path.name)}" if entry.inside else shown(path.name)
        found.problems.append(f"{where} {refused}, so nothing of it was read.")
        found.files.clear()
    return assemble(entry.name, found.files, course, found.sentences(), found.inventory.sentences())


def _of_archive(archive: Path, course: Course) -> list[Entry]:
    """Return the class that an archive holds, or the one submission that it is."""
    alone = [Entry(_name(archive), (archive,))]
    try:
        with opened(archive.name, OPEN_FILE, archive.parent) as handle, io.FileIO(handle, closefd=False) as file:
            paths = [member.path for member in members_of(archive.name, file)]
    except Refused:
        return alone  # told when it is read
    flat = _flat([str(path) for path in paths if all(map(worth_entering, path.parts))], course)
    tops = {PurePosixPath(path).parent for files in flat.values() for path in files}  # where a platform's files lie
    students = class_folders(paths, course) if len(flat) < 2 or len(tops) > 1 else []
    groups: list[Entry] = []
    if not students and len(flat) > 1:
        members = {who: files for who, files in flat.items() if not _is_one_archive(files)}
        groups = [Entry(_short(who), (archive,), members=files) for who, files in members.items()]
        taken = {PurePosixPath(path) for files in members.values() for path in files}
        students = sorted(set[PurePosixPath]().union(*(_children(paths, top) for top in tops)) - taken)
    names = [_short(_stem(student.name)) for student in students]
    numbered = [f"{name}~{names[:at].count(name) + 1}" if name in names[:at] else name for at, name in enumerate(names)]
    found = [Entry(name, (archive,), inside=str(path)) for name, path in zip(numbered, students, strict=True)]
    return sorted([*groups, *found], key=lambda entry: entry.name) or alone


def _flat(paths: Iterable[str], course: Course) -> dict[str, dict[str, str]]:
    """Group what a platform has put flat beside each other by student: each path and the file's own name.

    Where no file at all could hold work, these are no submissions.
    """
    flat: dict[str, dict[str, str]] = {}
    for path in paths:
        name = PurePosixPath(path).name
        told = None if name.startswith(".") else flat_name(name)
        if told:
            flat.setdefault(f"{told['who']}_{told['id']}", {})[path] = told["name"]
    work = any(named(name, course.modules).kind for files in flat.values() for name in files.values())
    return flat if work else {}


def _is_one_archive(files: dict[str, str]) -> bool:
    """Return whether all that a student has handed in is an archive: a submission as it stands."""
    return len(files) == 1 and all(map(is_archive, files))


def class_folders(paths: Sequence[PurePosixPath], course: Course) -> list[PurePosixPath]:
    """Return the folders and archives of students, if an archive with these files holds a class; else [].

    It does if several folders with the same module, or several archives, lie side by side, and no module above them.
    """
    holders: dict[PurePosixPath, set[str]] = {}  # what could be a student's, and the modules in it
    for path in paths:
        found = named(path.name, course.modules)
        if not all(map(worth_entering, path.parts)):
            continue
        if found.kind == "archive":
            holders.setdefault(path, set()).add("an archive")
        elif found.module is not None and found.kind in ("module", "notebook"):
            folder = path.parent
            while folder.name in ("exercises", "notebooks"):
                folder = folder.parent
            holders.setdefault(folder, set()).add(found.module)
    below: dict[PurePosixPath, dict[PurePosixPath, set[str]]] = {}
    for holder, held in holders.items():
        chain = [holder, *holder.parents]
        for top, parent in pairwise(chain):
            below.setdefault(parent, {}).setdefault(top, set()).update(held)
    for parent in sorted(below, key=lambda path: len(path.parts)):
        counts = Counter(kind for held in below[parent].values() for kind in held)
        above = holders.keys() & {parent, *parent.parents}
        if not above and max(counts.values()) > 1:
            return sorted(below[parent].keys() | _children(paths, parent))
    return []


def _holds_a_class(folder: Path, course: Course) -> bool:
    """Return whether this is a class's folder in the folder that was named, rather than a student's."""
    if folder.is_symlink() or not folder.is_dir() or _is_submission(folder, course):
        return False
    children = [child for child in folder.iterdir() if not child.is_symlink() and child.is_dir()]
    return sum(_is_submission(child, course) for child in children) > 1


def _children(paths: Iterable[PurePosixPath], parent: PurePosixPath) -> set[PurePosixPath]:
    """Return what lies in a folder and may be a student's, whatever it holds: each gets a sentence at least."""
    depth = len(parent.parts)
    inside = [path for path in paths if path.parts[:depth] == parent.parts and len(path.parts) > depth]
    folders = {parent / path.parts[depth] for path in inside if len(path.parts) > depth + 1}
    files = {path for path in inside if len(path.parts) == depth + 1 and path.suffix.lower() in HANDED_IN}
    return {path for path in folders | files if worth_entering(path.name)}


def _stem(name: str) -> str:
    """Return the name of an archive in an archive without its ending, or a folder's as it is."""
    return PurePosixPath(name).stem.removesuffix(".tar") if is_archive(name) else name


def _is_submission(folder: Path, course: Course) -> bool:
    places = (folder, folder / "exercises", folder / "exercises" / "notebooks")
    names = [f"{module}{suffix}" for module in course.modules for suffix in (".py", ".ipynb")]
    return any((place / name).is_file() for place in places for name in names)


def _name(path: Path) -> str:
    """Name a submission: as the folder, or the file without its ending. Any disk takes the name, and so does UTF-8."""
    return _short(shown(path.name if path.is_dir() and not path.is_symlink() else path.stem.removesuffix(".tar")))


def _short(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[: LONGEST_NAME - 10].decode(errors='ignore')}~{digest}"
