"""Grade an assignment in parallel, then let nbgrader record it."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from msgspec import Struct

from tfm_quiz.errors import UsageProblem
from tfm_quiz.grading.messages import Training
from tfm_quiz.grading.pool import Pool
from tfm_quiz.outcome import Level, Report
from tfm_quiz.teach.classroom import Watch, grade_submissions
from tfm_quiz.teach.results import Results, open_results

from .configuration import require_sandbox
from .desk import Desk
from .parts import make_desk
from .prepare import prepare
from .record import open_course, recorded_stamp, recording, students
from .words import told_to_staff

MOST_TOLD = 5  # problems of one submission
BATCH = 20  # students that nbgrader records in one go


class Autograded(Struct, frozen=True, kw_only=True):
    """What a run did, by student: newly graded, newly recorded, corrected before, and what could not be done."""

    students: tuple[str, ...]
    graded: tuple[str, ...]
    recorded: tuple[str, ...]
    told: dict[str, list[str]]
    failed: dict[str, str]
    levels: tuple[Level, ...]  # that student code had, a level for each report that stands for what was handed in
    results: Path


def autograde(
    folder: Path,
    name: str,
    *,
    jobs: int = 1,
    only: Collection[str] = (),
    force: bool = False,
    early: Pool | None = None,
    watch: Watch | None = None,
) -> Autograded:
    """Grade and record the submissions of an assignment; those that are up to date are left alone unless `force`.

    `early` are grader processes by `head_start`. The same command continues a stopped run. `watch` is notified of its
    progress, in more than one thread. Raises UsageProblem for a folder, assignment or student that is not there,
    CouldNotCheck if nbgrader's configuration would not grade in the sandbox, NotSandboxed below the isolation level
    that it asks for.
    """
    app = open_course(folder, name)
    require_sandbox(folder)
    watch = watch or Watch()
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
            watch.step("Reading", len(told), len(found))
        run = _Run(app, desk, found, force, watch)
        with open_results(desk.folder) as results:
            desk.hand_over(results, early)
            run.grade_and_record(results)
        for student, report in desk.known.items():
            told[student] += told_to_staff(report.problems[:MOST_TOLD], desk.assignment)
    return Autograded(
        students=tuple(found),
        graded=tuple(run.graded_now),
        recorded=tuple(run.recorded),
        told={student: lines for student, lines in told.items() if lines},
        failed=run.failed,
        levels=tuple(report.isolation for report in desk.known.values()),
        results=desk.folder,
    )


class _Run(Watch):
    """One run: a thread grades while nbgrader records in the main thread what has come back.

    The methods of a Watch are called in the grading thread.
    """

    def __init__(self, app: Any, desk: Desk, found: dict[str, Path], force: bool, shown: Watch) -> None:
        self.app, self.desk, self.found, self.force, self.shown = app, desk, found, force, shown
        self.graded_now: list[str] = []
        self.recorded: list[str] = []
        self.left_alone = 0  # in the gradebook as they are
        self.failed: dict[str, str] = {}
        self.done: Queue[str] = Queue()
        self.stop = False

    def step(self, name: str, done: int, of: int) -> None:
        """Reading was reported before; the progress of grading is reported as that of recording."""
        self._go_on()
        if name == "Warming up the graders":
            self.shown.step(name, done, of)

    def isolation(self, level: Level) -> None:
        """Pass it on."""
        self.shown.isolation(level)
        self._tell()

    def lab(self, name: str, message: Training) -> None:
        """Pass it on."""
        self.shown.lab(name, message)

    def up_to_date(self, report: Report) -> None:
        """Record it if the gradebook's record was made from something else."""
        student = report.submission
        self.desk.known[student] = report
        stamp = self.desk.stamp(report, self.found[student])
        if self.force or recorded_stamp(self.app, self.desk.assignment, student) != stamp:
            self.done.put(student)
        else:
            self.left_alone += 1

    def graded(self, report: Report) -> None:
        """Hand it to the main thread."""
        self.desk.known[report.submission] = report
        self.graded_now.append(report.submission)
        self.done.put(report.submission)
        self._go_on()

    def grade_and_record(self, results: Results) -> None:
        """Until everybody is in the gradebook. Interrupted, it leaves reports and records of all that was done."""
        desk = self.desk
        source = {student: partial(desk.work, student, path) for student, path in self.found.items()}
        with ThreadPoolExecutor(1) as threads:
            grading = threads.submit(grade_submissions, desk.plan, source, results, self, desk.graders)
            try:
                with recording(self.app, desk) as record:
                    while not grading.done() or not self.done.empty():
                        self.failed |= record(self._batch(), self._recorded)
            finally:  # Ctrl-C too: what there is can be read
                self.stop = True
                with suppress(_Stopped):
                    self.failed |= grading.result().not_graded

    def _go_on(self) -> None:
        if self.stop:
            raise _Stopped

    def _recorded(self, student: str) -> None:
        self.recorded.append(student)
        self._tell()

    def _tell(self) -> None:
        self.shown.step("Grading and recording", len(self.recorded), len(self.found) - self.left_alone)

    def _batch(self) -> list[str]:
        """Return those whose reports have come; waits a little if there are none."""
        batch: list[str] = []
        with suppress(Empty):
            batch.append(self.done.get(timeout=0.05))
            while len(batch) < BATCH:
                batch.append(self.done.get_nowait())
        return batch


class _Stopped(Exception):
    """The main thread was interrupted; the grading thread ends after the report that it has."""
