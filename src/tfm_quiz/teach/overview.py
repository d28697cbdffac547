"""What a graded class came to, in numbers: for the table after grading."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tfm_quiz.course import Course
from tfm_quiz.outcome import WORDS, Report


@dataclass(frozen=True)
class Row:
    """One exercise over the class: the share of its points that were reached, among those who handed it in."""

    exercise: str
    share: float


@dataclass(frozen=True)
class Overview:
    """The class."""

    rows: Sequence[Row]
    mistakes: Sequence[tuple[int, str, str]]  # how many, exercise, what they read
    to_look_at: Sequence[tuple[str, str]]  # submission, why


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
    return Overview(rows, mistakes, list(_to_look_at(found)))


def _to_look_at(reports: Iterable[Report]) -> Iterable[tuple[str, str]]:
    for report in reports:
        for problem in report.problems:
            yield report.submission, problem
        for exercise_id, result in report.exercises.items():
            if result.outcome in ("timed_out", "died"):
                yield report.submission, f"{WORDS[result.outcome]} in {exercise_id}"
