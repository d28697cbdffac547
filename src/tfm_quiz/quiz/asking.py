"""Asking questions: which ones, in what order, and what happens with an answer. How it looks is up to the screen.

Practice marks at once and explains; a graded quiz only takes answers down. Everything is handed on after every answer,
so that an interruption at any moment loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, Protocol, cast

from msgspec import Struct

from .answers import Answer, Unclear, typed_answer
from .bank import Closed, Question
from .kinds.base import Mark
from .kinds.prose import Prose
from .prompts import Prompt
from .reading import Topic

Outcome = Literal["right", "partly", "wrong", "skipped", "unclear", "written"]


class Skip(Exception):
    """The person leaves this question open."""


class Stop(Exception):
    """The person, or the end of the input, ends the quiz."""


class Place(Struct, frozen=True):
    """Where in the quiz a question stands: the second of eight, in a topic of this title."""

    number: int
    count: int
    topic: str


class QuestionResult(Struct, frozen=True):
    """The result of one question."""

    id: str
    outcome: Outcome
    share: float = 0.0
    answer: Answer | None = None
    misconceptions: tuple[str, ...] = ()


class Screen(Protocol):
    """What asking needs from a terminal, a pipe or a test."""

    patient: bool  # whether an unclear line may be asked for again (a pipe's next line belongs to the next question)

    def ask(self, prompt: Prompt, place: Place, given: Answer | None = None) -> str:
        """Show the question (and the answer given before), return what was typed. Raises Skip or Stop."""
        ...

    def ask_again(self, prompt: Prompt) -> str:
        """Read another line for the question on the screen. Raises Skip or Stop."""
        ...

    def unclear(self, sentence: str) -> None:
        """Say why a line could not be read."""
        ...

    def verdict(self, question: Closed, given: Mark) -> None:
        """Say what was right and wrong, and the reason."""
        ...

    def prose(self, question: Prose, text: str) -> float:
        """Lead through the self-check of free text; the share of its ideas that the student ticked."""
        ...

    def noted(self, prompt: Prompt, answer: Answer) -> None:
        """Say that a graded answer is saved, and nothing about its being right."""
        ...


def to_practise(
    topics: Iterable[Topic[Question]], seen: Mapping[str, float], *, again: bool, whole: bool
) -> list[tuple[str, Question]]:
    """Return the practice questions to ask now, each with the title of its topic.

    `seen` holds the best share of the points so far by question id. `again`: those missed or only partly right. Else
    those never answered; if there are none left and a `whole` topic was asked for, all of it.
    """
    all_of_them = [(topic.title, question) for topic in topics for question in topic.questions]
    if again:
        return [(title, question) for title, question in all_of_them if seen.get(question.id, 1.0) < 1.0]
    fresh = [(title, question) for title, question in all_of_them if question.id not in seen]
    return fresh or (all_of_them if whole else [])


class Memory(Protocol):
    """Where practice keeps its results."""

    def result(self, asked: QuestionResult) -> None:
        """Keep what became of a question."""
        ...

    def written(self, name: str) -> str | None:
        """Return the free text that was written for a question before, if any."""
        ...

    def write(self, name: str, text: str) -> None:
        """Keep the free text written for a question."""
        ...


def practise(
    questions: Sequence[tuple[str, Question]], screen: Screen, memory: Memory, *, before: int = 0
) -> list[QuestionResult]:
    """Ask, mark and explain each question; `memory` gets each answer before the explanation is shown.

    `before` counts the questions of the same topics that were answered earlier.
    """
    results: list[QuestionResult] = []
    for number, (title, question) in enumerate(questions, start=before + 1):
        place = Place(number, before + len(questions), title)
        try:
            _practise_one(question, place, screen, memory, results)
        except Stop:
            break
    return results


def _practise_one(
    question: Question, place: Place, screen: Screen, memory: Memory, results: list[QuestionResult]
) -> None:
    """Ask one question; what became of it is in `results` also where the person stops at the reply."""

    def keep(result: QuestionResult) -> None:
        results.append(result)
        memory.result(result)

    outcome, answer = _answer(question.prompt(), place, screen, memory.written(question.id))
    if answer is None:
        results.append(QuestionResult(question.id, outcome))
    elif isinstance(question, Closed):
        given = question.mark(answer)
        names = tuple(reply.misconception for reply in given.replies if reply.misconception)
        verdict: Outcome = "right" if given.right else "partly" if given.share else "wrong"
        keep(QuestionResult(question.id, verdict, given.share, answer, names))
        screen.verdict(question, given)
    else:  # what has no exact answer is free text
        memory.write(question.id, str(answer))
        share = 0.0  # an interrupted self-check has no ticks, so that --again asks it once more
        try:
            share = screen.prose(cast("Prose", question), str(answer))
        finally:
            keep(QuestionResult(question.id, "written", share, answer))


def take_down(
    prompts: Sequence[tuple[str, Prompt]],
    given: Mapping[str, Answer],
    screen: Screen,
    save: Callable[[Prompt, Answer], None],
    *,
    before: int = 0,
) -> list[QuestionResult]:
    """Ask graded questions and save each answer at once; `given` holds answers from before, shown with the question.

    `before` counts the questions of the same topics that were answered earlier.
    """
    results: list[QuestionResult] = []
    for number, (title, prompt) in enumerate(prompts, start=before + 1):
        place = Place(number, before + len(prompts), title)
        try:
            outcome, answer = _answer(prompt, place, screen, given.get(prompt.id))
            if answer is not None:
                save(prompt, answer)
                screen.noted(prompt, answer)
        except Stop:
            break
        results.append(QuestionResult(prompt.id, outcome, answer=answer))
    return results


def _answer(prompt: Prompt, place: Place, screen: Screen, given: Answer | None = None) -> tuple[Outcome, Answer | None]:
    """Ask until a line can be read, or the question is left open."""
    try:
        typed = screen.ask(prompt, place, given)
        while True:
            try:
                return "written", typed_answer(prompt, typed)
            except Unclear as unclear:
                screen.unclear(str(unclear))
                if not screen.patient:
                    return "unclear", None
            typed = screen.ask_again(prompt)
    except Skip:
        return "skipped", None
