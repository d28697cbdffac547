"""Find broken references that no check notices. Mutants are graded in this process, without a wall: they are ours.

A survivor is either a gap in the probes or the same function in other words; the latter are listed, with a reason, in
`graders/equivalent.toml`.
"""

from __future__ import annotations

import ast
import signal
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import torch
from msgspec import Struct

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CourseError, Fault
from tfm_quiz.grading.attempt import Attempt, Mismatch, ReferenceFault
from tfm_quiz.grading.current import CurrentTest
from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.local import LocalSide
from tfm_quiz.grading.questions import Question
from tfm_quiz.toml.file import TomlFile
from tfm_quiz.wall.host.workers import Workers

from .mutate import Mutant, mutants

SECONDS = 10.0  # for one check of one mutant: some loop for ever


class Equivalent(Struct, frozen=True, kw_only=True):
    """Survivors that are the same function: `line` may become any of `becomes`."""

    exercise: str
    line: str
    becomes: tuple[str, ...]
    reason: str


@dataclass
class MutantResults:
    """The results of the mutants of one exercise."""

    exercise: Exercise
    killed: list[Mutant] = field(default_factory=list)
    equivalent: list[Mutant] = field(default_factory=list)
    survivors: list[Mutant] = field(default_factory=list)
    stale: list[tuple[str, str]] = field(default_factory=list)  # listed, but killed or not there


class Slow(BaseException):
    """A mutant that does not return; no `except Exception` of ours may hold it up."""


def hunt(course: Course, exercises: Sequence[Exercise], workers: Workers, seed: int) -> Iterator[MutantResults]:
    """Yield the mutants of each exercise, judged by its checks (labs left out). No worker is ever asked for.

    Raises CourseError for mistakes in the list of equivalent ones.
    """
    listed = equivalents(course)
    for exercise in exercises:
        found: list[MutantResults] = []

        def use(graders: Graders, exercise: Exercise = exercise, found: list[MutantResults] = found) -> None:
            found.append(judge(graders, exercise, listed))

        with_graders(course, [exercise], workers, use, seed=seed, labs=False)
        yield found[0]


def judge(graders: Graders, exercise: Exercise, listed: Sequence[Equivalent]) -> MutantResults:
    """Judge the mutants of one exercise."""
    solution = graders.course.solution_path(exercise.module).read_text("utf-8")
    known = {(entry.line, other) for entry in listed if entry.exercise == exercise.id for other in entry.becomes}
    found = MutantResults(exercise)
    for mutant in mutants(solution, exercise.name):
        if _is_killed(graders, exercise, mutant):
            found.killed.append(mutant)
        else:
            (found.equivalent if mutant[1:] in known else found.survivors).append(mutant)
    found.stale = sorted(known - {mutant[1:] for mutant in found.equivalent})
    return found


def equivalents(course: Course) -> list[Equivalent]:
    """Read `graders/equivalent.toml`; empty if there is no such file. Raises CourseError for its mistakes."""
    path = course.root / "graders" / "equivalent.toml"
    if not path.is_file():
        return []
    file = TomlFile(path, "graders/equivalent.toml")
    tables = file.tables(file.data, "equivalent")
    entries = [file.fill(Equivalent, table, place, "equivalent") for place, table in tables]
    ids = {exercise.id for exercise in course.exercises}
    for (place, _), entry in zip(tables, entries, strict=True):
        if entry is not None and entry.exercise not in ids:
            file.fault((*place, "exercise"), f"there is no exercise {entry.exercise}")
    if file.faults:
        raise CourseError(file.faults)
    return [entry for entry in entries if entry is not None]


def _is_killed(graders: Graders, exercise: Exercise, mutant: Mutant) -> bool:
    """Return whether a check fails with the mutant in the student's place."""
    module = graders.content.solutions[exercise.module]
    names = dict(vars(module))
    try:
        exec(compile(ast.parse(mutant.source), f"mutant of {exercise.name}", "exec"), names)  # noqa: S102 - our own reference
    except Exception:  # it cannot even be defined
        return True
    target = names[exercise.name]
    key = graders.keys[exercise.id]
    mutated = SimpleNamespace(**names)
    for test in graders.plugin.tests[exercise.id]:
        if test.lab:
            continue
        side = LocalSide(target, key.staged)
        attempt = _ShortAttempt(key.entries.get(test.name, []), side)
        solutions = graders.content.solutions
        current = CurrentTest(exercise, side, attempt, solutions, key.generator, student_module=mutated)
        with _limited(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raised = graders.plugin.run(test, current)
        torch.set_grad_enabled(True)  # a mutant may have left it off
        if raised is not None:
            if isinstance(raised, ReferenceFault):  # the grader branched on an answer: not the mutant's doing
                raise CourseError([Fault(test.item.nodeid, str(raised))]) from raised
            return True
    return False


class _ShortAttempt(Attempt):
    """An attempt that ends with the first wrong answer."""

    def ask(self, question: Question) -> None:
        """Ask the next question. Raises Mismatch if the answer is wrong."""
        super().ask(question)
        if self.comparisons[-1].wrong is not None:
            raise Mismatch


@contextmanager
def _limited(seconds: float) -> Generator[None]:
    """Raise Slow in the main thread after this time."""

    def ring(*_: Any) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
