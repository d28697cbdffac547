"""What students will read, from the text of the course's files alone: nothing of the course is run or imported."""

from __future__ import annotations

import ast
from typing import NamedTuple

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.grading.content import docstring_parts


class Told(NamedTuple):
    """A known mistake in a student's words; `same_as` names the one under whose sentence it is told."""

    id: str
    sentence: str
    hint: str
    seen: str
    same_as: str


def told(course: Course, exercise: Exercise) -> list[Told]:
    """What is said about each mistake, in the order of the file. Raises CouldNotCheck if there is no such file."""
    path = course.misconceptions_path(exercise.id)
    name = path.relative_to(course.root).as_posix()
    again = f"tfm-quiz teach preview {exercise.id}"
    if not path.is_file():
        raise CouldNotCheck(
            f"{name} is not there, so there is nothing to read yet.", next_step=f"write it, then {again}"
        )
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError) as error:
        raise CouldNotCheck(f"{name} is not Python: {error}", next_step=f"mend it, then {again}") from error
    same_as = {other: group[0] for group in _equal(tree) for other in group}
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [
        Told(node.name, *docstring_parts(ast.get_docstring(node) or ""), same_as.get(node.name, node.name))
        for node in found
        if not node.name.startswith("_")
    ]


def _equal(tree: ast.Module) -> list[tuple[str, ...]]:
    """The groups of EQUAL, which is written as a literal."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "EQUAL" for t in node.targets):
            return list(ast.literal_eval(node.value))
    return []
