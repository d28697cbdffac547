"""Marking: how right an answer is, and what to say to it.

    choice, wrong-line, number, shape, blank, tensor    all or nothing
    several    the share of the right options chosen minus the share of the wrong ones chosen, not below 0
    order      the share of neighbours that are neighbours, in that order, in the right answer
    match      the share of right pairs

Choosing everything in a `several` is therefore worth nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import pairwise
from typing import cast

from msgspec import Struct

from .answers import Answer
from .bank import (
    LETTERS,
    Blank,
    Choice,
    ClosedQuestion,
    Match,
    Number,
    Option,
    Order,
    Several,
    Shape,
    Tensor,
    WrongLine,
)

ROUNDED = 0.005  # of a near answer; a right answer has its own tolerance


class Reply(Struct, frozen=True):
    """One thing to say to an answer, and the misconception that it answers ("" if none)."""

    say: str
    misconception: str = ""


class Mark(Struct, frozen=True):
    """How much of the points an answer earns (0 to 1), and the replies to what was wrong in it."""

    share: float
    replies: tuple[Reply, ...] = ()

    @property
    def right(self) -> bool:
        """Whether nothing is missing."""
        return self.share == 1.0


def mark(question: ClosedQuestion, answer: Answer) -> Mark:
    """Judge an answer that `answers.typed_answer` or `answers.given_answer` made for this question."""
    match question:
        case Choice():
            return _mark_choice(question.options, cast("str", answer))
        case WrongLine():
            return _mark_choice(question.lines, cast("str", answer))
        case Several():
            return _mark_several(question.options, cast("list[str]", answer))
        case Order():
            return _mark_order(question, cast("list[str]", answer))
        case Match():
            return _mark_match(question, cast("list[str]", answer))
        case Number():
            given = cast("float", answer)
            near = [n for n in question.near if same_number(given, n.answer, _rounding(n.answer, question.tolerance))]
            near.sort(key=lambda n: 0.0 if n.answer == given else abs(n.answer - given))
            return _all_or_nothing(same_number(given, question.answer, question.tolerance), near)
        case Shape():
            return _all_or_nothing(answer == question.answer, [n for n in question.near if n.answer == answer])
        case Tensor():
            return _mark_tensor(question, cast("list[list[float]]", answer))
        case Blank():
            words = normal_text(cast("str", answer))
            near = [n for n in question.near if words in map(normal_text, n.answer)]
            return _all_or_nothing(words in map(normal_text, question.answer), near)


def key_of(question: ClosedQuestion) -> Answer:
    """The answer that has full marks."""
    match question:
        case Choice() | WrongLine():
            options = question.lines if isinstance(question, WrongLine) else question.options
            return next(letter for letter, option in zip(LETTERS, options, strict=False) if option.correct)
        case Several():
            return [letter for letter, option in zip(LETTERS, question.options, strict=False) if option.correct]
        case Blank():
            return question.answer[0]
        case _:
            return question.answer


def right_answer(question: ClosedQuestion) -> str:
    """The answer in the words of the screen: "2", "1 and 3", "(2, 8, 5, 7)"."""
    match question:
        case Choice():
            return _number_of(question.options)
        case WrongLine():
            return f"line {_number_of(question.lines)}"
        case Several():
            return _number_of(question.options)
        case Order():
            return " ".join(str(LETTERS.index(letter) + 1) for letter in question.answer)
        case Match():
            return ", ".join(f"{item} {letter}" for item, letter in enumerate(question.answer, start=1))
        case Number():
            return show_number(question.answer)
        case Shape():
            return str(tuple(question.answer))
        case Tensor():
            return "; ".join(" ".join(map(show_number, row)) for row in question.answer)
        case Blank():
            return question.answer[0]


def show_number(value: float) -> str:
    """A number without a needless point: 64, 0.5, 65000000, -inf."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else f"{value:.4g}"


def _rounding(value: float, tolerance: float) -> float:
    """How far a near answer may be off and still be recognised: people round."""
    return tolerance if math.isinf(value) else max(tolerance, ROUNDED * abs(value))


def same_number(a: float, b: float, tolerance: float) -> bool:
    """Equal within the tolerance; infinities are equal to themselves alone."""
    if math.isinf(a) or math.isinf(b):
        return a == b
    return abs(a - b) <= tolerance + 1e-9 * abs(b)


def same_rows(a: list[list[float]], b: list[list[float]], tolerance: float) -> bool:
    """Two tensors of one shape whose entries are all equal within the tolerance."""
    return _size(a) == _size(b) and all(
        same_number(x, y, tolerance)
        for row_a, row_b in zip(a, b, strict=True)
        for x, y in zip(row_a, row_b, strict=True)
    )


def normal_text(text: str) -> str:
    """Words to compare: no case, no spaces, no quotes or brackets, no hyphen inside a word, no leading article.

    "Layer Norm", "layer-norm" and "`LayerNorm`" are one; a minus before a word or number and mathematical signs stay.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("−", "-")
    plain = re.sub(r"^\s*(the|an?)\s+", "", plain)
    plain = re.sub(r"(?<=\w)[-‐‑–](?=\w)", "", plain)
    return "".join(c for c in plain if c.isalnum() or c in "+-*/^%=√∞" or unicodedata.category(c) == "Sm")


def _mark_choice(options: list[Option], letter: str) -> Mark:
    option = options[LETTERS.index(letter)]
    return Mark(1.0) if option.correct else Mark(0.0, (Reply(option.say, option.misconception),))


def _mark_several(options: list[Option], letters: list[str]) -> Mark:
    chosen = [letter in letters for letter in LETTERS[: len(options)]]
    right = sum(option.correct for option in options)
    hits = sum(option.correct and taken for option, taken in zip(options, chosen, strict=True))
    misses = sum(taken and not option.correct for option, taken in zip(options, chosen, strict=True))
    share = max(0.0, hits / right - misses / (len(options) - right))
    replies = []
    for number, (option, taken) in enumerate(zip(options, chosen, strict=True), start=1):
        if taken and not option.correct:
            replies.append(Reply(f"Not {number}: {option.say}", option.misconception))
        elif option.correct and not taken:
            replies.append(Reply(f"{number} too: {option.say}" if option.say else f"{number} is right as well."))
    return Mark(share, tuple(replies))


def _mark_order(question: Order, letters: list[str]) -> Mark:
    wanted = set(pairwise(question.answer))
    share = sum(pair in wanted for pair in pairwise(letters)) / len(wanted)
    place = letters.index
    replies = [Reply(n.say, n.misconception) for n in question.near if place(n.first) < place(n.then)]
    if share < 1 and not replies:
        first, then = next(pair for pair in pairwise(letters) if pair not in wanted)
        replies = [
            Reply(f"“{_item(question.items, then)}” does not come right after “{_item(question.items, first)}”.")
        ]
    return Mark(share, tuple(replies) if share < 1 else ())


def _mark_match(question: Match, letters: list[str]) -> Mark:
    said = {(n.item, n.chose): Reply(n.say, n.misconception) for n in question.near}
    replies, right = [], 0
    for item, (given, wanted) in enumerate(zip(letters, question.answer, strict=True), start=1):
        if given == wanted:
            right += 1
            continue
        plain = Reply(f"“{question.left[item - 1]}” goes with “{_item(question.right, wanted)}”.")
        replies.append(said.get((item, given), plain))
    return Mark(right / len(question.answer), tuple(replies))


def _mark_tensor(question: Tensor, rows: list[list[float]]) -> Mark:
    near = [n for n in question.near if same_rows(rows, n.answer, max(question.tolerance, ROUNDED))]
    judged = _all_or_nothing(same_rows(rows, question.answer, question.tolerance), near)
    if judged.share == 0 and not near and _size(rows) != _size(question.answer):
        yours, wanted = _size(rows), _size(question.answer)
        return Mark(0.0, (Reply(f"Yours is {yours[0]} by {yours[1]}, the answer is {wanted[0]} by {wanted[1]}."),))
    return judged


def _all_or_nothing(right: bool, near: list) -> Mark:
    return Mark(1.0) if right else Mark(0.0, tuple(Reply(n.say, n.misconception) for n in near[:1]))


def _size(rows: list[list[float]]) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _number_of(options: list[Option]) -> str:
    numbers = [str(number) for number, option in enumerate(options, start=1) if option.correct]
    return " and ".join([", ".join(numbers[:-1]), numbers[-1]]) if len(numbers) > 1 else numbers[0]


def _item(items: list[str], letter: str) -> str:
    return items[LETTERS.index(letter)]
