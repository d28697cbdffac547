"""A graded class in numbers: for the table after grading."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import fmean, median

from tfm_quiz.course import Course
from tfm_quiz.outcome import WORDS, CheckResult, Report


@dataclass(frozen=True)
class Row:
    """One exercise over the class: the share of its points that were reached, among those who handed it in."""

    exercise: str
    share: float


@dataclass(frozen=True)
class LabRow:
    """The lab of one exercise over the class: how many trained, how many of them passed, and the median loss."""

    exercise: str
    trained: int
    passed: int
    losses: Sequence[float | None]


@dataclass(frozen=True)
class Points:
    """The points of the class in its code, or in its closed questions."""

    of: str
    mean: float
    median: float
    out_of: float


@dataclass(frozen=True)
class Overview:
    """The class."""

    points: Sequence[Points]
    rows: Sequence[Row]
    labs: Sequence[LabRow]
    mistakes: Sequence[tuple[int, str, str]]  # how many, exercise, what they read
    to_look_at: Sequence[tuple[str, str]]  # submission, why
    waiting: int  # answers of free text without points of a person


def overview(course: Course, reports: Iterable[Report], most: int = 5) -> Overview:
    """Shares per exercise, the most common mistakes, and who needs a person's eye."""
    found = list(reports)
    rows = []
    for exercise in course.exercises:
        results = [report.exercises[exercise.id] for report in found if exercise.id in report.exercises]
        out_of = sum(result.out_of for result in results)
        if out_of:
            rows.append(Row(exercise.id, sum(result.points for result in results) / out_of))
    named: Counter[tuple[str, str]] = Counter()
    for report in found:
        for exercise_id, result in report.exercises.items():
            if result.misconception is not None:
                named[exercise_id, result.message] += 1
    mistakes = [(count, exercise, sentence) for (exercise, sentence), count in named.most_common(most)]
    waiting = sum(len(report.questions.awaiting_review) for report in found if report.questions)
    return Overview(list(_points(found)), rows, list(_labs(course, found)), mistakes, list(_to_look_at(found)), waiting)


def _points(reports: Sequence[Report]) -> Iterable[Points]:
    scores = [report.questions for report in reports if report.questions and report.questions.out_of]
    answered = any(item.outcome != "unanswered" for score in scores for item in score.items.values())
    for of, parts in (("Points", reports), ("Questions", scores if answered else ())):
        if parts:
            points = [part.points for part in parts]
            yield Points(of, fmean(points), median(points), max(part.out_of for part in parts))


def _labs(course: Course, reports: Sequence[Report]) -> Iterable[LabRow]:
    for exercise in course.exercises:
        results = [report.exercises[exercise.id] for report in reports if exercise.id in report.exercises]
        trained = [check for result in results for check in result.checks if check.losses]
        if trained:
            passed = sum(check.outcome == "passed" for check in trained)
            yield LabRow(exercise.id, len(trained), passed, list(_medians(trained)))


def _medians(labs: Sequence[CheckResult]) -> Iterable[float | None]:
    for losses in zip_longest(*(lab.losses for lab in labs)):
        finite = [loss for loss in losses if loss is not None]
        yield median(finite) if finite else None


def _to_look_at(reports: Iterable[Report]) -> Iterable[tuple[str, str]]:
    for report in reports:
        for problem in report.problems:
            yield report.submission, problem
        for question, item in (report.questions.free_text if report.questions else {}).items():
            if item.outdated:
                yield report.submission, f"{question} was changed after a person gave points: they no longer count"
        for exercise_id, result in report.exercises.items():
            if result.outcome in ("timed_out", "died"):
                yield report.submission, f"{WORDS[result.outcome]} in {exercise_id}"
