"""A number, right within its tolerance. All or nothing."""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, all_or_nothing, distinct, typed_flaws
from .fields import Near, Tolerance
from .forms import Form, Numeric, one_of
from .numbers import ROUNDED, finite, number_in, same_number, show_number


class NearNumber(Near, kw_only=True, forbid_unknown_fields=True):
    """A wrong number that betrays how it came about."""

    answer: float


class Number(Closed, kw_only=True, tag="number"):
    """A number, right if it is within `tolerance` of the answer."""

    answer: float
    tolerance: Tolerance = 0.0
    near: list[NearNumber] = []

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        return "a number, such as 1.75, 2/7 or 3e6"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        return number_in(text, how)

    @classmethod
    def read_number(cls, prompt: Prompt, value: float, how: str) -> Answer:
        return finite(value, how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return show_number(answer) if isinstance(answer, float) else str(answer)

    def mark(self, answer: Any) -> Mark:
        near = [n for n in self.near if same_number(answer, n.answer, self._reach(n.answer))]
        near.sort(key=lambda n: 0.0 if n.answer == answer else abs(n.answer - answer))
        return all_or_nothing(same_number(answer, self.answer, self.tolerance), near)

    def key(self) -> Answer:
        return self.answer

    def shown_key(self) -> str:
        return show_number(self.answer)

    def foreseen(self) -> list[tuple[str, str]]:
        return [(show_number(near.answer), near.say) for near in self.near]

    def forms(self) -> Sequence[Form]:
        choice = one_of(self.id, self.ask, self.code, self.shown_key(), self.foreseen())
        if not math.isfinite(self.answer):
            return choice
        near = tuple((n.answer, n.say) for n in self.near if math.isfinite(n.answer))
        exact = Numeric(ask=self.ask, code=self.code, value=self.answer, tolerance=self.tolerance, near=near)
        return [exact, *choice]

    def complaints(self) -> Iterator[Complaint]:
        for i, near in enumerate(self.near):
            if same_number(near.answer, self.answer, self.tolerance):
                yield ("near", i, "answer"), f"near answer {i + 1} would count as right"
        yield from distinct("near", [n.answer for n in self.near])

    def flaws(self) -> Iterator[str]:
        yield from typed_flaws(self, self.near)

    def _reach(self, value: float) -> float:
        """Return how far an answer may be from a near one and still be recognised: people round."""
        return self.tolerance if math.isinf(value) else max(self.tolerance, ROUNDED * abs(value))
