"""Reports for an assignment: looked up in the results of the run before, or graded now. No nbgrader needed.

results/NAME/    as `teach grade` writes it: run.json (the secret seed), results.jsonl, grades.csv, feedback/
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path

import msgspec

from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.grading.pool import Pool
from tfm_quiz.outcome import ItemScore, Report
from tfm_quiz.quiz.prose import Rubrics, load_rubrics
from tfm_quiz.submission.submission import Submission
from tfm_quiz.teach.classroom import GraderPool, Plan, grade_stale
from tfm_quiz.teach.results import Results, open_results

from .assignment import Assignment
from .reading import TIMESTAMP, read_regular
from .work import read_work


class Desk:
    """The source of reports for one assignment of one course folder.

    `late_rules` say what nbgrader takes off for late work, in any words that change when the rules do.
    """

    def __init__(self, plan: Plan, assignment: Assignment, results: Path, late_rules: str = "") -> None:
        self.plan = plan
        self.course: Course = plan.course
        self.assignment = assignment
        self.folder = results
        self.late_rules = late_rules
        self.known: dict[str, Report] = {}  # those that stand for what was handed in
        self.works: dict[Path, Submission] = {}
        self.results: Results | None = None
        self.opened = ExitStack()

    @cached_property
    def rubrics(self) -> Rubrics:
        """Load what reads answers of free text. Raises CourseError."""
        return load_rubrics(self.course.root)

    def work(self, student: str, submitted: Path) -> Submission:
        """Return what a student handed in, read once."""
        if submitted not in self.works:
            self.works[submitted] = read_work(self.course, self.assignment, student, submitted)
        return self.works[submitted]

    def report(self, student: str, submitted: Path) -> Report:
        """Return the report of a student's work: the one in the results if work and graders are the same, or a new one.

        Raises CouldNotCheck if it can't be graded, NotSandboxed below the isolation level that is asked for.
        """
        if student not in self.known:
            work = self.work(student, submitted)
            done = grade_stale(self.plan, {student: lambda: work}, self._results(), graders=self.graders)
            if student in done.not_graded:
                raise CouldNotCheck(f"{student} could not be graded: {done.not_graded[student]}")
            self.known[student] = done.reports[student]
        return self.known[student]

    def questions(self, student: str, submitted: Path) -> dict[str, ItemScore]:
        """Return the graded questions in a student's report, by id."""
        score = self.report(student, submitted).questions
        return score.items if score else {}

    def stamp(self, report: Report, submitted: Path) -> str:
        """Return what nbgrader's record of a student was made from: report, a person's decisions, and lateness."""
        free_text = report.questions.free_text if report.questions else {}
        reviewed = {name: item.points for name, item in free_text.items() if item.outcome == "reviewed"}
        handed_in = b""
        with suppress(ValueError):  # most have none
            handed_in = read_regular(submitted / TIMESTAMP, 1024)
        parts = msgspec.json.encode([report.key, reviewed, self.late_rules, handed_in])
        return hashlib.sha256(parts).hexdigest()[:32]

    @cached_property
    def graders(self) -> GraderPool:
        """The grader processes, not started yet; they end with `close`."""
        return GraderPool(self.plan, self._results().run.seed)

    def hand_over(self, results: Results, early: Pool | None = None) -> None:
        """Use results that are open already, and processes that only wait for settings."""
        self.results = results
        self.graders.pool = early

    def close(self) -> None:
        """End the grader processes, and let others write results."""
        if "graders" in vars(self):
            self.graders.close()
        self.opened.close()
        self.results = None

    def _results(self) -> Results:
        """Return the results, for as long as the desk lives: a class may come one student after another."""
        if self.results is None:
            self.results = self.opened.enter_context(open_results(self.folder))
        return self.results
