"""JupyterQuiz JSON, for self-assessment inside a notebook: `display_quiz("questions.json")`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.kinds.fields import Option
from tfm_quiz.quiz.kinds.forms import Essay, Form, Numeric, OneOf, Pairs, SomeOf, Words, split
from tfm_quiz.quiz.reading import Topic

from .exported import AS_CHOICE, LEFT_OUT, Exported, Remark, as_html, reason


def jupyterquiz(topics: Sequence[Topic[Question]], title: str, cite: str) -> Exported:
    """Return a list of questions in the order of the topics; the format has no title and no points."""
    made: list[dict[str, Any]] = []
    remarks: list[Remark] = []
    carried = 0
    for topic in topics:
        for question in topic.questions:
            entries, remark = _question(question, reason(question, cite))
            made += entries
            carried += bool(entries)
            if remark:
                remarks.append(Remark(question.id, remark))
    return Exported(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n", ".json", carried, tuple(remarks))


def _question(question: Question, why: str) -> tuple[list[dict[str, Any]], str]:
    """Return a question's entries, explained by `why`, in the first of its forms that the format has, and a remark."""
    forms = question.forms()
    form = next((form for form in forms if isinstance(form, OneOf | SomeOf | Numeric | Words)), None)
    kind = question.tag()
    match form:
        case OneOf():
            return [_choice(form, form.options, "multiple_choice", why)], "" if form is forms[0] else AS_CHOICE
        case SomeOf():
            remark = f"{kind}: each option is judged when it is clicked, there is no partial credit"
            return [_choice(form, form.options, "many_choice", why)], remark
        case Numeric():
            return [_numeric(form, why)], ""
        case Words():
            remark = (
                "" if form.whole else f"{kind} as a text: the usual ways of writing it are accepted, others are not"
            )
            return [_string(form, why)], remark
    if any(isinstance(form, Essay) for form in forms):
        return [], "left out: JupyterQuiz has no free text"
    for form in forms:
        if isinstance(form, Pairs):
            entries = [_choice(part, part.options, "multiple_choice", why) for part in split(form)]
            return entries, f"{kind} as one choice for each item"
    return [], LEFT_OUT


def _base(form: Form, kind: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"question": as_html(form.ask), "type": kind}
    return {**entry, "code": form.code.strip("\n")} if form.code.strip() else entry


def _choice(form: Form, options: Sequence[Option], kind: str, why: str) -> dict[str, Any]:
    answers = [
        {
            "answer": as_html(option.text),
            "correct": option.correct,
            "feedback": as_html(why if option.correct else option.say),
        }
        for option in options
    ]
    return {**_base(form, kind), "answers": answers}


def _numeric(form: Numeric, why: str) -> dict[str, Any]:
    answers: list[dict[str, Any]] = [_value(form.value, form.tolerance, True, why)]
    answers += [_value(value, form.tolerance, False, say) for value, say in form.near]
    answers.append({"type": "default", "feedback": "Not quite."})
    return {**_base(form, "numeric"), "answers": answers}


def _value(value: float, tolerance: float, correct: bool, say: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"correct": correct, "feedback": as_html(say)}
    if tolerance:  # ranges leave their upper end out
        return {"type": "range", "range": [value - tolerance, math.nextafter(value + tolerance, math.inf)], **entry}
    return {"type": "value", "value": value, **entry}


def _string(form: Words, why: str) -> dict[str, Any]:
    said = [(text, True, why) for text in form.accepted] + [(text, False, say) for text, say in form.near]
    answers: list[dict[str, Any]] = [
        {"answer": text, "correct": right, "match_case": False, "feedback": as_html(say)} for text, right, say in said
    ]
    answers.append({"type": "default", "feedback": "Not quite."})
    return {**_base(form, "string"), "answers": answers}
