"""A submission in a zip: read member by member in memory, never extracted."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePosixPath

from .caps import MOST_DEPTH, MOST_ENTRIES, Found, Refused
from .submission import wanted

LARGEST_ZIP = 64 * 1024 * 1024  # bytes on disk
LARGEST_DIRECTORY = 1024 * 1024  # bytes of the table of contents


def read_zip(handle: int, found: Found) -> None:
    """The wanted members of a zip. Raises Refused for the zip as a whole."""
    if os.fstat(handle).st_size > LARGEST_ZIP:
        raise Refused(f"is larger than {LARGEST_ZIP // 1024 // 1024} MB")
    with io.FileIO(handle, closefd=False) as file, _in_words():
        archive = zipfile.ZipFile(_Sipped(file))
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(archive.infolist()) > MOST_ENTRIES:
            raise Refused(f"holds more than {MOST_ENTRIES} files")
        paths = [PurePosixPath(member.filename.replace("\\", "/")) for member in members]
        twice = [path for path, count in Counter(paths).items() if count > 1]
        if twice:
            raise Refused(f"holds {str(twice[0])[:100]} more than once")
        for path, member in sorted(zip(paths, members, strict=True), key=lambda pair: found.rank(pair[0])):
            try:
                _read_member(archive, member, path, found)
            except Refused as refused:
                found.refuse(str(path), refused)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath, found: Found) -> None:
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise Refused("points out of the zip")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise Refused("is a link")
    most = wanted(str(path), found.course)
    if not most:
        return
    if kind not in (0, stat.S_IFREG):  # 0: packed by a program that does not say
        raise Refused("is not a regular file")
    if len(path.parts) > MOST_DEPTH + 1:
        raise Refused(f"lies more than {MOST_DEPTH} folders deep")
    if member.flag_bits & 1:
        raise Refused("is encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others may ask for gigabytes
        raise Refused("is packed in an unusual way (make the zip with the system's own tool)")
    with _in_words(), archive.open(member) as stream:
        found.take(str(path), stream, most)  # counts the bytes that come, whatever the zip says of its size


@contextmanager
def _in_words() -> Generator[None]:
    """Turn what zipfile and zlib raise on a broken or hostile zip into Refused."""
    try:
        yield
    except (Refused, MemoryError):
        raise
    except Exception:  # zipfile raises whatever its parts do: BadZipFile, zlib.error, struct.error, EOFError, ...
        raise Refused("is broken or not a zip") from None


class _Sipped(io.RawIOBase):
    """A file that can be read in small parts only: zipfile reads a table of contents at once, as long as it claims."""

    def __init__(self, file: io.FileIO) -> None:
        super().__init__()
        self.file = file

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(min(size, LARGEST_DIRECTORY + 1) if size >= 0 else LARGEST_DIRECTORY + 1)
        if len(data) > LARGEST_DIRECTORY:
            raise Refused(f"has a table of contents of more than {LARGEST_DIRECTORY // 1024 // 1024} MB")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
