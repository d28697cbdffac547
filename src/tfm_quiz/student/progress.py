"""What the student's folder remembers: `.tfm-quiz/progress.json`, safe to delete, never the source of a grade.

Commands share the file: each changes its own part ("checks", "hints", the quiz's "quiz") and keeps the rest as it is.
What cannot be read counts as nothing remembered.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tfm_quiz.course import Course, Exercise
from tfm_quiz.files import write_whole
from tfm_quiz.outcome import Outcome

FOLDER = ".tfm-quiz"
LARGEST = 1024 * 1024


class LastCheck(Struct, frozen=True):
    """The result of the last check of an exercise: how many of its public checks passed."""

    outcome: Outcome
    passed: int
    checks: int


class Progress(Struct, frozen=True):
    """The state of a student's folder: last check and hints seen by exercise, best share by practice question."""

    checks: dict[str, LastCheck] = {}
    hints: dict[str, int] = {}
    quiz: dict[str, float] = {}

    def passed(self, exercise: Exercise) -> bool:
        """Return whether all public checks of this exercise passed when it was checked last."""
        checked = self.checks.get(exercise.id)
        return checked is not None and checked.outcome == "passed"

    def current(self, course: Course) -> Exercise | None:
        """Return the exercise to work on: the first that has not passed, bonus exercises last; None if all have."""
        ordered = sorted(course.exercises, key=lambda exercise: exercise.bonus)
        return next((exercise for exercise in ordered if not self.passed(exercise)), None)

    def right_answers(self) -> int:
        """Count the practice questions that have been answered without a fault."""
        return sum(share == 1 for share in self.quiz.values())


def read_progress(root: Path) -> Progress:
    """Return the state kept in a student's folder."""
    data = _read(root)
    parts: dict[str, Any] = {}
    for field in msgspec.structs.fields(Progress):
        try:
            parts[field.name] = msgspec.convert(data[field.name], field.type)
        except (KeyError, msgspec.ValidationError):
            continue  # forgotten, or written by another version: as if it had never been
    return Progress(**parts)


def remember_checks(root: Path, checked: dict[str, LastCheck]) -> None:
    """Keep the results of checks, by exercise. Raises OSError if the folder cannot be written."""
    kept = {**read_progress(root).checks, **checked}
    _write(root, "checks", msgspec.to_builtins(kept))


def remember_hint(root: Path, exercise: Exercise, seen: int) -> None:
    """Keep how many hints of an exercise were shown. Raises OSError if the folder cannot be written."""
    _write(root, "hints", {**read_progress(root).hints, exercise.id: seen})


def _file(root: Path) -> Path:
    return root / FOLDER / "progress.json"


def _read(root: Path) -> dict[str, Any]:
    try:
        with _file(root).open("rb") as stream:
            data = json.loads(stream.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _write(root: Path, part: str, value: Any) -> None:
    file = _file(root)
    file.parent.mkdir(exist_ok=True)
    write_whole(file, json.dumps({**_read(root), part: value}, indent=1, sort_keys=True) + "\n")
