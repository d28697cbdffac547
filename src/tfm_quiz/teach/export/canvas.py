"""A QTI package for Canvas (classic quizzes), made by text2qti from text in its format."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.quiz.bank import Closed, Question
from tfm_quiz.quiz.kinds.fields import LETTERS, Option
from tfm_quiz.quiz.kinds.forms import Essay, Form, Numeric, OneOf, Pairs, SomeOf, Words, split
from tfm_quiz.quiz.reading import Topic

from .exported import AS_CHOICE, LEFT_OUT, Exported, Remark, reason

INDENT = " " * 6  # of a question's further lines: as wide as its number
PLACEHOLDER = "\0" * len(INDENT)  # where the number goes

SMALLEST = 1e-4  # Canvas has no numerical answers nearer to 0


def canvas(topics: Sequence[Topic[Question]], title: str, cite: str, *, graded: bool = False) -> Exported:
    """Return one quiz with the questions of all topics. Needs text2qti (the extra `export`).

    Practice is a practice quiz: it counts for nothing, may be taken as often as one likes and shows the answers.
    `graded` is an assignment with one attempt, which shows neither answers nor replies.
    """
    from text2qti.config import Config
    from text2qti.err import Text2qtiError
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    text, carried, remarks = text2qti_text(topics, title, cite, graded=graded)
    try:
        quiz = Quiz(text, config=Config(), source_name=title)
        data = QTI(quiz).zip_bytes()
    except Text2qtiError as error:
        raise CouldNotCheck(f"text2qti refuses the questions: {error}") from None
    return Exported(data if graded else _as_practice(data), ".zip", carried, remarks)


def _as_practice(package: bytes) -> bytes:
    """Return the package with its quiz as a practice quiz; text2qti writes assignments with one attempt only."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("/assessment_meta.xml"):
                data = _practice_settings(data.decode("utf-8")).encode("utf-8")
            new.writestr(old.getinfo(name), data)
    return changed.getvalue()


def _practice_settings(text: str) -> str:
    for pattern, replacement in (
        (r"<quiz_type>assignment</quiz_type>", "<quiz_type>practice_quiz</quiz_type>"),
        (r"<allowed_attempts>1</allowed_attempts>", "<allowed_attempts>-1</allowed_attempts>"),
        (r"\n *<assignment identifier=.*</assignment>", ""),  # what counts in Canvas's gradebook
        (r"\n *<assignment_group_identifierref>.*</assignment_group_identifierref>", ""),
    ):
        text, count = re.subn(pattern, replacement, text, flags=re.DOTALL)
        if count != 1:
            raise CouldNotCheck(
                "This version of text2qti writes other settings than those that make a practice quiz.",
                next_step='pip install "text2qti==0.8.0"',
            )
    return text


def text2qti_text(
    topics: Sequence[Topic[Question]], title: str, cite: str, *, graded: bool = False
) -> tuple[str, int, tuple[Remark, ...]]:
    """Return the questions in text2qti's format, how many of them, and the remarks."""
    shown = str(not graded).lower()
    blocks = [f"Quiz title: {_one_line(title)}", f"Shuffle answers: false\nShow correct answers: {shown}"]
    remarks: list[Remark] = []
    carried = number = 0
    for topic in topics:
        for question in topic.questions:
            parts, remark = _question(question, reason(question, cite))
            for part in parts:
                number += 1
                blocks.append(part.replace(PLACEHOLDER, f"{number}.".ljust(len(INDENT)), 1))
            carried += bool(parts)
            if remark:
                remarks.append(Remark(question.id, remark))
    return "\n\n".join(blocks) + "\n", carried, tuple(remarks)


def _question(question: Question, why: str) -> tuple[list[str], str]:
    """Return the blocks for a question, of the first of its forms that Canvas has, and a remark."""
    forms = question.forms()
    form = next((form for form in forms if _carries(form, forms)), None)
    kind = question.tag()
    match form:
        case OneOf():
            return [_choice(_head(question, form, why), form.options)], "" if form is forms[0] else AS_CHOICE
        case SomeOf():
            return [_several(_head(question, form, why), form.options)], ""
        case Numeric():
            remark = f"{kind}: near answers get no reply of their own" if form.near else ""
            return [f"{_head(question, form, why)}\n=   {form.value!r} +- {form.tolerance!r}"], remark
        case Words():
            accepted = [f"*   {_one_line(text)}" for text in form.accepted]
            remark = f"{kind}: near answers get no reply of their own"
            if not form.whole:
                remark = f"{kind} as a short answer: the usual ways of writing it are accepted, others are not"
            return ["\n".join([_head(question, form, why), *accepted])], remark
        case Essay():
            return [f"{_head(question, form, why)}\n____"], f"{kind} as an essay, marked by hand"
    for form in forms:
        if isinstance(form, Pairs):
            parts = [
                _choice(_head(question, part, why, f"{question.id}-{n}", 1), part.options)
                for n, part in enumerate(split(form), start=1)
            ]
            return parts, f"{kind} as one choice, of one point, for each item"
    return [], LEFT_OUT


def _carries(form: Form, forms: Sequence[Form]) -> bool:
    """Return whether Canvas has this form, and no other of `forms` keeps more: only choices have replies."""
    match form:
        case Words():
            return not (form.near and any(isinstance(other, OneOf) for other in forms))
        case Numeric():
            low, high = form.value - form.tolerance, form.value + form.tolerance
            return min(abs(low), abs(high)) >= SMALLEST and low * high > 0
    return isinstance(form, OneOf | SomeOf | Essay)


def _head(question: Question, form: Form, why: str, name: str = "", points: int = 0) -> str:
    """Title, points, text, code and general feedback."""
    first, *more = [_escaped(block) for block in form.ask.strip().split("\n\n")]
    lines = [f"Title: {name or question.id}", f"Points: {points or question.points}", f"{PLACEHOLDER}{first}"]
    for paragraph in more:
        lines += ["", INDENT + paragraph]
    if form.code.strip():
        block = ["```", *form.code.strip("\n").splitlines(), "```"]
        lines += ["", *((INDENT + line).rstrip() for line in block)]
    if isinstance(question, Closed):
        lines.append(f"... {_escaped(why)}")
    return "\n".join(lines)


def _choice(head: str, options: Sequence[Option]) -> str:
    lines = [head]
    for letter, option in zip(LETTERS, options, strict=False):
        mark = f"*{letter})" if option.correct else f"{letter})"
        lines.append(f"{mark:<4}{_escaped(option.text)}")
        if option.say and not option.correct:
            lines.append(f"... {_escaped(option.say)}")
    return "\n".join(lines)


def _several(head: str, options: Sequence[Option]) -> str:
    lines = [head]
    for option in options:
        lines.append(f"[{'*' if option.correct else ' '}] {_escaped(option.text)}")
        if option.say:
            lines.append(f"... {_escaped(option.say)}")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is: `code` stays code, every other sign becomes an entity."""
    parts = re.split(r"(`[^`]+`)", _one_line(text))
    return "".join(part if part.startswith("`") else _entities(part) for part in parts)


def _entities(text: str) -> str:
    return re.sub(r"[^\w\s,;:()“”’—–…·−√∞≈×²³¹ᵀ°]|_", lambda found: f"&#{ord(found[0])};", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
