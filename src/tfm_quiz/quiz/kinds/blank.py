"""A blank: a word or a few to fill in, compared without case, punctuation and spacing. All or nothing."""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, all_or_nothing, typed_flaws
from .fields import Near, Text
from .forms import Form, Words


class NearText(Near, kw_only=True, forbid_unknown_fields=True):
    """Wrong words that betray a misconception; compared like the accepted ones."""

    answer: list[Text]


class Blank(Closed, kw_only=True, tag="blank"):
    """A word or a few to fill in, compared without case, punctuation and spacing."""

    answer: Annotated[list[Text], Meta(min_length=1)]
    near: list[NearText] = []

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        return "a word or a few"

    @classmethod
    def read_number(cls, prompt: Prompt, value: float, how: str) -> Answer:
        return f"{value:g}" if abs(value) < 1e15 else super().read_number(prompt, value, how)

    def mark(self, answer: Any) -> Mark:
        words = normal_text(answer)
        near = [n for n in self.near if words in map(normal_text, n.answer)]
        return all_or_nothing(words in map(normal_text, self.answer), near)

    def key(self) -> Answer:
        return self.answer[0]

    def foreseen(self) -> list[tuple[str, str]]:
        return [(", ".join(near.answer), near.say) for near in self.near]

    def forms(self) -> Sequence[Form]:
        near = tuple((words, n.say) for n in self.near for words in n.answer)
        return [Words(ask=self.ask, code=self.code, accepted=tuple(self.answer), near=near)]

    def complaints(self) -> Iterator[Complaint]:
        accepted = set(map(normal_text, self.answer))
        if "" in accepted:
            yield ("answer",), "`answer` holds a text without letters"
        for i, near in enumerate(self.near):
            if shared := accepted & set(map(normal_text, near.answer)):
                yield ("near", i, "answer"), f"near answer {i + 1} is accepted as right: {', '.join(shared)}"

    def flaws(self) -> Iterator[str]:
        yield from typed_flaws(self, self.near)


def normal_text(text: str) -> str:
    """Words to compare: no case, no spaces, no quotes or brackets, no hyphen inside a word, no leading article.

    "Byte Pair", "byte-pair" and "`BytePair`" are one; a minus before a word or number and mathematical signs stay.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("−", "-")
    plain = re.sub(r"^\s*(the|an?)\s+", "", plain)
    plain = re.sub(r"(?<=\w)[-‐‑–](?=\w)", "", plain)
    return "".join(c for c in plain if c.isalnum() or c in "+-*/^%=√∞" or unicodedata.category(c) == "Sm")
