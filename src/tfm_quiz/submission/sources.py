"""What each file of a submission holds for each module: every file is decoded and parsed once."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from functools import cached_property
from hashlib import blake2b
from pathlib import PurePosixPath

from tfm_quiz.course import Course, Unit
from tfm_quiz.files import decoded

from .choice import Candidate
from .definitions import AVAILABLE, Parts, mentions, module_of, parts_of_cells, parts_of_module, quoted
from .file_names import named
from .notebook import Cell, read_cells, restored
from .pieces import Statement
from .syntax import Definition, bound_names, statements
from .untouched import same_as_stub, untouched

MOST_ELSEWHERE = 1024 * 1024  # characters of code that are looked into where no module should lie


class Sources:
    """The files of a submission, as modules."""

    def __init__(self, files: Mapping[str, bytes], course: Course, importable: Collection[str]) -> None:
        self.files, self.course = files, course
        self.importable = {*AVAILABLE, *importable}
        self.parts: dict[str, Parts | None] = {}
        self.texts: dict[str, str] = {}
        self.broken: dict[str, str] = {}  # why a file cannot be read: begins where its name ends
        self.missing: dict[tuple[str, str], tuple[str, ...]] = {}
        self.shadowed: dict[tuple[str, str], list[str]] = {}
        self.left = MOST_ELSEWHERE

    def read(self, path: str, unit: Unit, *, elsewhere: bool = False, is_helper: bool = False) -> Candidate | None:
        """Return what a file holds of a module; None if it is unreadable, or has nothing of it where none should be."""
        names = [exercise.name for exercise in unit.exercises]
        if elsewhere and not self._mentions(path, names):
            return None
        parts = self._parts(path)
        if parts is None:
            return None
        stub = self._stubs[unit.id]
        if parts.whole is None:
            kept, shadowed = without_later_stubs(parts.statements, stub, names)
            parts = parts._replace(statements=kept)
            self.shadowed[path, unit.id] = shadowed
        source, self.missing[path, unit.id] = module_of(parts, names, self.importable, all_of_them=not elsewhere)
        found = named(PurePosixPath(path).name, self.course.modules)
        rank = 0 if not elsewhere else 1 if found.exact else 2 if found.module == unit.id else 3
        work = _work(parts, source, stub, names, imports=not elsewhere)
        return Candidate(path, source, work, bool(work) or not untouched(source, stub, names), rank, is_helper)

    def told(self, path: str, unit: Unit, *, counts: bool) -> tuple[list[str], list[str]]:
        """Return the problems and notes of reading a file; the losses of one that does not count are not reported."""
        if path in self.broken:
            return [f"{path} {self.broken[path]}, so it was not read."], []
        parts = self.parts.get(path)
        if parts is None or not counts:
            return [], []
        missing = self.missing.get((path, unit.id), ())
        problems, notes = list(parts.problems), list(parts.notes)
        notes += [
            f"defines {quoted([name])} again, as the stub, below what was written; the stub was ignored"
            for name in self.shadowed.get((path, unit.id), [])
        ]
        if parts.reason and parts.whole is None:
            others = [name for name in parts.lost if name not in missing]
            left = f"; left out: {quoted([*missing, *others][:8])}" if missing or others else ""
            (problems if missing else notes).append(f"{parts.reason}, so it was read by its definitions{left}")
        elif missing and parts.whole is not None:
            problems.append(f"{parts.reason}, so {quoted(missing)} cannot be run")
        elif missing and not problems:
            problems.append(f"has {quoted(missing)}, which needs what is not available in grading, and was left out")
        return [f"{path} {sentence}." for sentence in problems], [f"{path} {sentence}." for sentence in notes]

    @cached_property
    def _stubs(self) -> dict[str, str]:
        paths = {module: self.course.stub_path(module) for module in self.course.modules}
        return {module: path.read_text("utf-8") if path.is_file() else "" for module, path in paths.items()}

    @cached_property
    def _names(self) -> list[str]:
        return [exercise.name for exercise in self.course.exercises]

    @cached_property
    def _ids(self) -> set[str]:
        return {exercise.id for exercise in self.course.exercises}

    def _mentions(self, path: str, names: Collection[str]) -> bool:
        """Return whether a file where no module should lie may define one of these names, and may still be read."""
        text = self._text(path)
        if text is None or not any(mentions(text, name) for name in names):
            return False
        if path not in self.parts:
            self.left -= len(text)
        return self.left >= 0 or path in self.parts

    def _text(self, path: str) -> str | None:
        """Return all text of a file in which code may stand."""
        if path not in self.texts and path not in self.broken:
            try:
                cells = self._cells_of(path)
                if cells is not None:
                    self.cells[path] = cells
                    self.texts[path] = "\n".join(cell.source for cell in cells if cell.kind == "code")
                else:
                    self.texts[path] = decoded(self.files[path])
            except ValueError as error:
                self.broken[path] = str(error)
        return self.texts.get(path)

    @cached_property
    def cells(self) -> dict[str, list[Cell]]:
        """The cells of the notebooks that were read."""
        return {}

    def _cells_of(self, path: str) -> list[Cell] | None:
        """Read the cells of a notebook, also under a module's name; None for a module, likewise. Raises ValueError."""
        data = self.files[path]
        named_so = named(PurePosixPath(path).name, self.course.modules).kind == "notebook"
        if not named_so and not (data.lstrip().startswith(b"{") and b'"cells"' in data):
            return None
        try:
            return restored(read_cells(data), self._ids)
        except ValueError:
            if not named_so or self._is_module(path):
                return None
            raise

    def _is_module(self, path: str) -> bool:
        """Return whether the file of a notebook holds a module."""
        return any(isinstance(node, Definition) for node in statements(decoded(self.files[path])))

    def _parts(self, path: str) -> Parts | None:
        if path not in self.parts:
            text = self._text(path)
            self.parts[path] = None
            if text is not None:
                try:
                    if path in self.cells:
                        self.parts[path] = parts_of_cells(self.cells[path], self._names)
                    else:
                        self.parts[path] = parts_of_module(text, self.importable)
                except ValueError as error:
                    self.broken[path] = str(error)
        return self.parts[path]


def without_later_stubs(
    statements: list[Statement], stub: str, names: Collection[str]
) -> tuple[list[Statement], list[str]]:
    """Return the statements without stubs below the work of the same name, which they would undo; and those names.

    So it comes when a cell is copied to work in the copy.
    """
    dropped: list[Statement] = []
    shadowed: list[str] = []
    for name in names:
        found = [one for one in statements if isinstance(one.node, Definition) and one.node.name == name]
        stubs = [one for one in found if same_as_stub(one.text, stub, name)] if len(found) > 1 else []
        if stubs and stubs[-1] is found[-1] and len(stubs) < len(found):
            dropped += stubs
            shadowed.append(name)
    return [one for one in statements if not any(one is other for other in dropped)], shadowed


def _work(parts: Parts, source: str, stub: str, names: Collection[str], *, imports: bool) -> dict[str, str]:
    """Return a digest of what was written for each of these exercises, without those that are still the stub."""
    if not parts.statements:  # too large to be looked into
        return {name: _digest(source) for name in names if mentions(source, name)}
    work: dict[str, str] = {}
    for name in names:
        found = [one for one in parts.statements if name in bound_names(one.node)]
        own = [one for one in found if imports or not isinstance(one.node, (ast.Import, ast.ImportFrom))]
        if own and not same_as_stub(source, stub, name):
            work[name] = _digest("\n".join(map(_dumped, own)))
    return work


def _dumped(statement: Statement) -> str:
    """Return a statement without its layout; as it is written, if its tree is too deep for that."""
    try:
        return ast.dump(statement.node)
    except RecursionError:
        return statement.text


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
