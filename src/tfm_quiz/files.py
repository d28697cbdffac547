"""Files on disk: written whole or not at all, and decoded with a sentence where that fails."""

from __future__ import annotations

import codecs
import os
import re
import tempfile
from encodings import normalize_encoding
from encodings.aliases import aliases
from pathlib import Path
from typing import IO

PRIVATE = 0o600  # readable by its owner only

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
CODING = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})", re.ASCII)
# What a header may name: encodings of text. Python knows others, such as `unicode_escape` and `zip`.
ENCODINGS = {
    *("utf_8", "ascii", "latin_1", "mac_roman", "koi8_r", "koi8_u", "cp437", "cp850", "cp932", "cp949"),
    *(f"iso8859_{part}" for part in range(1, 17)),
    *(f"cp{page}" for page in range(1250, 1259)),
    *("gbk", "gb2312", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
}


def write_whole(path: Path, data: str | bytes, *, private: bool = False) -> None:
    """Write a file so that at every moment, Ctrl-C included, either the old or the new content is there in full.

    Text is written as UTF-8 with the newlines that it has. A private file is its owner's only, whatever it was before.
    Raises OSError like any write, with `path` for its file.
    """
    try:
        _write_whole(path, data.encode("utf-8") if isinstance(data, str) else data, private=private)
    except OSError as error:
        error.filename = str(path)  # and not that of the half, which nobody named
        del error.filename2
        raise


def _write_whole(path: Path, data: bytes, *, private: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
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
    r"""Return the text of a file, whatever saved it: a byte order mark dropped, lines ended by `\n`.

    UTF-8 unless a byte order mark, the zero bytes of UTF-16 or a line such as `# coding: latin-1` (PEP 263) says
    otherwise. Raises ValueError with a sentence that begins where a file's name ends, such as "is not UTF-8 text
    (line 3)".
    """
    encoding, shown = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"is not {shown} text (line {line})") from None
    if "\0" in text:
        raise ValueError(f"is not text: it holds a zero byte (line {text[: text.index(chr(0))].count(chr(10)) + 1})")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _encoding(data: bytes) -> tuple[str, str]:
    """Return the encoding of a file: Python's name, and the name to show. Raises ValueError like `decoded`."""
    for mark, encoding, shown in MARKS:
        if data.startswith(mark):
            return encoding, shown
    start = data[:4096]
    if len(data) % 2 == 0 and len(data) >= 8 and 0 in start:
        even, odd = start[::2].count(0), start[1::2].count(0)
        if odd > 0.7 * len(start) / 2 and not even:
            return "utf-16-le", "UTF-16"
        if even > 0.7 * len(start) / 2 and not odd:
            return "utf-16-be", "UTF-16"
    for number, line in enumerate(start.split(b"\n", 2)[:2], start=1):
        if (found := CODING.match(line)) is None:
            if line.strip() and not line.lstrip().startswith(b"#"):
                break
            continue
        name = found[1].decode("ascii").lower()
        known = normalize_encoding(name.removesuffix("-unix").removesuffix("-dos"))
        known = aliases.get(known, known)
        if known not in ENCODINGS:
            raise ValueError(f"names an encoding that is not read here ({name[:30]}, line {number}); save it as UTF-8")
        return known, "UTF-8" if known == "utf_8" else name
    return "utf-8", "UTF-8"


def _mode(path: Path) -> int:
    """Return the mode of the file that is replaced, or what a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
