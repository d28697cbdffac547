"""Read modules by their definitions, whatever loading them as a whole would lead to."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from .definitions import AVAILABLE, bound_by, module_of, parts_of_module
from .pieces import Statement


def each_alone(sources: Mapping[str, str], names: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return the modules read by their definitions, for when loading them whole has failed; lines stay where they are.

    `names` are the exercises of each module.
    """
    importable = {*AVAILABLE, *sources}
    every = {module: parts_of_module(text, importable) for module, text in sources.items()}
    bound = {module: bound_by(parts.statements) for module, parts in every.items()}
    found = dict(sources)
    for module, parts in every.items():
        if parts.statements:
            kept = [there for one in parts.statements if (there := _what_is_there(one, bound))]
            alone = parts._replace(statements=kept, whole=None, reason="does not load")
            found[module] = module_of(alone, names.get(module, ()), importable, forgiving=True)[0]
    return found


def _what_is_there(one: Statement, bound: Mapping[str, set[str]]) -> Statement | None:
    """Return the statement; of an import from another module only the names that stand in it."""
    node = one.node
    there = bound.get((node.module or "").rpartition(".")[2]) if isinstance(node, ast.ImportFrom) else None
    if there is None or not isinstance(node, ast.ImportFrom) or "*" in there:
        return one
    names = [alias for alias in node.names if alias.name in {*there, "*"}]
    if len(names) == len(node.names):
        return one
    rest = ast.ImportFrom(node.module, names, node.level)
    return one._replace(node=ast.copy_location(rest, node), text=ast.unparse(rest)) if names else None
