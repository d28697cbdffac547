"""Archives, read member by member in memory and never extracted: a zip, a tar, a tar.gz.

What an archive says of sizes is not believed: the bytes that come are counted. Every member is a named regular file or
it is refused, and an archive in a submission is opened within the caps of that submission.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple

from .caps import MOST_DEPTH, MOST_ENTRIES, Found, Refused, Stream
from .file_names import is_archive

LARGEST_ARCHIVE = 64 * 1024 * 1024  # bytes on disk, and of a tar.gz unpacked
LARGEST_DIRECTORY = 1024 * 1024  # bytes of a zip's table of contents, or of one header of a tar
LONGEST_PATH = 1000  # characters


class Member(NamedTuple):
    """A file in an archive: where it says that it lies, why it is refused, and how to open it."""

    path: PurePosixPath
    refused: str
    packed: str  # why its bytes are not unpacked; reported for files that are wanted
    open: Callable[[], AbstractContextManager[Stream]]


def read_archive(
    name: str,
    file: BinaryIO,
    found: Found,
    *,
    inside: str = "",
    renamed: Mapping[str, str] | None = None,
    prefix: str = "",
) -> None:
    """The wanted members of an archive. Raises Refused for the archive as a whole.

    `inside` is the folder or archive in it that is read; `renamed` are the only members to read, and the names that
    they are to have; `prefix` stands before each path of an archive in a submission, in which no other is opened.
    """
    members = members_of(name, file)
    whole = next((member for member in members if inside and str(member.path) == inside), None)
    if whole is not None and not is_archive(inside):
        raise Refused("is neither a folder nor a zip")
    if whole is not None:
        with in_words(name), whole.open() as stream:
            data = found.read(stream, LARGEST_ARCHIVE)
        read_archive(whole.path.name, io.BytesIO(data), found)
        return
    chosen = [(member, path) for member in members if (path := _path_in(member.path, inside, renamed)) is not None]
    for member, path in sorted(chosen, key=lambda pair: found.rank(pair[1])):
        try:
            _read_member(member, path, f"{prefix}{path}", found, nested=bool(prefix))
        except Refused as refused:
            found.refuse(f"{prefix}{path}", refused)


def _path_in(path: PurePosixPath, inside: str, renamed: Mapping[str, str] | None) -> PurePosixPath | None:
    """Return a member's path in the submission; None if it does not belong to it."""
    if renamed is not None:
        return PurePosixPath(renamed[str(path)]) if str(path) in renamed else None
    start = PurePosixPath(inside).parts
    return PurePosixPath(*path.parts[len(start) :]) if path.parts[: len(start)] == start else None


def open_nested(path: str, stream: Stream, most: int, found: Found) -> None:
    """Read what is wanted of an archive that lies in a submission. Raises Refused."""
    found.archives_left -= 1
    if found.archives_left < 0:
        raise Refused("is one archive more than we open")
    read_archive(path, io.BytesIO(found.read(stream, most)), found, prefix=f"{path}/")


def members_of(name: str, file: BinaryIO) -> list[Member]:
    """List what an archive holds, without folders. Raises Refused for the archive as a whole."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > LARGEST_ARCHIVE:
        raise Refused(f"is larger than {LARGEST_ARCHIVE // 1024 // 1024} MB")
    with in_words(name):
        members = list(_zipped(file) if name.lower().endswith(".zip") else _tarred(name, file))
    if any(len(str(member.path)) > LONGEST_PATH for member in members):
        raise Refused("holds a file whose name is too long")
    twice = [path for path, count in Counter(member.path for member in members).items() if count > 1]
    if twice:
        raise Refused(f"holds {str(twice[0])[:100]} more than once")
    return members


def _zipped(file: BinaryIO) -> Generator[Member]:
    archive = zipfile.ZipFile(_Sipped(file))
    if len(archive.infolist()) > MOST_ENTRIES:
        raise Refused(f"holds more than {MOST_ENTRIES} files")
    for info in archive.infolist():
        if info.is_dir():
            continue
        kind = stat.S_IFMT(info.external_attr >> 16)
        packed = ""
        if kind not in (0, stat.S_IFREG):  # 0: packed by a program that does not say
            packed = "is not a regular file"
        elif info.flag_bits & 1:
            packed = "is encrypted"
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others may ask for gigabytes
            packed = "is packed in an unusual way (make the zip with the system's own tool)"
        link = "is a link" if kind == stat.S_IFLNK else ""
        yield Member(PurePosixPath(info.filename.replace("\\", "/")), link, packed, partial(archive.open, info))


def _tarred(name: str, file: BinaryIO) -> Generator[Member]:
    plain = _gunzipped(file) if name.lower().endswith(("gz",)) else file
    archive = tarfile.TarFile(fileobj=_Sipped(plain))
    for number, info in enumerate(archive, start=1):
        if number > MOST_ENTRIES:
            raise Refused(f"holds more than {MOST_ENTRIES} files")
        if info.isdir():
            continue
        link = "is a link" if info.issym() or info.islnk() else ""
        packed = "" if info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) else "is not a regular file"
        content = _Part(plain, info.offset_data, info.size)
        yield Member(PurePosixPath(_as_text(info.name)), link, packed, partial(_closing, content))


def _as_text(name: str) -> str:
    r"""Return a tar's name as text: bytes that are no UTF-8 are written out, as in `\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _gunzipped(file: BinaryIO) -> BinaryIO:
    """Return the tar in a tar.gz, as far as the cap goes. Raises Refused beyond."""
    unpacker = zlib.decompressobj(wbits=31)
    data = unpacker.decompress(file.read(), LARGEST_ARCHIVE + 1)
    if len(data) > LARGEST_ARCHIVE:
        raise Refused(f"unpacks to more than {LARGEST_ARCHIVE // 1024 // 1024} MB")
    if not unpacker.eof:
        raise Refused("is broken or not a tar.gz")
    return io.BytesIO(data)


def _read_member(member: Member, path: PurePosixPath, shown: str, found: Found, *, nested: bool) -> None:
    if not path.parts:
        raise Refused("is a file without a name")
    if member.path.is_absolute() or ".." in member.path.parts or ":" in member.path.parts[0]:
        raise Refused("points outside the zip")
    if member.refused:
        raise Refused(member.refused)
    most = found.wants(shown, nested=nested)
    if not most:
        return
    if member.packed:
        raise Refused(member.packed)
    if len(path.parts) > MOST_DEPTH + 1:
        raise Refused(f"is more than {MOST_DEPTH} folders deep")
    with in_words(path.name), member.open() as stream:
        if is_archive(path.name):
            open_nested(shown, stream, most, found)
        else:
            found.take(shown, stream, most)


@contextmanager
def in_words(name: str) -> Generator[None]:
    """Turn what zipfile, tarfile and zlib raise on something broken or hostile into Refused."""
    try:
        yield
    except (Refused, MemoryError):
        raise
    except (
        Exception
    ):  # these libraries raise whatever their parts do: BadZipFile, zlib.error, struct.error, EOFError, ...
        raise Refused(f"is broken or not a {'zip' if not name.lower().endswith(('tar', 'gz')) else 'tar'}") from None


@contextmanager
def _closing(part: _Part) -> Generator[Stream]:
    yield part


class _Part:
    """The bytes of one member of a tar."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self.file, self.at, self.left = file, start, max(0, size)

    def read(self, size: int = -1, /) -> bytes:
        self.file.seek(self.at)
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.at += len(data)
        self.left -= len(data)
        return data


class _Sipped(io.RawIOBase):
    """A file that can be read in small parts only: a table of contents would be read at once, as long as it claims."""

    def __init__(self, file: BinaryIO) -> None:
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
