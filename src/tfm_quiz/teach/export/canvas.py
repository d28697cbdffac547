"""A QTI package for Canvas (classic quizzes), made by text2qti from text in its format."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.quiz.bank import Blank, Choice, Match, Number, Option, Prose, Question, Several, Shape, Tensor, WrongLine
from tfm_quiz.quiz.reading import Topic

from .forms import Exported, Remark, as_choice, as_choices, asked, lines_shown, reason, written_forms

INDENT = " " * 6  # of a question's further lines: as wide as its number
PLACEHOLDER = "\0" * len(INDENT)  # where the number goes

SMALLEST = 1e-4  # Canvas has no numerical answers nearer to 0


def canvas(topics: Sequence[Topic[Question]], title: str) -> Exported:
    """One quiz with the questions of all topics. Needs text2qti (the extra `export`)."""
    from text2qti.config import Config
    from text2qti.err import Text2qtiError
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    text, carried, remarks = text2qti_text(topics, title)
    try:
        quiz = Quiz(text, config=Config(), source_name=title)
        data = QTI(quiz).zip_bytes()
    except Text2qtiError as error:
        raise CouldNotCheck(f"text2qti refuses the questions: {error}") from None
    return Exported(data, ".zip", carried, remarks)


def text2qti_text(topics: Sequence[Topic[Question]], title: str) -> tuple[str, int, tuple[Remark, ...]]:
    """The questions in text2qti's format, how many of them, and the remarks."""
    blocks = [f"Quiz title: {_one_line(title)}", "Shuffle answers: false"]
    remarks: list[Remark] = []
    carried = number = 0
    for topic in topics:
        for question in topic.questions:
            parts, remark = _question(question)
            for part in parts:
                number += 1
                blocks.append(part.replace(PLACEHOLDER, f"{number}.".ljust(len(INDENT)), 1))
            carried += bool(parts)
            if remark:
                remarks.append(Remark(question.id, remark))
    return "\n\n".join(blocks) + "\n", carried, tuple(remarks)


def _question(question: Question) -> tuple[list[str], str]:
    match question:
        case Prose():
            return [_head(question) + "\n____"], "prose as an essay, marked by hand"
        case Choice():
            return [_choice(question, question.options)], ""
        case WrongLine():
            options = [
                Option(text=f"line {number}", correct=line.correct, say=line.say)
                for number, line in enumerate(question.lines, start=1)
            ]
            return [_choice(question, options, code=lines_shown(question))], ""
        case Several():
            return [_several(question)], ""
        case Number() if _fits(question):
            return [_number(question)], "number: near answers get no reply of their own" if question.near else ""
        case Blank():
            return [_short(question, question.answer)], "blank: near answers get no reply of their own"
        case Shape():
            remark = "shape as a short answer: the usual ways of writing it are accepted, others are not"
            return [_short(question, written_forms(question))], remark
        case Match():
            parts = as_choices(question)
            return [_choice(part, part.options) for part in parts], "match as one choice, of one point, for each item"
        case Tensor() if not question.near and (forms := written_forms(question)):
            return [_short(question, forms)], "tensor as a short answer"
    choice = as_choice(question)
    if choice is None:
        return [], "left out: it has no near answers to choose from"
    return [
        _choice(choice, choice.options)
    ], "as a choice among the answer and its near answers, without partial credit"


def _head(question: Question, code: str = "") -> str:
    """Title, points, text, code and general feedback."""
    code = code or ("" if isinstance(question, Prose) else question.code)
    first, *more = [_escaped(block) for block in asked(question).strip().split("\n\n")]
    lines = [f"Title: {question.id}", f"Points: {question.points}", f"{PLACEHOLDER}{first}"]
    for paragraph in more:
        lines += ["", INDENT + paragraph]
    if code.strip():
        block = ["```", *code.strip("\n").splitlines(), "```"]
        lines += ["", *((INDENT + line).rstrip() for line in block)]
    if not isinstance(question, Prose):
        lines.append(f"... {_escaped(reason(question))}")
    return "\n".join(lines)


def _choice(question: Question, options: Sequence[Option], code: str = "") -> str:
    lines = [_head(question, code)]
    for letter, option in zip("abcdefghi", options, strict=False):
        mark = f"*{letter})" if option.correct else f"{letter})"
        lines.append(f"{mark:<4}{_escaped(option.text)}")
        if option.say and not option.correct:
            lines.append(f"... {_escaped(option.say)}")
    return "\n".join(lines)


def _several(question: Several) -> str:
    lines = [_head(question)]
    for option in question.options:
        lines.append(f"[{'*' if option.correct else ' '}] {_escaped(option.text)}")
        if option.say:
            lines.append(f"... {_escaped(option.say)}")
    return "\n".join(lines)


def _number(question: Number) -> str:
    return f"{_head(question)}\n=   {question.answer!r} +- {question.tolerance!r}"


def _short(question: Question, accepted: Sequence[str]) -> str:
    return "\n".join([_head(question), *(f"*   {_one_line(form)}" for form in accepted)])


def _fits(question: Number) -> bool:
    low, high = question.answer - question.tolerance, question.answer + question.tolerance
    return math.isfinite(question.answer) and min(abs(low), abs(high)) >= SMALLEST and low * high > 0


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is: `code` stays code, every other sign becomes an entity."""
    parts = re.split(r"(`[^`]+`)", _one_line(text))
    return "".join(part if part.startswith("`") else _entities(part) for part in parts)


def _entities(text: str) -> str:
    return re.sub(r"[^\w\s,;:()“”’—–…·−√∞≈×²³¹ᵀ°]|_", lambda found: f"&#{ord(found[0])};", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
