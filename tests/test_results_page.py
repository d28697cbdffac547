"""docs/results.md names every field of a report, and every column of grades.csv."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tfm_quiz.course import Course
from tfm_quiz.outcome import (
    CheckResult,
    ExerciseResult,
    ItemOutcome,
    ItemScore,
    Level,
    Outcome,
    QuestionScore,
    Report,
)
from tfm_quiz.teach.summaries import grades_csv

PAGE = (Path(__file__).parents[1] / "docs" / "results.md").read_text("utf-8")
NAMED = set(re.findall(r"`([\w.]+)`", PAGE))


@pytest.mark.parametrize("kind", [Report, ExerciseResult, CheckResult, QuestionScore, ItemScore])
def test_every_field_is_named(kind):
    assert {field.encode_name for field in msgspec.structs.fields(kind)} <= NAMED


@pytest.mark.parametrize("words", [Outcome, ItemOutcome, Level])
def test_every_word_that_a_field_may_hold_is_named(words):
    assert set(get_args(words)) <= NAMED


def test_every_column_of_the_grades_is_named(tiny: Course):
    columns = grades_csv(tiny, {}, {}).splitlines()[0].split(",")
    assert set(columns) - {exercise.id for exercise in tiny.exercises} <= NAMED
