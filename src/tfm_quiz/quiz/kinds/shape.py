"""The shape of a tensor. All or nothing."""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta

from tfm_quiz.quiz.prompts import Prompt

from .base import (
    MOST_ENTRIES,
    Answer,
    Closed,
    Complaint,
    Mark,
    Unclear,
    all_or_nothing,
    check_entries,
    distinct,
    quoted,
    typed_flaws,
)
from .fields import Near
from .forms import Form, Words


class NearShape(Near, kw_only=True, forbid_unknown_fields=True):
    """A wrong shape that betrays how it came about."""

    answer: list[int]


class Shape(Closed, kw_only=True, tag="shape"):
    """The shape of a tensor."""

    answer: list[Annotated[int, Meta(ge=0)]]
    near: list[NearShape] = []

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        return "the shape, such as [3, 6, 11]" if in_file else "the shape, such as 3 6 11"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        inner = re.sub(r"torch\.size|[()\[\]]", " ", text.lower())
        sizes = re.split(r"[\s,x×;]+", inner.strip(" ,"))
        if sizes == [""]:
            return []  # a scalar: () or []
        if not all(re.fullmatch(r"[0-9]{1,9}", size) for size in sizes) or len(sizes) > MOST_ENTRIES:
            raise Unclear(f"{quoted(text)} is not a shape in numbers; write {how}.")
        return [int(size) for size in sizes]

    @classmethod
    def read_number(cls, prompt: Prompt, value: float, how: str) -> Answer:
        return [value] if isinstance(value, int) and 0 <= value < 10**9 else super().read_number(prompt, value, how)

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        check_entries(value, int, how)
        return [int(size) for size in value]

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return str(tuple(answer)) if isinstance(answer, list) else str(answer)

    def mark(self, answer: Any) -> Mark:
        return all_or_nothing(answer == self.answer, [n for n in self.near if n.answer == answer])

    def key(self) -> Answer:
        return self.answer

    def foreseen(self) -> list[tuple[str, str]]:
        return [(str(tuple(near.answer)), near.say) for near in self.near]

    def forms(self) -> Sequence[Form]:
        near = tuple((form, n.say) for n in self.near for form in written(n.answer))
        ask = f"{self.ask}\n\nWrite {self.how_to_answer(self.prompt(), in_file=False)}."
        return [Words(ask=ask, code=self.code, accepted=tuple(written(self.answer)), near=near, whole=False)]

    def complaints(self) -> Iterator[Complaint]:
        for i, near in enumerate(self.near):
            if near.answer == self.answer:
                yield ("near", i, "answer"), f"near answer {i + 1} is the right answer"
        yield from distinct("near", [n.answer for n in self.near])

    def flaws(self) -> Iterator[str]:
        yield from typed_flaws(self, self.near)


def written(shape: Sequence[int]) -> list[str]:
    """Return the ways in which a shape is usually typed."""
    sizes = [str(size) for size in shape]
    joined, spaced = ", ".join(sizes), " ".join(sizes)
    forms = [f"({joined})", joined, spaced, f"[{joined}]", f"torch.Size([{joined}])", ",".join(sizes)]
    forms += [f"({','.join(sizes)})", f"[{','.join(sizes)}]"]
    return list(dict.fromkeys(forms))
