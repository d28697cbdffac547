"""Read by definitions: keep what a module defines and what that needs; leave out what merely runs.

A notebook is full of cells that print, draw, check and train. Loaded as a module they would cost minutes, or fail for
want of a display, and take the answers with them. A module that does not load as a whole is read in the same way, so
that one broken function or an import of what is not there costs itself.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from .imports import LONGEST_NAME, available_part, forgiving_import, what_is_missing
from .ipython import as_python
from .notebook import Cell
from .pieces import Broken, Statement, pieces
from .scope import annotations_read, arguments, free, reads, reads_at_once
from .syntax import LARGEST_TREE, Definition, bound_names, parsed

AVAILABLE = {*sys.stdlib_module_names, "torch", "numpy", "exercises"}  # what a module may import in the worker
SETTING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Try, ast.Expr)  # may give the module a name
NOT_WHEN_GRADED = {  # what a module cannot use while it is loaded by the graders, and how that is reported
    **dict.fromkeys(("get_ipython", "display"), "uses {name} (line {line}), which only a notebook has"),
    "open": "opens a file (line {line}), and there are no files when it is graded",
    "input": "asks for input (line {line}), and nobody answers when it is graded",
    **dict.fromkeys(("exit", "quit"), "ends Python (line {line})"),
}
LATER_HINTS = "from __future__ import annotations"  # type hints are then never evaluated
MOST_CODE = 256 * 1024  # characters of a notebook's code


class Parts(NamedTuple):
    """The top-level statements of a module or a notebook, before anybody chose among them.

    `problems` and `notes` are sentences that begin where the file's name ends; a problem may cost points. `lost` are
    the names that what is not Python was to define.
    """

    statements: list[Statement]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    whole: str | None = None  # the text of a module that can be loaded as it is
    reason: str = ""  # why it can't
    broken: tuple[Broken, ...] = ()  # of a module


def parts_of_cells(cells: Iterable[Cell], names: Collection[str] = ()) -> Parts:
    """Return the statements of a notebook's code cells, in order. `names` are those whose loss is reported.

    Raises ValueError if there is more code than anybody writes.
    """
    statements: list[Statement] = []
    problems: list[str] = []
    notes: list[str] = []
    lost: list[str] = []
    asides: list[tuple[int, str, list[str]]] = []
    size = 0
    for number, cell in enumerate(cells, start=1):
        source, magic = as_python(cell.source) if cell.kind == "code" else ("", cell.kind)
        if magic:
            inside = [name for name in names if mentions(cell.source, name)]
            if cell.kind == "code" or (inside and parsed(cell.source) is not None):
                asides.append((number, magic, inside))
            continue
        size += len(source)
        if size > MOST_CODE:
            raise ValueError("holds too much code")
        found = pieces(source)
        statements += found.statements
        if found.tabs:
            notes.append(f"mixes tabs and spaces (cell {number}), and was read in the only way that is Python")
        if found.broken:
            lost += [name for part in found.broken for name in part.names]
            problems.append(_broken_cell(number, found.broken, whole=not found.statements))
    bound = {name for one in statements for name in bound_names(one.node)}
    for number, kind, inside in asides:
        unread = [name for name in inside if name not in bound]
        if unread:
            what = f"a cell of {kind[:20]}" if kind.startswith("%%") else f"a cell of {kind} text"
            problems.append(f"has {quoted(unread)} in {what} (cell {number}), where it does not count")
    return Parts(statements, tuple(problems), tuple(notes), tuple(lost))


def parts_of_module(text: str, importable: set[str]) -> Parts:
    """Return the statements of a module, and whether it is clear that it cannot be loaded as a whole."""
    if len(text) > LARGEST_TREE:
        return Parts([], whole=text)  # not looked into: it stands or falls as a whole
    found, python = pieces(text), ""
    if found.broken:  # perhaps a notebook's lines in it, or pasted prompts
        python = as_python(text).source
        again = pieces(python)
        found, python = (again, python) if len(again.broken) < len(found.broken) else (found, "")
    if found.broken:
        reason = _broken_lines(found.broken)
    elif found.tabs:
        reason = f"mixes tabs and spaces (line {found.tabs[0]})"
    else:
        reason = why_not_whole(found.statements, importable) or ("holds lines of a notebook" if python else "")
    lost = tuple(name for part in found.broken for name in part.names)
    whole = None if reason and found.statements else text
    return Parts(found.statements, lost=lost, reason=reason, whole=whole, broken=tuple(found.broken))


def module_of(
    parts: Parts, names: Collection[str], importable: set[str], *, all_of_them: bool = True, forgiving: bool = False
) -> tuple[str, tuple[str, ...]]:
    """Return the source of the module that the statements make, and those of `names` that were there and were lost.

    Of a file that may hold several modules only what the names need is taken (not `all_of_them`). If `forgiving`, an
    import that fails costs the names that it was to bind, and no more.

    A module keeps its lines where they were, so that a traceback tells the student's own lines.
    """
    if parts.whole is not None:
        return parts.whole, parts.lost and tuple(name for name in names if name in parts.lost)
    chosen = only_definitions(parts.statements, names, importable, all_of_them=all_of_them)
    kept = bound_by(chosen)
    standing_in = [one for one in _standing_in(parts.broken, names) if not bound_names(one.node) & kept]
    if forgiving:
        chosen = [forgiving_import(one) for one in chosen]
    hints = {name for one in chosen for name in annotations_read(one.node)}
    hints_later = forgiving or not ("*" in kept or hints <= {*kept, *dir(builtins)})
    if parts.reason:
        source = _in_place(sorted([*chosen, *standing_in], key=attrgetter("line")), hints_later=hints_later)
    else:
        source = _joined(chosen, hints_later=hints_later)
    there = {*parts.lost, *(name for one in parts.statements for name in bound_names(one.node))}
    return source, tuple(name for name in names if name in there and name not in kept)


def bound_by(statements: Iterable[Statement]) -> set[str]:
    """Return the names that statements bind."""
    return {name for one in statements for name in bound_names(one.node)}


def _standing_in(broken: Iterable[Broken], names: Collection[str]) -> Iterable[Statement]:
    """For an exercise that is not Python, a function in its place that raises the SyntaxError it is, on its line."""
    for part in broken:
        for name in part.names:
            if name in names:
                text = f"def {name}(*args, **kwargs): raise SyntaxError({part.message!r})"
                yield Statement(ast.parse(text).body[0], text, part.error_line)


def source_of_cells(
    cells: Iterable[Cell], names: Collection[str], modules: Collection[str] = ()
) -> tuple[str, list[str]]:
    """Return the source of the module that a notebook's cells define, and sentences on what was left out.

    `names` are the exercises' functions and classes; `modules` may be imported besides Python's and torch's own. A
    sentence begins where the file's name ends. Raises ValueError if there is more code than anybody writes.
    """
    parts = parts_of_cells(cells, names)
    source, _ = module_of(parts, names, {*AVAILABLE, *modules})
    return source, [*parts.problems, *parts.notes]


def only_definitions(
    statements: Sequence[Statement], names: Collection[str], available: set[str], *, all_of_them: bool = True
) -> list[Statement]:
    """Return the statements that make the module, in their order: every definition, or only what the names need."""
    nodes = [one.node for one in statements]
    chosen, needed = _chosen(nodes, set(names), all_of_them=all_of_them)
    own = {node.name for node in nodes if isinstance(node, Definition)}
    lost = set(NOT_WHEN_GRADED) - own
    parts: list[Statement] = []
    for one in statements:
        node = one.node
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if not all_of_them and (not bound_names(node) & {*needed, "*"} or bound_names(node) <= own):
                continue  # it is for what stays out, or of what stands here, too
            kept, gone = available_part(node, available)
            bound = bound_names(node) - gone
            lost = set() if "*" in bound else lost - bound | gone
            parts += [one._replace(text=kept)] if kept else []
        elif node in chosen and not reads_at_once(node) & lost:
            lost -= bound_names(node)
            parts.append(one)
        else:
            lost |= bound_names(node)
    return parts


def _joined(statements: Sequence[Statement], *, hints_later: bool) -> str:
    parts = [LATER_HINTS] * hints_later + [one.text for one in statements]
    future = [part for part in parts if part.startswith("from __future__ ")]
    return "\n\n".join([*dict.fromkeys(future), *(part for part in parts if part not in future)]) + "\n"


def _in_place(statements: list[Statement], *, hints_later: bool) -> str:
    """Return the statements on the lines where they were; joined if two of them share one."""
    lines: list[str] = []
    first = statements[0] if statements else None
    if hints_later and first is not None and first.line == 1 and isinstance(first.node, (ast.Import, ast.ImportFrom)):
        statements = [first._replace(text=f"{LATER_HINTS}; {first.text}"), *statements[1:]]
    elif hints_later:
        lines.append(LATER_HINTS)
    for one in statements:
        if len(lines) >= one.line:
            return _joined(statements, hints_later=hints_later)
        lines += [""] * (one.line - 1 - len(lines)) + one.text.split("\n")
    return "\n".join(lines) + "\n"


def _chosen(nodes: Sequence[ast.stmt], names: set[str], *, all_of_them: bool) -> tuple[set[ast.stmt], set[str]]:
    """Return what to keep, without imports, and the names that it needs."""
    definitions = [node for node in nodes if isinstance(node, Definition)]
    needed = set(names)
    if all_of_them:
        needed |= {name for node in definitions for name in free(node)}
        needed |= {node.name for node in definitions}  # finished or replaced outside of their bodies
    chosen: set[ast.stmt] = set()
    before = -1
    while before != len(chosen):
        before = len(chosen)
        for node in reversed(nodes):  # what a chosen assignment reads is needed above it
            if node in chosen or not bound_names(node) & needed:
                continue
            if isinstance(node, Definition):
                chosen.add(node)
                needed |= free(node)
            elif isinstance(node, SETTING):
                chosen.add(node)
                needed |= reads(node) - arguments(node)
        if all_of_them:
            break
    return chosen, needed


def why_not_whole(statements: Sequence[Statement], importable: set[str]) -> str:
    """Say why loading these is sure to fail; "" if it may work. The text continues after the file's name."""
    bound = {name for one in statements for name in bound_names(one.node)}
    for node, _, line in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            _, gone = available_part(node, importable)
            if gone:
                return (
                    f"imports {what_is_missing(node, importable)} (line {line}), which is not there when it is graded"
                )
        elif not _is_guarded(node):
            for name in sorted(reads_at_once(node) & set(NOT_WHEN_GRADED) - bound):
                return NOT_WHEN_GRADED[name].format(name=name, line=line)
    return ""


def _is_guarded(node: ast.stmt) -> bool:
    """Return whether a failure in it is caught, or it is not run at all in an imported module."""
    if isinstance(node, ast.If):
        return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test))
    return isinstance(node, ast.Try) and bool(node.handlers)


def _broken_cell(number: int, broken: Sequence[Broken], *, whole: bool) -> str:
    if whole:
        return f"has a cell that is not Python (cell {number}), so that cell was left out"
    names = [name for part in broken for name in part.names]
    lines = f"line {broken[0].line}" if len(broken) == 1 else f"lines {', '.join(str(p.line) for p in broken[:5])}"
    what = quoted(names) if names else lines
    return f"has lines that are not Python (cell {number}, {lines}), so {what} of that cell was left out"


def _broken_lines(broken: Sequence[Broken]) -> str:
    lines = ", ".join(str(part.line) for part in broken[:5])
    return f"is not Python from line {lines}" if len(broken) == 1 else f"is not Python in lines {lines}"


def mentions(source: str, name: str) -> bool:
    """Return whether a text may define this name: a test that costs nothing."""
    return any(words in source for words in (f"def {name}", f"class {name}", f"{name} =", f"{name}="))


def quoted(names: Sequence[str]) -> str:
    """Names of code in a sentence."""
    return ", ".join(f"`{name[:LONGEST_NAME]}`" for name in dict.fromkeys(names))
