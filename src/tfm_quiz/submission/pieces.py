"""Cut source into top-level statements, broken source too: the Python in it stays, the rest is reported by its line."""

from __future__ import annotations

import ast
import re
import warnings
from typing import NamedTuple

from .syntax import LARGEST_TREE, Definition, first_line, parsed, source_of

MOST_TRIED = 512 * 1024  # characters of one broken source that are parsed as parts of a longer statement
MOST_JOINED = 300  # lines that are tried as one statement
# A line that goes on with the statement above it: indented, a closing bracket, another branch, a comment or nothing.
GOES_ON = re.compile(r"[\s)\]}#]|(else|elif|except|finally)\b|$")
DEFINES = re.compile(r"[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
# A line that is not Python and belongs to the function above it: a merge's mark in its body, a `return` too far left.
WITHIN = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})[^\n]*\n+[ \t]+\S|(?:return|yield)\b")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


class Statement(NamedTuple):
    """A top-level statement, its own text, and the line where it begins."""

    node: ast.stmt
    text: str
    line: int


class Broken(NamedTuple):
    """A part that is not Python: its first line, what it was to define, and the parser's word with its line."""

    line: int
    names: tuple[str, ...]
    message: str = "invalid syntax"
    error_line: int = 0


class Pieces(NamedTuple):
    """A source, cut up. `tabs` are lines from which on tabs had to be taken for spaces."""

    statements: list[Statement]
    broken: list[Broken]
    tabs: list[int]


def pieces(source: str) -> Pieces:
    """Cut a source into statements; what cannot be compiled becomes `broken`. Never raises.

    A function that a merge's marks or a misplaced `return` cut short is as broken as those lines.
    """
    found = _cut(source)
    return _without_cut_short(found, source) if found.broken else found


def _cut(source: str) -> Pieces:
    if (tree := parsed(source)) is not None:
        return _compiled(_statements(tree, source), [], [])
    if len(source) > LARGEST_TREE:
        return Pieces([], [Broken(1, tuple(dict.fromkeys(DEFINES.findall(source)))[:20])], [])
    lines = source.split("\n")
    starts = [number for number, line in enumerate(lines) if not GOES_ON.match(line)]
    if not starts or any(line.strip() and not line.lstrip().startswith("#") for line in lines[: starts[0]]):
        starts = [0, *starts]
    found: list[Statement] = []
    broken: list[Broken] = []
    tabs: list[int] = []
    left = MOST_TRIED
    at = 0
    while at < len(starts):
        for end in range(at + 1, len(starts) + 1):
            last = starts[end] if end < len(starts) else len(lines)
            text = "\n".join(lines[starts[at] : last])
            left -= len(text) if end > at + 1 else 0
            if end > at + 1 and (left < 0 or last - starts[at] > MOST_JOINED):
                tree = None
                break
            tree, text, changed = _parsed(text)
            if tree is not None:
                found += [one._replace(line=one.line + starts[at]) for one in _statements(tree, text)]
                tabs += [starts[at] + 1] * changed
                at = end
                break
        if tree is None:
            last = starts[at + 1] if at + 1 < len(starts) else len(lines)
            broken.append(_broken("\n".join(lines[starts[at] : last]), starts[at] + 1))
            at += 1
    return _compiled(found, broken, tabs)


def _without_cut_short(found: Pieces, source: str) -> Pieces:
    lines = source.split("\n")
    statements, broken = list(found.statements), []
    for part in found.broken:
        above = max((one for one in statements if one.line < part.line), key=lambda one: one.line, default=None)
        within = WITHIN.match("\n".join(lines[part.line - 1 : part.line + MOST_JOINED]))
        if within and above is not None and isinstance(above.node, Definition):
            statements.remove(above)
            part = Broken(part.line, (above.node.name,), part.message, part.error_line)
        broken.append(part)
    return Pieces(statements, sorted(broken), found.tabs)


def _parsed(text: str) -> tuple[ast.Module | None, str, bool]:
    """Parse a part: tree, text, and whether its tabs had to be read as spaces; only if that is unambiguous."""
    tree = parsed(text)
    if tree is not None or "\t" not in text:
        return tree, text, False
    ways = [INDENT.sub(lambda found, size=size: found[0].expandtabs(size), text) for size in (4, 8)]
    try:
        trees = {ast.dump(tree): (tree, way) for way in ways if (tree := parsed(way)) is not None}
    except RecursionError:  # the parser takes deeper trees than can be written out
        return None, text, False
    if len(trees) != 1:
        return None, text, False
    ((tree, way),) = trees.values()
    return tree, way, True


def _statements(tree: ast.Module, source: str) -> list[Statement]:
    lines = source.split("\n")
    return [Statement(node, source_of(node, lines), first_line(node)) for node in tree.body]


def _compiled(statements: list[Statement], broken: list[Broken], tabs: list[int]) -> Pieces:
    """Without the statements that the parser takes and the compiler refuses, such as a `return` outside of any."""
    if _compiles([one.node for one in statements]):
        return Pieces(statements, broken, tabs)
    kept = []
    for one in statements:
        if _compiles([one.node]):
            kept.append(one)
        else:
            broken.append(_broken(one.text, one.line))
    return Pieces(kept, sorted(broken), tabs)


def _broken(text: str, line: int) -> Broken:
    names = tuple(DEFINES.findall(text)[:1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<submission>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Broken(line, names, str(error.msg), line - 1 + (error.lineno or 1))
    except (ValueError, OverflowError, MemoryError, RecursionError, SystemError):
        pass  # whatever it is, it is not Python that can be run
    return Broken(line, names, error_line=line)


def _compiles(nodes: list[ast.stmt]) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(ast.Module(nodes, []), "<submission>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError, SystemError):
        return False
    return True
