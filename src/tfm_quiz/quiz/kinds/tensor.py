"""A small tensor to work out in the head. All or nothing."""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from tfm_quiz.quiz.prompts import Prompt

from .base import (
    MOST_ENTRIES,
    Answer,
    Closed,
    Complaint,
    Mark,
    Reply,
    Unclear,
    all_or_nothing,
    distinct,
    quoted,
    toml_type,
    typed_flaws,
)
from .fields import Near, Tolerance
from .forms import Form, Words, one_of
from .numbers import ROUNDED, finite, read_number, same_number, show_number

Rows: TypeAlias = Annotated[list[Annotated[list[float], Meta(min_length=1)]], Meta(min_length=1)]

WORDS = {"true": 1.0, "t": 1.0, "false": 0.0, "f": 0.0}


class NearTensor(Near, kw_only=True, forbid_unknown_fields=True):
    """A wrong tensor that betrays how it came about."""

    answer: Rows


class Tensor(Closed, kw_only=True, tag="tensor"):
    """A small tensor to work out in the head: rows of numbers, true is 1; each entry within `tolerance`."""

    answer: Rows
    tolerance: Tolerance = 0.0
    write: str = ""  # how to write the numbers, such as "Write halves as fractions."; shown only where they are typed
    near: list[NearTensor] = []

    def asked(self) -> str:
        return f"{self.ask} {self.write}".strip()

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        return "rows, such as [[6, 7], [8, 9]]" if in_file else "rows with ; between them, such as 6 7; 8 9"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        """`1 0; 1 1`, `[[1, 0], [1, 1]]`, with T and F, fractions and -inf."""
        inner = re.sub(r"tensor|[()]", " ", text.lower()).replace("−", "-")
        rows = [row for row in re.split(r"\]\s*,?\s*\[|;|\n", inner) if row.strip(" ,[]")]
        try:
            values = [[_entry(entry) for entry in re.split(r"[\s,]+", row.strip(" ,[]"))] for row in rows]
        except ValueError as error:
            raise Unclear(f"{quoted(str(error))} is not a number; write {how}.") from None
        return _rectangle(values, how)

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        rows = value if all(isinstance(row, list) for row in value) else [value]
        if sum(len(row) for row in rows) > MOST_ENTRIES:
            raise Unclear(f"The tensor has more than {MOST_ENTRIES} entries; write {how}.")
        numbers: list[list[float]] = []
        for place, row in enumerate(rows, start=1):
            for item in row:
                if not isinstance(item, int | float):  # True and False are 1 and 0 here
                    raise Unclear(f"Row {place} holds {toml_type(item).lower()}; write {how}.")
            numbers.append([finite(item, how) for item in row])
        return _rectangle(numbers, how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return spelled_rows(answer) if isinstance(answer, list) else str(answer)  # ty: ignore[invalid-argument-type]

    def mark(self, answer: Any) -> Mark:
        near = [n for n in self.near if same_rows(answer, n.answer, max(self.tolerance, ROUNDED))]
        judged = all_or_nothing(same_rows(answer, self.answer, self.tolerance), near)
        yours, wanted = size(answer), size(self.answer)
        if judged.share == 0 and not near and yours != wanted:
            said = f"Yours is {yours[0]} by {yours[1]}, the answer is {wanted[0]} by {wanted[1]}."
            return Mark(0.0, (Reply(said),))
        return judged

    def key(self) -> Answer:
        return self.answer

    def foreseen(self) -> list[tuple[str, str]]:
        return [(spelled_rows(near.answer), near.say) for near in self.near]

    def forms(self) -> Sequence[Form]:
        wrong = [(_rounded(near.answer), near.say) for near in self.near]
        choice = one_of(self.id, self.ask, self.code, _rounded(self.answer), wrong)
        accepted = written(self.answer)
        if not accepted:
            return choice
        near = tuple((form, n.say) for n in self.near for form in written(n.answer))
        ask = f"{self.asked()}\n\nWrite {self.how_to_answer(self.prompt(), in_file=False)}."
        return [Words(ask=ask, code=self.code, accepted=tuple(accepted), near=near, whole=False), *choice]

    def complaints(self) -> Iterator[Complaint]:
        places = [(("answer",), self.answer), *((("near", i), n.answer) for i, n in enumerate(self.near))]
        for place, rows in places:
            if len({len(row) for row in rows}) != 1:
                yield place, "the rows of a tensor must have the same length"
                return
        for i, near in enumerate(self.near):
            if same_rows(near.answer, self.answer, self.tolerance):
                yield ("near", i, "answer"), f"near answer {i + 1} would count as right"
        yield from distinct("near", [n.answer for n in self.near])

    def flaws(self) -> Iterator[str]:
        yield from typed_flaws(self, self.near)


def same_rows(a: list[list[float]], b: list[list[float]], tolerance: float) -> bool:
    """Two tensors of one shape whose entries are all equal within the tolerance."""
    return size(a) == size(b) and all(
        same_number(x, y, tolerance)
        for row_a, row_b in zip(a, b, strict=True)
        for x, y in zip(row_a, row_b, strict=True)
    )


def size(rows: list[list[float]]) -> tuple[int, int]:
    """Return the numbers of rows and columns."""
    return len(rows), len(rows[0])


def written(rows: list[list[float]]) -> list[str]:
    """Return the ways in which a tensor of whole numbers is usually typed; none for fractions."""
    if any(not math.isfinite(x) or x != int(x) for row in rows for x in row):
        return []
    texts = [[show_number(x) for x in row] for row in rows]
    forms = [separator.join(" ".join(row) for row in texts) for separator in ("; ", ";")]
    for comma in (", ", ","):
        lists = [f"[{comma.join(row)}]" for row in texts]
        forms.append(f"[{comma.join(lists)}]")
        if len(texts) == 1:
            forms += [comma.join(texts[0]), *lists]
    return list(dict.fromkeys(forms))


def spelled_rows(rows: list[list[float]]) -> str:
    """Rows as the screen writes them: "1 0; 1 1"."""
    return "; ".join(" ".join(show_number(float(x)) for x in row) for row in rows)


def _rounded(rows: list[list[float]]) -> str:
    return "; ".join(" ".join(show_number(round(x, 4)) for x in row) for row in rows)


def _entry(text: str) -> float:
    return WORDS[text] if text in WORDS else read_number(text)


def _rectangle(rows: list[list[float]], how: str) -> list[list[float]]:
    if not rows or not rows[0]:
        raise Unclear(f"There are no numbers in it; write {how}.")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise Unclear(f"Row {number} has {len(row)} entries and row 1 has {len(rows[0])}: all need the same.")
    return rows
