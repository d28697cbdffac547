"""Imports in a submission: what is left of them where something is not there."""

from __future__ import annotations

import ast

from .pieces import Statement
from .syntax import bound_names

LONGEST_NAME = 60  # characters of a name in a sentence


def what_is_missing(node: ast.Import | ast.ImportFrom, available: set[str]) -> str:
    """Return the module that an import names and that is not there, in words."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "a sibling")[:LONGEST_NAME]
    return next(a.name for a in node.names if a.name.partition(".")[0] not in available)[:LONGEST_NAME]


def available_part(node: ast.Import | ast.ImportFrom, available: set[str]) -> tuple[str, set[str]]:
    """Return the import of what is available, and the names that it therefore does not bind."""
    if isinstance(node, ast.ImportFrom):
        if node.module == "__future__":
            return ast.unparse(node), set()
        root = (node.module or "").partition(".")[0]
        roots = {root} if root else {alias.name for alias in node.names}
        return (ast.unparse(node), set()) if roots <= available else ("", bound_names(node))
    aliases = [alias for alias in node.names if alias.name.partition(".")[0] in available]
    gone = [alias for alias in node.names if alias not in aliases]
    text = ast.unparse(ast.Import(names=aliases)) if aliases else ""
    return text, {(alias.asname or alias.name).partition(".")[0] for alias in gone}


def forgiving_import(one: Statement) -> Statement:
    """Return the statement; of an import each name by itself, on the one line, so that one that fails is passed over.

    `exec` runs in the student's module, where the import would have run: it makes a `try` fit into a line.
    """
    node = ast.parse(one.text).body[0] if isinstance(one.node, (ast.Import, ast.ImportFrom)) else None
    if isinstance(node, ast.Import):
        singles: list[ast.stmt] = [ast.Import([alias]) for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
        singles = [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]
    else:
        return one
    tries = [f"try:\n {ast.unparse(single)}\nexcept ImportError: pass" for single in singles]
    return one._replace(text="; ".join(f"exec({text!r})" for text in tries))
