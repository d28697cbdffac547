"""The skeleton of a new exercise: every part with what belongs into it, marked where the author goes on writing."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError, Fault, UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.manifest import MANIFEST, load_course

from .parts import TO_WRITE, definition

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # RMS|Norm, Feed|Forward
HEADER = re.compile(r"\[\[(unit|questions|notebooks)\]\]")

ENTRY = """\
[[unit.exercise]]
id = "{id}"
name = "{name}"
title = "{todo}: a title of a few words"
points = {points}
needs = []
section = ""
hints = [
  "{todo}: a question that points at the place.",
  "{todo}: a stronger hint.",
  "{todo}: nearly the answer, still in words.",
]
success = "{todo}: one sentence worth knowing, said after success."
"""

FUNCTION = '''\
def {name}(x: Tensor) -> Tensor:
    """{todo}: what it computes (section), and everything that is graded: shapes, dtypes, edges, errors.

    Args:
        x: floating (B, T, d_model).

    Returns:
        (B, T, d_model), the dtype of `x`.
    """
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION
'''

CLASS = '''\
class {name}(nn.Module):
    """{todo}: what it computes (section), and everything that is graded: shapes, dtypes, edges, errors.

    Args:
        d_model: width of input and output.
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.linear = nn.Linear(d_model, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """Transform x (B, T, d_model) into (B, T, d_model)."""
        ### BEGIN SOLUTION
        return self.linear(x)
        ### END SOLUTION
'''

GRADER = '''\
"""{name}(...): {todo}, the contract in one line"""

import pytest

pytestmark = pytest.mark.exercise("{id}")


@pytest.mark.points({most})
def test_what_a_student_reads_as_the_name_of_this_check(check, randn):
    {ask}


@pytest.mark.points({rest})
@pytest.mark.hidden
def test_other_sizes_and_edges_are_fine(check, randn):
    {ask_again}
'''

MISCONCEPTIONS = """\
# What goes wrong with {name}, as changes of its lines in solutions/{module}.py.

[what_is_wrong]
{todo}: what happens and why it is wrong, in words, never code.
Hint: a question that leads on?
- {line}
+ {line} * 2
"""

PROOFS = '''\
"""Proof that the grader of {name} can be trusted.

{todo}: an oracle, at least four right_..., at least three second_<mistake>..., and some double_...
"""

from torch import Tensor

from solutions.{module} import {name}


def oracle({oracle}) -> Tensor:
    """Independent of the reference: loops, math, or torch's own layer."""
    raise NotImplementedError


{kind} right_loops{signature}:
    raise NotImplementedError
'''

STAGED = '''\
"""{todo}: what runs beside the student's code. Nothing secret, and nothing that it reports is believed."""


def ask({name}, x):
    """Call the student's {name} so that breaking the contract changes the tensors that come back."""
    return {name}(x)
'''


class Skeleton(NamedTuple):
    """The files to write, with their whole text, and the id of the exercise."""

    id: str
    files: dict[Path, str]


def skeleton(course: Course, wanted: str, unit_id: str, *, points: int, bonus: bool, staged: bool) -> Skeleton:
    """Return the parts of a new exercise. A name in CamelCase makes a class, one in snake_case a function.

    Raises UsageProblem if there is no such unit, if the name is taken, or if a file is already there.
    """
    unit = course.unit(unit_id)
    if not ID.fullmatch(wanted):
        raise UsageProblem(f"`{wanted}` cannot be a name: take letters, digits and underscores.")
    is_class = wanted[0].isupper()
    exercise_id = BETWEEN_WORDS.sub("_", wanted).lower() if is_class else wanted
    taken = [e.id for e in course.exercises if e.id.lower() == exercise_id.lower()]
    solution = course.solution_path(unit.id)
    source = solution.read_text("utf-8")
    if taken or definition(source, wanted) is not None:
        where = f"exercise {taken[0]}" if taken else solution.name
        raise UsageProblem(f"`{wanted}` is already there, in {where}.", next_step=f"tfm-quiz teach lint {exercise_id}")
    words = {"id": exercise_id, "name": wanted, "module": unit.id, "todo": TO_WRITE}
    words |= {"points": str(points), "most": str(points * 0.75), "rest": str(points * 0.25)}
    words |= _of_class(wanted) if is_class else _of_function()
    new = {
        course.grader_path(exercise_id): GRADER,
        course.patches_path(exercise_id): MISCONCEPTIONS,
        course.proofs_path(exercise_id): PROOFS,
    }
    if staged:
        new[course.staged_path(exercise_id)] = STAGED
    if there := [path.relative_to(course.root).as_posix() for path in new if path.exists()]:
        raise UsageProblem(f"{', '.join(there)} would be overwritten; nothing was written.")
    files = {path: template.format(**words) for path, template in new.items()}
    definition_text = (CLASS if is_class else FUNCTION).format(**words)
    files[solution] = f"{_importing(source, ['Tensor', *(['nn'] if is_class else [])]).rstrip()}\n\n\n{definition_text}"
    entry = ENTRY.format(**words) + ("bonus = true\n" if bonus else "")
    manifest = course.root / MANIFEST
    files[manifest] = with_entry(manifest.read_text("utf-8"), unit.id, entry)
    return Skeleton(exercise_id, files)


def write(course: Course, new: Skeleton) -> None:
    """Write the skeleton, the manifest last; if the course cannot be read with it, put everything back."""
    before = {path: path.read_bytes() if path.is_file() else None for path in new.files}
    try:
        for path, text in new.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)
        load_course(course.root)
    except BaseException:  # Ctrl-C, too: the course is as it was, or has all of it
        for path, data in before.items():
            if data is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, data)
        raise


def with_entry(manifest: str, unit_id: str, entry: str) -> str:
    """Return the manifest with one more exercise at the end of a unit, above whatever comments the next table has."""
    lines = manifest.split("\n")
    heads = [number for number, line in enumerate(lines) if HEADER.match(line.strip())]
    for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        own = lines[start:end]
        if not lines[start].strip().startswith("[[unit]]") or not any(_names(line, unit_id) for line in own[:5]):
            continue
        while end > start and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        return "\n".join([*lines[:end], "", *entry.rstrip("\n").split("\n"), *(lines[end:] or [""])])
    fault = Fault(MANIFEST, f'has no [[unit]] with the line id = "{unit_id}" near its head; write it so')
    raise CourseError([fault])


def _importing(source: str, names: list[str]) -> str:
    """Return the module with these names of torch imported, if it does not have them yet."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    known = {alias.asname or alias.name for node in imports for alias in node.names}
    missing = [name for name in names if name not in known]
    if not missing:
        return source
    last = max((node.end_lineno or 0 for node in imports), default=0)
    lines = source.split("\n")
    return "\n".join([*lines[:last], f"from torch import {', '.join(missing)}", *lines[last:]])


def _names(line: str, unit_id: str) -> bool:
    return re.match(rf"""\s*id\s*=\s*["']{unit_id}["']""", line) is not None


def _of_function() -> dict[str, str]:
    return {
        "kind": "def",
        "line": "return x",
        "signature": "(x: Tensor) -> Tensor",
        "oracle": "x: Tensor",
        "ask": "check(randn(2, 3, 4))",
        "ask_again": "check.gradients(randn(3, 5, 2))",
    }


def _of_class(name: str) -> dict[str, str]:
    return {
        "kind": "class",
        "line": "return self.linear(x)",
        "signature": f"({name})",
        "oracle": f"module: {name}, x: Tensor",
        "ask": "check.build(6)(randn(2, 3, 6))",
        "ask_again": "check.build(4).gradients(randn(3, 5, 4))",
    }
