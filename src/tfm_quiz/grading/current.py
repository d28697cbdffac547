"""The test that is running: what its fixtures share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from tfm_quiz.course import Exercise

from .answer_key import Recorder
from .attempt import Attempt
from .local import LocalSide
from .remote import RemoteSide

OnStep = Callable[[int, int, tuple[float | None, ...]], None]  # step, of how many, losses so far


@dataclass
class CurrentTest:
    """Everything that the fixtures of one test need: who is asked, and with which values."""

    exercise: Exercise
    side: LocalSide | RemoteSide
    asks: Recorder | Attempt
    solutions: Mapping[str, Any]  # modules by name
    generator: Callable[[str], torch.Generator]
    on_step: OnStep = lambda step, of, losses: None  # of a training
    student_module: Any = None  # where the side is local: the module of the student, the reference's unless given
    losses: list[float | None] = field(default_factory=list)  # of the training that this test did last

    def __post_init__(self) -> None:
        if self.student_module is None:
            self.student_module = self.solutions.get(self.exercise.module)


CURRENT = pytest.StashKey[Callable[[], CurrentTest]]()  # in pytest's configuration
