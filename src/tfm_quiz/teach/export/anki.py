"""An Anki package: one card a question, with ids that stay, so that a later export updates the cards."""

from __future__ import annotations

import html
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from tfm_quiz.quiz.bank import (
    LETTERS,
    Choice,
    ClosedQuestion,
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
from tfm_quiz.quiz.kinds import right_answer, show_number
from tfm_quiz.quiz.reading import Topic

from .forms import Exported, Remark, as_html, lines_shown, reason

STYLE = """
.card { font-family: sans-serif; font-size: 18px; text-align: left; max-width: 40em; margin: auto; }
pre, code { font-family: monospace; font-size: 15px; }
.wrong { opacity: 0.75; }
"""


def anki(topics: Sequence[Topic[Question]], title: str) -> Exported:
    """A package with one deck a topic. Needs genanki (the extra `export`)."""
    import genanki

    model = genanki.Model(
        _stable("tfm-quiz card"),
        "tfm-quiz question",
        fields=[{"name": "Question"}, {"name": "Answer"}],
        templates=[
            {"name": "Question", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"},
        ],
        css=STYLE,
    )
    decks, remarks = [], []
    for topic in topics:
        name = f"{title}::{topic.title}"
        deck = genanki.Deck(_stable(name), name)
        for question in topic.questions:
            note = genanki.Note(
                model=model,
                fields=[_front(question), _back(question)],
                guid=genanki.guid_for("tfm-quiz", question.id),
                tags=[*question.source, question.__struct_config__.tag],
            )
            deck.add_note(note)
            remarks.append(Remark(question.id, "as a card: you judge yourself whether you knew it"))
        decks.append(deck)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deck.apkg"
        genanki.Package(decks).write_to_file(str(path))
        data = path.read_bytes()
    return Exported(data, ".apkg", len(remarks), tuple(remarks))


def _front(question: Question) -> str:
    front = as_html(question.ask, "" if isinstance(question, Prose) else question.code)
    match question:
        case Choice() | Several():
            front += _numbered([option.text for option in question.options])
        case WrongLine():
            front += f"<pre>{html.escape(lines_shown(question), quote=False)}</pre>"
        case Order():
            front += _numbered(question.items)
        case Match():
            front += _numbered(question.left) + _lettered(question.right)
    return front


def _back(question: Question) -> str:
    if isinstance(question, Prose):
        ideas = "".join(f"<li>{as_html(str(point.get('text', '')))}</li>" for point in question.key_points)
        return f"<ul>{ideas}</ul>{as_html(question.model_answer)}"
    answer = f"<p><b>{html.escape(right_answer(question))}</b></p>{as_html(reason(question))}"
    replies = _replies(question)
    return answer + (f'<ul class="wrong">{"".join(f"<li>{reply}</li>" for reply in replies)}</ul>' if replies else "")


def _replies(question: ClosedQuestion) -> list[str]:
    """Every wrong answer that was foreseen, and what there is to say to it."""
    match question:
        case Choice() | Several():
            said = _of_options(question.options)
        case WrongLine():
            said = _of_options(question.lines)
        case Number():
            said = [(show_number(near.answer), near.say) for near in question.near]
        case Shape():
            said = [(str(tuple(near.answer)), near.say) for near in question.near]
        case Tensor():
            said = [("; ".join(" ".join(map(show_number, row)) for row in n.answer), n.say) for n in question.near]
        case Order():
            place = {letter: number for number, letter in enumerate(LETTERS, start=1)}
            said = [(f"{place[near.first]} before {place[near.then]}", near.say) for near in question.near]
        case Match():
            said = [(f"{near.item} {near.chose}", near.say) for near in question.near]
        case _:
            said = [(", ".join(near.answer), near.say) for near in question.near]
    return [f"{html.escape(wrong)}: {html.escape(say, quote=False)}" for wrong, say in said]


def _of_options(options: Sequence[Option]) -> list[tuple[str, str]]:
    return [(str(number), option.say) for number, option in enumerate(options, start=1) if not option.correct]


def _numbered(items: Sequence[str]) -> str:
    return f"<ol>{''.join(f'<li>{html.escape(item, quote=False)}</li>' for item in items)}</ol>"


def _lettered(items: Sequence[str]) -> str:
    return f'<ol type="a">{"".join(f"<li>{html.escape(item, quote=False)}</li>" for item in items)}</ol>'


def _stable(name: str) -> int:
    """An id that is the same in every export."""
    return (1 << 30) + zlib.crc32(name.encode()) % (1 << 30)
