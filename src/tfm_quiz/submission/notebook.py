"""The module in a notebook: what its code cells define, without what they only show.

A lesson is full of cells that print, draw, check and train. Loaded as a module they would cost minutes, or fail for
want of a display, and take the answers with them. So definitions are kept, imports of what the worker has, and the
assignments that these need; what merely runs is left out.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec

from .syntax import Definition, bound_names, parsed, source_of

MOST_CELLS = 1000
AVAILABLE = {*sys.stdlib_module_names, "torch", "numpy"}  # what a module may import in the worker
PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  # cells that are Python all the same
LINE_MAGIC = re.compile(r"^\s*[%!?]|\?\s*$")

SETTING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Try, ast.Expr)  # may give the module a name


class _Cell(msgspec.Struct):
    """A cell as far as we read it. Any type will do for the decoder, so that one odd cell costs itself only."""

    cell_type: Any = None
    source: Any = ""
    id: Any = None


class _Notebook(msgspec.Struct):
    cells: list[_Cell] | None = None


class NotebookSource(NamedTuple):
    """The module's source, and a sentence for each cell that was left out; it begins where the file's name ends."""

    source: str
    problems: list[str]


def notebook_source(data: bytes, names: Collection[str], modules: Collection[str] = ()) -> NotebookSource:
    """The source of the module that a notebook's code cells define. Of cells with the same id the last counts.

    `names` are the exercises' functions and classes; `modules` may be imported besides Python's and torch's own.
    Raises ValueError with a sentence that begins where the file's name ends, if this is no notebook.
    """
    sources: list[str] = []
    problems: list[str] = []
    for number, source in _code_cells(data).items():
        if (tree := parsed(source)) is None:
            problems.append(f"has a cell that is not Python (cell {number}), so that cell was left out")
        elif tree.body:
            sources.append(source)
    source = "\n\n".join(sources) + "\n"
    tree = parsed(source)
    if tree is None:  # each cell is fine, so there are too many of them
        raise ValueError("holds too much code")
    return NotebookSource(_only_definitions(source, tree.body, set(names), {*AVAILABLE, *modules}), problems)


def _code_cells(data: bytes) -> dict[int, str]:
    """The sources of the code cells by their number in the notebook, from 1."""
    try:
        notebook = msgspec.json.decode(data, type=_Notebook)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        raise ValueError("is not a notebook (its JSON is broken or too deep)") from None
    if notebook.cells is None:
        raise ValueError("is not a notebook of format 4 (open it in Jupyter and save it again)")
    if len(notebook.cells) > MOST_CELLS:
        raise ValueError(f"has {len(notebook.cells)} cells, and {MOST_CELLS} are allowed")
    last: dict[object, tuple[int, str]] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        lines = [cell.source] if isinstance(cell.source, str) else cell.source
        if cell.cell_type == "code" and isinstance(lines, list) and all(isinstance(line, str) for line in lines):
            source = "".join(lines).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
            last[cell.id if isinstance(cell.id, str) else number] = number, _without_magics(source)
    return dict(sorted(last.values()))


def _without_magics(source: str) -> str:
    """The cell as Python: IPython's own lines become `pass`, and cells in another language vanish."""
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        return rest if first.split()[0] in PYTHON_MAGICS else ""
    lines = source.split("\n")
    if not any(LINE_MAGIC.search(line) for line in lines) or parsed(source) is not None:
        return source
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass" if LINE_MAGIC.search(line) else line for line in lines
    )


def _only_definitions(source: str, statements: list[ast.stmt], names: set[str], available: set[str]) -> str:
    """The statements that make the module, as they were written, in their order."""
    definitions = [statement for statement in statements if isinstance(statement, Definition)]
    needed = names | {name for definition in definitions for name in _free(definition)}
    needed |= {definition.name for definition in definitions}  # finished or replaced outside of their bodies
    chosen: set[ast.stmt] = set()
    for statement in reversed(statements):  # what a chosen assignment reads is needed above it
        if isinstance(statement, Definition):
            chosen.add(statement)
        elif isinstance(statement, SETTING) and (bound_names(statement) & needed):
            chosen.add(statement)
            needed |= _reads(statement) - _arguments(statement)
    lost: set[str] = set()  # names that nothing binds here: what reads them at once cannot be loaded either
    lines = source.split("\n")
    parts: list[str] = []
    for statement in statements:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            text, gone = _import(statement, available)
            bound = bound_names(statement) - gone
            lost = set() if "*" in bound else lost - bound | gone
            parts += [text] if text else []
        elif statement in chosen and not _reads_at_once(statement) & lost:
            lost -= bound_names(statement)
            parts.append(source_of(statement, lines))
        else:
            lost |= bound_names(statement)
    future = [part for part in parts if part.startswith("from __future__ ")]
    return "\n\n".join([*dict.fromkeys(future), *(part for part in parts if part not in future)]) + "\n"


def _import(statement: ast.Import | ast.ImportFrom, available: set[str]) -> tuple[str, set[str]]:
    """The import of what is available, and the names that it therefore does not bind."""
    if isinstance(statement, ast.ImportFrom):
        here = statement.level > 0 or (statement.module or "").partition(".")[0] in available
        return (ast.unparse(statement), set()) if here else ("", bound_names(statement))
    aliases = [alias for alias in statement.names if alias.name.partition(".")[0] in available]
    gone = [alias for alias in statement.names if alias not in aliases]
    text = ast.unparse(ast.Import(names=aliases)) if aliases else ""
    return text, {(alias.asname or alias.name).partition(".")[0] for alias in gone}


def _reads(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _free(definition: ast.AST) -> set[str]:
    """The names that a definition takes from the module: those it reads and binds nowhere itself."""
    stored = {
        part.id for part in ast.walk(definition) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }
    return _reads(definition) - stored - _arguments(definition)


def _arguments(node: ast.AST) -> set[str]:
    """The arguments of a function, and of those in it: what is read by these names is not the module's."""
    return {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


def _reads_at_once(node: ast.AST) -> set[str]:
    """The names of the module that are read while it is loaded; the bodies of functions come later."""
    names: set[str] = set()
    own: set[str] = set()  # of a class body or a comprehension
    queue = [node]
    while queue:
        part = queue.pop()
        children = list(ast.iter_child_nodes(part))
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            children = [*part.decorator_list, part.args, *([part.returns] if part.returns else [])]
        elif isinstance(part, ast.Lambda):
            children = [part.args]
        elif isinstance(part, ast.ClassDef):
            own |= {name for statement in part.body for name in bound_names(statement)}
        elif isinstance(part, ast.comprehension):
            own |= {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            names.add(part.id)
        queue += children
    return names - own
