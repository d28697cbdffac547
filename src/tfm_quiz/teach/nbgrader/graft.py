"""The student's answers on the released notebook: nothing else of the submission reaches the gradebook."""

from __future__ import annotations

from typing import Any

import nbformat.v4
from nbformat.notebooknode import NotebookNode

from tfm_quiz.submission.notebook import Cell, find_cell

from .assignment import KEY
from .parts import Part
from .plain import as_written
from .prepare import require_fit


class GraftOntoRelease(Part):
    """First of the sanitizers: replaces the submitted notebook by the released one with the student's answers in it.

    Answers are found by cell id, then by nbgrader's grade_id, so that lost, doubled or forged metadata costs nobody
    but its author anything. Cells that the student added, and given cells that were changed, are kept as plain cells
    beside their place: they are part of what is graded.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the grafted notebook. Raises CouldNotCheck for a submission that nbgrader must not copy."""
        desk = self.desk(resources)
        require_fit(self.submitted(resources), desk.assignment.contents, desk.assignment.name)
        released = desk.assignment.notebooks[resources["nbgrader"]["notebook"]]
        return graft(released, [_student_cell(cell) for cell in nb.cells]), resources


def graft(released: str, cells: list[Cell]) -> NotebookNode:
    """Return a copy of the released notebook that holds the student's answers, and their own cells where they stood.

    What a student wrote as Markdown is shown as plain text: instructors open this notebook in their own Jupyter.
    """
    notebook = nbformat.v4.reads(released)
    notebook.metadata.pop(KEY, None)
    known = {cell["id"]: find_cell(cells, cell["id"]) for cell in notebook.cells}
    owner = {id(cell): key for key, cell in known.items() if cell is not None}
    after: dict[str, list[NotebookNode]] = {}
    last = ""  # the given cell above
    for cell in cells:
        if id(cell) in owner:
            last = owner[id(cell)]
        elif cell.source.strip():
            after.setdefault(last, []).append(_extra(cell))
    grown: list[NotebookNode] = [*after.get("", [])]
    for cell in notebook.cells:
        student = known[cell["id"]]
        changed = student is not None and student.source != cell.source
        if student is not None and cell.metadata.get("nbgrader", {}).get("solution"):
            if changed:
                cell.source = student.source if cell.cell_type == "code" else as_written(student.source)
            changed = False
        grown.append(cell)
        if changed and student is not None and student.code and student.source.strip():
            grown.append(_extra(student))
        grown += after.get(cell["id"], [])
    for number, cell in enumerate(grown):
        if cell.metadata.get("tfm_quiz") == "student":
            cell["id"] = f"own-{number}"
    notebook.cells = grown
    return notebook


def _extra(cell: Cell) -> NotebookNode:
    metadata = {"tfm_quiz": "student"}
    if cell.code:
        return nbformat.v4.new_code_cell(cell.source, metadata=metadata)
    return nbformat.v4.new_markdown_cell(as_written(cell.source), metadata=metadata)


def _student_cell(cell: NotebookNode) -> Cell:
    names = cell.metadata.get("tfm_quiz", {})
    return Cell(
        kind="code" if cell.cell_type == "code" else "markdown",
        source=cell.source,
        id=names.get("id", ""),
        grade_id=names.get("grade_id", ""),
    )
