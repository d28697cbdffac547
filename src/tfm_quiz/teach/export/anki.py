"""An Anki package: one card a question, with ids that stay, so that a later export updates the cards."""

from __future__ import annotations

import html
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from tfm_quiz.quiz.bank import Closed, Question
from tfm_quiz.quiz.kinds.forms import Essay, numbered_lines
from tfm_quiz.quiz.reading import Topic

from .exported import Exported, Remark, as_code, as_html, reason

STYLE = """
.card { font-family: sans-serif; font-size: 18px; text-align: left; max-width: 40em; margin: auto; }
pre, code { font-family: monospace; font-size: 15px; }
.wrong { opacity: 0.75; }
"""


def anki(topics: Sequence[Topic[Question]], title: str, cite: str) -> Exported:
    """Return a package with one deck a topic. Needs genanki (the extra `export`)."""
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
                fields=[_front(question), _back(question, cite)],
                guid=genanki.guid_for("tfm-quiz", question.id),
                tags=[*question.source, question.tag()],
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
    prompt = question.prompt()
    front = as_html(prompt.ask, prompt.code)
    if prompt.options:
        front += as_code(numbered_lines(prompt.options)) if question.verbatim else _items(prompt.options, "1")
    return front + (_items(prompt.right, "a") if prompt.right else "")


def _back(question: Question, cite: str) -> str:
    if not isinstance(question, Closed):
        return "".join(_essay(form) for form in question.forms() if isinstance(form, Essay))
    answer = f"<p><b>{html.escape(question.shown_key())}</b></p>{as_html(reason(question, cite))}"
    replies = [f"{html.escape(wrong)}: {html.escape(say, quote=False)}" for wrong, say in question.foreseen()]
    return answer + (f'<ul class="wrong">{"".join(f"<li>{reply}</li>" for reply in replies)}</ul>' if replies else "")


def _essay(form: Essay) -> str:
    return f"<ul>{''.join(f'<li>{as_html(idea)}</li>' for idea in form.ideas)}</ul>{as_html(form.model_answer)}"


def _items(items: Sequence[str], style: str) -> str:
    inside = "".join(f"<li>{html.escape(item, quote=False)}</li>" for item in items)
    return f'<ol type="{style}">{inside}</ol>'


def _stable(name: str) -> int:
    """Return an id that is the same in every export."""
    return (1 << 30) + zlib.crc32(name.encode()) % (1 << 30)
