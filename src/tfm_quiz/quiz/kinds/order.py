"""An order: items to put in their right order.

An answer earns the share of its neighbours that are neighbours, in that order, in the right answer.
"""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any

from msgspec import Meta

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, Reply, Unclear, distinct, order_flaws
from .fields import LETTERS, Letter, Near, Text
from .forms import Form, Ordering, lettered, one_of, spelled
from .letters import in_numbers, item, letters_in, line_of_list


class NearOrder(Near, kw_only=True, forbid_unknown_fields=True):
    """Two items in the wrong order: `first` was put somewhere before `then`."""

    first: Letter
    then: Letter


class Order(Closed, kw_only=True, tag="order"):
    """Items to put in order; `answer` is their letters in the right order."""

    items: Annotated[list[Text], Meta(min_length=3, max_length=9)]
    answer: list[Letter]
    near: list[NearOrder] = []

    def listed(self) -> Sequence[str]:
        return self.items

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        count = len(prompt.options)
        if in_file:
            return f'a list of the letters "a" to "{LETTERS[count - 1]}" in the right order'
        return f"the numbers 1 to {count} in the right order, with spaces"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        count = len(prompt.options)
        letters = letters_in(text, count, how)
        if sorted(letters) != list(LETTERS[:count]):
            raise Unclear(f"Each of the {count} once, please: write {how}.")
        return letters

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        return cls.read_line(prompt, line_of_list(value, how), how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return in_numbers(map(str, answer)) if isinstance(answer, list) else str(answer)

    def mark(self, answer: Any) -> Mark:
        wanted = set(pairwise(self.answer))
        share = sum(pair in wanted for pair in pairwise(answer)) / len(wanted)
        if share == 1:
            return Mark(1.0)
        place = answer.index
        replies = [Reply(n.say, n.misconception) for n in self.near if place(n.first) < place(n.then)]
        if not replies:
            first, then = next(pair for pair in pairwise(answer) if pair not in wanted)
            replies = [Reply(f"“{item(self.items, then)}” does not come right after “{item(self.items, first)}”.")]
        return Mark(share, tuple(replies))

    def key(self) -> Answer:
        return self.answer

    def foreseen(self) -> list[tuple[str, str]]:
        return [(f"{in_numbers(n.first)} before {in_numbers(n.then)}", n.say) for n in self.near]

    def forms(self) -> Sequence[Form]:
        """In order, or a choice among the right order and, for each near answer, that with those two swapped."""
        swaps = [({near.first: near.then, near.then: near.first}, near.say) for near in self.near]
        wrong = [(spelled([swap.get(letter, letter) for letter in self.answer]), say) for swap, say in swaps]
        wrong = wrong or [(spelled(self.answer[::-1]), "That is the reverse order.")]
        ask = f"{self.ask}\n\n{lettered(self.items)}"
        items = tuple(item(self.items, letter) for letter in self.answer)
        return [
            Ordering(ask=self.ask, code=self.code, items=items),
            *one_of(self.id, ask, self.code, spelled(self.answer), wrong),
        ]

    def complaints(self) -> Iterator[Complaint]:
        letters = list(LETTERS[: len(self.items)])
        if sorted(self.answer) != letters:
            yield ("answer",), f"`answer` must hold each of {', '.join(letters)} once"
            return
        if self.answer == letters:
            yield ("items",), "the items are already in the right order; shuffle them in the file"
        for i, near in enumerate(self.near):
            if not {near.first, near.then} <= set(letters) or near.first == near.then:
                yield ("near", i), f"near answer {i + 1} needs two different letters of {', '.join(letters)}"
            elif self.answer.index(near.first) < self.answer.index(near.then):
                yield ("near", i), f"near answer {i + 1}: {near.first} before {near.then} is right"
        yield from distinct("items", self.items)

    def flaws(self) -> Iterator[str]:
        yield from order_flaws(self.near)
