"""The answer key of a grader: what the reference and every known-wrong variant answer, evaluated once a run.

Before any submission, each test is run with the reference in the student's place. That records every question in order,
with the answers of the reference (in the inputs' own dtype, and in float64), and what variants will be asked. Since
graders choose sizes and draw values from the run's seed alone, every submission is asked the same questions, and only
compares. If the variants cannot be told apart on the drawn values, values are drawn again.
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

from .attempt import ReferenceFault
from .compare import Difference, difference, is_near, same, structure
from .content import KnownMistake
from .draw import draw_state, generator
from .local import LocalSide, as_data
from .naming import Mistake
from .observation import Observation
from .questions import Build, EncodedQuestion, Question, Through, encode
from .variants import VariantAnswers

REFERENCE = "the reference"  # in a pair with a variant


@dataclass(frozen=True)
class KeyEntry:
    """One question with its right answer and the variants' answers."""

    question: Question
    encoded: EncodedQuestion  # the same, once for all submissions
    expected: Observation  # in the inputs' own dtype
    exact: Observation  # in float64
    variants: VariantAnswers
    number: int  # among the questions of its test, from 0
    floor: float
    size: int  # bytes of the tensors that are expected

    def difference(self, observed: Observation) -> Difference | None:
        """Say what is wrong with an answer, or return None."""
        wrong = difference(self.expected, self.exact, observed, self.floor)
        return structure(self.expected, observed) if wrong and isinstance(self.question, Build) else wrong

    def of_variant(self, variant: str) -> Observation:
        """Return the answer of a known mistake."""
        return self.variants.of(variant)[self.number]

    def is_answer_of(self, mistake: str, observed: Observation) -> bool:
        """Return whether this known mistake gives this answer."""
        return same(self.of_variant(mistake), observed, self.floor)


@dataclass
class AnswerKey:
    """All answers of one exercise: `entries[test]` in the order in which the test asks."""

    exercise: str
    target: Name
    reference: Callable[..., Any]
    variants: Mapping[str, KnownMistake]
    staged: ModuleType | None
    seed: int
    draw: int = 0  # the values were drawn so many times before
    entries: dict[str, list[KeyEntry]] = field(default_factory=dict)
    mistakes: Mapping[str, Mistake] = field(init=False)  # what a student reads of each variant

    def __post_init__(self) -> None:
        self.mistakes = {name: Mistake(name, v.sentence, v.hint, v.same_as) for name, v in self.variants.items()}

    def generator(self, test: str, *labels: object) -> torch.Generator:
        """Return the source of the values that a test draws."""
        return generator(self.seed, self.draw, self.exercise, test, *labels)

    def confused(self) -> list[tuple[str, str]]:
        """Pairs that no question tells apart: (variant, variant) or (variant, "the reference"). Equals are fine."""
        pairs = [pair for i, one in enumerate(self.variants) for pair in self._pairs(one, list(self.variants)[i + 1 :])]
        for entries in sorted(self.entries.values(), key=_seconds):  # the expensive ones for the few that are left
            pairs = [pair for pair in pairs if all(_agree(entry, *pair) for entry in entries)]
        return pairs

    def _pairs(self, one: str, others: Sequence[str]) -> list[tuple[str, str]]:
        own = self.variants[one].same_as
        return [(one, REFERENCE), *((one, other) for other in others if self.variants[other].same_as != own)]


def _seconds(entries: Sequence[KeyEntry]) -> float:
    return entries[0].variants.seconds if entries else 0.0


def _agree(entry: KeyEntry, one: str, other: str) -> bool:
    answer = entry.expected if other == REFERENCE else entry.of_variant(other)
    return same(entry.of_variant(one), answer, entry.floor)


class Recorder:
    """One test asked of the reference: fills the answer key."""

    def __init__(self, key: AnswerKey, test: str, floor: float) -> None:
        self.key, self.test, self.floor = key, test, floor
        self.native = LocalSide(key.reference, key.staged)
        self.double = LocalSide(key.reference, key.staged, torch.float64)
        self.variants = VariantAnswers(key.variants, key.staged)
        self.entries = key.entries[test] = []
        self.failures = ()  # the reference is right

    def cotangents(self, question: Question) -> tuple[torch.Tensor, ...]:
        """Random cotangents for the floating tensors that the reference returns."""
        answer = self.native.ask(question)
        tensors = floating([from_wire(leaf) for _, leaf in leaves(answer.value) if isinstance(leaf, Tensor)])
        source = self.key.generator(self.test, "cotangents", len(self.entries))
        return tuple(torch.randn(t.shape, generator=source).to(t.dtype) for t in tensors)

    def state(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, torch.Tensor]:
        """Weights for a module built with these arguments."""
        source = self.key.generator(self.test, "state", len(self.entries))
        return draw_state(self.key.reference(*args, **kwargs), source)

    def ask(self, question: Question) -> None:
        """Record the right answer. The question is kept as it is now, whatever the test does next."""
        started = time.perf_counter()
        question = replace(question, args=copied(question.args), kwargs=copied(question.kwargs))
        expected = self.native.ask(question)
        # Helpers make their own models and data, so they run in their own dtype only.
        exact = expected if expected.raised or isinstance(question, Through) else self._exact(question, expected)
        number = len(self.entries)
        self.variants.questions.append(question)
        self.variants.seconds += time.perf_counter() - started
        encoded, size = encode(as_data(question), self.key.target), expected.size()
        self.entries.append(KeyEntry(question, encoded, expected, exact, self.variants, number, self.floor, size))

    def _exact(self, question: Question, expected: Observation) -> Observation:
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
    """Return the same arguments, with tensors of their own (strides kept)."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return type(value)(copied(item) for item in value)
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return value
