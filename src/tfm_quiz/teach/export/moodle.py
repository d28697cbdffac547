"""Moodle XML, for a question bank of Moodle (4.4 or later for the ordering type)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from tfm_quiz.quiz.bank import (
    LETTERS,
    Blank,
    Choice,
    Match,
    Number,
    Option,
    Order,
    Prose,
    Question,
    Several,
    Shape,
    Tensor,
    WrongLine,
)
from tfm_quiz.quiz.reading import Topic

from .forms import Exported, Remark, as_choice, as_html, asked, reason, written_forms


def moodle(topics: Sequence[Topic[Question]], title: str) -> Exported:
    """One file, each topic a category below `title`. Marks are those of `tfm-quiz`, partial credit included."""
    root = ET.Element("quiz")
    remarks: list[Remark] = []
    carried = 0
    for topic in topics:
        category = ET.SubElement(ET.SubElement(root, "question", type="category"), "category")
        _text(category, f"$course$/top/{_plain(title)}/{_plain(topic.title)}")
        for question in topic.questions:
            made, remark = _question(question)
            if remark:
                remarks.append(Remark(question.id, remark))
            if made is not None:
                root.append(made)
                carried += 1
    ET.indent(root)
    data = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Exported(data + b"\n", ".xml", carried, tuple(remarks))


def _question(question: Question) -> tuple[ET.Element | None, str]:
    remark = ""
    match question:
        case Choice() | WrongLine():
            options = question.options if isinstance(question, Choice) else question.lines
            element = _multichoice(question, options, single=True)
        case Several():
            element = _multichoice(question, question.options, single=False)
        case Number() if math.isfinite(question.answer):
            element = _numerical(question)
        case Blank():
            near = [(form, n.say) for n in question.near for form in n.answer]
            element = _shortanswer(question, question.answer, near)
        case Shape():
            near = [(form, n.say) for n in question.near for form in written_forms(_like(question, n.answer))]
            element = _shortanswer(question, written_forms(question), near)
            remark = "shape as a short answer: the usual ways of writing it are accepted, others are not"
        case Tensor() if forms := written_forms(question):
            element = _shortanswer(question, forms, [])
            remark = "tensor as a short answer: the usual ways of writing it are accepted; near answers get no reply"
        case Match():
            element = _matching(question)
            remark = "match: wrong pairs get no reply of their own"
        case Order():
            element = _ordering(question)
            remark = "order: wrong orders get no reply of their own (needs Moodle 4.4)"
        case Prose():
            element = _essay(question)
            remark = "prose as an essay, marked by hand; the ideas of a good answer are in the grader's notes"
        case _:
            choice = as_choice(question)
            if choice is None:
                return None, "left out: it has no near answers to choose from"
            element = _multichoice(choice, choice.options, single=True)
            remark = "as a choice among the answer and its near answers, without partial credit"
    return element, remark


def _base(question: Question, kind: str) -> ET.Element:
    element = ET.Element("question", type=kind)
    _text(ET.SubElement(element, "name"), question.id)
    code = "" if isinstance(question, Prose) else question.code
    _html(ET.SubElement(element, "questiontext"), as_html(asked(question), code))
    _html(ET.SubElement(element, "generalfeedback"), as_html(reason(question)))
    ET.SubElement(element, "defaultgrade").text = str(question.points)
    ET.SubElement(element, "penalty").text = "0"
    ET.SubElement(element, "idnumber").text = question.id
    tags = ET.SubElement(element, "tags")
    for source in question.source:
        _text(ET.SubElement(tags, "tag"), source)
    return element


def _multichoice(question: Question, options: Sequence[Option], *, single: bool) -> ET.Element:
    """Right options share +100 %, wrong ones of a `several` share −100 %, as in `quiz.kinds`."""
    element = _base(question, "multichoice")
    ET.SubElement(element, "single").text = str(single).lower()
    ET.SubElement(element, "shuffleanswers").text = "0"
    ET.SubElement(element, "answernumbering").text = "abc"
    right = sum(option.correct for option in options)
    wrong = len(options) - right
    for option in options:
        fraction = 100 / right if option.correct else (0 if single else -100 / wrong)
        _answer(element, f"{fraction:.5f}".rstrip("0").rstrip("."), as_html(option.text), option.say, as_it_is=False)
    return element


def _numerical(question: Number) -> ET.Element:
    element = _base(question, "numerical")
    cases = [(question.answer, "100", "")] + [(n.answer, "0", n.say) for n in question.near if math.isfinite(n.answer)]
    for value, fraction, say in cases:
        answer = _answer(element, fraction, repr(value), say)
        ET.SubElement(answer, "tolerance").text = repr(question.tolerance)
    return element


def _shortanswer(question: Question, accepted: Sequence[str], near: Sequence[tuple[str, str]]) -> ET.Element:
    element = _base(question, "shortanswer")
    ET.SubElement(element, "usecase").text = "0"
    for form in accepted:
        _answer(element, "100", form.replace("*", r"\*"), "")
    for form, say in near:
        _answer(element, "0", form.replace("*", r"\*"), say)
    return element


def _matching(question: Match) -> ET.Element:
    element = _base(question, "matching")
    ET.SubElement(element, "shuffleanswers").text = "true"
    for left, letter in zip(question.left, question.answer, strict=True):
        _pair(element, as_html(left), question.right[LETTERS.index(letter)])
    for letter, right in zip(LETTERS, question.right, strict=False):
        if letter not in question.answer:
            _pair(element, "", right)  # a right side that belongs to nothing
    return element


def _pair(element: ET.Element, left: str, right: str) -> None:
    pair = ET.SubElement(element, "subquestion", format="html")
    ET.SubElement(pair, "text").text = left
    _text(ET.SubElement(pair, "answer"), right)


def _ordering(question: Order) -> ET.Element:
    element = _base(question, "ordering")
    for key, value in (
        ("layouttype", "VERTICAL"),
        ("selecttype", "ALL"),
        ("selectcount", "0"),
        ("gradingtype", "RELATIVE_NEXT_EXCLUDE_LAST"),  # the share of neighbours, as in `quiz.kinds`
        ("showgrading", "SHOW"),
        ("numberingstyle", "none"),
    ):
        ET.SubElement(element, key).text = value
    for letter in question.answer:
        answer = ET.SubElement(element, "answer", fraction="1.0000000", format="html")
        ET.SubElement(answer, "text").text = as_html(question.items[LETTERS.index(letter)])
    return element


def _essay(question: Prose) -> ET.Element:
    element = _base(question, "essay")
    ET.SubElement(element, "responseformat").text = "editor"
    ET.SubElement(element, "responserequired").text = "1"
    ideas = "\n\n".join(str(point.get("text", "")) for point in question.key_points)
    _html(ET.SubElement(element, "graderinfo"), as_html(f"{ideas}\n\n{question.model_answer}"))
    return element


def _answer(element: ET.Element, fraction: str, text: str, say: str, *, as_it_is: bool = True) -> ET.Element:
    style = "moodle_auto_format" if as_it_is else "html"
    answer = ET.SubElement(element, "answer", fraction=fraction, format=style)
    ET.SubElement(answer, "text").text = text
    _html(ET.SubElement(answer, "feedback"), as_html(say) if say else "")
    return answer


def _html(element: ET.Element, text: str) -> None:
    element.set("format", "html")
    ET.SubElement(element, "text").text = text


def _text(element: ET.Element, text: str) -> None:
    ET.SubElement(element, "text").text = text


def _plain(title: str) -> str:
    return title.replace("/", "//")  # Moodle's way of writing a slash inside a category's name


def _like(question: Shape, answer: list[int]) -> Shape:
    return Shape(
        id=question.id, source=question.source, section=question.section, ask=question.ask, why="", answer=answer
    )
