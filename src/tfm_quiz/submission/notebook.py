"""A notebook's cells, read as hostile data: the one decoder for whatever is graded, grafted or checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tfm_quiz.files import decoded

from .syntax import Definition, statements

LARGEST_NOTEBOOK = 8 * 1024 * 1024  # bytes; outputs with pictures are large
MOST_CELLS = 1000
MOST_SOURCE = 1024 * 1024  # characters of one cell; more than anybody types
NO_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*+"|(-?Infinity|NaN)')  # what Python's json writes and JSON has not

Kind = Literal["code", "markdown", "raw"]


class Cell(Struct, frozen=True, kw_only=True):
    """A cell, as far as anybody looks at it. `id` and `grade_id` (nbgrader's) are "" where they are not text."""

    kind: Kind = "code"
    source: str
    id: str = ""
    grade_id: str = ""

    @property
    def code(self) -> bool:
        """Return whether it is code."""
        return self.kind == "code"


def find_cell(cells: Sequence[Cell], key: str) -> Cell | None:
    """Return the student's cell for one of ours: by cell id, then by nbgrader's grade_id.

    Where ids repeat, since editors keep the id of a copied cell, the last one that defines something counts, or else
    the last one.
    """
    for name in ("id", "grade_id") if key else ():
        found = [cell for cell in cells if getattr(cell, name) == key]
        if len(found) > 1:
            return next((cell for cell in reversed(found) if _defines(cell)), found[-1])
        if found:
            return found[0]
    return None


class _Cell(Struct):
    """Any type will do for the decoder, so that one odd cell costs itself only."""

    cell_type: Any = None
    source: Any = ""
    id: Any = None
    metadata: Any = None


class _Notebook(Struct):
    cells: list[_Cell] | None = None


def read_cells(data: bytes) -> list[Cell]:
    """Read a notebook's cells, in order. Raises ValueError with a sentence that continues after the file's name."""
    notebook = _notebook(data)
    if notebook.cells is None:
        raise ValueError("is not a notebook of format 4 (open it in Jupyter and save it again)")
    if len(notebook.cells) > MOST_CELLS:
        raise ValueError(f"has {len(notebook.cells)} cells, and {MOST_CELLS} are allowed")
    return [_kept(cell) for cell in notebook.cells]


def restored(cells: list[Cell], answers: Collection[str]) -> list[Cell]:
    """Return the cells, with answer cells of ours that were turned into Markdown or raw text as code again.

    `answers` are ids of exercises: a cell is ours by its id or nbgrader's grade_id, and an answer if it is Python that
    defines something.
    """
    return [_as_code(cell) if _is_lost_answer(cell, answers) else cell for cell in cells]


def _is_lost_answer(cell: Cell, answers: Collection[str]) -> bool:
    ours = cell.kind != "code" and (cell.id in answers or cell.grade_id in answers)
    return ours and _defines(cell)


def _defines(cell: Cell) -> bool:
    return any(isinstance(statement, Definition) for statement in statements(cell.source))


def _as_code(cell: Cell) -> Cell:
    return msgspec.structs.replace(cell, kind="code")


def _notebook(data: bytes) -> _Notebook:
    broken = "is not a notebook (its JSON is broken or too deep)"
    try:
        return msgspec.json.decode(data, type=_Notebook)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        pass
    try:
        text = decoded(data).encode("utf-8", "replace")
        return msgspec.json.decode(NO_NUMBER.sub(lambda found: b"null" if found[1] else found[0], text), type=_Notebook)
    except (ValueError, RecursionError):
        raise ValueError(broken) from None


def _kept(cell: _Cell) -> Cell:
    lines = [cell.source] if isinstance(cell.source, str) else cell.source
    whole = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    source = "".join(lines) if whole else ""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:MOST_SOURCE]
    said = cell.metadata.get("nbgrader") if isinstance(cell.metadata, dict) else None
    grade_id = said.get("grade_id") if isinstance(said, dict) else None
    return Cell(
        kind=cell.cell_type if cell.cell_type in ("code", "raw") else "markdown",
        source=source.encode("utf-8", "replace").decode(),  # a lone surrogate cannot be written to a file
        id=cell.id if isinstance(cell.id, str) else "",
        grade_id=grade_id if isinstance(grade_id, str) else "",
    )
