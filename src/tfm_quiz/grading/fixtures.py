"""The fixtures of a grader, as pytest sees them. What they do is in `check.py` and `draw.py`."""

from collections.abc import Callable
from typing import Any

import pytest

from .check import Check, Reference, Staged, Student
from .draw import Draw
from .lab import Train
from .plugin import GRADER, GraderPlugin


@pytest.fixture
def grader(request: pytest.FixtureRequest) -> GraderPlugin:
    """The running plugin, with the stage of the current test."""
    return request.config.stash[GRADER]


@pytest.fixture
def check(grader: GraderPlugin) -> Check:
    """Compare the student's answers with the reference's."""
    return Check(grader.scene.stage)


@pytest.fixture
def student(grader: GraderPlugin) -> Student:
    """Plain calls of the student's module."""
    return Student(grader.scene.stage.world, grader.scene.exercise.module, grader.scene.reference_module)


@pytest.fixture
def staged(grader: GraderPlugin) -> Staged:
    """Staged helpers, called with the student's function or class."""
    return Staged(grader.scene.stage.world)


@pytest.fixture
def train(grader: GraderPlugin) -> Train:
    """Train the student's model, for a lab."""
    return Train(grader.scene.stage)


@pytest.fixture
def reference(grader: GraderPlugin) -> Reference:
    """The reference's own functions and classes."""
    return Reference(grader.scene.solutions)


@pytest.fixture
def draw(grader: GraderPlugin, request: pytest.FixtureRequest) -> Draw:
    """The source of this test's values."""
    return Draw(grader.scene.generator(request.node.name))


@pytest.fixture
def randn(draw: Draw) -> Callable[..., Any]:
    """Normal values: `randn(2, 5, 12, scale=0.3)`."""
    return draw.randn


@pytest.fixture
def randint(draw: Draw) -> Callable[..., Any]:
    """Integers: `randint(low, high, *shape)`."""
    return draw.randint


@pytest.fixture
def randbool(draw: Draw) -> Callable[..., Any]:
    """Booleans: `randbool(*shape, p=0.5)`."""
    return draw.randbool
