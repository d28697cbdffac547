"""The self-check of free text: what was found, in the student's own words; hints before answers; one revision; a tick.

The rubric is a mirror, not an examiner: no percentage is shown, what was not found is called just that, and the
student's own tick closes the question. How it looks is up to the implementation of `Talk`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct

from .prose import ProseQuestion, Suggestion
from .rubric.guards import SENTENCES


class Talk(Protocol):
    """What the self-check needs of a screen. Paragraphs may quote the student, so they are data to it."""

    def tell(self, paragraphs: Sequence[str]) -> None:
        """Show some paragraphs."""
        ...

    def revise(self) -> str | None:
        """Return the answer once more, or None if the student leaves it as it is."""
        ...

    def tick(self, ideas: Sequence[str]) -> Collection[int] | None:
        """Ask for the numbers (from 1) of the ideas that were in the answer; None if nobody is there."""
        ...


class SelfCheck(Struct, frozen=True, kw_only=True):
    """How a self-check ended: the last version of the answer, and which key points each of the two saw in it."""

    text: str
    revised: bool
    ticked: tuple[int, ...] | None
    found: tuple[int, ...]
    of: int

    @property
    def share(self) -> float:
        """Return the share of the ideas that the student says was there; all of it if nobody was asked."""
        return 1.0 if self.ticked is None else len(self.ticked) / self.of


def self_check(one: ProseQuestion, text: str, talk: Talk) -> SelfCheck:
    """Reply to an answer, take one revision, reveal the ideas and let the student tick them."""
    first = one.suggest(text)
    talk.tell(first_look(one, first))
    last, final = text, first
    revision = talk.revise() if any(point.state != "found" for point in first.key_points) else None
    if revision is not None and revision.strip():
        last, final = revision, one.suggest(revision)
        talk.tell(second_look(first, final))
    talk.tell(revealed(one))
    count = len(final.key_points)
    ticks = talk.tick([point.text for point in final.key_points])
    ticked = None if ticks is None else tuple(sorted(n for n in set(ticks) if 1 <= n <= count))
    found = tuple(n for n, point in enumerate(final.key_points, start=1) if point.state == "found")
    talk.tell([*differences(found, found if ticked is None else ticked), footer(one)])
    return SelfCheck(text=last, revised=last is not text, ticked=ticked, found=found, of=count)


def first_look(one: ProseQuestion, read: Suggestion) -> list[str]:
    """Say what was found, with the student's sentences; what may be meant; hints for the rest; sentences to check."""
    if read.abstained:
        return [f"I can't judge this one. {SENTENCES[read.abstained]}"]
    found = [point for point in read.key_points if point.state == "found"]
    said = [f"I found {_ideas(len(found), len(read.key_points))}" + (":" if found else ".")]
    said += [f"{_quoted(point.evidence)} — {point.text}" for point in found]
    for point, written in zip(read.key_points, one.rubric.key_points, strict=True):
        if point.state == "unsure" and point.evidence:
            said.append(f"You may be getting at something here: {_quoted(point.evidence)} {written.hint}")
        elif point.state != "found":
            said.append(f"I did not find one idea in your words. A hint: {written.hint}")
    for flag in read.misconceptions:
        where = f" See section {flag.section}." if flag.section else ""
        said.append(f"Check this sentence, it reads like “{flag.text}”: {_quoted([flag.evidence])} {flag.say}{where}")
    return said


def second_look(first: Suggestion, read: Suggestion) -> list[str]:
    """Say what the revision changed: the ideas that it added, with the student's sentences, and those that it lost."""
    if read.abstained:
        return [f"I can't judge this one. {SENTENCES[read.abstained]}"]
    before = {point.id for point in first.key_points if point.state == "found" and not first.abstained}
    now = {point.id for point in read.key_points if point.state == "found"}
    added = [point for point in read.key_points if point.id in now - before]
    lost = [point for point in read.key_points if point.id in before - now]
    said = [f"Now I find {_ideas(len(now), len(read.key_points))}" + (", new:" if added else ".")]
    said += [f"{_quoted(point.evidence)} — {point.text}" for point in added]
    return said + [f"I no longer find: {point.text}" for point in lost]


def revealed(one: ProseQuestion) -> list[str]:
    """Return the model answer, which holds all ideas."""
    return ["A good answer:", " ".join(one.question.model_answer.split())]


def differences(found: Collection[int], ticked: Collection[int]) -> list[str]:
    """Say where the student and the patterns disagree; the student is usually right."""
    mine, yours = sorted(set(ticked) - set(found)), sorted(set(found) - set(ticked))
    said = []
    if mine:
        said.append(f"You ticked {_numbers(mine)}, which I did not find: probably I do not know your words for it.")
    if yours:
        said.append(f"I found {_numbers(yours)}, which you did not tick: read that sentence of yours once more.")
    return said


def footer(one: ProseQuestion) -> str:
    """Say how far the patterns can be trusted, in figures measured on the labelled examples."""
    measured = one.rubric.confidence
    figures = ""
    if measured:
        figures = (
            f" In our tests a found idea was really there in {measured['found']}, and one that was not found was there "
            f"all the same in {measured['not_found']}; of ideas given as analogies, {measured['analogy']} were found."
        )
    return f"Matched by word patterns, which miss unusual wording and can be fooled.{figures}"


def _ideas(found: int, of: int) -> str:
    return f"{found or 'none'} of {of} ideas"


def _quoted(sentences: Sequence[str]) -> str:
    return " ".join(f"“{' '.join(sentence.split())}”" for sentence in sentences)


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
