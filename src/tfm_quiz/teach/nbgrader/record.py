"""nbgrader's own autograde, run here for chosen students: scores, comments and penalties are entered as always."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from nbgrader import api
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde, NbGraderException

from tfm_quiz.errors import UsageProblem
from tfm_quiz.files import write_whole

from .assignment import KEY
from .build import CONFIG
from .desk import Desk
from .parts import DESK

LOG = "nbgrader.log"  # in the folder of results: what nbgrader said of those whom it could not record


def open_course(folder: Path, assignment_id: str) -> AutogradeApp:
    """nbgrader's autograde application for a course folder, configured by its nbgrader_config.py.

    Raises UsageProblem if the folder has none.
    """
    if not (folder / CONFIG).is_file():
        raise UsageProblem(
            f"{folder} is no course folder of nbgrader's: it has no {CONFIG}.",
            next_step=f"tfm-quiz teach nbgrader init {folder}",
        )
    app = AutogradeApp()
    app.load_cwd_config = False  # the folder's own configuration, wherever the command was started
    app.log_level = logging.ERROR
    app.initialize(["--assignment", assignment_id, "--course-dir", str(folder.resolve())])
    app.log.setLevel(logging.ERROR)
    app.log.propagate = False
    return app


def students(app: AutogradeApp, assignment_id: str) -> dict[str, Path]:
    """The folder that each student handed in, by their name."""
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


def recorded_key(app: AutogradeApp, assignment_id: str, student: str) -> str | None:
    """The key of the report that nbgrader recorded last for a student; None if there is none."""
    coursedir = app.coursedir
    folder = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment_id))
    for path in sorted(folder.glob("*.ipynb")):
        try:
            said = json.loads(path.read_text("utf-8"))["metadata"].get(KEY, {})
        except (OSError, ValueError, KeyError, AttributeError):
            return None
        if "report" in said:
            return said["report"]
    return None


def record(
    app: AutogradeApp, desk: Desk, chosen: Sequence[str], each: Callable[[str], None] = lambda student: None
) -> dict[str, str]:
    """Let nbgrader record these students. Returns those that it could not, with its last words.

    Raises UsageProblem for what nbgrader stops on before the first student.
    """
    if not chosen:
        return {}
    name = desk.assignment.name
    recorder = _Recorder(coursedir=app.coursedir, parent=app)
    recorder.force = True
    recorder.chosen = list(chosen)
    recorder.each = each
    setattr(recorder, DESK, {name: desk})
    failed = _Failures()
    spoken, app.log.handlers = app.log.handlers, [failed]  # its tracebacks go into a file; we say whose they are
    try:
        with warnings.catch_warnings(), _one_engine():
            warnings.simplefilter("ignore")  # SQLAlchemy's remarks on nbgrader's own queries
            recorder.start()
    except NbGraderException as error:
        if not failed.students(chosen):
            raise UsageProblem(f"nbgrader could not record {name}: {error}") from error
    finally:
        app.log.handlers = spoken
        if failed.lines:
            write_whole(desk.folder / LOG, "\n".join(failed.lines) + "\n")
    return failed.students(chosen)


@contextmanager
def _one_engine() -> Generator[None]:
    """Let nbgrader keep SQLAlchemy's engine, and with it every compiled query: it makes a new one nine times a student.

    A third of what recording takes. Outside of this block nbgrader is as it was.
    """
    make = api.create_engine
    api.create_engine = cache(make)
    try:
        yield
    finally:
        api.create_engine = make


class _Recorder(Autograde):
    """nbgrader's Autograde, for the students named, whatever characters are in their names."""

    chosen: list[str]
    each: Callable[[str], None]

    def init_notebooks(self) -> None:
        """The notebooks of each student, in the place of a glob."""
        self.assignments = {}
        for student in self.chosen:
            folder = self._format_source(self.coursedir.assignment_id, student)
            found = sorted(str(path) for path in Path(folder).glob("*.ipynb"))
            if found:
                self.assignments[folder] = found

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """The last thing that happens to a student who went well."""
        super().set_permissions(assignment_id, student_id)
        self.each(student_id)


class _Failures(logging.Handler):
    """nbgrader's errors, since it goes on to the next student after each."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(record.getMessage())

    def students(self, chosen: Sequence[str]) -> dict[str, str]:
        """Who could not be recorded, and the last line of the traceback before."""
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
