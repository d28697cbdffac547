"""The course: what `course.toml` names, and where its files lie.

A course is a directory with a `course.toml`. The engine finds the one bundled with the package, or the checkout that
it runs from; whoever has `graders/` in it can teach. `load_course` reports every mistake of the manifest at once.
"""

from __future__ import annotations

import keyword
import os
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from msgspec import Meta, Struct

from .errors import CourseError, Fault, UsageProblem
from .toml.file import BLANK as NOT_BLANK
from .toml.file import Place, TomlFile, did_you_mean

FORMAT = 1  # of the manifest; raised when an old engine would misread a new file
MANIFEST = "course.toml"
NOT_MODULES = {*sys.stdlib_module_names, *keyword.kwlist, "torch", "numpy", "tfm_quiz"}  # would shadow them

Sentence = Annotated[str, Meta(pattern=NOT_BLANK)]
THREE_HINTS = ["A question that points at the place.", "A stronger hint.", "Nearly the answer, still in words."]


class Exercise(Struct, frozen=True, kw_only=True):
    """One function or class that a student fills in, judged by one grader.

    `name` is looked up in the module `module` (the unit's id); `needs` are ids of exercises that this one calls;
    `section` is of the paper, empty where the paper says nothing; a `bonus` is outside the course's points.
    """

    module: str
    id: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*\Z", examples=["split_heads"])]
    name: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*\Z", examples=["split_heads"])]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Split into heads"])]
    points: Annotated[int, Meta(ge=1, examples=[3])]
    hints: Annotated[tuple[Sentence, ...], Meta(min_length=3, max_length=3, examples=[THREE_HINTS])]
    success: Annotated[str, Meta(pattern=NOT_BLANK, examples=["One sentence worth knowing."])]
    needs: Annotated[tuple[str, ...], Meta(examples=[["masked_softmax"]])] = ()
    section: Annotated[str, Meta(examples=["3.2.1"])] = ""
    bonus: Annotated[bool, Meta(examples=[True])] = False


class Unit(Struct, frozen=True, kw_only=True):
    """A module of the course, `exercises/<id>.py`, and its exercises in the order of teaching."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z", examples=["attention"])]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Attention"])]
    exercises: tuple[Exercise, ...]


class QuestionSet(Struct, frozen=True, kw_only=True):
    """A topic of questions: `practice` ships with its answers, `graded` without them.

    In a checkout a topic may be written in a folder of the file's name without `.toml`, see `topic_files.py`.
    """

    file: Annotated[
        str,
        Meta(pattern=r"^quiz/(practice|graded)/[a-z0-9][a-z0-9_-]*\.toml\Z", examples=["quiz/practice/attention.toml"]),
    ]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Attention"])]
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
            examples=["exercises/notebooks/attention.ipynb"],
        ),
    ]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["Attention, step by step"])]


Listed = TypeVar("Listed", QuestionSet, Notebook)


class Course(Struct, frozen=True, kw_only=True):
    """What the manifest says, and the folder that it speaks of."""

    root: Path
    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z", examples=["transformer"])]
    title: Annotated[str, Meta(pattern=NOT_BLANK, examples=["The Transformer"])]
    version: Annotated[str, Meta(pattern=NOT_BLANK, examples=["2026.1"])]
    units: tuple[Unit, ...]
    paper: str = ""
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
        """Whether the hidden graders are here: this is a checkout, not a student's install."""
        return (self.root / "graders").is_dir()

    def exercise(self, wanted: str) -> Exercise:
        """The exercise of this id, or whose function or class is called so. Raises UsageProblem with the nearest id."""
        for key in ("id", "name"):
            found = [exercise for exercise in self.exercises if getattr(exercise, key) == wanted]
            if len(found) == 1:
                return found[0]
        hint = did_you_mean(wanted, (exercise.id for exercise in self.exercises))
        raise UsageProblem(f"There is no exercise `{wanted}`{hint}")

    def unit(self, unit_id: str) -> Unit:
        """The unit of this id. Raises UsageProblem with the nearest id."""
        for unit in self.units:
            if unit.id == unit_id:
                return unit
        raise UsageProblem(f"There is no unit `{unit_id}`{did_you_mean(unit_id, self.modules)}")

    def stub_path(self, module: str) -> Path:
        """The generated module that students fill in."""
        return self.root / "exercises" / f"{module}.py"

    def solution_path(self, module: str) -> Path:
        """The reference module with its marked regions (staff only)."""
        return self.root / "solutions" / f"{module}.py"

    def grader_path(self, exercise_id: str) -> Path:
        """The hidden pytest grader of an exercise (staff only)."""
        return self.root / "graders" / f"test_{exercise_id}.py"

    def patches_path(self, exercise_id: str) -> Path:
        """The known wrong answers that are written as changes of the reference (staff only)."""
        return self.root / "graders" / "misconceptions" / f"{exercise_id}.patch"

    def misconceptions_path(self, exercise_id: str) -> Path:
        """The known wrong answers that are written in full (staff only)."""
        return self.root / "graders" / "misconceptions" / f"{exercise_id}.py"

    def proofs_path(self, exercise_id: str) -> Path:
        """What proves an exercise's grader: oracle, right answers in other styles, second mistakes (staff only)."""
        return self.root / "graders" / "proofs" / f"{exercise_id}.py"

    def staged_path(self, exercise_id: str) -> Path:
        """The helpers that run beside student code, for an exercise that takes a callable (staff only)."""
        return self.root / "graders" / "staged" / f"{exercise_id}.py"

    def probes_path(self, exercise_id: str) -> Path:
        """The recorded public checks of an exercise."""
        return self.root / "exercises" / "probes" / f"{exercise_id}.npz"


def find_course(path: Path | None = None) -> Path:
    """The folder of the course: `path`, else TFM_QUIZ_COURSE of the environment, else the bundled one or the checkout.

    Raises CourseError if there is no `course.toml` in it.
    """
    package = Path(__file__).parent
    chosen = path or os.environ.get("TFM_QUIZ_COURSE")
    bundled = package / "course"
    root = Path(chosen) if chosen else bundled if (bundled / MANIFEST).is_file() else package.parents[1]
    if not (root / MANIFEST).is_file():
        step = (
            "Unset TFM_QUIZ_COURSE, or set it to a folder with a course.toml." if chosen else "Install tfm-quiz again."
        )
        raise CourseError([Fault(str(root), f"is not a course: it has no {MANIFEST}")], next_step=step)
    return root.resolve()


def load_course(root: Path | None = None) -> Course:
    """Read and check the manifest of the course in `root`, or of the course that `find_course` finds.

    Raises CourseError holding every mistake, each with its line and what to write instead.
    """
    root = find_course(root)
    manifest = TomlFile(root / MANIFEST)
    version = manifest.data.get("format")
    if version != FORMAT:
        newer = isinstance(version, int) and version > FORMAT
        advice = "update tfm-quiz (pip install -U tfm-quiz)" if newer else f"write format = {FORMAT}"
        raise CourseError([Fault(manifest.where(("format",)), f"`format` is {version!r}; {advice}")])
    del manifest.data["format"]
    course = manifest.fill(
        Course,
        manifest.data,
        (),
        "the course",
        tables=("unit", "questions", "notebooks"),
        root=root,
        units=_units(manifest),
        questions=_listed(manifest, "questions", QuestionSet),
        notebooks=_listed(manifest, "notebooks", Notebook),
    )
    return manifest.finish(course)


def _units(manifest: TomlFile) -> tuple[Unit, ...]:
    units: list[Unit] = []
    placed: list[_Placed] = []
    first: dict[str, Place] = {}
    for place, table in manifest.tables(manifest.data, "unit"):
        module = str(table.get("id", "?"))
        entries = manifest.tables(table, "exercise", place)
        placed += [_Placed(at, module, entry) for at, entry in entries]
        found = [
            manifest.fill(Exercise, entry, at, f"exercise {entry.get('id', '?')}", module=module)
            for at, entry in entries
        ]
        exercises = tuple(exercise for exercise in found if exercise)
        unit = manifest.fill(Unit, table, place, f"unit {module}", tables=("exercise",), exercises=exercises)
        units += [unit] if unit else []
        if module in NOT_MODULES:
            manifest.fault((*place, "id"), f"unit {module}: `id` names a module of Python's or torch's; take another")
        if (earlier := first.setdefault(module, place)) != place:
            manifest.fault((*place, "id"), f"unit {module}: `id` is already taken at {manifest.where(earlier)}")
    _check_names(manifest, placed)
    _check_needs(manifest, placed)
    return tuple(units)


class _Placed(NamedTuple):
    """An exercise as written, which may be wrong in any way, and where it stands."""

    place: Place
    module: str
    table: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.table.get("id", "?"))


def _check_names(manifest: TomlFile, placed: list[_Placed]) -> None:
    """Ids are unique even on a disk that ignores case, since files are named after them; so are names in a module."""
    first: dict[tuple[str, ...], Place] = {}
    for entry in placed:
        name = str(entry.table.get("name", "?"))
        for key, taken in (("id", ("id", entry.id.lower())), ("name", ("name", entry.module, name))):
            earlier = first.setdefault(taken, entry.place)
            if key in entry.table and earlier != entry.place:
                where = manifest.where((*earlier, key))
                manifest.fault((*entry.place, key), f"exercise {entry.id}: `{key}` is already taken at {where}")
        if keyword.iskeyword(name):
            manifest.fault((*entry.place, "name"), f"exercise {entry.id}: `name` is a word of Python's own: {name}")


def _check_needs(manifest: TomlFile, placed: list[_Placed]) -> None:
    """Every need is another exercise, and following needs never leads back."""
    places = {entry.id: (*entry.place, "needs") for entry in placed}
    graph: dict[str, set[str]] = {}
    for entry in placed:
        needs = entry.table.get("needs", [])
        words = [need for need in needs if isinstance(need, str)] if isinstance(needs, list) else []
        for need in words:
            if need not in places:
                message = f"exercise {entry.id}: needs `{need}`, which is no exercise{did_you_mean(need, places)}"
                manifest.fault(places[entry.id], message)
        graph[entry.id] = set(words) & places.keys()
    while True:
        try:
            return TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle = error.args[1][::-1]  # each needs the next; the last is the first again
            message = f"exercise {cycle[0]}: `needs` lead back to itself: {' -> '.join(cycle)}; drop one of them"
            manifest.fault(places[cycle[0]], message)
            graph[cycle[0]].discard(cycle[1])  # and look for the next circle


def _listed(manifest: TomlFile, key: str, kind: type[Listed]) -> tuple[Listed, ...]:
    """The files of `[[questions]]` or `[[notebooks]]`."""
    found: list[Listed] = []
    first: dict[str, Place] = {}
    for place, table in manifest.tables(manifest.data, key):
        file = str(table.get("file", "?"))
        if (earlier := first.setdefault(file, place)) != place:
            manifest.fault((*place, "file"), f"{key} {file}: already listed at {manifest.where(earlier)}")
        entry = manifest.fill(kind, table, place, f"{key} {file}")
        if isinstance(entry, QuestionSet) and not file.startswith(f"quiz/{entry.kind}/"):
            manifest.fault((*place, "kind"), f'questions {file}: kind = "{entry.kind}" lies in quiz/{entry.kind}/')
        found += [entry] if entry else []
    return tuple(found)
