"""Breaking a reference on purpose: every small change of an operator, a constant, an axis, a comparison, a bound.

Only what students write is changed: the nodes of the marked regions of one exercise. A mutant is the source of the
function or class with one node replaced.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

from tfm_quiz.markers import BEGIN, END

BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_PAIRS = ["mean sum", "max min", "all any", "sin cos", "argmax argmin", "zeros ones", "triu tril", "train eval"]
OTHERS = {a: b for pair in _PAIRS for a, b in (pair.split(), pair.split()[::-1])}
SYMMETRIC = ("transpose", "swapaxes", "maximum", "minimum", "max", "min")  # in their first two arguments


class Mutant(NamedTuple):
    """A changed definition. `line` became `becomes` (lines of the normalised source, joined by ` | `)."""

    source: str
    line: str
    becomes: str


def mutants(solution: str, name: str) -> list[Mutant]:
    """Return all mutants of the top-level function or class `name`, each text once."""
    tree = ast.parse(solution)
    (definition,) = (node for node in tree.body if isinstance(node, _NAMED) and node.name == name)
    marked = _marked_lines(solution)
    told = {part for text in ast.walk(definition) if isinstance(text, ast.JoinedStr) for part in ast.walk(text)}
    beside = _names_beside(definition)
    original = ast.unparse(definition)
    found: dict[str, Mutant] = {}
    for number, node in enumerate(ast.walk(definition)):
        if getattr(node, "lineno", 0) not in marked or node in told:  # the words of an error are not graded
            continue
        names = beside.get(node, ())
        for choice in range(sum(1 for _ in _changes(node, names))):
            changed = copy.deepcopy(definition)
            target = next(other for place, other in enumerate(ast.walk(changed)) if place == number)
            replacement = list(_changes(target, names))[choice]
            if replacement is not target:
                changed = _Swap(target, replacement).visit(changed)
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text != original and text not in found:
                found[text] = Mutant(text, *_difference(original, text))
    return list(found.values())


_NAMED = (ast.FunctionDef, ast.ClassDef)


def _marked_lines(solution: str) -> set[int]:
    inside, lines = False, set()
    for number, line in enumerate(solution.split("\n"), start=1):
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            lines.add(number)
    return lines


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return the lines that are gone, and those that have come."""
    found = list(difflib.ndiff(before.split("\n"), after.split("\n")))
    gone, come = ([line[2:].strip() for line in found if line.startswith(mark)] for mark in ("- ", "+ "))
    return " | ".join(gone), " | ".join(come)


def _names_beside(definition: ast.AST) -> dict[ast.AST, list[str]]:
    """For each use of a parameter or of an attribute of `self`: the other parameters or attributes in reach."""
    nodes = list(ast.walk(definition))
    own = {node.attr for node in nodes if _is_own(node)}
    beside: dict[ast.AST, list[str]] = {node: sorted(own - {node.attr}) for node in nodes if _is_own(node)}
    for function in nodes:
        if isinstance(function, ast.FunctionDef):
            given = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)} - {"self"}
            for node in ast.walk(function):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in given:
                    beside[node] = sorted(given - {node.id})
    return beside


def _is_own(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _changes(node: ast.AST, names: Sequence[str]) -> Iterator[ast.AST]:
    """Yield each replacement of this node; `names` may stand for its own."""
    match node:
        case ast.Name(_, ctx):
            yield from (ast.Name(name, ctx) for name in names)
        case ast.Attribute(value, _, ctx) if names:
            yield from (ast.Attribute(value, name, ctx) for name in names)
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, other(), right) for other in BINARY.get(type(op), ()))
        case ast.Compare(left, [op], [right]):
            yield from (ast.Compare(left, [other()], [right]) for other in COMPARED.get(type(op), ()))
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(value):
            yield from (ast.Constant(other) for other in _other_constants(value))
        case ast.Attribute(value, attr, ctx) if attr in OTHERS:
            yield ast.Attribute(value, OTHERS[attr], ctx)
        case ast.Slice():
            yield from _other_slices(node)
        case ast.Call():
            yield from _other_calls(node)
        case ast.If(test, body, orelse):
            yield from (ast.If(other, body, orelse) for other in _other_tests(test))
        case ast.IfExp(test, one, other):
            yield from (ast.IfExp(changed, one, other) for changed in _other_tests(test))
        case ast.While(test, body, orelse):
            yield ast.While(ast.Constant(False), body, orelse)
        case ast.Expr(ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Break() | ast.Continue():
            yield ast.Pass()
        case ast.With(_, body):
            yield ast.If(ast.Constant(True), body, [])


def _other_tests(test: ast.expr) -> list[ast.expr]:
    return [ast.UnaryOp(ast.Not(), test), ast.Constant(False), ast.Constant(True)]


def _other_constants(value: object) -> Iterator[bool | float]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield from (value + 1.0, *((value * 2, value / 2, -value) if value else ()))


def _other_slices(node: ast.Slice) -> Iterator[ast.Slice]:
    if node.lower is not None and ast.unparse(node.lower) != "0":
        yield ast.Slice(None, node.upper, node.step)
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step)
    if node.step is not None:
        yield ast.Slice(node.lower, node.upper, None)


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    """Arguments swapped or left out; the call taken away, if it is one of a method."""
    for left in range(0 if _name_of(node.func) in SYMMETRIC else len(node.args) - 1):
        swapped = [*node.args]
        swapped[left], swapped[left + 1] = swapped[left + 1], swapped[left]
        yield ast.Call(node.func, swapped, node.keywords)
    for missing in node.keywords:
        if missing.arg != "device":  # there is only one here
            yield ast.Call(node.func, node.args, [keyword for keyword in node.keywords if keyword is not missing])
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield node.func.value
    elif len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in ("torch", "nn", "F", "math", "copy", "self")


class _Swap(ast.NodeTransformer):
    """The tree with one node replaced."""

    def __init__(self, target: ast.AST, replacement: ast.AST) -> None:
        self.target, self.replacement = target, replacement

    def visit(self, node: ast.AST) -> ast.AST:
        return self.replacement if node is self.target else self.generic_visit(node)
