"""Reports for an assignment: looked up in the results of the run before, or graded now. No nbgrader needed.

results/NAME/    as `teach grade` writes it: run.json (the secret seed), results.jsonl, grades.csv, feedback/
results/NAME/ready.json    the isolation level of the last run: part of the key under which a report is kept
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import msgspec

from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.files import write_whole
from tfm_quiz.grading.messages import GradeRequest, Ready
from tfm_quiz.grading.pool import Lost, Pool
from tfm_quiz.outcome import Level, Report
from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.prose import Rubrics, load_rubrics
from tfm_quiz.quiz.scoring import graded_questions
from tfm_quiz.submission.submission import Submission
from tfm_quiz.teach.grade import Plan, check_level, orders, run_key, settings, with_questions
from tfm_quiz.teach.results import RUN, Results, Run, open_results, read_reports

from .assignment import Assignment
from .work import read_work

READY = "ready.json"


class Desk:
    """Where reports are to be had, for one assignment of one course folder."""

    def __init__(self, plan: Plan, assignment: Assignment, results: Path) -> None:
        self.plan = plan
        self.course: Course = plan.course
        self.assignment = assignment
        self.folder = results
        self.known: dict[str, Report] | None = None
        self.works: dict[Path, Submission] = {}
        self.run = ""  # the run's key: everything but the submission that a mark depends on
        self.ready: Ready | None = None
        self.pool: Pool | None = None
        self.results: Results | None = None
        self.opened = ExitStack()

    @cached_property
    def bank(self) -> tuple[Question, ...]:
        """The graded questions with their keys. Raises CourseError."""
        return graded_questions(self.course.root)

    @cached_property
    def rubrics(self) -> Rubrics:
        """What reads answers of free text. Raises CourseError."""
        return load_rubrics(self.course.root)

    def work(self, student: str, submitted: Path) -> Submission:
        """What a student handed in, read once."""
        if submitted not in self.works:
            self.works[submitted] = read_work(self.course, self.assignment, student, submitted)
        return self.works[submitted]

    def report(self, student: str, submitted: Path) -> Report:
        """The report of a student's work: that of the results, if it is of this work and these graders, or a new one.

        Raises CouldNotCheck if it can't be graded, NotSandboxed below the isolation level that is asked for.
        """
        work = self.work(student, submitted)
        if self.known is None:
            self.known = read_reports(self.folder) if (self.folder / "results.jsonl").is_file() else {}
        if self.run or self.knows_its_run():
            order = self.order(work)
            report = self.known.get(student)
            if report is not None and report.key == order.key:
                return report
        results = self.results or self._open()
        self.start(results)
        for report in self.started().grade([self.order(work)]):
            if isinstance(report, Lost):
                raise CouldNotCheck(f"{student} could not be graded: {report.why}.")
            results.add(with_questions(report, self.bank, work.answers))
        self.known[student] = results.reports[student]
        return self.known[student]

    def order(self, work: Submission) -> GradeRequest:
        """The order to grade it, with the key under which its report is kept."""
        (order,) = orders([work], self.run)
        return order

    def start(
        self,
        results: Results,
        progress: Callable[[int, int], None] = lambda done, of: None,
        early: Pool | None = None,
    ) -> Ready:
        """Grader processes, once; they end with `close`. `early` ones only wait for settings. Raises NotSandboxed."""
        if self.pool is None:
            told = settings(self.plan, results.run.seed)
            self.pool = early or Pool(told, self.plan.jobs)
            if early:
                early.tell(told)
            ready = self.pool.start(progress)
            check_level(self.plan, ready)
            write_whole(self.folder / READY, msgspec.json.encode(ready))
            self.ready, self.run = ready, run_key(self.plan, results.run.seed, ready)
        if self.ready is None:
            raise RuntimeError("a pool without a word of its level")
        return self.ready

    def started(self) -> Pool:
        """The pool that `start` made."""
        if self.pool is None:
            raise RuntimeError("start comes first")
        return self.pool

    def close(self) -> None:
        """End the grader processes, and let others write results."""
        if self.pool is not None:
            self.pool.close()
            self.pool = None
        self.opened.close()
        self.results = None

    def _open(self) -> Results:
        """The results, for as long as the desk lives: a class may come one student after another."""
        self.results = self.opened.enter_context(open_results(self.folder))
        return self.results

    @property
    def level(self) -> Level:
        """The isolation that student code had, or has."""
        return self.ready.level if self.ready else "none"

    def knows_its_run(self) -> bool:
        """Whether the run whose results lie here can be told without starting a grader; then its key is known."""
        try:
            run = msgspec.json.decode((self.folder / RUN).read_bytes(), type=Run)
            ready = msgspec.json.decode((self.folder / READY).read_bytes(), type=Ready)
        except (OSError, msgspec.MsgspecError):
            return False
        check_level(self.plan, ready)
        self.ready, self.run = ready, run_key(self.plan, run.seed, ready)
        return True


def todo(desk: Desk, found: Sequence[Submission], results: Results) -> list[GradeRequest]:
    """The orders for those whose report in the results is not of this work and these graders."""
    every = [desk.order(work) for work in found]
    return [
        order
        for order in every
        if order.work.name not in results.reports or results.reports[order.work.name].key != order.key
    ]


__all__ = ["Desk", "Lost", "todo"]
