"""Make the stubs: what students get of the solutions."""

from __future__ import annotations

import re
from pathlib import Path

from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError, Fault
from tfm_quiz.files import write_whole
from tfm_quiz.markers import BEGIN, END, FIND, MARKER_WORDS, STUB

FAULT_FORM = "### BEGIN FAULT, code in comments of the same indent, ### END FAULT, right above ### BEGIN SOLUTION"
PLANTED = re.compile(
    r"^([ \t]*)### BEGIN FAULT\n((?:\1#(?: .*)?\n)+)\1### END FAULT\n(?=\1### BEGIN SOLUTION$)", re.MULTILINE
)


def make_stub(source: str, name: str) -> str:
    """Return the solution with each marked region replaced by the stub's two lines, at the indent of its first marker.

    nbgrader's ClearSolutions does the same to a marked cell, but finds its markers anywhere in a line and passes over
    mistakes. Here a marker is a line of its own, and markers that are nested, unclosed, unopened, misspelt or missing
    altogether are all reported at once, in a CourseError that says `name:line`.

    A planted fault takes the place of the region right below it: the student gets working code that is wrong in one
    thing, under the line `# FIND THE BUG`, and fixes it.
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
    """Return the solution as it runs: without its markers and without planted faults."""
    return "\n".join(line for line in PLANTED.sub("", source).split("\n") if line.strip() not in (BEGIN, END))


def stub_texts(course: Course) -> dict[Path, str]:
    """Map the path of each module that `exercises/` should hold to its text, made from `solutions/`.

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
    """List stubs that are missing or differ from their solutions; `tfm-quiz teach stubs` refreshes them."""
    return [path for path, text in stub_texts(course).items() if not path.is_file() or path.read_text("utf-8") != text]


def write_stubs(course: Course) -> list[Path]:
    """Bring `exercises/` up to date, each file at once or not at all. Returns what was written."""
    texts = stub_texts(course)
    stale = stale_stubs(course)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, texts[path])
    return stale


def _planted(source: str) -> tuple[dict[int, list[str]], set[int]]:
    """Return each planted fault's lines, by the line of the solution below it; and the lines where it is written."""
    planted: dict[int, list[str]] = {}
    commented: set[int] = set()
    for found in PLANTED.finditer(source):
        first = source.count("\n", 0, found.start()) + 1
        below = first + found[0].count("\n")
        planted[below] = [FIND, *(line.strip()[2:] for line in found[2].splitlines())]
        commented.update(range(first, below))
    return planted, commented
