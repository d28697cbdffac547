"""A match: each item on the left gets a partner from the right. An answer earns the share of right pairs."""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, Reply, Unclear, distinct, order_flaws, quoted
from .fields import LETTERS, Letter, Near, Text
from .forms import Form, Pairs
from .letters import item, line_of_list

Side = Annotated[list[Text], Meta(min_length=2, max_length=9)]


class NearPair(Near, kw_only=True, forbid_unknown_fields=True):
    """A wrong pair: the item of this number (from 1) given this letter."""

    item: Annotated[int, Meta(ge=1, le=9)]
    chose: Letter


class Match(Closed, kw_only=True, tag="match"):
    """Each numbered item on the left gets one letter from the right (a letter may serve twice or not at all)."""

    left: Side
    right: Side
    answer: list[Letter]
    near: list[NearPair] = []

    def listed(self) -> Sequence[str]:
        return self.left

    def partners(self) -> Sequence[str]:
        return self.right

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        letters = f"one letter for each of 1 to {len(prompt.options)}"
        return f"a list with {letters}" if in_file else f"{letters}, with spaces"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        """Read one letter per item: `b a c`, or `1b 2a 3c` in any order."""
        count = len(prompt.options)
        marks = re.sub(r"[\s,;:.=()\[\]'\">-]+", "", text.lower())
        if re.fullmatch(r"(\d[a-i])+", marks):
            chosen = dict(re.findall(r"(\d)([a-i])", marks))
            letters = [chosen.get(str(number), "?") for number in range(1, count + 1)]
            complete = len(chosen) == count and len(marks) == 2 * count
        else:
            letters, complete = list(marks), len(marks) == count
        if not complete or any(letter not in LETTERS[: len(prompt.right)] for letter in letters):
            raise Unclear(f"{quoted(text)} cannot be read as an answer; write {how}.")
        return letters

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        return cls.read_line(prompt, line_of_list(value, how), how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        if not isinstance(answer, list):
            return str(answer)
        return " ".join(f"{number}{letter}" for number, letter in enumerate(answer, start=1))

    def mark(self, answer: Any) -> Mark:
        said = {(n.item, n.chose): Reply(n.say, n.misconception) for n in self.near}
        replies, right = [], 0
        for number, (given, wanted) in enumerate(zip(answer, self.answer, strict=True), start=1):
            if given == wanted:
                right += 1
                continue
            plain = Reply(f"“{self.left[number - 1]}” goes with “{item(self.right, wanted)}”.")
            replies.append(said.get((number, given), plain))
        return Mark(right / len(self.answer), tuple(replies))

    def key(self) -> Answer:
        return self.answer

    def shown_key(self) -> str:
        return ", ".join(f"{number} {letter}" for number, letter in enumerate(self.answer, start=1))

    def foreseen(self) -> list[tuple[str, str]]:
        return [(f"{near.item} {near.chose}", near.say) for near in self.near]

    def forms(self) -> Sequence[Form]:
        return [
            Pairs(
                ask=self.ask,
                code=self.code,
                left=tuple(self.left),
                right=tuple(self.right),
                answer=tuple(map(LETTERS.index, self.answer)),
                replies={(near.item - 1, LETTERS.index(near.chose)): near.say for near in self.near},
            )
        ]

    def complaints(self) -> Iterator[Complaint]:
        letters = LETTERS[: len(self.right)]
        if len(self.answer) != len(self.left):
            yield ("answer",), f"`answer` needs {len(self.left)} letters, one for each item on the left"
            return
        if outside := [letter for letter in self.answer if letter not in letters]:
            yield ("answer",), f"`answer` holds {outside[0]}, but the right side ends at {letters[-1]}"
        for i, near in enumerate(self.near):
            if near.item > len(self.left) or near.chose not in letters:
                yield ("near", i), f"near answer {i + 1} speaks of a pair that does not exist"
            elif self.answer[near.item - 1] == near.chose:
                yield ("near", i), f"near answer {i + 1} is the right pair"
        yield from distinct("left", self.left)
        yield from distinct("right", self.right)

    def flaws(self) -> Iterator[str]:
        yield from order_flaws(self.near)
