"""Reading one submission: a folder or an archive that anybody may have made.

Named regular files only, opened relative to the submission's own folder without following a link; archives are read
member by member in memory and never extracted; everything is capped before it is read. Whatever is wrong becomes a
sentence in that submission's `problems`, and the next one is read as if nothing had happened. Nothing is ever written.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections import deque
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from .archive import open_nested, read_archive
from .caps import MOST_DEPTH, Found, Refused
from .file_names import is_archive, worth_entering
from .inventory import TOOLS

OPEN_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
OPEN_FOLDER = OPEN_FILE | getattr(os, "O_DIRECTORY", 0)
CAN_KEEP_LINKS_OUT = os.open in os.supports_dir_fd and os.scandir in os.supports_fd

Parts = tuple[str, ...]


def read_path(path: Path, found: Found, *, inside: str = "", renamed: Mapping[str, str] | None = None) -> None:
    """Read what is wanted of a folder or an archive, or of what lies `inside` an archive. Raises Refused."""
    with opened(path.name, OPEN_FILE, path.parent) as handle:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            _read_folder(handle, found)
        elif stat.S_ISREG(mode) and is_archive(path.name):
            with io.FileIO(handle, closefd=False) as file:
                read_archive(path.name, file, found, inside=inside, renamed=renamed)
        elif stat.S_ISREG(mode) and (most := found.wants(path.name)):
            _take(handle, shown(path.name), most, found)
        else:
            raise Refused("is neither a folder nor a zip")


def read_files(paths: list[tuple[str, Path]], found: Found) -> None:
    """Single files of a student, by the names that they are to have."""
    for name, path in paths:
        try:
            most = found.wants(name)
            with opened(path.name, OPEN_FILE, path.parent) as handle:
                if most:
                    _take(handle, name, most, found)
        except Refused as refused:
            found.refuse(name, refused)


def shown(name: str) -> str:
    r"""Return a file's name as text: bytes that are no UTF-8 are written out, as in `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _take(handle: int, path: str, most: int, found: Found) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise Refused("is not a regular file")
    with io.FileIO(handle, closefd=False) as stream:
        if is_archive(path):
            open_nested(path, stream, most, found)
        else:
            found.take(path, stream, most)


def _read_folder(root: int, found: Found) -> None:
    """Breadth first, so that the caps cost the deepest files; oddly named ones and archives after all others.

    Each folder is opened again from the root, one step at a time: a step that has become a link meanwhile is refused.
    """
    queue: deque[Parts] = deque([()])
    later: list[tuple[Parts, int]] = []
    while queue:
        parts = queue.popleft()
        try:
            with _folder(root, parts) as folder:
                if not _read_level(folder, parts, found, queue, later):
                    break
        except Refused as refused:
            found.refuse(shown("/".join(parts)), refused)
    for parts, most in sorted(later, key=lambda pair: found.rank(PurePosixPath(*pair[0]))):
        path = shown("/".join(parts))
        try:
            with _folder(root, parts[:-1]) as folder, opened(parts[-1], OPEN_FILE, folder) as handle:
                _take(handle, path, most, found)
        except Refused as refused:
            found.refuse(path, refused)


def _read_level(folder: int, parts: Parts, found: Found, queue: deque[Parts], later: list[tuple[Parts, int]]) -> bool:
    """Read the wanted files of one folder and queue the folders in it; false if there are too many of them."""
    names: list[str] = []
    with os.scandir(folder) as scan:
        for item in scan:
            if not found.look():
                return False
            names.append(item.name)
    for name in sorted(names, key=lambda name: found.rank(PurePosixPath(name))):
        path = shown("/".join((*parts, name)))
        mode = os.lstat(name, dir_fd=folder).st_mode  # only to choose words: what is opened is looked at again
        try:
            if stat.S_ISDIR(mode):
                if not worth_entering(name):
                    found.inventory.pass_over(path, TOOLS)
                elif len(parts) == MOST_DEPTH:
                    raise Refused(f"is more than {MOST_DEPTH} folders deep")
                else:
                    queue.append((*parts, name))
                continue
            most = found.wants(path)
            if stat.S_ISLNK(mode) and (most or not PurePosixPath(name).suffix) and not name.startswith("."):
                raise Refused("is a link")
            if most and found.turn(name):
                later.append(((*parts, name), most))
            elif most:
                with opened(name, OPEN_FILE, folder) as handle:
                    _take(handle, path, most, found)
        except Refused as refused:
            found.refuse(path, refused)
    return True


@contextmanager
def _folder(root: int, parts: Parts) -> Generator[int]:
    """A handle on a folder below the root. Raises Refused."""
    with ExitStack() as stack:
        folder = root
        for part in parts:
            folder = stack.enter_context(opened(part, OPEN_FOLDER, folder))
        yield folder


@contextmanager
def opened(name: str, flags: int, folder: int | Path) -> Generator[int]:
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
