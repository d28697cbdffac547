"""nbgrader's own autograde, run here for chosen students: scores, comments and penalties are entered as always."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.preprocessors import CheckCellMetadata
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from tfm_quiz.errors import UsageProblem
from tfm_quiz.files import write_whole

from .assignment import KEY, Assignment
from .books import Books
from .configuration import load
from .desk import Desk
from .gradebook import name_kernel
from .names import check_assignment
from .parts import DESK

CHECKED = "_tfm_quiz_checked"  # the converter's attribute, as DESK is
LOG = "nbgrader.log"  # in the folder of results: what nbgrader said of those whom it could not record


def open_course(folder: Path, assignment_id: str) -> AutogradeApp:
    """nbgrader's autograde application for an assignment of a course folder, with its configuration loaded.

    Raises UsageProblem if the folder has none.
    """
    check_assignment(assignment_id)
    app = load(folder)
    app.coursedir.assignment_id = assignment_id
    return app


def students(app: AutogradeApp, assignment_id: str) -> dict[str, Path]:
    """Return the folder that each student handed in, by their name."""
    coursedir = app.coursedir
    pattern = Path(coursedir.format_path(coursedir.submitted_directory, "\0", assignment_id))
    above = next(parent for parent in pattern.parents if "\0" not in str(parent))
    inside = pattern.relative_to(above).parts[1:]
    found = {}
    for folder in sorted(above.iterdir()) if above.is_dir() else []:
        submitted = folder.joinpath(*inside)
        if not folder.name.startswith(".") and submitted.is_dir():
            found[folder.name] = submitted
    return found


def recorded_stamp(app: AutogradeApp, assignment: Assignment, student: str) -> str | None:
    """Return the stamp of what nbgrader recorded last for a student; None if not all notebooks have the same."""
    coursedir = app.coursedir
    folder = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment.name))
    stamps = set()
    for name in assignment.contents:
        try:
            stamps.add(json.loads((folder / f"{name}.ipynb").read_text("utf-8"))["metadata"][KEY]["report"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
    return stamps.pop() if len(stamps) == 1 else None


Record = Callable[[Sequence[str], Callable[[str], None]], dict[str, str]]  # students, after each; who failed, and why


@contextmanager
def recording(app: AutogradeApp, desk: Desk) -> Generator[Record]:
    """nbgrader's recording of a class: the block gets a function that takes students, a few at a time.

    It returns those who could not be recorded, with nbgrader's last words. A notebook is in the gradebook as a whole
    or not at all, whatever ends the block.
    """
    with closing(Books()) as books:
        recorder = _Recorder(coursedir=app.coursedir, parent=app)
        recorder.books = books
        setattr(recorder, DESK, {desk.assignment.name: desk})
        yield lambda chosen, each: _record(app, recorder, desk, chosen, each)


def _record(
    app: AutogradeApp, recorder: _Recorder, desk: Desk, chosen: Sequence[str], each: Callable[[str], None]
) -> dict[str, str]:
    """Raises UsageProblem for what nbgrader stops on before the first student."""
    if not chosen:
        return {}
    recorder.chosen, recorder.each = list(chosen), each
    failed = _Failures()
    spoken, app.log.handlers = app.log.handlers, [failed]  # its tracebacks go into a file; we say whose they are
    try:
        with warnings.catch_warnings(), recorder.books.joined():
            warnings.simplefilter("ignore")  # SQLAlchemy's remarks on nbgrader's own queries
            if not recorder.named:
                name_kernel(app.coursedir, desk.assignment)
                recorder.named = True
            recorder.start()
    except NbGraderException as error:
        if not failed.students(chosen):
            raise UsageProblem(f"nbgrader could not record {desk.assignment.name}: {error}") from error
    finally:
        app.log.handlers = spoken
        if failed.lines:
            write_whole(desk.folder / LOG, "\n".join(failed.lines) + "\n")
    return failed.students(chosen)


class _Recorder(Autograde):
    """nbgrader's Autograde, for the students named, whatever characters are in their names."""

    chosen: list[str]
    each: Callable[[str], None]
    books: Books
    named = False  # whether the gradebook names our kernel

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        config = Config()
        config.Exporter.optimistic_validation = True  # nbconvert checks after the last preprocessor, not after each
        self.update_config(config)
        self.force = True
        self.sanitize_preprocessors = [_swift(one) for one in self.sanitize_preprocessors]
        self.autograde_preprocessors = [_swift(one) for one in self.autograde_preprocessors]

    def init_notebooks(self) -> None:
        """The notebooks of each student, in the place of a glob."""
        self.assignments = {}
        for student in self.chosen:
            folder = self._format_source(self.coursedir.assignment_id, student)
            found = sorted(str(path) for path in Path(folder).glob("*.ipynb"))
            if found:
                self.assignments[folder] = found

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """The first thing that happens to a student; what the one before, who went wrong, left behind is forgotten."""
        self.books.rollback()
        return super().init_destination(assignment_id, student_id)

    def write_single_notebook(self, output: str, resources: Any) -> None:
        """The notebook says what the gradebook holds, so that is kept first."""
        if not self._sanitizing:
            self.books.commit()
        super().write_single_notebook(output, resources)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """The last thing that happens to a student who went well."""
        super().set_permissions(assignment_id, student_id)
        self.each(student_id)


class CheckOnce(CheckCellMetadata):
    """nbgrader's check of its metadata: once for notebooks whose metadata are the same, as in a class."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook as it was. Raises what nbgrader's raises."""
        checked = self.parent.parent.__dict__.setdefault(CHECKED, set())
        told = json.dumps([(cell.cell_type, cell.metadata.get("nbgrader")) for cell in nb.cells], sort_keys=True)
        if told not in checked:
            super().preprocess(nb, resources)
            checked.add(told)
        return nb, resources


def _swift(preprocessor: Any) -> Any:
    """Return the faster replacement of a configured preprocessor, or the preprocessor itself."""
    found = import_item(preprocessor) if isinstance(preprocessor, str) else preprocessor
    return CheckOnce if found is CheckCellMetadata else preprocessor


class _Failures(logging.Handler):
    """nbgrader's errors, since it goes on to the next student after each."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(record.getMessage())

    def students(self, chosen: Sequence[str]) -> dict[str, str]:
        """Map each student who could not be recorded to the last line of the traceback before."""
        found: dict[str, str] = {}
        tracebacks = [line for line in self.lines if line.startswith("Traceback")]
        at_fault = [
            student
            for student in chosen
            if any(
                line.startswith("There was an error processing assignment '") and f"for student '{student}'" in line
                for line in self.lines
            )
        ]
        for number, student in enumerate(at_fault):
            told = tracebacks[number].strip().split("\n")[-1] if number < len(tracebacks) else "see nbgrader's log"
            found[student] = told
        return found
