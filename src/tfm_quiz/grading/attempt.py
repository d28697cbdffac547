"""One test, asked of a student: every answer is compared with the right one. No torch here.

The right answers are those of the reference, recorded before (`answer_key`), or those of the public probes (`probes`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tfm_quiz.wall.host.reply import WallError

from .compare import Difference
from .observation import Observation
from .questions import EncodedQuestion, Question

BYTES_KEPT = 1 << 20  # of an answer, beyond twice what was expected


class Mismatch(Exception):
    """A test asked its questions, and at least one answer was wrong."""


class ReferenceFault(Exception):
    """The course's own reference does not pass its own grader: a fault of the course, not of a student."""


class KnownQuestion(Protocol):
    """A question whose right answer is known, and what known mistakes answer."""

    @property
    def question(self) -> Question:
        """The question itself."""
        ...

    @property
    def encoded(self) -> EncodedQuestion:
        """The same as a worker gets it."""
        ...

    @property
    def expected(self) -> Observation:
        """The right answer."""
        ...

    @property
    def size(self) -> int:
        """The bytes of the tensors that are expected."""
        ...

    def difference(self, observed: Observation) -> Difference | None:
        """Say what is wrong with an answer, or return None."""
        ...

    def is_answer_of(self, mistake: str, observed: Observation) -> bool:
        """Return whether this known mistake would have given this answer."""
        ...


class Side(Protocol):
    """The side that answers: code in a worker (`RemoteSide`) or in this process (`LocalSide`)."""

    def answers(self, questions: Sequence[KnownQuestion]) -> Iterator[Observation]:
        """Return the answer to each question, in order."""
        ...


@dataclass(frozen=True)
class Comparison:
    """A question that a student answered, and what is wrong with the answer, if anything."""

    known: KnownQuestion
    observed: Observation
    wrong: Difference | None


class Asks(Protocol):
    """What `check` asks its questions of: an `Attempt`, or the recorder of the right answers."""

    def ask(self, question: Question) -> None:
        """Ask, and record or compare."""
        ...

    def state(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Weights for a module built with these arguments."""
        ...

    def cotangents(self, question: Question) -> tuple[Any, ...]:
        """Return one for each floating tensor of the right answer."""
        ...


class Attempt:
    """One test asked of a student. What a question asks is known: the test only says when it is asked."""

    def __init__(self, known: Sequence[KnownQuestion], side: Side) -> None:
        self.known, self.side = known, side
        self.comparisons: list[Comparison] = []

    @property
    def failures(self) -> list[Comparison]:
        """List what was wrong."""
        return [one for one in self.comparisons if one.wrong is not None]

    def ask(self, question: Question) -> None:
        """Ask the next question. Raises WorkerDied, WorkerTimedOut, and ReferenceFault if there is none."""
        number = len(self.comparisons)
        if number >= len(self.known):
            raise ReferenceFault("the grader asks other questions than those recorded: it must not branch on answers")
        self._compare(self.known[number : number + 1])

    def run(self) -> BaseException | None:
        """Ask everything that is left. Returns what a test that only asks would raise."""
        try:
            self._compare(self.known[len(self.comparisons) :])
        except WallError as error:
            return error
        return Mismatch() if self.failures else None

    def state(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: weights are part of the known question."""
        return {}

    def cotangents(self, question: Question) -> tuple[Any, ...]:
        """Nothing, as with `state`."""
        return ()

    def _compare(self, questions: Sequence[KnownQuestion]) -> None:
        for known, observed in zip(questions, self.side.answers(questions), strict=True):
            self.comparisons.append(Comparison(known, _kept(observed, known.size), known.difference(observed)))


def _kept(observed: Observation, expected: int) -> Observation:
    """Return the answer as it is kept to name the mistake; one of far more bytes than expected is not kept."""
    return observed if observed.size() <= 2 * expected + BYTES_KEPT else Observation(raised=("TooLarge",))
