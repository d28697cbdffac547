"""An assignment: its notebooks, and the exercises and questions in each, as the notebooks themselves say.

What is in a notebook was written by `build` into its metadata, and is read from the release (or the source), never
from what a student hands in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tfm_quiz.errors import CouldNotCheck, UsageProblem

KEY = "tfm_quiz"  # in a notebook's metadata
# The kernel of `student/kernelspec/`, which refuses to start under nbgrader's autograde.
KERNEL = {"display_name": "Python 3 (tfm-quiz)", "language": "python", "name": "tfm-quiz"}
FORMAT = 1
MARKS = "-marks"  # the grade cell of exercise `split_heads` is `split_heads-marks`
NO_REPLY = "YOUR ANSWER HERE"  # nbgrader's own text for a written answer that is not there yet


class Contents(Struct, frozen=True, kw_only=True):
    """What one notebook of an assignment holds: ids of exercises and of graded questions, in order."""

    format: int = FORMAT
    exercises: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class Assignment(Struct, frozen=True, kw_only=True):
    """An assignment that `build` made: the contents and the released text of each notebook, by its name."""

    name: str
    contents: dict[str, Contents]
    notebooks: dict[str, str]

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises of all notebooks."""
        return tuple(key for contents in self.contents.values() for key in contents.exercises)

    @property
    def questions(self) -> tuple[str, ...]:
        """The graded questions of all notebooks."""
        return tuple(key for contents in self.contents.values() for key in contents.questions)


def reply_id(question: str) -> str:
    """Return the id of the cell into which the answer to a question goes."""
    return f"a-{question}"


def marks_id(exercise: str) -> str:
    """Return the id of the cell that holds an exercise's points."""
    return f"{exercise}{MARKS}"


def read_assignment(folder: Path, name: str) -> Assignment:
    """Return the assignment whose pristine notebooks lie in `folder`. Raises UsageProblem if there is none of ours."""
    if not folder.is_dir():
        raise UsageProblem(
            f"There is no released assignment {name}.",
            next_step=f"tfm-quiz teach nbgrader build --name {name}, then nbgrader generate_assignment {name}",
        )
    contents: dict[str, Contents] = {}
    notebooks: dict[str, str] = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            text = path.read_text("utf-8")
            document = json.loads(text)
        except (OSError, ValueError) as error:
            raise CouldNotCheck(f"A released notebook cannot be read: {error}.", where=str(path)) from error
        found = contents_of(document)
        if found is not None:
            contents[path.stem], notebooks[path.stem] = found, text
    if not contents:
        raise UsageProblem(f"No notebook in {folder} was made by tfm-quiz teach nbgrader build.")
    return Assignment(name=name, contents=contents, notebooks=notebooks)


def contents_of(document: Mapping[str, Any]) -> Contents | None:
    """Return what a notebook of ours holds; None for any other notebook. Raises CouldNotCheck for a newer format."""
    said = document.get("metadata", {}).get(KEY)
    if said is None:
        return None
    try:
        contents = msgspec.convert(said, Contents)
    except msgspec.ValidationError:
        return None
    if contents.format != FORMAT:
        raise CouldNotCheck("This notebook was made by a newer tfm-quiz.", next_step="pip install -U tfm-quiz")
    return contents
