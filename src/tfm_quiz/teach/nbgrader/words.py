"""A report in the words of nbgrader: the outputs of a grade cell, and the comments of a question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from tfm_quiz.outcome import WORDS, ExerciseResult
from tfm_quiz.teach.feedback import exercise_lines
from tfm_quiz.untrusted import for_html

from .assignment import Assignment

COLOURS = {"+": "#1a7f37", "x": "#c4320a", "-": "#8a6100", ".": "#57606a"}
MARKS = {"+": "✓", "x": "✗", "-": "·", ".": "○"}


def score(result: ExerciseResult | None, points: float) -> float:
    """Return the exercise's points as nbgrader takes them: a plain float from 0 to the cell's points, never nan."""
    earned = result.points if result is not None else 0.0
    return min(max(float(earned), 0.0), float(points)) if math.isfinite(earned) else 0.0


def lines_of(result: ExerciseResult | None) -> list[str]:
    """List what the student reads under the cell: checks, the named mistake, a hint, follow-through."""
    if result is None:
        return ["This exercise could not be graded, by a fault of the course; your instructor has been told."]
    return [f"{result.points:g} of {result.out_of:g} points, {WORDS[result.outcome]}", *exercise_lines(result)]


def notes_on(problems: Iterable[str], notebook: str, assignment: Assignment) -> list[str]:
    """List a submission's problems to show in this notebook: not those of another one, or of a question's cell.

    What is wrong with a reply is said in its comment.
    """
    others = tuple(f"{name}.ipynb " for name in assignment.contents if name != notebook)
    return [
        problem
        for problem in problems
        if not problem.startswith(others) and _question_of(problem) not in assignment.questions
    ]


def told_to_staff(problems: Iterable[str], assignment: Assignment) -> list[str]:
    """Return the same problems in the words of the course folder: a reply is named by its question."""
    return [
        f"question {question}: {problem.partition(f'{question}: ')[2]}"
        if (question := _question_of(problem)) in assignment.questions
        else problem
        for problem in problems
    ]


def _question_of(problem: str) -> str | None:
    found = re.match(r"(?:answers\.toml line \d+, |question )([^\s:]+): ", problem)
    return found[1] if found else None


def outputs(result: ExerciseResult | None, points: float, notes: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the outputs of a grade cell: the words, then the score as nbgrader's `determine_grade` reads it.

    Words come as display data, which it passes over; a plain `repr` of a float is what it takes for partial credit.
    """
    lines = [*lines_of(result), *(f"Note: {note}" for note in notes)]
    shown = {"text/html": _html(lines), "text/plain": "\n".join(lines)}
    value = {"text/plain": repr(score(result, points))}
    return [
        {"output_type": "display_data", "data": shown, "metadata": {}},
        {"output_type": "execute_result", "data": value, "metadata": {}, "execution_count": 1},
    ]


def _html(lines: list[str]) -> str:
    """Return the lines as a small block; everything in it is escaped."""
    first, *rest = lines
    rows = [f'<div style="font-weight:600">{for_html(first)}</div>']
    for line in rest:
        mark = line.strip()[:1]
        if line.startswith("  ") and line[2:4] in ("+ ", "x ", "- ", ". "):
            head = f'<span style="color:{COLOURS[mark]};font-weight:700">{MARKS[mark]}</span> '
            rows.append(f"<div>{head}{for_html(line[4:])}</div>")
        elif line.startswith("  -> "):
            rows.append(f'<div style="margin-top:.5em;font-weight:600">→ {for_html(line[5:])}</div>')
        else:
            rows.append(f'<div style="color:#57606a">{for_html(line.strip())}</div>')
    return f'<div style="line-height:1.5">{"".join(rows)}</div>'
