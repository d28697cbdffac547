"""Measuring the rubrics on labelled answers: ours, or an instructor's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.quiz.prose import Rubrics
from tfm_quiz.quiz.rubric.rubric import State
from tfm_quiz.quiz.rubric_examples import Labelled, read_labelled
from tfm_quiz.quiz.rubric_measure import Measured, measure, summary


class AnswerRead(Struct, frozen=True, kw_only=True):
    """One labelled answer, as the rubric reads it; the ids are those of the question asked."""

    question: str
    key_points: dict[str, State]
    labels: dict[str, bool]
    misconceptions: tuple[str, ...]
    abstained: str | None


class Measurement(Struct, frozen=True, kw_only=True):
    """What `teach rubric --json` prints. `problems` are lines that could not be measured."""

    format: int = 1
    answers: tuple[AnswerRead, ...]
    summary: dict[str, object]
    problems: tuple[str, ...] = ()


def measure_file(rubrics: Rubrics, path: Path) -> Measurement:
    """Measure the rubrics on a JSON-lines file of labelled answers. Raises CouldNotCheck if none can be read."""
    try:
        labelled, bad = read_labelled(path)
    except OSError as error:
        raise CouldNotCheck(f"The labelled answers cannot be read: {error.strerror}.", where=str(path)) from error
    problems = [f"{path.name}:{line}: is not a labelled answer: {message}" for line, message in bad]
    problems += _strangers(rubrics, labelled, path.name)
    measured = measure(rubrics, labelled)
    if not measured:
        raise CouldNotCheck(
            "There is no labelled answer in this file that a rubric could be measured on."
            + (f" {problems[0]}" if problems else ""),
            where=str(path),
            next_step='A line is {"question": "A3", "text": "...", "key_points": {"A3.1": true}}.',
        )
    return Measurement(
        answers=tuple(_answer(one) for one in measured), summary=summary(measured), problems=tuple(problems)
    )


def _answer(one: Measured) -> AnswerRead:
    return AnswerRead(
        question=one.example.question,
        key_points=dict(one.states),
        labels=dict(one.example.key_points),
        misconceptions=one.misconceptions,
        abstained=one.abstained,
    )


def _strangers(rubrics: Rubrics, labelled: Sequence[Labelled], name: str) -> list[str]:
    """Questions and key points that no rubric knows, a sentence each."""
    problems: dict[str, None] = {}
    for one in labelled:
        found = rubrics.find(one.question)
        if found is None:
            problems[f"{name}: no rubric has the question {one.question!r}; its answers are left out"] = None
            continue
        asked = one.question if one.question in found.question.source else found.question.source[0]
        known = {f"{asked}.{n}" for n in range(1, len(found.question.key_points) + 1)}
        for key_point in one.key_points.keys() - known:
            problems[f"{name}: question {one.question} has no key point {key_point!r}; its labels are left out"] = None
    return list(problems)


def lines_of(measurement: Measurement) -> list[str]:
    """Return the table that a terminal shows: a line for each key point, then each question, then all."""
    lines = [f"{'':<10}{'present':>8}{'found':>7}{'unsure':>8}{'precision':>11}{'recall':>8}"]
    for part in ("key_points", "questions"):
        rows = measurement.summary[part]
        assert isinstance(rows, dict)  # noqa: S101
        lines += [_line(name, row) for name, row in rows.items()]
        lines.append("")
    lines.append(_line("all", measurement.summary["all"]))
    return lines


def _line(name: str, row: object) -> str:
    assert isinstance(row, dict)  # noqa: S101
    precision, recall = ("–" if row[word] is None else f"{row[word]:.2f}" for word in ("precision", "recall"))
    return f"{name:<10}{row['present']:>8}{row['found']:>7}{row['unsure']:>8}{precision:>11}{recall:>8}"
