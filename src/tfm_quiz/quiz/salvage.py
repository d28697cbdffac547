"""Read what can be read of a broken `answers.toml`: a bad line costs the answer on it, and says which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tfm_quiz.toml.places import syntax_error

from .answers_file import (
    LARGEST,
    NAME,
    Answers,
    AnswersUnreadable,
    clipped,
    decoded_answers,
    parsed_answers,
    read_answers,
)

KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]{1,100})|"([^"\\\n]{1,100})"|'([^'\n]{1,100})')[ \t]*=""")
HEADER = re.compile(r"[ \t]*\[+[ \t]*([^\[\]#\n]*?)[ \t]*\]*[ \t]*(?:#.*)?$")
ANSWERS_HEADER = re.compile(r"[ \t]*\[?[ \t]*[\"']?answers?[\"']?[ \t]*\]?[ \t]*(?:#.*)?$", re.IGNORECASE)
TRIPLE = re.compile(r'"""|' + r"'''")
MOST_CHARACTERS = 8 * LARGEST  # parsed in all: a value may go on over many lines, and is tried line by line
MOST_TOLD = 20


class _Line(NamedTuple):
    """One `key = value`, from its line on: the value, or why there is none."""

    number: int
    key: str
    value: Any = None
    fault: str = ""


def answers_in(text: str | bytes) -> Answers:
    """Read a file's answers, each on its own if the file as a whole is not TOML; remarks list what is not read.

    Raises AnswersUnreadable if there is nothing in it that can be read.
    """
    try:
        return read_answers(text)
    except AnswersUnreadable as unreadable:
        if len(text) > LARGEST:
            raise
        found = _salvaged(decoded_answers(text))
        if not found.values and not found.remarks:
            raise
        return found if found.values else Answers({}, {}, (str(unreadable), *found.remarks)[:1])


def _salvaged(text: str) -> Answers:
    lines = text.split("\n")
    headers = [number for number, line in enumerate(lines) if ANSWERS_HEADER.match(line)]
    values: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    remarks: list[str] = []
    if not headers:
        remarks.append(f"{NAME} has no [answers] line; its lines were read as if it began with one.")
    for line in _lines(lines, inside=not headers):
        if line.fault:
            what = f"the answer to `{clipped(line.key)}`" if line.key else "that line"
            remarks.append(f"{NAME} line {line.number}: {line.fault}, so {what} was not read; the others were.")
        elif line.key in numbers and values.get(line.key, line) != line.value:
            values.pop(line.key, None)
            remarks.append(
                f"{NAME} line {line.number}: `{clipped(line.key)}` has a different answer on "
                f"line {numbers[line.key]}, so neither was read; the others were."
            )
        else:
            values[line.key] = line.value
            numbers[line.key] = line.number
    more = len(remarks) - MOST_TOLD
    told = remarks[:MOST_TOLD] + ([f"{NAME}: and {more} more lines of this kind."] if more > 0 else [])
    return Answers(values, {key: numbers[key] for key in values}, tuple(told))


def _lines(lines: list[str], *, inside: bool) -> Iterator[_Line]:
    at, left = 0, MOST_CHARACTERS
    while at < len(lines):
        line = lines[at]
        key = KEY.match(line)
        if ANSWERS_HEADER.match(line):
            inside = True
        elif key is None and HEADER.match(line) and line.strip().startswith("["):
            inside = False
        elif not inside or not line.strip() or line.lstrip().startswith("#"):
            pass
        elif key is None:
            yield _Line(at + 1, "", fault="is not TOML")
        else:
            end, value, fault, cost = _value(lines, at, left)
            left -= cost
            name = key[1] or key[2] or key[3]
            yield _Line(at + 1, name, value, fault)
            at = end
            continue
        at += 1


def _value(lines: list[str], first: int, left: int) -> tuple[int, Any, str, int]:
    """Return the value that begins on this line: the line after it, the value, why there is none, characters parsed."""
    opened = TRIPLE.findall(lines[first])
    last = first
    if len(opened) % 2:  # a text over several lines, in which anything may stand
        last = next((n for n in range(first + 1, len(lines)) if opened[-1] in lines[n]), first)
    cost, fault = 0, ""
    while last < len(lines):
        text = "\n".join(lines[first : last + 1])
        cost += len(text)
        if cost > left:
            return first + 1, None, fault or "is too long to parse", cost
        try:
            ((_, value),) = parsed_answers(text).items()
            return last + 1, value, "", cost
        except (AnswersUnreadable, ValueError) as error:
            fault = fault or _reason(str(error))
        last += 1
        if last < len(lines) and (KEY.match(lines[last]) or (HEADER.match(lines[last]) and "=" not in lines[last - 1])):
            break
    return first + 1, None, fault, cost


def _reason(message: str) -> str:
    _, _, sentence = message.partition(": ")
    return syntax_error(sentence.removesuffix("."))[1] or "is not TOML"
