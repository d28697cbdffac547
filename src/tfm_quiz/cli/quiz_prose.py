"""The self-check of a free-text answer: what was found in it, hints, one revision, then the student's own ticks.

Patterns of words are a mirror and no examiner: nothing here is a grade, and what the student ticks is what counts.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from tfm_quiz.quiz.bank import Prose
from tfm_quiz.quiz.prose import Suggestion, suggest
from tfm_quiz.quiz.rubric.guards import SENTENCES
from tfm_quiz.quiz.rubric.model import Lexicon
from tfm_quiz.untrusted import for_terminal

FOOTER = "Matched by patterns of words: they miss unusual wording and can be fooled. You judge."


class Page(Protocol):
    """What the self-check needs of a screen."""

    patient: bool

    def say(self, text: str = "") -> None:
        """Lines."""
        ...

    def paragraph(self, text: str, indent: str = "  ", first: str | None = None) -> None:
        """Wrapped text."""
        ...


def self_check(
    page: Page, question: Prose, text: str, lexicon: Lexicon, revise: Callable[[], str], tick: Callable[[str], bool]
) -> float:
    """Lead through the check of an answer; the share of the ideas that the student ticked (1 where nobody can tick).

    `revise` asks for a second version ("" keeps the first), `tick` asks whether the answer has an idea.
    """
    found = suggest(question, text, lexicon)
    assert found is not None  # noqa: S101 -- a prose question has a suggestion
    show_found(page, question, found)
    if page.patient:
        second = revise()
        if second and (found := suggest(question, second, lexicon)):
            show_found(page, question, found)
    page.say()
    page.paragraph("A good answer:")
    page.say()
    page.paragraph(question.model_answer, indent="    ")
    if not page.patient:
        page.say()
        page.paragraph(FOOTER)
        return 1.0
    page.say()
    page.paragraph("Which of its ideas were in yours? " + FOOTER)
    ticks = [tick(str(point.get("text", ""))) for point in question.key_points]
    return sum(ticks) / len(ticks)


def show_found(page: Page, question: Prose, found: Suggestion) -> None:
    """Ideas with the student's own sentences, doubts, hints for the rest, and sentences to look at again."""
    page.say()
    if found.abstained:
        page.paragraph(f"I can't judge this one: {_lowered(SENTENCES[found.abstained])}")
        return
    count = sum(point.state == "found" for point in found.key_points)
    page.paragraph(f"I found {count} of {len(found.key_points)} ideas.")
    for number, point in enumerate(found.key_points):
        hint = str(question.key_points[number].get("hint", ""))
        page.say()
        if point.state == "found":
            page.paragraph(f"Found: “{_quoted(point.evidence)}”", indent="    ")
        elif point.state == "unsure":
            page.paragraph(f"Perhaps you say it here: “{_quoted(point.evidence)}” {hint}", indent="    ")
        else:
            page.paragraph(f"Not found in your words. {hint}", indent="    ")
    for flag in found.misconceptions:
        page.say()
        page.paragraph(
            f"Check this one: “{_quoted((flag.evidence,))}” It reads like: {flag.text} {flag.say}", indent="    "
        )


def lexicon_of(course_root: Path) -> Lexicon:
    """The lexicon that ships with the practice questions, or an empty one."""
    file = course_root / "quiz" / "practice" / "prose" / "lexicon.toml"
    return msgspec.toml.decode(file.read_bytes(), type=Lexicon) if file.is_file() else Lexicon()


def _quoted(sentences: tuple[str, ...]) -> str:
    return for_terminal(" … ".join(sentences), lines=False)


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
