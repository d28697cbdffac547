"""The course: what `course.toml` names, and where its files lie.

A course is a directory with a `course.toml`; with `graders/` in it, it can be taught. `manifest.py` reads it.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from msgspec import Meta, Struct

from .errors import UsageProblem
from .toml.file import BLANK as NOT_BLANK
from .toml.file import did_you_mean

Sentence = Annotated[str, Meta(pattern=NOT_BLANK)]
THREE_HINTS = ["A question that points at the place.", "A stronger hint.", "Nearly the answer, still in words."]


class Legend(Struct, frozen=True, kw_only=True):
    """What the places of a boolean matrix mean, for the picture of a wrong one.

    `true` and `false` are the two meanings; `extra` is True where False was expected, `missing` the other way round.
    """

    true: Annotated[str, Meta(pattern=NOT_BLANK, examples=["is chosen"])] = "True"
    false: Annotated[str, Meta(pattern=NOT_BLANK, examples=["is not"])] = "False"
    extra: Annotated[str, Meta(pattern=NOT_BLANK, examples=["chosen, but should not be"])] = "True, expected False"
    missing: Annotated[str, Meta(pattern=NOT_BLANK, examples=["not chosen, but should be"])] = "False, expected True"


class Exercise(Struct, frozen=True, kw_only=True):
    """One function or class that a student fills in, judged by one grader.

    `name` is looked up in the module `module` (the unit's id); `needs` are ids of exercises that this one calls;
    `section` is of what the course cites, empty where that says nothing; a `bonus` is outside the course's points;
    `legend` is the one that it names in the manifest.
    """

    module: str
    id: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*\Z", examples=["row_sums"])]
    name: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*\Z", examples=["row_sums"])]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Sum each row"])]
    points: Annotated[int, Meta(ge=1, examples=[3])]
    hints: Annotated[tuple[Sentence, ...], Meta(min_length=3, max_length=3, examples=[THREE_HINTS])]
    success: Annotated[str, Meta(pattern=NOT_BLANK, examples=["One sentence worth knowing."])]
    needs: Annotated[tuple[str, ...], Meta(examples=[["row_sums"]])] = ()
    section: Annotated[str, Meta(examples=["3.2.1"])] = ""
    bonus: Annotated[bool, Meta(examples=[True])] = False
    legend: Legend = Legend()


class Unit(Struct, frozen=True, kw_only=True):
    """A module of the course, `exercises/<id>.py`, and its exercises in the order of teaching."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z", examples=["rows"])]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Rows"])]
    exercises: tuple[Exercise, ...]


class QuestionSet(Struct, frozen=True, kw_only=True):
    """A topic of questions: `practice` ships with its answers, `graded` without them.

    In a checkout a topic may be written in a folder of the file's name without `.toml`, see `topic_files.py`.
    """

    file: Annotated[
        str,
        Meta(pattern=r"^quiz/(practice|graded)/[a-z0-9][a-z0-9_-]*\.toml\Z", examples=["quiz/practice/rows.toml"]),
    ]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Rows"])]
    kind: Annotated[Literal["practice", "graded"], Meta(examples=["practice"])]

    @property
    def id(self) -> str:
        """The topic as typed on the command line: the file's stem."""
        return PurePosixPath(self.file).stem


class Notebook(Struct, frozen=True, kw_only=True):
    """A lesson: a notebook with the stubs of one unit."""

    file: Annotated[
        str,
        Meta(
            pattern=r"^exercises/notebooks/[a-z0-9][a-z0-9_-]*\.ipynb\Z",
            examples=["exercises/notebooks/rows.ipynb"],
        ),
    ]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Rows, step by step"])]


class Course(Struct, frozen=True, kw_only=True):
    """What the manifest says, and the folder that it speaks of.

    `paper` is what sections are of, in full, and `cite` what sentences call it; `points` is what the exercises without
    `bonus` must sum to, where that matters.
    """

    root: Path
    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z", examples=["matrices"])]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Matrices"])]
    version: Annotated[str, Meta(pattern=NOT_BLANK, examples=["2026.1"])]
    units: tuple[Unit, ...]
    paper: str = ""
    cite: Annotated[str, Meta(pattern=NOT_BLANK, examples=["the paper"])] = "the source"
    points: Annotated[int, Meta(ge=1)] | None = None
    questions: tuple[QuestionSet, ...] = ()
    notebooks: tuple[Notebook, ...] = ()

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in the order of the manifest."""
        return tuple(exercise for unit in self.units for exercise in unit.exercises)

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the modules a student fills in, without `.py`."""
        return tuple(unit.id for unit in self.units)

    @property
    def can_teach(self) -> bool:
        """Return whether the hidden graders are here: this is a checkout, not a student's install."""
        return (self.root / "graders").is_dir()

    def exercise(self, wanted: str) -> Exercise:
        """Find the exercise with this id, function or class name. Raises UsageProblem with the nearest id."""
        for key in ("id", "name"):
            found = [exercise for exercise in self.exercises if getattr(exercise, key) == wanted]
            if len(found) == 1:
                return found[0]
        hint = did_you_mean(wanted, (exercise.id for exercise in self.exercises))
        raise UsageProblem(f"There is no exercise `{wanted}`{hint}")

    def unit(self, unit_id: str) -> Unit:
        """Return the unit of this id. Raises UsageProblem with the nearest id."""
        for unit in self.units:
            if unit.id == unit_id:
                return unit
        raise UsageProblem(f"There is no unit `{unit_id}`{did_you_mean(unit_id, self.modules)}")

    def stub_path(self, module: str) -> Path:
        """Return the generated module that students fill in."""
        return self.root / "exercises" / f"{module}.py"

    def solution_path(self, module: str) -> Path:
        """Return the reference module with its marked regions (staff only)."""
        return self.root / "solutions" / f"{module}.py"

    def grader_path(self, exercise_id: str) -> Path:
        """Return the hidden pytest grader of an exercise (staff only)."""
        return self.root / "graders" / f"test_{exercise_id}.py"

    def patches_path(self, exercise_id: str) -> Path:
        """Return the known wrong answers that are written as changes of the reference (staff only)."""
        return self.root / "graders" / "misconceptions" / f"{exercise_id}.patch"

    def misconceptions_path(self, exercise_id: str) -> Path:
        """Return the known wrong answers that are written in full (staff only)."""
        return self.root / "graders" / "misconceptions" / f"{exercise_id}.py"

    def proofs_path(self, exercise_id: str) -> Path:
        """Return the file that proves a grader: oracle, right answers in other styles, second mistakes (staff only)."""
        return self.root / "graders" / "proofs" / f"{exercise_id}.py"

    def staged_path(self, exercise_id: str) -> Path:
        """Return the helpers that run beside student code, for an exercise that takes a callable (staff only)."""
        return self.root / "graders" / "staged" / f"{exercise_id}.py"

    def probes_path(self, exercise_id: str) -> Path:
        """Return the recorded public checks of an exercise."""
        return self.root / "exercises" / "probes" / f"{exercise_id}.npz"
