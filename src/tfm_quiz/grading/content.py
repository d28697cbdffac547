"""The trusted side's own code: the reference, its known-wrong variants, the staged helpers, loaded from a course.

`solutions` and `graders` are generic names, so a course is imported with its root first on the path, and what another
course left under those names is dropped. Only grader processes, `teach lint` and our tests come here.
"""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CourseError, Fault

TOP_LEVEL = ("solutions", "graders")


@dataclass(frozen=True)
class Misconception:
    """A known mistake: the wrong function or class, and what a student reads. `same_as` names its class of equals."""

    id: str
    target: Callable[..., Any]
    sentence: str
    hint: str
    seen: str
    same_as: str


class Content:
    """A course's own code. Making one imports the solutions of the course at `course.root`."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._before = list(sys.path), _taken_out()
        sys.path.insert(0, str(course.root))
        importlib.invalidate_caches()
        self.solutions = {module: importlib.import_module(f"solutions.{module}") for module in course.modules}

    def reference(self, exercise: Exercise) -> Callable[..., Any]:
        """The right function or class."""
        return getattr(self.solutions[exercise.module], exercise.name)

    def staged_text(self, exercise: Exercise) -> str | None:
        """The source of the exercise's staged helpers, if it has any."""
        path = self.course.staged_path(exercise.id)
        return path.read_text("utf-8") if path.is_file() else None

    def staged(self, exercise: Exercise) -> ModuleType | None:
        """The same helpers as a module of the trusted process."""
        path = self.course.staged_path(exercise.id)
        return _load(f"graders_staged_{exercise.id}", path) if path.is_file() else None

    def misconceptions(self, exercise: Exercise) -> Mapping[str, Misconception]:
        """The known mistakes by id, in the order of the file."""
        path = self.course.misconceptions_path(exercise.id)
        if not path.is_file():
            return {}
        module = _load(f"graders_misconceptions_{exercise.id}", path)
        found = {name: value for name, value in vars(module).items() if _is_candidate(module, name, value)}
        same_as = {name: group[0] for group in getattr(module, "EQUAL", ()) for name in group}
        faults = [Fault(str(path), f"EQUAL names {name}, which is not there") for name in same_as if name not in found]
        faults += [
            Fault(str(path), f"{name} has no docstring: its first line is what the student reads")
            for name, value in found.items()
            if not _own_doc(value)
        ]
        if faults:
            raise CourseError(faults)
        return {name: _misconception(name, value, same_as.get(name, name)) for name, value in found.items()}

    def forget(self) -> None:
        """Leave the import system as it was: the course off the path, and what had these names before back."""
        sys.path[:], modules = self._before
        _taken_out()
        sys.modules.update(modules)


def _taken_out() -> dict[str, ModuleType]:
    """The modules of a course that have been imported, removed from where imports look first."""
    names = [name for name in sys.modules if name.split(".")[0] in TOP_LEVEL]
    return {name: sys.modules.pop(name) for name in names}


def _is_candidate(module: ModuleType, name: str, value: Any) -> bool:
    return not name.startswith("_") and callable(value) and getattr(value, "__module__", "") == module.__name__


def _own_doc(value: Any) -> str:
    return (vars(value).get("__doc__") if isinstance(value, type) else value.__doc__) or ""


def _misconception(name: str, value: Any, same_as: str) -> Misconception:
    return Misconception(name, value, *docstring_parts(_own_doc(value)), same_as)


def docstring_parts(doc: str) -> tuple[str, str, str]:
    """The sentence, the hint and where it was seen, from a misconception's docstring."""
    lines = [line.strip() for line in inspect.cleandoc(doc).splitlines()]
    parts: dict[str, list[str]] = {"": []}
    part = ""
    for line in lines:
        label, colon, rest = line.partition(":")
        if colon and label in ("Hint", "Seen"):
            part, line = label, rest.strip()
        parts.setdefault(part, []).append(line)
    text = {label: " ".join(line for line in found if line) for label, found in parts.items()}
    hint = text.get("Hint", "")
    return text[""], hint[:1].upper() + hint[1:], text.get("Seen", "")


def _load(name: str, path: Path) -> ModuleType:
    """A file of the course as a module of its own, without leaving bytecode behind."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CourseError([Fault(str(path), "cannot be imported")])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
