"""A student's notebook, read as hostile data: its cells as far as we look at them. No nbgrader needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tfm_quiz.submission.notebook import LARGEST_NOTEBOOK, MOST_CELLS

TIMESTAMP = "timestamp.txt"  # when a submission was handed in, as nbgrader's exchange writes it
MOST_SOURCE = 1024 * 1024  # characters of one cell; more than anybody types


class StudentCell(Struct, frozen=True, kw_only=True):
    """A cell of a submission: everything that is kept of it. `id` and `grade_id` are "" where they are not text."""

    code: bool
    source: str
    id: str = ""
    grade_id: str = ""


class _Cell(Struct):
    """Any type will do for the decoder, so that one odd cell costs itself only."""

    cell_type: Any = None
    source: Any = ""
    id: Any = None
    metadata: Any = None


class _Notebook(Struct):
    cells: list[_Cell] | None = None


def read_regular(path: Path, most: int = LARGEST_NOTEBOOK) -> bytes:
    """The bytes of a regular file. Raises ValueError with a sentence that begins where the file's name ends."""
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


def read_cells(data: bytes) -> list[StudentCell]:
    """The cells of a notebook. Raises ValueError with a sentence that begins where the file's name ends."""
    try:
        notebook = msgspec.json.decode(data, type=_Notebook)
    except (ValueError, RecursionError):
        raise ValueError("is not a notebook (its JSON is broken or too deep)") from None
    if notebook.cells is None:
        raise ValueError("is not a notebook of format 4 (open it in Jupyter and save it again)")
    if len(notebook.cells) > MOST_CELLS:
        raise ValueError(f"has {len(notebook.cells)} cells, and {MOST_CELLS} are allowed")
    return [_kept(cell) for cell in notebook.cells]


def find_cell(cells: list[StudentCell], key: str) -> StudentCell | None:
    """The student's cell for a pristine one: by cell id, then by nbgrader's grade_id; the last one counts."""
    for name in ("id", "grade_id"):
        found = [cell for cell in cells if getattr(cell, name) == key]
        if found:
            return found[-1]
    return None


def _kept(cell: _Cell) -> StudentCell:
    lines = [cell.source] if isinstance(cell.source, str) else cell.source
    whole = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    source = "".join(lines) if whole else ""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:MOST_SOURCE]
    said = cell.metadata.get("nbgrader") if isinstance(cell.metadata, dict) else None
    grade_id = said.get("grade_id") if isinstance(said, dict) else None
    return StudentCell(
        code=cell.cell_type == "code",
        source=source.encode("utf-8", "replace").decode(),  # a lone surrogate cannot be written to a file
        id=cell.id if isinstance(cell.id, str) else "",
        grade_id=grade_id if isinstance(grade_id, str) else "",
    )
