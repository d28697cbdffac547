"""What the rubric reads in an answer of free text, as a comment for whoever gives the points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tfm_quiz.course import Course
from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.scoring import ItemScore


class Advice(Struct, frozen=True):
    """A suggestion: the comment that the formgrader shows."""

    comment: str


def advice(course: Course, questions: Sequence[Question], items: Mapping[str, ItemScore]) -> dict[str, Advice]:
    """A suggestion for each answer of free text that a rubric can read."""
    return {}
