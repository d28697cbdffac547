"""Apply mistakes to the solution's lines: find the lines, change them, compile the definition; one or several at once.

A patch names lines of the exercise's own function or class in `solutions/<module>.py`, by their code: comments, blank
lines and docstrings do not count, the indent counts only within a change. Each change must fit at one place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CourseError, Fault
from tfm_quiz.markers import BEGIN, END

from .patch_file import Change, Patch, PatchLine, code_of

NEXT = "Make the patch and the solution agree, then run `tfm-quiz teach lint {}`."


@dataclass(frozen=True)
class Edit:
    """A patch at its place: numbers of lines of a definition (from 0) that go and that stay, and what comes before."""

    removed: frozenset[int]
    kept: frozenset[int]
    added: Mapping[int, tuple[str, ...]]

    def clashes(self, other: Edit) -> set[int]:
        """Return the lines that one of both changes and the other one names, or before which both add something."""
        gone = (self.removed & (other.removed | other.kept)) | (other.removed & self.kept)
        return {*gone, *(self.added.keys() & other.added.keys())}

    def __or__(self, other: Edit) -> Edit:
        return Edit(self.removed | other.removed, self.kept | other.kept, {**self.added, **other.added})


NOTHING = Edit(frozenset(), frozenset(), {})


@dataclass(frozen=True)
class Definition:
    """The function or class of an exercise within the text of its solution."""

    file: str  # as messages call it
    exercise: str
    name: str
    text: str = field(repr=False)

    def edit(self, patch: Patch) -> Edit:
        """Place the patch's changes. Raises CourseError if a change fits nowhere or twice, or if two overlap."""
        found = NOTHING
        for change in patch.changes:
            edit = self._placed(patch, change)
            if found.clashes(edit):
                raise self.error(patch, "changes the same line twice; make it one change", change.line)
            found |= edit
        return found

    def compose(self, *patches: Patch) -> Edit:
        """Several patches at once. Raises CourseError if one changes or moves what another one is about."""
        found = NOTHING
        for number, patch in enumerate(patches):
            edit = self.edit(patch)
            for other in patches[:number]:
                if clash := edit.clashes(self.edit(other)):
                    line = self._lines[min(clash)].strip()
                    raise self.error(patch, f"cannot be joined with {other.id}: both are about the line `{line}`")
            found |= edit
        return found

    def function(self, names: Mapping[str, Any], *patches: Patch) -> Callable[..., Any]:
        """Return the patched function or class, with the names of the solution's module around it.

        Raises CourseError as `compose` does, and if the patched lines do not compile or cannot be run.
        """
        first = patches[0]
        edit = self.compose(*patches)
        text = self._future + "\n".join(_edited(self._lines, edit, without=self._docs))
        label = " and ".join(patch.id for patch in patches)
        own = dict(names)
        try:
            exec(compile(text, f"<{self.name} with {label}>", "exec", dont_inherit=True), own)  # noqa: S102 - the course's own
        except SyntaxError as error:
            line = (error.text or "").strip()
            raise self.error(first, f"`{self.name}` does not compile with it: {error.msg}, at `{line}`") from error
        except Exception as error:  # whatever the course's own lines raise where they stand
            said = f"{type(error).__name__}: {error}"
            raise self.error(first, f"`{self.name}` cannot be defined with it: {said}") from error
        return own[self.name]

    def module(self, *patches: Patch) -> str:
        """Return the text of the whole solution with the patched definition."""
        lines = self.text.split("\n")
        end = self._first + len(self._lines)
        return "\n".join([*lines[: self._first], *_edited(self._lines, self.compose(*patches)), *lines[end:]])

    def error(self, patch: Patch, message: str, line: int = 0) -> CourseError:
        """Return a mistake of a patch, with the next command."""
        return CourseError([patch.fault(message, line)], next_step=NEXT.format(self.exercise))

    def _placed(self, patch: Patch, change: Change) -> Edit:
        if whole := change.lines[0].mark == "=":
            code = self._body(patch, change)
            old = [line for _, line in code]
        else:
            old = [line for line in change.lines if line.mark != "+"]
            code = self._found(patch, change, old)
        if _same(old, [line for line in change.lines if line.mark != "-"]):
            raise self.error(patch, "changes nothing: the new lines are the old ones", change.line)
        return _whole(change.lines, code) if whole else _edit(change.lines, code)

    def _found(self, patch: Patch, change: Change, old: Sequence[PatchLine]) -> list[tuple[int, PatchLine]]:
        """Return the one place of these lines, which a change names."""
        if not old:
            message = "only adds lines; also write the line before or after them, behind two spaces"
            raise self.error(patch, message, change.line)
        places = [self._code[n : n + len(old)] for n in range(len(self._code) - len(old) + 1)]
        found = [place for place in places if _same(old, [line for _, line in place])]
        if len(found) != 1:
            raise self.error(patch, self._misplaced(old, len(found)), change.line)
        return found[0]

    def _body(self, patch: Patch, change: Change) -> list[tuple[int, PatchLine]]:
        """Return the lines between the solution's markers, which lines with `=` stand for."""
        begins = [n for n, line in enumerate(self._lines) if line.strip() == BEGIN]
        if len(begins) != 1:
            regions = f"`{self.name}` in {self.file} has {len(begins)} marked regions"
            raise self.error(patch, f"{regions}, so `=` does not say which; write `-` and `+`", change.line)
        ends = [n for n, line in enumerate(self._lines) if line.strip() == END and n > begins[0]]
        return [(n, line) for n, line in self._code if begins[0] < n < (ends or [len(self._lines)])[0]]

    def _misplaced(self, old: Sequence[PatchLine], count: int) -> str:
        where = f"`{self.name}` in {self.file}"
        if count:
            beside = "write the line above or below it, too, behind two spaces"
            return f"`{old[0].code}` occurs {count} times in {where}; {beside}"
        codes = {line.code for _, line in self._code}
        if gone := [line.code for line in old if line.code not in codes]:
            return f"the line `{gone[0]}` is not in {where}"
        return f"the lines from `{old[0].code}` on do not follow one another like this in {where}"

    @cached_property
    def _node(self) -> ast.FunctionDef | ast.ClassDef:
        for node in _parsed(self.text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == self.name:
                return node
        raise CourseError([Fault(self.file, f"does not define `{self.name}`")])

    @cached_property
    def _first(self) -> int:
        return min(part.lineno for part in (self._node, *self._node.decorator_list)) - 1

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")[self._first : self._node.end_lineno]

    @cached_property
    def _docs(self) -> frozenset[int]:
        """The lines of docstrings that stand beside code."""
        numbers: set[int] = set()
        for node in ast.walk(self._node):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and len(node.body) > 1 and ast.get_docstring(node):
                doc = node.body[0]
                numbers.update(range(doc.lineno - 1 - self._first, (doc.end_lineno or doc.lineno) - self._first))
        return frozenset(numbers)

    @cached_property
    def _code(self) -> list[tuple[int, PatchLine]]:
        """The lines that a patch may name, each with its number."""
        found = [(n, code_of(" ", line)) for n, line in enumerate(self._lines) if n not in self._docs]
        return [(n, line) for n, line in found if line.code]

    @cached_property
    def _future(self) -> str:
        nodes = _parsed(self.text).body
        found = [n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
        return "".join(f"{ast.unparse(node)}\n" for node in found)


def definition_of(course: Course, exercise: Exercise, solution: str | None = None) -> Definition:
    """Return the exercise's function or class in the text of its solution: in the file's, if no other is given."""
    text = course.solution_path(exercise.module).read_text("utf-8") if solution is None else solution
    return Definition(f"solutions/{exercise.module}.py", exercise.id, exercise.name, text)


def _same(one: Sequence[PatchLine], other: Sequence[PatchLine]) -> bool:
    """Return whether these are the same lines, their indents shifted by one number."""
    shifts = {b.indent - a.indent for a, b in zip(one, other, strict=False)}
    return [line.code for line in one] == [line.code for line in other] and len(shifts) == 1


def _edit(lines: Sequence[PatchLine], code: Sequence[tuple[int, PatchLine]]) -> Edit:
    """Return the change where it fits: `code` are the lines of the definition that it names, in order."""
    shift = code[0][1].indent - next(line for line in lines if line.mark != "+").indent
    removed, kept, added = set(), set(), {}
    place, named = code[0][0], 0
    for line in lines:
        if line.mark == "+":
            added[place] = (*added.get(place, ()), " " * (line.indent + shift) + line.code)
            continue
        number = code[named][0]
        (removed if line.mark == "-" else kept).add(number)
        place, named = number + 1, named + 1
    return Edit(frozenset(removed), frozenset(kept), added)


def _whole(lines: Sequence[PatchLine], body: Sequence[tuple[int, PatchLine]]) -> Edit:
    """Other lines in the place of a whole body."""
    shift = body[0][1].indent
    added = tuple(" " * (line.indent + shift) + line.code for line in lines)
    return Edit(frozenset(number for number, _ in body), frozenset(), {body[0][0]: added})


def _edited(lines: Sequence[str], edit: Edit, without: frozenset[int] = frozenset()) -> list[str]:
    found: list[str] = []
    for number, line in enumerate([*lines, None]):
        found += edit.added.get(number, ())
        if line is not None and number not in edit.removed and number not in without:
            found.append(line)
    return found


@lru_cache(maxsize=16)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)
