"""Reading `course.toml`: where the course is, and every mistake of its manifest at once.

The engine finds the course bundled with the package, or the checkout that it runs from.
"""

from __future__ import annotations

import keyword
import os
import sys
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from .course import Course, Exercise, Legend, Notebook, QuestionSet, Unit
from .errors import CourseError, Fault
from .toml.file import TomlFile, did_you_mean
from .toml.places import Place

FORMAT = 1  # of the manifest; raised when an old engine would misread a new file
MANIFEST = "course.toml"
NOT_MODULES = {*sys.stdlib_module_names, *keyword.kwlist, "torch", "numpy", "tfm_quiz"}  # would shadow them

Listed = TypeVar("Listed", QuestionSet, Notebook)


def find_course(path: Path | None = None) -> Path:
    """Find the course's folder: `path`, else TFM_QUIZ_COURSE of the environment, else the bundled one or the checkout.

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
        tables=("unit", "questions", "notebooks", "legends"),
        root=root,
        units=_units(manifest, _legends(manifest)),
        questions=_listed(manifest, "questions", QuestionSet),
        notebooks=_listed(manifest, "notebooks", Notebook),
    )
    return manifest.finish(course)


def _legends(manifest: TomlFile) -> dict[str, Legend]:
    """Return the tables `[legends.NAME]`."""
    written = manifest.data.get("legends", {})
    if not isinstance(written, dict) or not all(isinstance(table, dict) for table in written.values()):
        manifest.fault(("legends",), "`legends` holds something other than tables; write each as [legends.NAME]")
        return {}
    found = {name: manifest.fill(Legend, table, ("legends", name), f"legend {name}") for name, table in written.items()}
    return {name: legend for name, legend in found.items() if legend}


def _units(manifest: TomlFile, legends: Mapping[str, Legend]) -> tuple[Unit, ...]:
    units: list[Unit] = []
    placed: list[_Placed] = []
    first: dict[str, Place] = {}
    for place, table in manifest.tables(manifest.data, "unit"):
        module = str(table.get("id", "?"))
        entries = manifest.tables(table, "exercise", place)
        placed += [_Placed(at, module, entry) for at, entry in entries]
        found = [_exercise(manifest, module, at, entry, legends) for at, entry in entries]
        exercises = tuple(exercise for exercise in found if exercise)
        unit = manifest.fill(Unit, table, place, f"unit {module}", tables=("exercise",), exercises=exercises)
        units += [unit] if unit else []
        if module in NOT_MODULES:
            manifest.fault((*place, "id"), f"unit {module}: `id` is a module of Python or torch; choose another")
        if (earlier := first.setdefault(module, place)) != place:
            manifest.fault((*place, "id"), f"unit {module}: `id` is already taken at {manifest.where(earlier)}")
    _check_names(manifest, placed)
    _check_needs(manifest, placed)
    return tuple(units)


def _exercise(
    manifest: TomlFile, module: str, place: Place, entry: dict[str, Any], legends: Mapping[str, Legend]
) -> Exercise | None:
    label = f"exercise {entry.get('id', '?')}"
    legend = legends.get(str(entry.get("legend"))) if "legend" in entry else Legend()
    if legend is None:
        hint = did_you_mean(str(entry["legend"]), legends)
        manifest.fault((*place, "legend"), f"{label}: there is no legend `{entry['legend']}`{hint}")
    return manifest.fill(Exercise, entry, place, label, tables=("legend",), module=module, legend=legend or Legend())


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
            manifest.fault((*entry.place, "name"), f"exercise {entry.id}: `name` is a Python keyword: {name}")


def _check_needs(manifest: TomlFile, placed: list[_Placed]) -> None:
    """Every need is another exercise, and following needs never leads back."""
    places = {entry.id: (*entry.place, "needs") for entry in placed}
    graph: dict[str, set[str]] = {}
    for entry in placed:
        needs = entry.table.get("needs", [])
        words = [need for need in needs if isinstance(need, str)] if isinstance(needs, list) else []
        for need in words:
            if need not in places:
                message = f"exercise {entry.id}: needs `{need}`, which is not an exercise{did_you_mean(need, places)}"
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
    """Return the files of `[[questions]]` or `[[notebooks]]`."""
    found: list[Listed] = []
    first: dict[str, Place] = {}
    for place, table in manifest.tables(manifest.data, key):
        file = str(table.get("file", "?"))
        if (earlier := first.setdefault(file, place)) != place:
            manifest.fault((*place, "file"), f"{key} {file}: already listed at {manifest.where(earlier)}")
        entry = manifest.fill(kind, table, place, f"{key} {file}")
        if isinstance(entry, QuestionSet) and not file.startswith(f"quiz/{entry.kind}/"):
            manifest.fault((*place, "kind"), f'questions {file}: kind = "{entry.kind}" belongs in quiz/{entry.kind}/')
        found += [entry] if entry else []
    return tuple(found)
