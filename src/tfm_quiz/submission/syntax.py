"""Read Python source that nobody trusts as a syntax tree: what it defines, and where. Nothing is executed."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

LARGEST_TREE = 64 * 1024  # characters; the nastiest text of this size costs the parser half a second

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = (*Function, ast.ClassDef)


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of hostile source; None for what is too large, too deep or not Python. Never raises."""
    if len(source) > LARGEST_TREE:
        return None
    try:
        with warnings.catch_warnings():  # a wrong escape in a student's string is not ours to announce
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def line_owner(source: str, line: int) -> str | None:
    """Return the top-level function or class that holds this source line; None outside of any, or if unparsable."""
    for first, last, name in spans(source):
        if first <= line <= last:
            return name
    return None


@lru_cache(maxsize=64)
def spans(source: str) -> tuple[tuple[int, int, str], ...]:
    """First and last line of each top-level function and class, decorators included."""
    return tuple(
        (first_line(node), node.end_lineno or 0, node.name)
        for node in statements(source)
        if isinstance(node, Definition)
    )


def statements(source: str) -> list[ast.stmt]:
    """Return the top-level statements; [] if it cannot be parsed."""
    tree = parsed(source)
    return tree.body if tree else []


def first_line(statement: ast.stmt) -> int:
    """Return the line (from 1) on which a statement begins, decorators included."""
    return min(part.lineno for part in (statement, *getattr(statement, "decorator_list", [])))


def source_of(statement: ast.stmt, lines: list[str]) -> str:
    """Return a top-level statement's own text, decorators included, out of the lines of its source."""
    text = lines[first_line(statement) - 1 : statement.end_lineno]
    text[-1] = text[-1].encode()[: statement.end_col_offset].decode()
    if not getattr(statement, "decorator_list", []):
        text[0] = text[0].encode()[statement.col_offset :].decode()
    return "\n".join(text)


def bound_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds or sets attributes of: a class may be finished outside of its body.

    `*` stands for any name. Functions and classes bind their own name only.
    """
    if isinstance(statement, Definition):
        return {statement.name}
    names: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, Definition):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            names.add(_root(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
            names.add(_root(node.args[0]))
    return names


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
