"""What the reference and every known-wrong variant answer to the questions of a grader, evaluated once a run.

A *rehearsal* runs each test with the reference in the student's place and writes down every question in order, with
the answers of the reference (in the inputs' own dtype, and in float64) and of all variants. Since graders choose sizes
and draw values from the run's seed alone, every submission is asked the same questions, and only compares. If the
variants cannot be told apart on the drawn values, values are drawn again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import torch

from tfm_quiz.wall.gradients import floating
from tfm_quiz.wall.tensors import from_wire
from tfm_quiz.wall.wire import Tensor, leaves

from .compare import FLOOR, same
from .content import Misconception
from .draw import draw_state, generator
from .seen import Build, Call, OnBuilt, Question, Seen, Through
from .worlds import LocalWorld, to_send

MAX_ROUNDS = 5


@dataclass(frozen=True)
class Answer:
    """One question with its right answer and the variants' answers. `public` ones are recorded as probes."""

    question: Question
    sent: Question  # the same, encoded once for all submissions
    expected: Seen
    exact: Seen
    variants: Mapping[str, Seen]
    floor: float = FLOOR
    public: bool = False


@dataclass
class Oracle:
    """All answers of one exercise: `answers[test]` in the order in which the test asks."""

    exercise: str
    reference: Callable[..., Any]
    variants: Mapping[str, Misconception]
    staged: ModuleType | None
    seed: int
    round: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def generator(self, test: str, *labels: object) -> torch.Generator:
        """The source of the values that a test draws."""
        return generator(self.seed, self.round, self.exercise, test, *labels)

    def confused(self) -> list[tuple[str, str]]:
        """Pairs that no question tells apart: (variant, variant) or (variant, "the reference"). Equals are fine."""
        asked = [answer for answers in self.answers.values() for answer in answers]
        names = list(self.variants)
        pairs = []
        for i, one in enumerate(names):
            if all(_agrees_with_reference(answer, one) for answer in asked):
                pairs.append((one, "the reference"))
            for other in names[i + 1 :]:
                if self.variants[one].same_as == self.variants[other].same_as:
                    continue
                if all(same(a.variants[one], a.variants[other], a.floor) for a in asked):
                    pairs.append((one, other))
        return pairs


def _agrees_with_reference(answer: Answer, variant: str) -> bool:
    return same(answer.expected, answer.variants[variant], answer.floor)


class Rehearsal:
    """One test asked of the reference and all variants; fills the oracle."""

    def __init__(self, oracle: Oracle, test: str, floor: float, *, public: bool) -> None:
        self.oracle, self.test, self.floor, self.public = oracle, test, floor, public
        self.native = LocalWorld(oracle.reference, oracle.staged)
        self.double = LocalWorld(oracle.reference, oracle.staged, torch.float64)
        self.variants = {name: LocalWorld(variant.target, oracle.staged) for name, variant in oracle.variants.items()}
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
        """Write down what everybody answers. The question is kept as it is now, whatever the test does next."""
        question = replace(question, args=copied(question.args), kwargs=copied(question.kwargs))
        expected = self.native.ask(question)
        # Helpers make their own models and data, so they run in their own dtype only.
        exact = expected if expected.raised or isinstance(question, Through) else self._exact(question, expected)
        variants = {name: world.ask(question) for name, world in self.variants.items()}
        self.asked.append(Answer(question, to_send(question), expected, exact, variants, self.floor, self.public))

    def _exact(self, question: Question, expected: Seen) -> Seen:
        exact = self.double.ask(question)
        if exact.raised:
            raise ReferenceFault(f"the reference fails in float64: {exact.failure}")
        if isinstance(question, Build):  # the structure has no values
            return expected
        return replace(exact, changed=expected.changed)


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

    def next(self) -> Answer:
        """What is known of the next question."""
        if self.number >= len(self.known):
            raise ReferenceFault("the grader asks other questions than in its rehearsal: it must not branch on answers")
        self.number += 1
        return self.known[self.number - 1]
