"""Moodle XML, for a question bank of Moodle. `docs/exports.md` says which versions read it, and how that was tried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from xml.etree import ElementTree as ET

from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.kinds.forms import Essay, Form, Numeric, OneOf, Ordering, Pairs, SomeOf, Words
from tfm_quiz.quiz.reading import Topic

from .exported import AS_CHOICE, LEFT_OUT, Exported, Remark, as_code, as_html, reason

TYPES: dict[type[Form], str] = {
    OneOf: "multichoice",
    SomeOf: "multichoice",
    Numeric: "numerical",
    Words: "shortanswer",
    Ordering: "ordering",
    Pairs: "matching",
    Essay: "essay",
}


def moodle(topics: Sequence[Topic[Question]], title: str, cite: str, *, without: Collection[str] = ()) -> Exported:
    """Return one file, each topic a category below `title`. Marks are those of `tfm-quiz`, partial credit included.

    `without` names question types that the Moodle lacks, such as "ordering" before 4.4.
    """
    root = ET.Element("quiz")
    remarks: list[Remark] = []
    carried = 0
    for topic in topics:
        category = ET.SubElement(ET.SubElement(root, "question", type="category"), "category")
        _text(category, f"$course$/top/{_plain(title)}/{_plain(topic.title)}")
        for question in topic.questions:
            made, remark = _question(question, without, reason(question, cite))
            if remark:
                remarks.append(Remark(question.id, remark))
            if made is not None:
                root.append(made)
                carried += 1
    ET.indent(root)
    data = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Exported(data + b"\n", ".xml", carried, tuple(remarks))


def _question(question: Question, without: Collection[str], why: str) -> tuple[ET.Element | None, str]:
    """Return the element of a question, in the first of its forms that this Moodle has, and a remark."""
    forms = question.forms()
    form = next((form for form in forms if TYPES[type(form)] not in without), None)
    if form is None:
        return None, LEFT_OUT
    element = _base(question, form, why)
    WRITERS[type(form)](element, form)
    return element, AS_CHOICE if isinstance(form, OneOf) and form is not forms[0] else _remark(question.tag(), form)


def _remark(kind: str, form: Form) -> str:
    match form:
        case Words(whole=False):
            return f"{kind} as a short answer: the usual ways of writing it are accepted, others are not"
        case Pairs():
            return f"{kind}: wrong pairs get no reply of their own" if not form.verbatim else (
                f"{kind} as a place for each line: marks are the share of right places"
            )  # fmt: skip
        case Ordering(neighbours=True):
            return f"{kind}: wrong orders get no reply of their own (needs Moodle 4.4)"
        case Ordering():
            return f"{kind}: the longest run in order earns its share (needs Moodle 4.4)"
        case Essay():
            return f"{kind} as an essay, marked by hand; the ideas of a good answer are in the grader's notes"
    return ""


def _base(question: Question, form: Form, why: str) -> ET.Element:
    element = ET.Element("question", type=TYPES[type(form)])
    _text(ET.SubElement(element, "name"), question.id)
    _html(ET.SubElement(element, "questiontext"), as_html(form.ask, form.code))
    _html(ET.SubElement(element, "generalfeedback"), as_html(why))
    ET.SubElement(element, "defaultgrade").text = str(question.points)
    ET.SubElement(element, "penalty").text = "0"
    ET.SubElement(element, "idnumber").text = question.id
    tags = ET.SubElement(element, "tags")
    for source in question.source:
        _text(ET.SubElement(tags, "tag"), source)
    return element


def _multichoice(element: ET.Element, form: OneOf | SomeOf) -> None:
    """Right options share +100 %, wrong ones of several right ones share -100 %, as the quiz marks them."""
    single = isinstance(form, OneOf)
    ET.SubElement(element, "single").text = str(single).lower()
    ET.SubElement(element, "shuffleanswers").text = "0"
    ET.SubElement(element, "answernumbering").text = "abc"
    right = sum(option.correct for option in form.options)
    wrong = len(form.options) - right
    for option in form.options:
        fraction = 100 / right if option.correct else (0 if single else -100 / wrong)
        _answer(element, f"{fraction:.5f}".rstrip("0").rstrip("."), as_html(option.text), option.say, as_it_is=False)


def _numerical(element: ET.Element, form: Numeric) -> None:
    for value, fraction, say in [(form.value, "100", ""), *((value, "0", say) for value, say in form.near)]:
        answer = _answer(element, fraction, repr(value), say)
        ET.SubElement(answer, "tolerance").text = repr(form.tolerance)


def _shortanswer(element: ET.Element, form: Words) -> None:
    ET.SubElement(element, "usecase").text = "0"
    for fraction, text, say in [*(("100", x, "") for x in form.accepted), *(("0", x, say) for x, say in form.near)]:
        _answer(element, fraction, text.replace("*", r"\*"), say)


def _matching(element: ET.Element, form: Pairs) -> None:
    ET.SubElement(element, "shuffleanswers").text = "true"
    for left, partner in zip(form.left, form.answer, strict=True):
        _pair(element, as_code(left) if form.verbatim else as_html(left), form.right[partner])
    for number, right in enumerate(form.right):
        if number not in form.answer:
            _pair(element, "", right)  # a right side that belongs to nothing


def _pair(element: ET.Element, left: str, right: str) -> None:
    pair = ET.SubElement(element, "subquestion", format="html")
    ET.SubElement(pair, "text").text = left
    _text(ET.SubElement(pair, "answer"), right)


def _ordering(element: ET.Element, form: Ordering) -> None:
    for key, value in (
        ("layouttype", "VERTICAL"),
        ("selecttype", "ALL"),
        ("selectcount", "0"),
        ("gradingtype", "RELATIVE_NEXT_EXCLUDE_LAST" if form.neighbours else "LONGEST_ORDERED_SUBSET"),
        ("showgrading", "SHOW"),
        ("numberingstyle", "none"),
    ):
        ET.SubElement(element, key).text = value
    ET.SubElement(element, "shownumcorrect")  # without it the importer makes hints up and fails to store them
    for item in form.items:
        answer = ET.SubElement(element, "answer", fraction="1.0000000", format="html")
        ET.SubElement(answer, "text").text = as_code(item) if form.verbatim else as_html(item)


def _essay(element: ET.Element, form: Essay) -> None:
    ET.SubElement(element, "responseformat").text = "editor"
    ET.SubElement(element, "responserequired").text = "1"
    ideas = "\n\n".join(form.ideas)
    _html(ET.SubElement(element, "graderinfo"), as_html(f"{ideas}\n\n{form.model_answer}"))


WRITERS: dict[type[Form], Callable[[ET.Element, Form], None]] = {
    OneOf: _multichoice,
    SomeOf: _multichoice,
    Numeric: _numerical,
    Words: _shortanswer,
    Ordering: _ordering,
    Pairs: _matching,
    Essay: _essay,
}  # ty: ignore[invalid-assignment]


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
