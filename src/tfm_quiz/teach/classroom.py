"""Grade a class: whatever is not up to date, on grader processes; every report is kept as it comes.

`teach grade` and nbgrader's autograde are callers of `grade_submissions`: they say where submissions come from and
what to show meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck, NotSandboxed, SubmissionProblem
from tfm_quiz.grading.fingerprint import files_digest, mark_key, run_digest
from tfm_quiz.grading.messages import GradeRequest, Settings, Training
from tfm_quiz.grading.pool import Lost, Pool
from tfm_quiz.outcome import LEVELS, Level, Report
from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.scoring import graded_questions, score_with
from tfm_quiz.submission.entries import entries, load
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.lockdown import level_here

from .results import Results
from .summaries import write_summaries

Source = Mapping[str, Callable[[], Submission]]
"""The submissions of a class by name, each read when its turn comes.

Reading raises SubmissionProblem for what cannot be graded at all; it then gets no mark, not even 0.
"""


@dataclass(frozen=True)
class Plan:
    """How a class is graded."""

    course: Course
    exercises: Sequence[Exercise]
    jobs: int = 1
    time_factor: float = 1.0
    labs: bool = True
    at_least: Level = "strong"
    at_most: Level = "full"


class Watch:
    """Callbacks while a class is graded: these do nothing. Each call returns before grading goes on."""

    def step(self, name: str, done: int, of: int) -> None:
        """A part of the work gets on: reading, warming up, grading."""

    def isolation(self, level: Level) -> None:
        """The isolation that student code has, before the first submission is graded."""

    def up_to_date(self, report: Report) -> None:
        """A report of an earlier run still holds."""

    def graded(self, report: Report) -> None:
        """A report is on the disk."""

    def lab(self, name: str, message: Training) -> None:
        """Receive the progress of a submission's lab, until a message without losses."""


@dataclass(frozen=True)
class ClassResult:
    """The result of a run: a report of each submission that has one, which are new, and who has none and why."""

    reports: dict[str, Report]
    graded: tuple[str, ...]
    not_graded: dict[str, str]
    level: Level | None  # of every one of these reports; None if there is none


@dataclass
class GraderPool:
    """The grader processes of a plan, started when they are needed first. `close` ends them.

    Processes that were started without settings may be given as `pool`.
    """

    plan: Plan
    seed: int
    pool: Pool | None = None
    level: Level | None = field(default=None, init=False)  # that their workers have, or would have
    ready: bool = field(default=False, init=False)
    files: str = field(init=False)

    def __post_init__(self) -> None:
        self.files = files_digest(self.plan.course)  # before they read any: a later change makes their marks stale

    def expect(self, stored: Level | None) -> Level | None:
        """Return the level of the last run if this machine still gives it, else None. Raises NotSandboxed."""
        if self.level is None and stored is not None and stored == level_here(self.plan.at_most):
            check_level(self.plan, stored)
            self.level = stored
        return self.level

    def keys(self, works: Iterable[Submission], level: Level) -> dict[str, str]:
        """Return the key under which the report of each submission is kept."""
        plan = self.plan
        run = run_digest(
            self.files, plan.exercises, seed=self.seed, time_factor=plan.time_factor, labs=plan.labs, level=level
        )
        return {work.name: mark_key(run, work) for work in works}

    def start(self, jobs: int) -> Pool:
        """Start the processes, `jobs` at most; returns before they are ready."""
        plan = self.plan
        settings = Settings(
            course=str(plan.course.root),
            exercises=tuple(exercise.id for exercise in plan.exercises),
            seed=self.seed,
            time_factor=plan.time_factor,
            labs=plan.labs,
            at_most=plan.at_most,
        )
        if self.pool is None:
            self.pool = Pool(settings, max(1, min(plan.jobs, jobs)))
        elif self.pool.settings is None:
            self.pool.tell(settings)
        return self.pool

    def wait(self, jobs: int, watch: Watch) -> Level:
        """Wait until they are ready. Raises NotSandboxed below the level of the plan, CouldNotCheck if none starts."""
        if not self.ready or self.level is None:
            pool = self.start(jobs)
            self.level = pool.start(lambda done, of: watch.step("Warming up the graders", done, of)).level
            check_level(self.plan, self.level)
            self.ready = True
        return self.level

    def close(self) -> None:
        """End the processes."""
        if self.pool is not None:
            self.pool.close()
            self.pool = None


def check_level(plan: Plan, level: Level) -> None:
    """Refuse to run hidden graders on hostile code behind too weak a wall. Raises NotSandboxed."""
    if LEVELS.index(level) < LEVELS.index(plan.at_least):
        raise NotSandboxed(
            f"Student code would run at isolation level `{level}` here; `{plan.at_least}` is asked for.",
            next_step="tfm-quiz doctor says how to get it (WSL2, a container, a sysctl); "
            "--no-sandbox grades anyway, and every report says so.",
        )


def grade_submissions(
    plan: Plan, source: Source, results: Results, watch: Watch | None = None, graders: GraderPool | None = None
) -> ClassResult:
    """Grade what is new or stale of a class, and write grades.csv and feedback for all of it.

    Whatever ends it (Ctrl-C, too), what was graded is kept and in the summaries. Raises as `grade_stale` does.
    """
    try:
        done = grade_stale(plan, source, results, watch, graders)
    except BaseException:  # Ctrl-C and a full disk, too: what there is can be read, and the first error is reported
        if results.reports:
            with suppress(CouldNotCheck):
                write_summaries(plan.course, results, source)
        raise
    write_summaries(plan.course, results, source)
    return done


def grade_stale(
    plan: Plan, source: Source, results: Results, watch: Watch | None = None, graders: GraderPool | None = None
) -> ClassResult:
    """Grade what is new or stale of a class, and keep each report as it comes.

    No grader is started for a class that is up to date. Grader processes that are given live on; others end. Raises
    NotSandboxed below the plan's level, CourseError for mistakes in graders or questions, CouldNotCheck if a result
    cannot be written.
    """
    watch = watch or Watch()
    with ExitStack() as stack:
        if graders is None:
            graders = GraderPool(plan, results.run.seed)
            stack.callback(graders.close)
        level = graders.expect(results.run.level)
        if level is None:
            graders.start(len(source))  # they import torch while we read
        works, not_graded = _read(source, watch)
        keys = graders.keys(works, level) if level else {}
        todo = [work for work in works if not level or not _is_current(results, work, keys)]
        if todo:
            level = graders.wait(len(todo), watch)
            results.remember_level(level)
            keys = graders.keys(works, level)
            todo = [work for work in works if not _is_current(results, work, keys)]
        new = {work.name for work in todo}
        for name in keys:
            if name not in new:
                watch.up_to_date(results.reports[name])
        graded: list[str] = []
        if level and todo:
            watch.isolation(level)
            orders = [GradeRequest(work=work, key=keys[work.name]) for work in todo]
            for report in _graded(plan, graders.start(len(orders)), orders, not_graded, watch):
                results.add(report)
                graded.append(report.submission)
                watch.graded(results.reports[report.submission])
    results.remember_not_graded(source, not_graded)
    reports = {name: results.reports[name] for name in keys if name not in not_graded}
    return ClassResult(reports, tuple(graded), not_graded, level if reports else None)


def class_source(folder: Path, course: Course) -> Source:
    """Return the submissions in a folder or archive of a class. Raises SubmissionProblem if there are none."""
    found: dict[str, Callable[[], Submission]] = {}
    for entry in entries(folder, course):
        found[entry.name] = partial(_refuse_both, entry.name) if entry.name in found else partial(load, entry, course)
    return found


def _refuse_both(name: str) -> Submission:
    raise SubmissionProblem(f"Two submissions are named {name}, so neither was read; keep one of them.")


def with_questions(report: Report, questions: Sequence[Question], work: Submission) -> Report:
    """Return the report with the answers to the graded questions scored: apart from the code's points.

    Free text is never scored here: it waits for `tfm-quiz teach review`.
    """
    if not questions:
        return report
    score = score_with(questions, work.answers, work.replies)
    return msgspec.structs.replace(report, questions=score, problems=(*report.problems, *score.problems))


def _read(source: Source, watch: Watch) -> tuple[list[Submission], dict[str, str]]:
    works: list[Submission] = []
    not_graded: dict[str, str] = {}
    for done, (name, read) in enumerate(source.items(), start=1):
        try:
            works.append(read())
        except SubmissionProblem as problem:
            not_graded[name] = problem.message
        watch.step("Reading", done, len(source))
    return works, not_graded


def _is_current(results: Results, work: Submission, keys: Mapping[str, str]) -> bool:
    known = results.reports.get(work.name)
    return known is not None and known.key == keys[work.name]


def _graded(
    plan: Plan, pool: Pool, orders: Sequence[GradeRequest], not_graded: dict[str, str], watch: Watch
) -> Iterator[Report]:
    """Yield the reports as they come, with the questions scored; who cannot be graded is added to `not_graded`."""
    questions = graded_questions(plan.course.root)
    works = {order.work.name: order.work for order in orders}
    for done, report in enumerate(pool.grade(orders, watch.lab), start=1):
        if isinstance(report, Lost):
            not_graded[report.work.name] = f"{report.why}."
        else:
            yield with_questions(report, questions, works[report.submission])
        watch.step("Grading", done, len(orders))
