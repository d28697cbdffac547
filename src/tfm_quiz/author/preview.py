"""What students will read, from the text of the course's files alone: nothing of the course is run or imported."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.grading.patch_file import read_patches, text_parts


class Told(NamedTuple):
    """A known mistake in a student's words; `same_as` names the one whose sentence is shown for it."""

    id: str
    sentence: str
    hint: str
    seen: str
    same_as: str


def told(course: Course, exercise: Exercise) -> list[Told]:
    """List what is said about each mistake, in the order of the files: patches, then functions and classes.

    Raises CouldNotCheck if there is no such file or if it is not Python, CourseError for mistakes of the patches.
    """
    patches, in_full = course.patches_path(exercise.id), course.misconceptions_path(exercise.id)
    again = f"tfm-quiz teach preview {exercise.id}"
    name = patches.relative_to(course.root).as_posix()
    if not patches.is_file() and not in_full.is_file():
        raise CouldNotCheck(
            f"{name} is not there, so there is nothing to read yet.", next_step=f"write it, then {again}"
        )
    found = [Told(p.id, p.sentence, p.hint, p.seen, p.same_as) for p in read_patches(patches, name)]
    return [*found, *_told_in_full(in_full, in_full.relative_to(course.root).as_posix(), again)]


def _told_in_full(path: Path, name: str, again: str) -> list[Told]:
    """Return the docstrings of a file of functions and classes; none if there is no such file."""
    if not path.is_file():
        return []
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError) as error:
        raise CouldNotCheck(f"{name} is not Python: {error}", next_step=f"fix it, then {again}") from error
    same_as = {other: group[0] for group in _equal(tree) for other in group}
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    texts = {node.name: text_parts(ast.get_docstring(node) or "") for node in found if not node.name.startswith("_")}
    return [Told(n, t[""], t["Hint"], t["Seen"], same_as.get(n, n)) for n, t in texts.items()]


def _equal(tree: ast.Module) -> list[tuple[str, ...]]:
    """Return the groups of EQUAL, which is written as a literal."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "EQUAL" for t in node.targets):
            return list(ast.literal_eval(node.value))
    return []
