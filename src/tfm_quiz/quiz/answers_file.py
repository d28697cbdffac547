"""`answers.toml`: reading it as hostile text, and changing one answer in it without touching the rest.

    [answers]
    scores-unscaled = "d"
    scores-shape = [2, 8, 5, 7]

A person may edit it by hand, with comments and in any order. What is read is never trusted for a size or a depth.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from msgspec import Struct

from tfm_quiz.files import decoded
from tfm_quiz.toml.places import line_of_places, nearest_line, spans_of_pairs, syntax_error

from .answers import Answer

NAME = "answers.toml"
LARGEST = 512 * 1024  # bytes; forty answers of the greatest length fit in well

HEADER = """\
# Answers to the graded questions. `tfm-quiz quiz --graded` writes this file; you may edit it by hand.
# Options have letters in the order in which they are asked: a is 1, b is 2, and so on.

[answers]
"""

# `tomllib` takes time that grows with the square of the number of parts of a dotted key; nobody needs seventeen.
_PART = r"""(?:[\w-]{1,60}|"(?:\\.|[^"\\\n]){0,60}"|'[^'\n]{0,60}')"""
_ENDLESS_KEY = re.compile(rf"(?<![\w\"'-])(?:{_PART}[ \t]*\.[ \t]*){{16}}")


class AnswersUnreadable(ValueError):
    """The file as a whole cannot be read; the message says why and where."""


class Answers(Struct, frozen=True):
    """What stands in the file: values as TOML has them, the line of each, and remarks about the rest of the file."""

    values: dict[str, Any]
    lines: dict[str, int]
    remarks: tuple[str, ...] = ()


def read_answers(text: str | bytes) -> Answers:
    """Return the answers of a file. Raises AnswersUnreadable, whatever the text is."""
    if len(text) > LARGEST:
        raise AnswersUnreadable(f"{NAME} is larger than {LARGEST // 1024} KB; it is not read.")
    clean = decoded_answers(text)
    data = parsed_answers(clean)
    lines = line_of_places(clean)
    table = data.get("answers")
    if not isinstance(table, dict):
        said = (
            "has no [answers] table"
            if table is None
            else f"line {nearest_line(lines, ('answers',))}: `answers` is not a table"
        )
        raise AnswersUnreadable(f"{NAME} {said}; write [answers] on a line of its own, and the answers below it.")
    outside = [key for key in data if key != "answers"][:5]
    remarks = [
        f"{NAME} line {nearest_line(lines, (key,))}: `{clipped(key)}` is not in the [answers] table and is not read."
        for key in outside
    ]
    found = {key: nearest_line(lines, ("answers", key)) or 1 for key in table}
    return Answers(table, found, tuple(remarks))


def with_answer(text: str, id: str, answer: Answer, note: str = "") -> tuple[str, bool]:  # noqa: A002
    """Return the text with one answer set, and whether everything else in it is as it was.

    Comments, order and other answers stay. Only if the file is written in a way that can't be changed in place is it
    rewritten from its answers, and the second value is then False. Raises AnswersUnreadable.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.strip():
        text = HEADER
    elif "answers" not in parsed_answers(text):
        text = f"{text.rstrip()}\n\n[answers]\n"
    wanted = {**read_answers(text).values, id: answer}
    changed = _changed(text, id, answer, note)
    if changed is not None and _same_answers(changed, wanted):
        return changed, True
    fresh = HEADER + "".join(f"{_key(key)} = {toml_value(value)}\n" for key, value in wanted.items())
    return fresh, False


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {toml_value(item)}' for key, item in value.items())} }}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        quoted = _quoted(value)
        lines = "\n" in value and "\r" not in value
        return '"""\n' + re.sub(r"\\n", "\n", quoted[1:-1]) + '"""' if lines and "\\\\" not in quoted else quoted
    return str(value)  # a date or a time


def clipped(text: str) -> str:
    """Return a name out of a hostile file, fit for a sentence: short and printable."""
    clean = "".join(c if c.isprintable() else "?" for c in text[:100])
    return clean if len(text) <= 100 else clean[:99] + "…"


def decoded_answers(data: str | bytes) -> str:
    """Return the text of a file, its line ends as newlines. Raises AnswersUnreadable."""
    if isinstance(data, str):
        return data.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        return decoded(data)
    except ValueError as error:
        raise AnswersUnreadable(f"{NAME} {error}.") from None


def parsed_answers(text: str) -> dict[str, Any]:
    """Return the TOML in a text of at most LARGEST characters. Raises AnswersUnreadable, whatever the text is."""
    if endless := _ENDLESS_KEY.search(text):
        line = text.count("\n", 0, endless.start()) + 1
        raise AnswersUnreadable(f"{NAME} line {line}: a name of more than sixteen parts; names are single words here.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, sentence = syntax_error(str(error))
        where = f"line {line}" if line else f"line {text.count(chr(10)) + 1}"
        raise AnswersUnreadable(f"{NAME} {where}: is not TOML: {clipped(sentence)}.") from None
    except (ValueError, RecursionError, OverflowError) as error:  # endless digits, endless nesting, impossible dates
        deep = isinstance(error, RecursionError)
        reason = "lists or tables are nested too deep" if deep else "it holds a number or a date that is out of range"
        raise AnswersUnreadable(f"{NAME} is not read: {reason}.") from None


def _changed(text: str, name: str, answer: Answer, note: str) -> str | None:
    """Return the text with the answer put in place, or None if there is no obvious place."""
    pair = f"{_key(name)} = {toml_value(answer)}"
    spans = spans_of_pairs(text)
    if span := spans.get(("answers", name)):
        return text[: span[0]] + pair + text[span[1] :]
    header = re.search(r"^[ \t]*\[[ \t]*answers[ \t]*\][^\n]*$", text, re.MULTILINE)
    ends = [end for place, (_, end) in spans.items() if place[0] == "answers" and len(place) > 1]
    if header is None:
        return None
    after = max([header.end(), *ends])
    end_of_line = text.find("\n", after)
    end_of_line = len(text) if end_of_line < 0 else end_of_line
    comment = f"\n# {note}" if note else ""
    return f"{text[:end_of_line]}\n{comment}\n{pair}{text[end_of_line:] or chr(10)}"


def _same_answers(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return read_answers(text).values == wanted
    except AnswersUnreadable:
        return False


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """Return a basic string: JSON's escapes are TOML's, which wants that of DEL as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
