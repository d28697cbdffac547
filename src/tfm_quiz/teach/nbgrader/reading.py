"""A file that a student handed in, read as hostile data. No nbgrader needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tfm_quiz.submission.notebook import LARGEST_NOTEBOOK

TIMESTAMP = "timestamp.txt"  # when a submission was handed in, as nbgrader's exchange writes it


def read_regular(path: Path, most: int = LARGEST_NOTEBOOK) -> bytes:
    """Return the bytes of a regular file. Raises ValueError with a sentence that begins where the file's name ends."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        raise ValueError("is missing") from None
    except OSError as error:
        raise ValueError("is a link" if path.is_symlink() else f"cannot be read ({error.strerror})") from None
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("is not a regular file")
        data = stream.read(most + 1)
    if len(data) > most:
        raise ValueError(f"is larger than {most // 1024 // 1024} MB")
    return data
