"""What an export gives back, and the bank's texts as HTML."""

from __future__ import annotations

import html
import re

from msgspec import Struct

from tfm_quiz.quiz.bank import Question

AS_CHOICE = "as a choice among the answer and its near answers, without partial credit"
LEFT_OUT = "left out: it has no near answers to choose from"


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


def reason(question: Question, cite: str) -> str:
    """Return the explanation and where it can be read, in what the course cites."""
    sections = ", ".join(f"section {s}" if s[0].isdigit() else s for s in question.section)
    why = getattr(question, "why", "")
    return f"{why} ({sections} of {cite})".strip() if sections else why


def as_html(text: str, code: str = "") -> str:
    """Text of the bank as HTML: paragraphs, `code`, and a block of code."""
    blocks = [f"<p>{_inline(block)}</p>" for block in text.strip().split("\n\n")]
    return "".join(blocks) + (as_code(code) if code.strip() else "")


def as_code(code: str) -> str:
    """Lines of code as HTML."""
    return f"<pre>{html.escape(code.strip(chr(10)), quote=False)}</pre>"


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(text.split()), quote=False))
