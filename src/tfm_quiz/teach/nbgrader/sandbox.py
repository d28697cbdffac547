"""In place of nbgrader's Execute: no kernel runs; the answers are graded behind the wall."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader import utils

from .assignment import KEY, MARKS
from .parts import Part
from .words import notes_on, outputs


class SandboxGrade(Part):
    """Writes the points of each exercise, and the words that explain them, as the outputs of its grade cell."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook with outputs. Raises what keeps a submission from being graded; nbgrader says whose."""
        desk = self.desk(resources)
        student = resources["nbgrader"]["student"]
        submitted = self.submitted(resources)
        report = desk.report(student, submitted)
        notes = notes_on(report.problems, resources["nbgrader"]["notebook"], desk.assignment)
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            cell.execution_count = None
            cell.outputs = []
            if utils.is_grade(cell):
                exercise = cell.metadata.nbgrader.grade_id.removesuffix(MARKS)
                points = float(cell.metadata.nbgrader.points)
                cell.outputs = from_dict(outputs(report.exercises.get(exercise), points, notes))
                notes = []  # once in a notebook is enough
        nb.metadata[KEY] = {"report": desk.stamp(report, submitted)}
        return nb, resources
