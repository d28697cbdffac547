"""A choice: one option is right, all or nothing."""

# ruff: noqa: D102 - the base class says what the methods do

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any, ClassVar

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, Reply, plain
from .fields import LETTERS, Option, Options
from .forms import Form, OneOf
from .letters import (
    in_numbers,
    line_of_list,
    line_of_number,
    one_letter,
    option_complaints,
    option_replies,
    right_letters,
)

TWICE = 1.6  # times the length of the next option: so long that it can be picked by eye
ALIKE = 0.92


class PickOne(Closed, kw_only=True):
    """How one option among `choices` is picked."""

    one_key: ClassVar[bool] = True

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        count = len(prompt.options)
        return f'a letter, "a" to "{LETTERS[count - 1]}"' if in_file else f"a number from 1 to {count}"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        return one_letter(text, len(prompt.options), how)

    @classmethod
    def read_number(cls, prompt: Prompt, value: float, how: str) -> Answer:
        return cls.read(prompt, line_of_number(value, how), how)

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        return cls.read_line(prompt, line_of_list(value, how), how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return in_numbers(str(answer))

    def mark(self, answer: Any) -> Mark:
        option = self.choices()[LETTERS.index(answer)]
        return Mark(1.0) if option.correct else Mark(0.0, (Reply(option.say, option.misconception),))

    def key(self) -> Answer:
        return right_letters(self.choices())[0]

    def foreseen(self) -> list[tuple[str, str]]:
        return option_replies(self.choices())


class Choice(PickOne, kw_only=True, tag="choice"):
    """One option is right."""

    habits: ClassVar[bool] = True

    options: Options

    def choices(self) -> Sequence[Option]:
        return self.options

    def forms(self) -> Sequence[Form]:
        return [OneOf(ask=self.ask, code=self.code, options=tuple(self.options))]

    def complaints(self) -> Iterator[Complaint]:
        yield from option_complaints("options", self.options, one=True)

    def flaws(self) -> Iterator[str]:
        right = max(len(option.text) for option in self.options if option.correct)
        if right > TWICE * max(len(option.text) for option in self.options if not option.correct):
            yield "the right option is far longer than the others"
        yield from overlaps([option.text for option in self.options])


def overlaps(texts: Sequence[str]) -> Iterator[str]:
    """Flaws of options of which one contains another or nearly is it."""
    for (i, first), (j, second) in combinations(enumerate(map(plain, texts), start=1), 2):
        shorter, longer = sorted((first, second), key=len)
        if shorter in longer and len(shorter.split()) > 2:  # a symbol may well occur in a formula
            yield f"options {i} and {j} overlap: one contains the other"
        elif Counter(first.split()) == Counter(second.split()) or _without_digits(first) == _without_digits(second):
            continue  # roles swapped or another number: often the very point of the question
        elif SequenceMatcher(None, first, second).ratio() > ALIKE:
            yield f"options {i} and {j} are nearly the same"


def _without_digits(text: str) -> str:
    return "".join(c for c in text if not c.isdigit())
