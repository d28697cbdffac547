"""Grade an assignment in parallel, then let nbgrader record it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from msgspec import Struct

from tfm_quiz.errors import UsageProblem
from tfm_quiz.grading.messages import GradeRequest
from tfm_quiz.grading.pool import Lost, Pool, Watch
from tfm_quiz.outcome import Level, Report
from tfm_quiz.teach.grade import grade_class, write_summaries
from tfm_quiz.teach.results import Results, open_results

from .desk import Desk, todo
from .parts import make_desk
from .prepare import prepare
from .record import open_course, recorded_key, recording, students

BATCH = 20  # students that nbgrader records in one go
Tell = Callable[[str, int, int], None]  # step, done, of


class Autograded(Struct, frozen=True, kw_only=True):
    """What a run did, by student: graded anew, recorded anew, set right before, and what could not be done."""

    students: tuple[str, ...]
    graded: tuple[str, ...]
    recorded: tuple[str, ...]
    told: dict[str, list[str]]
    failed: dict[str, str]
    level: Level
    results: Path


def autograde(
    folder: Path,
    name: str,
    *,
    jobs: int = 1,
    only: Collection[str] = (),
    force: bool = False,
    early: Pool | None = None,
    tell: Tell = lambda step, done, of: None,
    warn: Callable[[str], None] = lambda text: None,
    training: Watch = lambda student, message: None,
) -> Autograded:
    """Grade and record the submissions of an assignment; those that are up to date are left alone unless `force`.

    `early` are grader processes by `head_start`. Stopped at any time, the same command goes on. `training` is told how
    labs get on, in a thread of its own. Raises UsageProblem for a folder, assignment or student that is not there,
    NotSandboxed below the isolation level that the folder's configuration asks for.
    """
    app = open_course(folder, name)
    found = students(app, name)
    if missing := [student for student in only if student not in found]:
        raise UsageProblem(f"There is no submission of {missing[0]} for {name}.")
    found = {student: path for student, path in found.items() if not only or student in only}
    if not found:
        raise UsageProblem(f"Nothing was handed in for {name}: submitted/STUDENT/{name}/ is where nbgrader looks.")
    with closing(make_desk(app, app.coursedir, name, min(jobs, len(found)))) as desk:
        told = {}
        for student, path in found.items():
            told[student] = prepare(path, desk.assignment.contents, desk.folder / "set-aside" / student)
            desk.work(student, path)
            tell("Reading", len(told), len(found))
        run = _Run(app, desk, found, force, tell, training)
        with open_results(desk.folder) as results:
            if not run.is_up_to_date(results):
                level = desk.start(results, lambda done, of: tell("Warming up the graders", done, of), early).level
                if level in ("none", "basic"):
                    warn(f"student code runs at isolation level `{level}`: do not grade strangers' work like this.")
            run.grade_and_record(results)
    return Autograded(
        students=tuple(found),
        graded=tuple(run.graded),
        recorded=tuple(run.recorded),
        told={student: lines for student, lines in told.items() if lines},
        failed=run.failed,
        level=desk.level,
        results=desk.folder,
    )


class _Run:
    """One run: a thread hands out work to the grader processes while nbgrader records what has come back."""

    def __init__(self, app: Any, desk: Desk, found: dict[str, Path], force: bool, tell: Tell, training: Watch) -> None:
        self.app, self.desk, self.found, self.force, self.tell = app, desk, found, force, tell
        self.training = training
        self.graded: list[str] = []
        self.recorded: list[str] = []
        self.failed: dict[str, str] = {}
        self.done: Queue[str] = Queue()
        self.stop = False

    def is_up_to_date(self, results: Results) -> bool:
        """Whether every report is there already, so that no grader is needed."""
        return self.desk.knows_its_run() and not self._orders(results)

    def _orders(self, results: Results) -> list[GradeRequest]:
        """What is to be graded under the desk's run."""
        return todo(self.desk, [self.desk.work(student, path) for student, path in self.found.items()], results)

    def grade_and_record(self, results: Results) -> None:
        """Until everybody is in the gradebook. Interrupted, it leaves reports and records of all that was done."""
        desk = self.desk
        desk.known = dict(results.reports)
        orders = self._orders(results)
        new = {order.work.name for order in orders}
        for student in self.found:
            if student not in new and (self.force or self._is_stale(student)):
                self.done.put(student)
        of = self.done.qsize() + len(orders)
        with ThreadPoolExecutor(1) as threads:
            grading = threads.submit(self._grade, results, orders)
            try:
                with recording(self.app, desk) as record:
                    while not grading.done() or not self.done.empty():
                        self.failed |= record(self._batch(), lambda student: self._recorded(student, of))
                        self.tell("Grading and recording", len(self.recorded), of)
            finally:  # Ctrl-C too: what there is can be read
                self.stop = True
                with suppress(_Stopped):
                    self.failed |= {one.work.name: one.why for one in grading.result()}
                write_summaries(desk.course, results, self.found)

    def _grade(self, results: Results, orders: list[GradeRequest]) -> list[Lost]:
        """In the grading thread: hand out the orders."""
        if not orders:
            return []
        desk = self.desk

        def each(report: Report | Lost) -> None:
            self._graded(results, report)

        return grade_class(desk.course, desk.started(), results, orders, each, self.training)

    def _is_stale(self, student: str) -> bool:
        """Whether the gradebook has another report than the results."""
        known = self.desk.known or {}
        return recorded_key(self.app, self.desk.assignment, student) != known[student].key

    def _graded(self, results: Results, report: Report | Lost) -> None:
        """In the grading thread: a report is on the disk."""
        if isinstance(report, Report) and self.desk.known is not None:
            self.desk.known[report.submission] = results.reports[report.submission]
            self.graded.append(report.submission)
            self.done.put(report.submission)
        if self.stop:
            raise _Stopped

    def _recorded(self, student: str, of: int) -> None:
        self.recorded.append(student)
        self.tell("Grading and recording", len(self.recorded), of)

    def _batch(self) -> list[str]:
        """Those whose reports have come; waits a little if there are none."""
        batch: list[str] = []
        with suppress(Empty):
            batch.append(self.done.get(timeout=0.05))
            while len(batch) < BATCH:
                batch.append(self.done.get_nowait())
        return batch


class _Stopped(Exception):
    """The main thread was interrupted; the grading thread ends after the report that it has."""
