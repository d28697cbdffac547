"""Tell whether a student touched an exercise: compare what was handed in with the stub.

Text and syntax trees only, no torch. A student's source is hostile and can at worst be called "not the stub".
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from tfm_quiz.markers import FIND, RAISED, STUB

from .syntax import Definition, Function, bound_names, spans, statements


def is_planted(stub_source: str, name: str) -> bool:
    """Return whether the exercise `name` of this stub is to find a bug."""
    lines = stub_source.split("\n")
    return any(
        FIND in map(str.strip, lines[first - 1 : last]) for first, last, owner in spans(stub_source) if owner == name
    )


def open_regions(stub_source: str, name: str) -> list[str]:
    """List the functions that the stub of the exercise `name` leaves open: itself, or each open `Class.method`."""
    return list(_open_regions(stub_source).get(name, ()))


def same_as_stub(student_source: str, stub_source: str, name: str) -> bool:
    """Return whether the student left the exercise `name` as it came: this decides `not_attempted`.

    Compared are the bodies and decorators of the functions that the stub leaves open, without docstrings, comments and
    layout; a rewritten signature alone is no attempt. Anything else that binds the name counts as an attempt, and so
    does whatever cannot be parsed.
    """
    if FIND not in stub_source and RAISED in stub_source and RAISED not in student_source:
        return False  # no body in there is a stub's: nothing need be parsed
    regions = open_regions(stub_source, name)
    stub, student = _bodies(stub_source), _bodies(student_source)
    return bool(regions) and all(region in student and student[region] == stub[region] for region in regions)


def untouched(student_source: str, stub_source: str, names: Iterable[str]) -> bool:
    """Return whether a whole module is as it came: each of these exercises still the stub."""
    return all(same_as_stub(student_source, stub_source, name) for name in names)


# A submission is asked about exercise by exercise, each time with the same few modules; what is kept is small.
@lru_cache(maxsize=64)
def _bodies(source: str) -> dict[str, bytes]:
    """Digest each function's body, by its name or as `Class.method`; names bound more than once are left out."""
    try:
        return _digests(statements(source))
    except RecursionError:
        return {}


@lru_cache(maxsize=64)
def _open_regions(source: str) -> dict[str, list[str]]:
    """Return the open functions of a stub, by the top-level name to which they belong."""
    lines = [line.strip() for line in source.split("\n")]
    regions: dict[str, list[str]] = {}
    for owner in statements(source):
        if not isinstance(owner, Definition):
            continue
        inner = owner.body if isinstance(owner, ast.ClassDef) else [owner]
        for function in inner:
            if isinstance(function, Function) and _is_open(function, lines):
                name = owner.name if function is owner else f"{owner.name}.{function.name}"
                regions.setdefault(owner.name, []).append(name)
    return regions


def _is_open(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """Return whether a stub leaves this function to the student: with its `raise`, or with a bug to find."""
    if FIND in lines[function.lineno : function.end_lineno]:
        return True
    raises = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Raise)]
    return any((lines[line - 2], lines[line - 1]) == STUB for line in raises)


def _digests(statements: list[ast.stmt], owner: ast.ClassDef | None = None) -> dict[str, bytes]:
    prefix = f"{owner.name}." if owner else ""
    around = owner.decorator_list if owner else []
    bodies: dict[str, bytes] = {}
    times: Counter[str] = Counter()
    for statement in statements:
        bound = bound_names(statement)
        times.update(bound)
        if "*" in bound:  # may rebind anything
            bodies.clear()
        if isinstance(statement, Function):
            bodies[prefix + statement.name] = _digest(statement, around)
        elif isinstance(statement, ast.ClassDef) and owner is None:
            bodies |= _digests(statement.body, statement)
    return {name: body for name, body in bodies.items() if times[name.removeprefix(prefix).partition(".")[0]] == 1}


def _digest(function: ast.FunctionDef | ast.AsyncFunctionDef, around: list[ast.expr]) -> bytes:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    parts = [type(function).__name__, *map(ast.dump, [*around, *function.decorator_list, *body])]
    return blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
