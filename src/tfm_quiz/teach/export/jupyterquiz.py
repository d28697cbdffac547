"""JupyterQuiz JSON, for self-assessment inside a notebook: `display_quiz("questions.json")`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from tfm_quiz.quiz.bank import Blank, Choice, Match, Number, Option, Prose, Question, Several, Shape, Tensor, WrongLine
from tfm_quiz.quiz.reading import Topic

from .forms import Exported, Remark, as_choice, as_choices, as_html, asked, lines_shown, reason, written_forms


def jupyterquiz(topics: Sequence[Topic[Question]], title: str) -> Exported:
    """A list of questions in the order of the topics; the format has no title and no points."""
    made: list[dict[str, Any]] = []
    remarks: list[Remark] = []
    carried = 0
    for topic in topics:
        for question in topic.questions:
            entries, remark = _question(question)
            made += entries
            carried += bool(entries)
            if remark:
                remarks.append(Remark(question.id, remark))
    return Exported(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n", ".json", carried, tuple(remarks))


def _question(question: Question) -> tuple[list[dict[str, Any]], str]:
    match question:
        case Prose():
            return [], "left out: JupyterQuiz has no free text"
        case Choice():
            return [_choice(question, question.options, "multiple_choice")], ""
        case WrongLine():
            options = [
                Option(text=f"line {number}", correct=line.correct, say=line.say)
                for number, line in enumerate(question.lines, start=1)
            ]
            entry = _choice(question, options, "multiple_choice")
            return [{**entry, "code": lines_shown(question)}], ""
        case Several():
            remark = "several: each option is judged when it is clicked, there is no partial credit"
            return [_choice(question, question.options, "many_choice")], remark
        case Number() if math.isfinite(question.answer):
            return [_numeric(question)], ""
        case Blank():
            near = [(form, n.say) for n in question.near for form in n.answer]
            return [_string(question, question.answer, near)], ""
        case Shape():
            remark = "shape as a text: the usual ways of writing it are accepted, others are not"
            return [_string(question, written_forms(question), [])], remark
        case Tensor() if forms := written_forms(question):
            remark = "tensor as a text: the usual ways of writing it are accepted; near answers get no reply"
            return [_string(question, forms, [])], remark
        case Match():
            entries = [_choice(part, part.options, "multiple_choice") for part in as_choices(question)]
            return entries, "match as one choice for each item"
    choice = as_choice(question)
    if choice is None:
        return [], "left out: it has no near answers to choose from"
    return [
        _choice(choice, choice.options, "multiple_choice")
    ], "as a choice among the answer and its near answers, without partial credit"


def _base(question: Question, kind: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"question": as_html(asked(question)), "type": kind}
    if not isinstance(question, Prose) and question.code.strip():
        entry["code"] = question.code.strip("\n")
    return entry


def _choice(question: Question, options: Sequence[Option], kind: str) -> dict[str, Any]:
    answers = [
        {
            "answer": as_html(option.text),
            "correct": option.correct,
            "feedback": as_html(reason(question) if option.correct else option.say),
        }
        for option in options
    ]
    return {**_base(question, kind), "answers": answers}


def _numeric(question: Number) -> dict[str, Any]:
    answers: list[dict[str, Any]] = [_value(question.answer, question.tolerance, True, reason(question))]
    answers += [_value(n.answer, question.tolerance, False, n.say) for n in question.near if math.isfinite(n.answer)]
    answers.append({"type": "default", "feedback": "Not quite."})
    return {**_base(question, "numeric"), "answers": answers}


def _value(value: float, tolerance: float, correct: bool, say: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"correct": correct, "feedback": as_html(say)}
    if tolerance:  # ranges leave their upper end out
        return {"type": "range", "range": [value - tolerance, math.nextafter(value + tolerance, math.inf)], **entry}
    return {"type": "value", "value": value, **entry}


def _string(question: Question, accepted: Sequence[str], near: Sequence[tuple[str, str]]) -> dict[str, Any]:
    answers: list[dict[str, Any]] = [
        {"answer": form, "correct": True, "match_case": False, "feedback": as_html(reason(question))}
        for form in accepted
    ]
    answers += [{"answer": form, "correct": False, "match_case": False, "feedback": as_html(say)} for form, say in near]
    answers.append({"type": "default", "feedback": "Not quite."})
    return {**_base(question, "string"), "answers": answers}
