"""The trusted side's own code: the reference, its known-wrong variants, the staged helpers, loaded from a course.

`solutions` and `graders` are generic names, so a course is imported with its root first on the path, and what another
course left under those names is dropped. Only grader processes, `teach lint` and our tests come here.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CourseError, Fault

from .patch import definition_of
from .patch_file import Patch, read_patches, text_parts

TOP_LEVEL = ("solutions", "graders")


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: the wrong function or class, and what a student reads. `same_as` names its class of equals.

    `patches` make it of the solution, if it is written so; there are two or more if it is composed.
    """

    id: str
    target: Callable[..., Any]
    sentence: str
    hint: str
    seen: str
    same_as: str
    patches: tuple[Patch, ...] = ()


class Content:
    """A course's own code. Making one imports the solutions of the course at `course.root`."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._before = list(sys.path), _taken_out()
        sys.path.insert(0, str(course.root))
        importlib.invalidate_caches()
        self.solutions = {module: importlib.import_module(f"solutions.{module}") for module in course.modules}

    def reference(self, exercise: Exercise) -> Callable[..., Any]:
        """Return the right function or class."""
        return getattr(self.solutions[exercise.module], exercise.name)

    def staged_text(self, exercise: Exercise) -> str | None:
        """Return the source of the exercise's staged helpers, if it has any."""
        path = self.course.staged_path(exercise.id)
        return path.read_text("utf-8") if path.is_file() else None

    def staged(self, exercise: Exercise) -> ModuleType | None:
        """Return the same helpers as a module of the trusted process."""
        path = self.course.staged_path(exercise.id)
        return _load(f"graders_staged_{exercise.id}", path) if path.is_file() else None

    def misconceptions(self, exercise: Exercise) -> Mapping[str, KnownMistake]:
        """Return the known mistakes by id: those written as patches, then those written in full, in file order.

        Raises CourseError if a patch does not fit the solution, and for what is wrong with the files.
        """
        patched = self._patched(exercise)
        in_full, groups = self._in_full(exercise)
        found = {**patched, **in_full}
        same_as = {name: patch.same_as for name, patch in patched.items()}
        same_as |= {name: group[0] for group in groups for name in group}
        file = str(self.course.misconceptions_path(exercise.id))
        faults = [
            Fault(file, f"{name} is a patch, too; give one of them another name") for name in patched if name in in_full
        ]
        faults += [Fault(file, f"EQUAL names {name}, which is not there") for name in same_as if name not in found]
        faults += [
            mistake.patches[0].fault(f"there is no first of a group of equals called {mistake.same_as}")
            for mistake in patched.values()
            if same_as.get(mistake.same_as) != mistake.same_as
        ]
        if faults:
            raise CourseError(faults)
        return {name: replace(value, same_as=same_as.get(name, name)) for name, value in found.items()}

    def compose(self, exercise: Exercise, *patches: Patch) -> KnownMistake:
        """Several patches at once as one wrong function or class, called by their ids joined with ` + `.

        Raises CourseError if two of them are about the same line, or if the result cannot be compiled.
        """
        target = definition_of(self.course, exercise).function(vars(self.solutions[exercise.module]), *patches)
        name = " + ".join(patch.id for patch in patches)
        sentence = " ".join(patch.sentence for patch in patches)
        return KnownMistake(name, target, sentence, "", "", name, patches)

    def _patched(self, exercise: Exercise) -> dict[str, KnownMistake]:
        path = self.course.patches_path(exercise.id)
        definition, names = definition_of(self.course, exercise), vars(self.solutions[exercise.module])
        found: dict[str, KnownMistake] = {}
        errors: list[CourseError] = []
        for patch in read_patches(path, path.relative_to(self.course.root).as_posix()):
            try:
                target = definition.function(names, patch)
            except CourseError as error:  # an author wants to see all of them
                errors.append(error)
                continue
            texts = patch.sentence, patch.hint, patch.seen, patch.same_as
            found[patch.id] = KnownMistake(patch.id, target, *texts, (patch,))
        if errors:
            raise CourseError([fault for error in errors for fault in error.faults], next_step=errors[0].next_step)
        return found

    def _in_full(self, exercise: Exercise) -> tuple[dict[str, KnownMistake], Sequence[Sequence[str]]]:
        """Return those that are functions or classes of a module, and the groups of equals that it names."""
        path = self.course.misconceptions_path(exercise.id)
        if not path.is_file():
            return {}, ()
        module = _load(f"graders_misconceptions_{exercise.id}", path)
        found = {name: value for name, value in vars(module).items() if _is_candidate(module, name, value)}
        faults = [
            Fault(str(path), f"{name} has no docstring: its first line is what the student reads")
            for name, value in found.items()
            if not _own_doc(value)
        ]
        if faults:
            raise CourseError(faults)
        return {name: _misconception(name, value) for name, value in found.items()}, getattr(module, "EQUAL", ())

    def forget(self) -> None:
        """Leave the import system as it was: the course off the path, and what had these names before back."""
        sys.path[:], modules = self._before
        _taken_out()
        sys.modules.update(modules)


def _taken_out() -> dict[str, ModuleType]:
    """Return the modules of a course that have been imported, removed from where imports look first."""
    names = [name for name in sys.modules if name.split(".")[0] in TOP_LEVEL]
    return {name: sys.modules.pop(name) for name in names}


def _is_candidate(module: ModuleType, name: str, value: Any) -> bool:
    return not name.startswith("_") and callable(value) and getattr(value, "__module__", "") == module.__name__


def _own_doc(value: Any) -> str:
    return (vars(value).get("__doc__") if isinstance(value, type) else value.__doc__) or ""


def _misconception(name: str, value: Any) -> KnownMistake:
    parts = text_parts(_own_doc(value))
    return KnownMistake(name, value, parts[""], parts["Hint"], parts["Seen"], name)


def _load(name: str, path: Path) -> ModuleType:
    """Return a file of the course as a module of its own, without leaving bytecode behind."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CourseError([Fault(str(path), "cannot be imported")])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
