"""What the reference and every known-wrong variant answer to the questions of a grader, evaluated once a run.

A *rehearsal* runs each test with the reference in the student's place and writes down every question in order, with
the answers of the reference (in the inputs' own dtype, and in float64), and what variants will be asked. Since graders
choose sizes and draw values from the run's seed alone, every submission is asked the same questions, and only compares.
If the variants cannot be told apart on the drawn values, values are drawn again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import torch

from tfm_quiz.wall.wire.frames import Name, Tensor, leaves
from tfm_quiz.wall.wire.tensors import from_wire
from tfm_quiz.wall.worker.gradients import floating

from .asked import Asked, asked
from .compare import FLOOR, is_near, same
from .content import Misconception
from .draw import draw_state, generator
from .seen import Build, Call, OnBuilt, Question, Seen, Through
from .variants import Answers, Block
from .worlds import LocalWorld, to_send

MAX_ROUNDS = 5
REFERENCE = "the reference"  # in a pair with a variant


@dataclass(frozen=True)
class Answer:
    """One question with its right answer and the variants' answers. `public` ones are recorded as probes."""

    question: Question
    sent: Asked  # the same, encoded once for all submissions
    expected: Seen
    exact: Seen
    variants: Mapping[str, Seen]
    floor: float = FLOOR
    public: bool = False
    size: int = 0  # bytes of the tensors that are expected


@dataclass
class Oracle:
    """All answers of one exercise: `answers[test]` in the order in which the test asks."""

    exercise: str
    target: Name
    reference: Callable[..., Any]
    variants: Mapping[str, Misconception]
    staged: ModuleType | None
    seed: int
    round: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)  # as many

    def generator(self, test: str, *labels: object) -> torch.Generator:
        """The source of the values that a test draws."""
        return generator(self.seed, self.round, self.exercise, test, *labels)

    def confused(self) -> list[tuple[str, str]]:
        """Pairs that no question tells apart: (variant, variant) or (variant, "the reference"). Equals are fine."""
        pairs = [pair for i, one in enumerate(self.variants) for pair in self._pairs(one, list(self.variants)[i + 1 :])]
        for test in sorted(self.answers, key=lambda test: self.blocks[test].seconds):  # the dear ones for the few left
            pairs = [pair for pair in pairs if all(_agree(answer, *pair) for answer in self.answers[test])]
        return pairs

    def _pairs(self, one: str, others: Sequence[str]) -> list[tuple[str, str]]:
        own = self.variants[one].same_as
        return [(one, REFERENCE), *((one, other) for other in others if self.variants[other].same_as != own)]


def _agree(answer: Answer, one: str, other: str) -> bool:
    told = answer.expected if other == REFERENCE else answer.variants[other]
    return same(answer.variants[one], told, answer.floor)


class Rehearsal:
    """One test asked of the reference; fills the oracle."""

    def __init__(self, oracle: Oracle, test: str, floor: float, *, public: bool) -> None:
        self.oracle, self.test, self.floor, self.public = oracle, test, floor, public
        self.native = LocalWorld(oracle.reference, oracle.staged)
        self.double = LocalWorld(oracle.reference, oracle.staged, torch.float64)
        self.block = oracle.blocks[test] = Block(oracle.variants, oracle.staged)
        self.asked = oracle.answers[test] = []

    def cotangents(self, question: Call | OnBuilt) -> tuple[torch.Tensor, ...]:
        """Random cotangents for the floating tensors that the reference returns."""
        seen = self.native.ask(question)
        tensors = floating([from_wire(leaf) for _, leaf in leaves(seen.value) if isinstance(leaf, Tensor)])
        source = self.oracle.generator(self.test, "cotangents", len(self.asked))
        return tuple(torch.randn(t.shape, generator=source).to(t.dtype) for t in tensors)

    def state(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, torch.Tensor]:
        """Weights for a module built with these arguments."""
        source = self.oracle.generator(self.test, "state", len(self.asked))
        return draw_state(self.oracle.reference(*args, **kwargs), source)

    def ask(self, question: Question) -> None:
        """Write down the right answer. The question is kept as it is now, whatever the test does next."""
        started = time.perf_counter()
        question = replace(question, args=copied(question.args), kwargs=copied(question.kwargs))
        expected = self.native.ask(question)
        # Helpers make their own models and data, so they run in their own dtype only.
        exact = expected if expected.raised or isinstance(question, Through) else self._exact(question, expected)
        variants = Answers(self.block, len(self.asked))
        self.block.questions.append(question)
        self.block.seconds += time.perf_counter() - started
        sent = asked(to_send(question), self.oracle.target)
        self.asked.append(Answer(question, sent, expected, exact, variants, self.floor, self.public, expected.size()))

    def _exact(self, question: Question, expected: Seen) -> Seen:
        exact = self.double.ask(question)
        if exact.raised:
            raise ReferenceFault(f"the reference fails in float64: {exact.failure}")
        if isinstance(question, Build):  # the structure has no values
            return expected
        exact = replace(exact, changed=expected.changed)
        if not is_near(expected, exact, self.floor):
            raise ReferenceFault("in the dtype of its inputs the reference is too far from itself in float64")
        return exact


def copied(value: Any) -> Any:
    """The same arguments, with tensors of their own (strides kept)."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return type(value)(copied(item) for item in value)
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return value


class ReferenceFault(Exception):
    """The course's own reference does not pass its own grader: a fault of the course, not of a student."""


class Trial:
    """One test asked of a student; compares with what the oracle knows."""

    def __init__(self, oracle: Oracle, test: str) -> None:
        self.known = oracle.answers.get(test, [])
        self.number = 0

    def rest(self) -> list[Answer]:
        """What is known of all questions that are left."""
        left, self.number = self.known[self.number :], len(self.known)
        return left

    def next(self) -> Answer:
        """What is known of the next question."""
        if self.number >= len(self.known):
            raise ReferenceFault("the grader asks other questions than in its rehearsal: it must not branch on answers")
        self.number += 1
        return self.known[self.number - 1]
