"""Lesson notebooks: one a unit, made of its solution and of the text in `solutions/lessons/<unit>.md`.

The text is plain Markdown. A block of ```python becomes a cell to run; a line `<!-- split_heads -->` becomes the two
cells of that exercise, the answer cell (the solution's own definition, or its stub) and the cell that checks it. A
unit without such a text still has its notebook: its docstring and its exercises in order. No Jupyter is needed here.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tfm_quiz.course import Course, Exercise, Unit
from tfm_quiz.errors import CourseError, Fault
from tfm_quiz.files import write_whole
from tfm_quiz.markers import BEGIN, END
from tfm_quiz.submission.syntax import first_line

from .stubs import make_stub, without_marks

FENCE = re.compile(r"```(\w*)\s*\Z")
PLACE = re.compile(r"<!--\s*(\w+)\s*-->\Z")
RELATIVE = re.compile(r"^(\s*)from \.(\w+) import ", re.MULTILINE)
IMPORTS = re.compile(r"(from|import|if TYPE_CHECKING) ?")
CHECK_IMPORT = "from tfm_quiz.notebook import check"

Role = Literal["text", "show", "setup", "answer", "check"]


class Cell(Struct, frozen=True, kw_only=True):
    """A cell: `answer` and `check` belong to an exercise, `show` is code to run and look at."""

    id: str
    role: Role
    source: str
    exercise: Exercise | None = None


class Module(Struct, frozen=True):
    """A solution, cut up: what is given, and the source of each exercise by its id, markers included."""

    docstring: str
    given: tuple[str, ...]  # imports first, as statements
    answers: dict[str, str]


def lesson(course: Course, unit: Unit) -> list[Cell]:
    """Return the cells of a unit's lesson, answers with their markers. Raises CourseError for mistakes in its text."""
    module = read_module(course, unit)
    path = lesson_path(course, unit)
    if not path.is_file():
        return [
            _text("title", f"# {unit.title}\n\n{module.docstring}"),
            _setup(module),
            *_plain(course, module, unit.exercises),
        ]
    name = path.relative_to(course.root).as_posix()
    return _Lesson(module, unit, name).cells(path.read_text("utf-8"))


def exercise_cells(course: Course, exercises: Sequence[Exercise], title: str) -> list[Cell]:
    """Return the same for chosen exercises of any units, without the lesson's text, in one notebook."""
    modules = {
        unit.id: read_module(course, unit) for unit in course.units if any(e in exercises for e in unit.exercises)
    }
    given = dict.fromkeys(source for module in modules.values() for source in module.given)
    setup = Module("", tuple(source for source in given if not _is_of_course(source, course)), {})
    cells = [_text("title", f"# {title}"), _setup(setup)]
    for exercise in exercises:
        cells += _plain(course, modules[exercise.module], [exercise])
    own = {exercise.id for exercise in exercises}
    missing = [need for exercise in exercises for need in exercise.needs if need not in own]
    if missing:
        raise CourseError(
            [
                Fault(title, f"`{need}` is needed by an exercise in it and is not in it")
                for need in dict.fromkeys(missing)
            ],
            next_step="Add what is needed with --only, or take whole units with --units.",
        )
    return cells


def read_module(course: Course, unit: Unit) -> Module:
    """Cut a solution into what is given and its exercises. Raises CourseError if an exercise is not in it."""
    path = course.solution_path(unit.id)
    text = path.read_text("utf-8")
    make_stub(text, path.relative_to(course.root).as_posix())  # for its checks of the markers
    lines = text.split("\n")
    tree = ast.parse(text)
    names = {exercise.name: exercise.id for exercise in unit.exercises}
    answers: dict[str, str] = {}
    given: list[str] = []
    for number, node in enumerate(tree.body):
        if number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # the docstring
        first = first_line(node) - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        last = node.end_lineno or first
        while last < len(lines) and lines[last].strip() in (BEGIN, END):  # a marker after the body's last statement
            last += 1
        source = "\n".join(lines[first:last])
        name = getattr(node, "name", None)
        if name in names:
            answers[names[name]] = source
        else:
            given.append(RELATIVE.sub(r"\1from \2 import ", source))
    faults = [Fault(path.name, f"has no `{name}`") for name, key in names.items() if key not in answers]
    if faults:
        raise CourseError(faults)
    return Module(ast.get_docstring(tree) or "", tuple(given), answers)


def stubbed(source: str) -> str:
    """Return an answer as the student gets it."""
    return make_stub(source, "answer")


def solved(source: str) -> str:
    """Return an answer as the solution has it."""
    return without_marks(source)


def lesson_notebook(course: Course, unit: Unit, answer: Callable[[str], str] = stubbed) -> str:
    """Write a unit's lesson as a notebook; `answer` makes the source of answer cells (`stubbed`, `solved`)."""
    cells = [
        notebook_cell(cell.id, cell.role != "text", answer(cell.source) if cell.role == "answer" else cell.source)
        for cell in lesson(course, unit)
    ]
    return notebook_text(cells)


def notebook_cell(cell_id: str, code: bool, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a cell of notebook format 4.5."""
    cell: dict[str, Any] = {
        "cell_type": "code" if code else "markdown",
        "id": cell_id,
        "metadata": metadata or {},
        "source": source.splitlines(keepends=True),
    }
    return cell | {"execution_count": None, "outputs": []} if code else cell


def notebook_text(cells: Sequence[dict[str, Any]], metadata: dict[str, Any] | None = None) -> str:
    """Return a notebook of these cells: the same bytes for the same cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": list(cells),
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, **(metadata or {})},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def lesson_path(course: Course, unit: Unit) -> Path:
    """Return the text of a unit's lesson (staff only: the notebook made of it ships)."""
    return course.root / "solutions" / "lessons" / f"{unit.id}.md"


def lesson_texts(course: Course) -> dict[Path, str]:
    """Return the path and text of each notebook that the manifest names. Raises CourseError holding all mistakes."""
    texts: dict[Path, str] = {}
    faults: list[Fault] = []
    for notebook in course.notebooks:
        path = course.root / notebook.file
        unit = next((unit for unit in course.units if unit.id == path.stem), None)
        if unit is None:
            faults.append(Fault(notebook.file, "is not named after a unit, so nothing generates it"))
            continue
        try:
            texts[path] = lesson_notebook(course, unit)
        except CourseError as error:
            faults += error.faults
    if faults:
        raise CourseError(faults)
    return texts


def stale_lessons(course: Course) -> list[Path]:
    """Return the notebooks that are missing or differ from what their sources give; `teach stubs` refreshes them."""
    return [
        path for path, text in lesson_texts(course).items() if not path.is_file() or path.read_text("utf-8") != text
    ]


def write_lessons(course: Course) -> list[Path]:
    """Bring `exercises/notebooks/` up to date. Returns what was written."""
    texts = lesson_texts(course)
    stale = stale_lessons(course)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, texts[path])
    return stale


class _Lesson:
    """A lesson's text, read line by line."""

    def __init__(self, module: Module, unit: Unit, name: str) -> None:
        self.module, self.unit, self.name = module, unit, name
        self.exercises = {exercise.id: exercise for exercise in unit.exercises}
        self.found: list[Cell] = []
        self.faults: list[Fault] = []

    def cells(self, text: str) -> list[Cell]:
        block: list[str] = []
        fence, opened = "", 0
        for number, line in enumerate(text.split("\n"), start=1):
            mark, place = FENCE.match(line), PLACE.match(line.strip())
            if not fence and mark and mark[1] == "python":
                self._add_text(block)
                block, fence, opened = [], "python", number
            elif fence == "python" and mark:
                self._add("show", "\n".join(block))
                block, fence = [], ""
            elif mark:
                block.append(line)
                fence, opened = ("" if fence else "other"), number
            elif place and not fence:
                self._add_text(block)
                block = []
                self._place(place[1], number)
            else:
                block.append(line)
        if fence:
            self.faults.append(Fault(f"{self.name}:{opened}", "this block of code never ends"))
        self._add_text(block)
        placed = {cell.exercise.id for cell in self.found if cell.exercise}
        self.faults += [
            Fault(self.name, f"write <!-- {key} --> on a line of its own where that exercise belongs")
            for key in self.exercises
            if key not in placed
        ]
        if self.faults:
            raise CourseError(self.faults)
        return self.found

    def _place(self, key: str, number: int) -> None:
        exercise = self.exercises.get(key)
        if exercise is None or any(cell.exercise == exercise for cell in self.found):
            why = f"`{key}` is not an exercise of {self.unit.id}" if exercise is None else f"`{key}` was placed above"
            self.faults.append(Fault(f"{self.name}:{number}", why))
            return
        self._before_code()
        self.found += _pair(self.module, exercise)

    def _add(self, role: Role, source: str) -> None:
        self._before_code()
        self.found.append(Cell(id=f"{role}-{len(self.found) + 1}", role=role, source=source.strip("\n")))

    def _add_text(self, lines: list[str]) -> None:
        source = "\n".join(lines).strip("\n")
        if source:
            self.found.append(_text(f"text-{len(self.found) + 1}", source))

    def _before_code(self) -> None:
        """The imports come right above the first cell that needs them."""
        if all(cell.role == "text" for cell in self.found):
            self.found.append(_setup(self.module))


def _text(cell_id: str, source: str) -> Cell:
    return Cell(id=cell_id, role="text", source=source)


def _setup(module: Module) -> Cell:
    """Return the import that makes other units importable, then those of the module, then whatever else is given."""
    imports = [source for source in module.given if IMPORTS.match(source)]
    others = [source for source in module.given if source not in imports]
    parts = ["\n".join([CHECK_IMPORT, "", *imports]), *others]
    return Cell(id="setup", role="setup", source="\n\n\n".join(parts))


def _plain(course: Course, module: Module, exercises: Iterable[Exercise]) -> list[Cell]:
    cells: list[Cell] = []
    for exercise in exercises:
        points = f"{exercise.points} point{'s' if exercise.points != 1 else ''}"
        section = f", section {exercise.section} of {course.cite}" if exercise.section else ""
        cells += [_text(f"{exercise.id}-title", f"## {exercise.title}\n\n{points}{section}"), *_pair(module, exercise)]
    return cells


def _pair(module: Module, exercise: Exercise) -> list[Cell]:
    return [
        Cell(id=exercise.id, role="answer", source=module.answers[exercise.id], exercise=exercise),
        Cell(id=f"{exercise.id}-marks", role="check", source=f'check("{exercise.id}")', exercise=exercise),
    ]


def _is_of_course(source: str, course: Course) -> bool:
    """Return whether a given statement imports from another unit."""
    return any(found[1] in course.modules for found in re.finditer(r"^\s*from (\w+) import ", source, re.MULTILINE))
