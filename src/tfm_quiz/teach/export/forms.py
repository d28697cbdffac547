"""Questions in the few forms that other systems know: what becomes of a type that one of them lacks.

A conversion keeps the replies: the near answers of an order, a tensor or an infinite number become the wrong options
of a choice. What is lost is said in a remark.
"""

from __future__ import annotations

import html
import math
import re
import zlib
from collections.abc import Iterable, Sequence

from msgspec import Struct

from tfm_quiz.quiz.answers import how_to_answer
from tfm_quiz.quiz.bank import LETTERS, Choice, Match, Number, Option, Order, Question, Shape, Tensor, WrongLine
from tfm_quiz.quiz.kinds import show_number
from tfm_quiz.quiz.prompts import prompt_of


class Remark(Struct, frozen=True):
    """What an export did to a question, other than carrying it as it is."""

    question: str
    said: str


class Exported(Struct, frozen=True):
    """A file for another system: its bytes, its ending, how many questions are in it, and the remarks."""

    data: bytes
    suffix: str
    carried: int
    remarks: tuple[Remark, ...] = ()


def as_choice(question: Question) -> Choice | None:
    """The question as one choice with the same replies, or None if it has too little to choose from."""
    match question:
        case Choice():
            return question
        case WrongLine():
            options = question.lines
        case Number():
            options = _with_near(show_number(question.answer), [(show_number(n.answer), n.say) for n in question.near])
        case Tensor():
            options = _with_near(_rows(question.answer), [(_rows(n.answer), n.say) for n in question.near])
        case Order():
            options = _orders(question)
        case _:
            return None
    if len(options) < 2:
        return None
    if not isinstance(question, WrongLine):
        turn = zlib.crc32(question.id.encode()) % len(options)
        options = [*options[-turn:], *options[:-turn]] if turn else options  # the right one is not always the first
    return Choice(
        id=question.id,
        source=question.source,
        section=question.section,
        ask=_ask_choice(question),
        code=question.code,
        points=question.points,
        why=question.why,
        options=options,
    )


def as_choices(question: Match) -> list[Choice]:
    """A match as one choice for each item on its left."""
    said = {(near.item, near.chose): near.say for near in question.near}
    choices = []
    for item, (left, right) in enumerate(zip(question.left, question.answer, strict=True), start=1):
        options = [
            Option(
                text=text,
                correct=letter == right,
                say="" if letter == right else said.get((item, letter), "That is the answer to another one."),
            )
            for letter, text in zip(LETTERS, question.right, strict=False)
        ]
        choices.append(
            Choice(
                id=f"{question.id}-{item}",
                source=question.source,
                section=question.section,
                ask=f"{question.ask}\n\n{left}",
                why=question.why,
                options=options,
            )
        )
    return choices


def written_forms(question: Shape | Tensor) -> list[str]:
    """The ways in which an exact shape or tensor of whole numbers is usually typed; none for fractions."""
    if isinstance(question, Shape):
        sizes = [str(size) for size in question.answer]
        joined, spaced = ", ".join(sizes), " ".join(sizes)
        forms = [f"({joined})", joined, spaced, f"[{joined}]", f"torch.Size([{joined}])", ",".join(sizes)]
        forms += [f"({','.join(sizes)})", f"[{','.join(sizes)}]"]
        return list(dict.fromkeys(forms))
    if any(not math.isfinite(x) or x != int(x) for row in question.answer for x in row):
        return []
    rows = [[show_number(x) for x in row] for row in question.answer]
    forms = [separator.join(" ".join(row) for row in rows) for separator in ("; ", ";")]
    for comma in (", ", ","):
        lists = [f"[{comma.join(row)}]" for row in rows]
        forms.append(f"[{comma.join(lists)}]")
        if len(rows) == 1:
            forms += [comma.join(rows[0]), *lists]
    return list(dict.fromkeys(forms))


def asked(question: Question) -> str:
    """The question's text, with how to write the answer where a form has an empty field and nothing else."""
    if isinstance(question, Shape | Tensor):
        return f"{question.ask}\n\nWrite {how_to_answer(prompt_of(question))}."
    return question.ask


def reason(question: Question) -> str:
    """The explanation and where it can be read."""
    sections = ", ".join(f"section {s}" if s[0].isdigit() else s for s in question.section)
    return f"{getattr(question, 'why', '')} ({sections} of the paper)".strip()


def as_html(text: str, code: str = "") -> str:
    """Text of the bank as HTML: paragraphs, `code`, and a block of code."""
    blocks = [f"<p>{_inline(block)}</p>" for block in text.strip().split("\n\n")]
    return "".join(blocks) + (f"<pre>{html.escape(code.strip(chr(10)), quote=False)}</pre>" if code.strip() else "")


def lines_shown(question: WrongLine) -> str:
    """The lines of a wrong-line question as one numbered block."""
    return "\n".join(f"{number}  {line.text}" for number, line in enumerate(question.lines, start=1))


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(text.split()), quote=False))


def _ask_choice(question: Question) -> str:
    if isinstance(question, Order):
        items = "\n\n".join(f"{letter}: {item}" for letter, item in zip(LETTERS, question.items, strict=False))
        return f"{question.ask}\n\n{items}"
    return question.ask


def _with_near(right: str, near: Iterable[tuple[str, str]]) -> list[Option]:
    wrong = [Option(text=text, say=say) for text, say in near if text != right]
    return [Option(text=right, correct=True), *wrong]


def _orders(question: Order) -> list[Option]:
    """The right order, and for each near answer the right order with those two exchanged."""
    options = [Option(text=_spelled(question.answer), correct=True)]
    for near in question.near:
        swap = {near.first: near.then, near.then: near.first}
        options.append(Option(text=_spelled([swap.get(letter, letter) for letter in question.answer]), say=near.say))
    if len(options) == 1:
        options.append(Option(text=_spelled(question.answer[::-1]), say="That is the order turned round."))
    seen: dict[str, Option] = {}
    for option in options:
        seen.setdefault(option.text, option)
    return list(seen.values())


def _spelled(letters: Sequence[str]) -> str:
    return " ".join(letters)


def _rows(rows: list[list[float]]) -> str:
    return "; ".join(" ".join(show_number(round(x, 4)) for x in row) for row in rows)
