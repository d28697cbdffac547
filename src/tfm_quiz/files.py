"""Files on disk: written whole or not at all, and decoded with a sentence where that fails."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

PRIVATE = 0o600  # readable by its owner only


def write_whole(path: Path, data: str | bytes, *, private: bool = False) -> None:
    """Write a file so that at every moment, Ctrl-C included, either the old or the new content is there in full.

    Text is written as UTF-8 with the newlines that it has. A private file is its owner's only, whatever it was before.
    Raises OSError like any write.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data.encode("utf-8") if isinstance(data, str) else data)
        Path(name).chmod(PRIVATE if private else _mode(path))
        Path(name).replace(path)
    except BaseException:  # Ctrl-C and a full disk, too: half a file is never left
        Path(name).unlink(missing_ok=True)
        raise


def append_privately(path: Path) -> IO[bytes]:
    """Open a file to append to it; readable by its owner only. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    stream = os.fdopen(handle, "ab")
    path.chmod(PRIVATE)  # of a file that was there before
    return stream


def decoded(data: bytes) -> str:
    r"""The text of a source file: UTF-8, a byte order mark dropped, lines ended by `\n`.

    Raises ValueError with a sentence that begins where a file's name ends, such as "is not UTF-8 text (line 3)".
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"is not UTF-8 text (line {line})") from None
    if "\0" in text:
        raise ValueError(f"is not text: it holds a zero byte (line {text[: text.index(chr(0))].count(chr(10)) + 1})")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, or what a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
