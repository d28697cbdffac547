"""The neutral forms of questions: what exporters to other systems know.

A kind offers its questions in one form or more, best first, each right by itself: an exporter carries the first that
its target has. Texts are the bank's: paragraphs with `code` in backquotes; `code` is verbatim.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from .fields import LETTERS, Option


class OneOf(Struct, frozen=True, kw_only=True):
    """One option is right."""

    ask: str
    code: str = ""
    options: tuple[Option, ...]


class SomeOf(Struct, frozen=True, kw_only=True):
    """Some are right: the share of the right ones chosen minus that of the wrong ones chosen, not below 0."""

    ask: str
    code: str = ""
    options: tuple[Option, ...]


class Numeric(Struct, frozen=True, kw_only=True):
    """A finite number, right within the tolerance; near ones with their replies."""

    ask: str
    code: str = ""
    value: float
    tolerance: float
    near: tuple[tuple[float, str], ...] = ()


class Words(Struct, frozen=True, kw_only=True):
    """A short text; `whole`: the accepted ones are all there are, else other spellings of them are right as well."""

    ask: str
    code: str = ""
    accepted: tuple[str, ...]
    near: tuple[tuple[str, str], ...] = ()
    whole: bool = True


class Ordering(Struct, frozen=True, kw_only=True):
    """Items in their right order. `neighbours`: marks are the share of right neighbours, else of the longest run."""

    ask: str
    code: str = ""
    items: tuple[str, ...]
    verbatim: bool = False  # items are lines of code
    neighbours: bool = True


class Pairs(Struct, frozen=True, kw_only=True):
    """For each text on the left the index of its partner on the right; replies by (left, right)."""

    ask: str
    code: str = ""
    left: tuple[str, ...]
    right: tuple[str, ...]
    answer: tuple[int, ...]
    replies: dict[tuple[int, int], str] = {}
    verbatim: bool = False  # the left side is lines of code


class Essay(Struct, frozen=True, kw_only=True):
    """Free text, marked by a person who has the ideas and a model answer."""

    ask: str
    code: str = ""
    ideas: tuple[str, ...]
    model_answer: str


Form: TypeAlias = OneOf | SomeOf | Numeric | Words | Ordering | Pairs | Essay


def numbered_lines(lines: Iterable[str]) -> str:
    """Lines of code or text as one block, with their numbers."""
    return "\n".join(f"{number}  {line}" for number, line in enumerate(lines, start=1))


def lettered(items: Iterable[str]) -> str:
    """Items as paragraphs, with their letters."""
    return "\n\n".join(f"{letter}: {item}" for letter, item in zip(LETTERS, items, strict=False))


def one_of(name: str, ask: str, code: str, right: str, wrong: Iterable[tuple[str, str]]) -> list[OneOf]:
    """Make a choice of the right answer and wrong ones with replies; none if there is nothing to choose from.

    Where the right one stands depends on `name`, the question's id: not always in front, and always in one place.
    """
    options = {right: Option(text=right, correct=True)}
    for text, say in wrong:
        options.setdefault(text, Option(text=text, say=say))
    if len(options) < 2:
        return []
    turn = zlib.crc32(name.encode()) % len(options)
    placed = list(options.values())
    return [OneOf(ask=ask, code=code, options=tuple(placed[-turn:] + placed[:-turn]))]


def split(pairs: Pairs) -> list[OneOf]:
    """Pairs as one choice for each item on the left."""
    return [
        OneOf(
            ask=pairs.ask if pairs.verbatim else f"{pairs.ask}\n\n{left}",
            code=left if pairs.verbatim else pairs.code,
            options=tuple(
                Option(
                    text=text,
                    correct=number == partner,
                    say="" if number == partner else said(pairs, item, number) or "That is the answer to another one.",
                )
                for number, text in enumerate(pairs.right)
            ),
        )
        for item, (left, partner) in enumerate(zip(pairs.left, pairs.answer, strict=True))
    ]


def said(pairs: Pairs, left: int, right: int) -> str:
    """Return the reply to a wrong pair, "" if there is none of its own."""
    return pairs.replies.get((left, right), "")


def spelled(letters: Sequence[str]) -> str:
    """Return an order as a choice writes it: "c a b"."""
    return " ".join(letters)
