"""An exporter for nbgrader that can read anything a student hands in, so that nobody is left ungraded.

nbgrader reads a submitted notebook with nbformat, and drops the student where that fails. Here what is no notebook
becomes one without cells; `GraftOntoRelease` then puts in the released cells, and what can't be read earns nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat.v4
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode

from tfm_quiz.submission.notebook import Cell, read_cells

from .parts import desk_for
from .reading import read_regular


class AnyNotebook(NotebookExporter):
    """nbconvert's notebook exporter; when nbgrader sanitizes a submission, its notebook is read as hostile data."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[str, dict[str, Any]]:
        """Return the exported notebook. Of a submission nothing but cell types, ids, grade ids and sources is kept."""
        desk = desk_for(self.parent, resources) if getattr(self.parent, "_sanitizing", False) else None
        path = Path(filename)
        if desk is None or path.stem not in desk.assignment.contents:
            return super().from_filename(filename, resources=resources, **kw)
        try:
            cells = read_cells(read_regular(path))
        except ValueError as error:
            self.log.warning("%s %s; it counts as empty", filename, error)
            cells = []
        resources = ResourcesDict() if resources is None else resources
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        notebook = nbformat.v4.new_notebook(cells=[_node(number, cell) for number, cell in enumerate(cells)])
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _node(number: int, cell: Cell) -> NotebookNode:
    """Return a valid cell; the student's own names for it travel in the metadata until the graft has used them."""
    make = nbformat.v4.new_code_cell if cell.code else nbformat.v4.new_markdown_cell
    names = {"id": cell.id, "grade_id": cell.grade_id}
    return make(cell.source, id=f"student-{number}", metadata={"tfm_quiz": names})
