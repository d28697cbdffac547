"""Make a submission of the reference with one definition changed: by a misconception, or by one of the proofs.

So a proof is graded as a real submission is: as text, in a worker, by the hidden grader.
"""

import ast
import copy
from functools import lru_cache

from tfm_quiz.course import Course, Exercise
from tfm_quiz.grading.content import KnownMistake
from tfm_quiz.grading.patch import definition_of

Definition = ast.FunctionDef | ast.ClassDef


def candidates(text: str) -> list[str]:
    """Return the names of the public functions and classes that a file of misconceptions or proofs defines."""
    return [node.name for node in _parse(text).body if isinstance(node, Definition) and not node.name.startswith("_")]


def with_mistake(course: Course, exercise: Exercise, mistake: KnownMistake, solution: str) -> str:
    """Return the solution's text with a known mistake: patched, or with the function or class from their file."""
    if mistake.patches:
        return definition_of(course, exercise, solution).module(*mistake.patches)
    donor = course.misconceptions_path(exercise.id).read_text("utf-8")
    return transplant(solution, donor, mistake.id, exercise.name)


def transplant(solution: str, donor: str, name: str, target: str) -> str:
    """Return the solution's text with the donor's `name` in the place of `target`.

    The donor's imports, constants and underscore helpers come along; `from solutions.x import y` becomes
    `from .x import y`; and what the donor calls `target` is the reference's.
    """
    kept: list[ast.stmt] = []
    for node in copy.deepcopy(_parse(donor)).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "solutions":
            node.module, node.level = (node.module or "").partition(".")[2] or None, 1
            kept.append(node)
        elif isinstance(node, Definition):
            if node.name == name or node.name.startswith("_"):
                kept.append(_Renamed(name, target).visit(node))
        elif isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign):
            kept.append(_Renamed(name, target).visit(node))
    imports = [node for node in kept if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in kept if node not in imports]
    saved = ast.parse(f"_reference_{target} = {target}").body
    module = ast.fix_missing_locations(ast.Module([*imports, *saved, *rest], []))
    return f"{solution}\n\n# --- in the place of {target} ---\n{ast.unparse(module)}\n"


class _Renamed(ast.NodeTransformer):
    """The donor takes the target's name; the target, as the donor knew it, becomes `_reference_...`."""

    def __init__(self, name: str, target: str) -> None:
        self.names = {name: target, target: f"_reference_{target}"} if name != target else {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def _definition(self, node: Definition) -> Definition:
        if node.name in self.names:
            node.name = self.names[node.name]
        self.generic_visit(node)
        return node

    visit_FunctionDef = _definition  # noqa: N815
    visit_ClassDef = _definition  # noqa: N815


@lru_cache(maxsize=8)
def _parse(text: str) -> ast.Module:
    return ast.parse(text)
