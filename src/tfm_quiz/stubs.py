"""From the reference to the stub, and from a student's file back to the question: was this touched at all?

Text and syntax trees only, no torch. Solutions are ours; a student's source is hostile and can at worst be called
"not the stub".
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from .course import Course
from .errors import CourseError, Fault
from .files import write_whole

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # nbgrader's text, so that modules and notebooks agree
RAISED = "NotImplementedError"  # what every open function of a stub has, unless it has a bug to find
MARKER_WORDS = re.compile(r"\b(BEGIN|END)[ _-]*(SOLUTION|FAULT)\b", re.IGNORECASE)

FIND = "# FIND THE BUG"  # in a stub, above faulty code
FAULT_FORM = "### BEGIN FAULT, code in comments of the same indent, ### END FAULT, right above ### BEGIN SOLUTION"
PLANTED = re.compile(
    r"^([ \t]*)### BEGIN FAULT\n((?:\1#(?: .*)?\n)+)\1### END FAULT\n(?=\1### BEGIN SOLUTION$)", re.MULTILINE
)

LARGEST_TREE = 64 * 1024  # characters; the nastiest text of this size costs the parser half a second

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = (*Function, ast.ClassDef)


def make_stub(source: str, name: str) -> str:
    """The solution with each marked region replaced by the stub's two lines, at the indent of its first marker.

    nbgrader's ClearSolutions does the same to a marked cell, but finds its markers anywhere in a line and passes over
    mistakes. Here a marker is a line of its own, and markers that are nested, unclosed, unopened, misspelt or missing
    altogether are all reported at once, in a CourseError that says `name:line`.

    A planted fault takes the place of the region right below it: the student gets working code that is wrong in one
    thing, under the line `# FIND THE BUG`, and mends it.
    """
    planted, commented = _planted(source)
    lines: list[str] = []
    faults: list[Fault] = []
    opened = 0
    found = False
    for number, line in enumerate(source.split("\n"), start=1):
        word = line.strip()
        if number in commented:
            continue
        if word == BEGIN:
            if opened:
                faults.append(Fault(f"{name}:{number}", f"a solution begins inside the one of line {opened}"))
            indent = line[: len(line) - len(line.lstrip())]
            lines += [(indent + stub_line).rstrip() for stub_line in planted.get(number, STUB)]
            opened = number
            found = True
        elif word == END:
            if not opened:
                faults.append(Fault(f"{name}:{number}", f"a solution ends that did not begin; write {BEGIN} above it"))
            opened = 0
        elif mark := MARKER_WORDS.search(line):
            form = f"{BEGIN} or {END} alone on the line" if mark[2].upper() == "SOLUTION" else FAULT_FORM
            faults.append(Fault(f"{name}:{number}", f"write {form}, exactly so, or not at all"))
        elif not opened:
            lines.append(line)
    if opened:
        faults.append(Fault(f"{name}:{opened}", f"the solution that begins here never ends; write {END} below it"))
    if not found and not faults:
        faults.append(Fault(name, f"no part of it is marked as a solution; write {BEGIN} and {END} around the bodies"))
    if faults:
        raise CourseError(faults)
    return "\n".join(lines)


def without_marks(source: str) -> str:
    """The solution as it runs: without its markers and without planted faults."""
    return "\n".join(line for line in PLANTED.sub("", source).split("\n") if line.strip() not in (BEGIN, END))


def is_planted(stub_source: str, name: str) -> bool:
    """Whether the exercise `name` of this stub is to find a bug."""
    lines = stub_source.split("\n")
    return any(
        FIND in map(str.strip, lines[first - 1 : last]) for first, last, owner in _spans(stub_source) if owner == name
    )


def stub_texts(course: Course) -> dict[Path, str]:
    """What `exercises/` should hold: the path of each module and its text, from `solutions/`.

    Raises CourseError holding the mistakes of all solutions.
    """
    texts: dict[Path, str] = {}
    faults: list[Fault] = []
    for module in course.modules:
        solution = course.solution_path(module)
        name = solution.relative_to(course.root).as_posix()
        try:
            texts[course.stub_path(module)] = make_stub(solution.read_text("utf-8"), name)
        except CourseError as error:
            faults += error.faults
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(name, f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"))
    if faults:
        raise CourseError(faults)
    return texts


def stale_stubs(course: Course) -> list[Path]:
    """The stubs that are missing or differ from what their solutions give; `tfm-quiz teach stubs` refreshes them."""
    return [path for path, text in stub_texts(course).items() if not path.is_file() or path.read_text("utf-8") != text]


def write_stubs(course: Course) -> list[Path]:
    """Bring `exercises/` up to date, each file at once or not at all. Returns what was written."""
    texts = stub_texts(course)
    stale = stale_stubs(course)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, texts[path])
    return stale


def open_regions(stub_source: str, name: str) -> list[str]:
    """The functions that the stub leaves open for the exercise `name`: itself, or `Class.method` for each open one."""
    return list(_open_regions(stub_source).get(name, ()))


def same_as_stub(student_source: str, stub_source: str, name: str) -> bool:
    """Whether the student left the exercise `name` as it came: this decides `not_attempted`.

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
    """Whether a whole module is as it came: each of these exercises still the stub."""
    return all(same_as_stub(student_source, stub_source, name) for name in names)


def line_owner(source: str, line: int) -> str | None:
    """The top-level function or class in which this line of the source lies; None outside of any, or if unparsable."""
    for first, last, name in _spans(source):
        if first <= line <= last:
            return name
    return None


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of hostile source; None for what is too large, too deep or not Python. Never raises."""
    if len(source) > LARGEST_TREE:
        return None
    try:
        with warnings.catch_warnings():  # a wrong escape in a student's string is not ours to announce
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _planted(source: str) -> tuple[dict[int, list[str]], set[int]]:
    """The lines of each planted fault, by the line of the solution below it; and the lines where it is written."""
    planted: dict[int, list[str]] = {}
    commented: set[int] = set()
    for found in PLANTED.finditer(source):
        first = source.count("\n", 0, found.start()) + 1
        below = first + found[0].count("\n")
        planted[below] = [FIND, *(line.strip()[2:] for line in found[2].splitlines())]
        commented.update(range(first, below))
    return planted, commented


def _statements(source: str) -> list[ast.stmt]:
    tree = parsed(source)
    return tree.body if tree else []


# A submission is asked about exercise by exercise, each time with the same few modules; what is kept is small.
@lru_cache(maxsize=64)
def _bodies(source: str) -> dict[str, bytes]:
    """A digest of each function's body, by its name or as `Class.method`; names bound more than once are left out."""
    try:
        return _digests(_statements(source))
    except RecursionError:
        return {}


@lru_cache(maxsize=64)
def _open_regions(source: str) -> dict[str, list[str]]:
    """The open functions of a stub, by the top-level name to which they belong."""
    lines = [line.strip() for line in source.split("\n")]
    regions: dict[str, list[str]] = {}
    for owner in _statements(source):
        if not isinstance(owner, Definition):
            continue
        inner = owner.body if isinstance(owner, ast.ClassDef) else [owner]
        for function in inner:
            if isinstance(function, Function) and _is_open(function, lines):
                name = owner.name if function is owner else f"{owner.name}.{function.name}"
                regions.setdefault(owner.name, []).append(name)
    return regions


@lru_cache(maxsize=64)
def _spans(source: str) -> tuple[tuple[int, int, str], ...]:
    """First and last line of each top-level function and class, decorators included."""
    return tuple(
        (min(part.lineno for part in (node, *node.decorator_list)), node.end_lineno or 0, node.name)
        for node in _statements(source)
        if isinstance(node, Definition)
    )


def _is_open(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """Whether a stub leaves this function to the student: with its `raise`, or with a bug to find."""
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
        if "*" in bound:  # may bind anything anew
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


def bound_names(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or whose attributes it sets: a class may be finished outside of its body.

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
