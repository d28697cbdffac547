"""Several: some options are right. The share of right ones chosen minus the share of wrong ones chosen, not below 0.

Choosing everything is therefore worth nothing.
"""

# ruff: noqa: D102 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, Reply
from .choice import overlaps
from .fields import LETTERS, Option, Options
from .forms import Form, SomeOf
from .letters import (
    in_numbers,
    letters_in,
    line_of_list,
    line_of_number,
    option_complaints,
    option_replies,
    right_letters,
)


class Several(Closed, kw_only=True, tag="several"):
    """Some options are right, and at least one is not. `say` of a right one is shown to who missed it."""

    reply_leads: ClassVar[bool] = False

    options: Options

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        last = LETTERS[len(prompt.options) - 1]
        return f'a list of letters, "a" to "{last}"' if in_file else "all the numbers that apply, with spaces"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        return sorted(set(letters_in(text, len(prompt.options), how)))

    @classmethod
    def read_number(cls, prompt: Prompt, value: float, how: str) -> Answer:
        return cls.read(prompt, line_of_number(value, how), how)

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        return cls.read_line(prompt, line_of_list(value, how), how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return in_numbers(map(str, answer)) if isinstance(answer, list) else str(answer)

    def mark(self, answer: Any) -> Mark:
        chosen = [letter in answer for letter in LETTERS[: len(self.options)]]
        right = sum(option.correct for option in self.options)
        hits = sum(option.correct and taken for option, taken in zip(self.options, chosen, strict=True))
        misses = sum(taken and not option.correct for option, taken in zip(self.options, chosen, strict=True))
        replies = []
        for number, (option, taken) in enumerate(zip(self.options, chosen, strict=True), start=1):
            if taken and not option.correct:
                replies.append(Reply(f"Not {number}: {option.say}", option.misconception))
            elif option.correct and not taken:
                replies.append(Reply(f"{number} too: {option.say}" if option.say else f"{number} is right as well."))
        return Mark(max(0.0, hits / right - misses / (len(self.options) - right)), tuple(replies))

    def key(self) -> Answer:
        return right_letters(self.options)

    def shown_key(self) -> str:
        *others, last = in_numbers(right_letters(self.options)).split()
        return f"{', '.join(others)} and {last}" if others else last

    def choices(self) -> Sequence[Option]:
        return self.options

    def foreseen(self) -> list[tuple[str, str]]:
        return option_replies(self.options)

    def forms(self) -> Sequence[Form]:
        return [SomeOf(ask=self.ask, code=self.code, options=tuple(self.options))]

    def complaints(self) -> Iterator[Complaint]:
        yield from option_complaints("options", self.options, one=False)

    def flaws(self) -> Iterator[str]:
        yield from overlaps([option.text for option in self.options])
