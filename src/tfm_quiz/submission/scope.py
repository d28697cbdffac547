"""Which names of a module a part of it reads, and when."""

from __future__ import annotations

import ast

from .syntax import bound_names


def reads(node: ast.AST) -> set[str]:
    """Return the names that are read anywhere in it."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def free(definition: ast.AST) -> set[str]:
    """Return the names that a definition takes from the module: those it reads and binds nowhere itself."""
    stored = {
        part.id for part in ast.walk(definition) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }
    return reads(definition) - stored - arguments(definition)


def arguments(node: ast.AST) -> set[str]:
    """Return the arguments of a function, and of those in it: what is read by these names is not the module's."""
    return {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


def annotations_read(node: ast.AST) -> set[str]:
    """Return the names that type hints read, anywhere in it."""
    hints = [getattr(part, hint, None) for part in ast.walk(node) for hint in ("annotation", "returns")]
    return {name for hint in hints if hint is not None for name in reads(hint)}


def reads_at_once(node: ast.AST) -> set[str]:
    """Return the names of the module that are read while it is loaded.

    The bodies of functions come later, and type hints never: where one cannot be evaluated, none is.
    """
    names: set[str] = set()
    own: set[str] = set()  # of a class body or a comprehension
    queue = [node]
    while queue:
        part = queue.pop()
        children = list(ast.iter_child_nodes(part))
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            children = [*part.decorator_list, part.args]
        elif isinstance(part, ast.arg):
            children = []
        elif isinstance(part, ast.AnnAssign):
            children = [part.target, *([part.value] if part.value else [])]
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
