"""Code that solves nothing earns nothing, in every exercise.

Functions and methods are replaced by ones that refuse every input, hand back what they got, or answer with one number
in the right shape and dtype. What a check expects of an edge (a ValueError, zeros for an empty row, a loss of 0) is met
by chance then: such a check `needs` one that asks for the real thing.
"""

import ast
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from tfm_quiz.course import Exercise
from tfm_quiz.grading.exercise import Graders, grade_exercise
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.probes import PUBLIC_SEED
from tfm_quiz.manifest import load_course
from tfm_quiz.wall.host.workers import Workers

COURSE = load_course(Path(__file__).parents[2])
ANSWERS = {
    "refuses every input": "raise ValueError('no')",
    "fails at every input": "raise RuntimeError('no')",
    "returns None": "return None",
    "returns its first argument": "return args[0]",
    "returns zeros": "return _filled(right(*args, **kwargs), lambda x: torch.zeros_like(x), 0)",
    "returns ones": "return _filled(right(*args, **kwargs), lambda x: torch.ones_like(x), 1)",
    "returns NaN": "return _filled(right(*args, **kwargs), _nan_like, float('nan'))",
    "returns zeros that reach back": "return _filled(right(*args, **kwargs), lambda x: x * 0, 0)",
}
HELPERS = '''
import torch


def _filled(value, fill, number):
    """The same structure, with every tensor filled and every number replaced."""
    if isinstance(value, torch.Tensor):
        return fill(value)
    if isinstance(value, (tuple, list)):
        return type(value)(_filled(part, fill, number) for part in value)
    return type(value)(number) if isinstance(value, (bool, int, float)) else value


def _nan_like(x):
    return torch.full_like(x, float("nan")) if x.is_floating_point() else torch.ones_like(x)
'''


def solved_by(exercise: Exercise, body: str) -> dict[str, str]:
    """A submission of the reference whose `exercise` answers with `body`."""
    sources = {module: COURSE.solution_path(module).read_text("utf-8") for module in COURSE.modules}
    tree = ast.parse(sources[exercise.module])
    (node,) = [n for n in tree.body if getattr(n, "name", None) == exercise.name]
    if isinstance(node, ast.FunctionDef):
        added = f"_right = {exercise.name}\n\n\ndef {exercise.name}(*args, **kwargs):\n    right = _right\n    {body}\n"
    elif isinstance(node, ast.ClassDef):
        methods = [part.name for part in node.body if isinstance(part, ast.FunctionDef) and part.name != "__init__"]
        added = f"class {exercise.name}({exercise.name}):\n" + "".join(
            f"    def {name}(self, *args, **kwargs):\n        right = super().{name}\n        {body}\n\n"
            for name in methods
        )
    else:
        raise TypeError(f"{exercise.name} is neither a function nor a class")
    sources[exercise.module] += f"\n\n{textwrap.dedent(HELPERS)}\n\n{added}"
    return sources


@pytest.fixture(scope="module")
def earned(workers: Workers) -> dict[str, dict[str, float]]:
    """By exercise: the points of each empty answer that has any."""
    found: dict[str, dict[str, float]] = {}

    def use(graders: Graders) -> None:  # while the graders' session runs: later, checks that take `student` cannot
        graders = replace(graders, labs=False)
        for exercise in COURSE.exercises:
            found[exercise.id] = {}
            for name, body in ANSWERS.items():
                points = grade_exercise(graders, exercise, solved_by(exercise, body)).points
                if points:
                    found[exercise.id][name] = points

    with_graders(COURSE, COURSE.exercises, workers, use, seed=PUBLIC_SEED)
    return found


@pytest.mark.parametrize("name", [exercise.id for exercise in COURSE.exercises])
def test_an_answer_without_content_earns_nothing(earned, name):
    assert earned[name] == {}
