"""Exporter classes for nbgrader, which `nbgrader export --exporter=...` takes as well.

Scores are those of the gradebook: manual where a person gave one, late penalties taken off the total.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from tfm_quiz.errors import UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.untrusted import for_csv

from .names import check_target
from .record import open_course

Row = list[Any]


class _Exporter(ExportPlugin):
    """Writes a table for the assignments and students chosen with nbgrader's own options."""

    default_file = "grades.csv"

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; its cells are never formulas."""
        rows = list(self.rows(gradebook))
        write_whole(Path(self.to or self.default_file), _csv(rows))
        self.written = len(rows)

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        """Return the table."""
        raise NotImplementedError

    def assignments(self, gradebook: Gradebook) -> list[Any]:
        """Return those asked for, or all."""
        chosen = [str(name) for name in self.assignment]
        return [one for one in gradebook.assignments if not chosen or one.name in chosen]

    def students(self, gradebook: Gradebook) -> list[Any]:
        """Return those asked for, or all, by id."""
        chosen = [str(name) for name in self.student]
        found = [one for one in gradebook.students if not chosen or one.id in chosen]
        return sorted(found, key=lambda one: one.id)  # not as they came to be recorded


class PerQuestion(_Exporter):
    """One row per student and assignment, one column per exercise or question; empty where a person is waited for."""

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        """Yield the table."""
        for assignment in self.assignments(gradebook):
            cells = [
                cell
                for notebook in sorted(assignment.notebooks, key=lambda notebook: notebook.name)
                for cell in notebook.grade_cells
            ]
            names = [_question(cell.name) for cell in cells]
            yield ["assignment", "student", "score", "max_score", "late_penalty", "needs_manual_grade", *names]
            yield [
                assignment.name,
                "",
                _number(assignment.max_score),
                _number(assignment.max_score),
                "",
                "",
                *(_number(cell.max_score) for cell in cells),
            ]
            for student in self.students(gradebook):
                submission = _submission(gradebook, assignment, student)
                if submission is None:
                    yield [
                        assignment.name,
                        student.id,
                        "0",
                        _number(assignment.max_score),
                        "",
                        "",
                        *("" for _ in cells),
                    ]
                    continue
                scores = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
                yield [
                    assignment.name,
                    student.id,
                    _number(_score(submission)),
                    _number(submission.max_score),
                    _number(submission.late_submission_penalty or 0.0),
                    "yes" if submission.needs_manual_grade else "no",
                    *(_cell(scores.get(cell.name)) for cell in cells),
                ]


class Canvas(_Exporter):
    """The CSV that Canvas's gradebook imports: a column an assignment, students by their login."""

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        """Yield the table."""
        chosen = self.assignments(gradebook)
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(one.name for one in chosen)]
        yield ["    Points Possible", "", "", "", "", *(_number(one.max_score) for one in chosen)]
        for student in self.students(gradebook):
            name = ", ".join(part for part in (student.last_name, student.first_name) if part) or student.id
            yield [name, student.lms_user_id or "", "", student.id, "", *_totals(gradebook, chosen, student)]


class Moodle(_Exporter):
    """The CSV that Moodle's grade import takes: students by username and address, a column an assignment."""

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        """Yield the table."""
        chosen = self.assignments(gradebook)
        names = [f"Assignment: {one.name} (Real)" for one in chosen]
        yield ["Username", "First name", "Last name", "Email address", *names]
        for student in self.students(gradebook):
            who = [student.id, student.first_name or "", student.last_name or "", student.email or ""]
            yield [*who, *_totals(gradebook, chosen, student)]


KINDS: dict[str, type[_Exporter]] = {"questions": PerQuestion, "canvas": Canvas, "moodle": Moodle}
HEADS = {"questions": 2, "canvas": 2, "moodle": 1}  # rows above the first student


def export_assignment(folder: Path, name: str, kind: str, to: Path) -> int:
    """Write an assignment's scores; returns how many students are in it. Raises UsageProblem for an unknown one."""
    app = open_course(folder, name)
    check_target(to)
    exporter = KINDS[kind](parent=app, to=str(to.resolve()), assignment=[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Gradebook(app.coursedir.db_url, app.coursedir.course_id) as gradebook:
            if not exporter.assignments(gradebook):
                raise UsageProblem(f"The gradebook has no assignment {name}.")
            exporter.export(gradebook)
    return exporter.written - HEADS[kind]


def _totals(gradebook: Gradebook, assignments: Iterable[Any], student: Any) -> Iterator[str]:
    for assignment in assignments:
        submission = _submission(gradebook, assignment, student)
        yield "" if submission is None else _number(_score(submission))


def _submission(gradebook: Gradebook, assignment: Any, student: Any) -> Any:
    try:
        return gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return None


def _score(submission: Any) -> float:
    return max(0.0, submission.score - (submission.late_submission_penalty or 0.0))


def _cell(grade: Any) -> str:
    waits = grade is None or (grade.auto_score is None and grade.manual_score is None)
    return "" if waits else _number(grade.score)


def _question(cell: str) -> str:
    """Return the exercise or question of a grade cell."""
    return cell.removesuffix("-marks").removeprefix("a-")


def _number(value: float) -> str:
    return f"{value:g}"


def _csv(rows: Iterable[Row]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for row in rows:
        first, *rest = (str(cell) for cell in row)
        head = first if first.startswith("    ") else for_csv(first)  # Canvas knows its second row by the blanks
        writer.writerow([head, *(for_csv(cell) for cell in rest)])
    return stream.getvalue()
