"""From what a person wrote to an answer: a line typed in the terminal, or a value in `answers.toml`.

Both are read against the prompt alone, without the key, and become one plain value:

    choice, wrong-line   "b"                        number   64.0
    several              ["a", "c"]                 shape    [2, 8, 5, 7]
    order                ["c", "a", "b"]            tensor   [[1.0, 0.0], [1.0, 1.0]]
    match                ["b", "a"], one per item   blank, prose   text

What can't be read raises Unclear with a sentence that says what to write; it is never counted as wrong.
"""

from __future__ import annotations

import math
import re
from typing import Any, TypeAlias

from .bank import LETTERS
from .prompts import Prompt

Answer: TypeAlias = str | float | list[str] | list[int] | list[list[float]]

LONGEST_LINE = 400  # characters of a short answer; longer is a paste gone wrong
LONGEST_PROSE = 4_000
MOST_ENTRIES = 400  # of a tensor, and the largest number of dimensions or letters looked at


class Unclear(ValueError):
    """The text is no answer to this question; the message says what to write."""


def typed_answer(prompt: Prompt, typed: str, *, in_file: bool = False) -> Answer:
    """The answer that a typed line means (or a text in a file). Raises Unclear."""
    text, how = typed.strip(), how_to_answer(prompt, in_file=in_file)
    if prompt.type == "prose":
        return _prose(typed)
    if len(text) > LONGEST_LINE:
        raise Unclear(f"That is {len(text)} characters long; an answer here has at most {LONGEST_LINE}.")
    if not text:
        raise Unclear(f"That is empty; write {how}.")
    count = len(prompt.options)
    match prompt.type:
        case "choice" | "wrong-line":
            letters = _letters(text, count, how)
            if len(letters) != 1:
                raise Unclear(f"One answer, please: {how}.")
            return letters[0]
        case "several":
            return sorted(set(_letters(text, count, how)))
        case "order":
            letters = _letters(text, count, how)
            if sorted(letters) != list(LETTERS[:count]):
                raise Unclear(f"Each of the {count} once, please: write {how}.")
            return letters
        case "match":
            return _pairs(text, count, len(prompt.right), how)
        case "number":
            return _number(text, how)
        case "shape":
            return _shape(text, how)
        case "tensor":
            return _rows(text, how)
        case _:
            return text


def given_answer(prompt: Prompt, value: Any) -> Answer:
    """The answer that a value of `answers.toml` means: its own type, or the same as text. Raises Unclear."""
    how = how_to_answer(prompt, in_file=True)
    if isinstance(value, str):
        return typed_answer(prompt, value, in_file=True)
    if isinstance(value, bool) or not isinstance(value, int | float | list):
        raise Unclear(f"{_toml_type(value)} is no answer here; write {how}.")
    if isinstance(value, list):
        return _given_list(prompt, value, how)
    if prompt.type == "number":
        return _finite(value, how)
    if isinstance(value, int) and prompt.type in ("choice", "wrong-line", "several"):
        return typed_answer(prompt, str(value) if 0 < value < 1000 else "?", in_file=True)
    if isinstance(value, int) and prompt.type == "shape" and 0 <= value < 10**9:
        return [value]
    if prompt.type == "blank" and abs(value) < 1e15:
        return f"{value:g}"
    raise Unclear(f"{_toml_type(value)} is no answer here; write {how}.")


def how_to_answer(prompt: Prompt, *, in_file: bool = False) -> str:
    """What to write, in a few words: "a number from 1 to 4", or for a file "a letter from a to d".

    Examples are such as no question has for its answer.
    """
    count = len(prompt.options)
    last = LETTERS[count - 1]
    match prompt.type:
        case "choice" | "wrong-line":
            return f'a letter, "a" to "{last}"' if in_file else f"a number from 1 to {count}"
        case "several":
            return f'a list of letters, "a" to "{last}"' if in_file else "all the numbers that apply, with spaces"
        case "order":
            return (
                f'a list of the letters "a" to "{last}" in the right order'
                if in_file
                else f"the numbers 1 to {count} in the right order, with spaces"
            )
        case "match":
            letters = f"one letter for each of 1 to {count}"
            return f"a list with {letters}" if in_file else f"{letters}, with spaces"
        case "number":
            return "a number, such as 1.75, 2/7 or 3e6"
        case "shape":
            return "the shape, such as [3, 6, 11]" if in_file else "the shape, such as 3 6 11"
        case "tensor":
            return "rows, such as [[6, 7], [8, 9]]" if in_file else "rows with ; between them, such as 6 7; 8 9"
        case "blank":
            return "a word or a few"
        case _:
            return "a few sentences"


def is_blank(value: Any) -> bool:
    """An answer left open: an empty text or list."""
    return (isinstance(value, str) and not value.strip()) or value == []


# Letters ----------------------------------------------------------------------------------------------------------


def _letters(text: str, count: int, how: str) -> list[str]:
    """The options meant by `1 3`, `1,3`, `13`, `a c` or `ac`, as letters."""
    marks = re.sub(r"[\s,;.()\[\]'\"-]+|\band\b", "", text.lower())
    letters = [LETTERS[int(mark) - 1] if mark in "123456789" else mark for mark in marks]
    if not letters or any(letter not in LETTERS[:count] for letter in letters):
        raise Unclear(f"{_shown(text)} is none of the answers; write {how}.")
    return letters


def _pairs(text: str, count: int, choices: int, how: str) -> list[str]:
    """One letter per item: `b a c`, or `1b 2a 3c` in any order."""
    marks = re.sub(r"[\s,;:.=()\[\]'\">-]+", "", text.lower())
    if re.fullmatch(r"(\d[a-i])+", marks):
        chosen = dict(re.findall(r"(\d)([a-i])", marks))
        letters = [chosen.get(str(item), "?") for item in range(1, count + 1)]
        complete = len(chosen) == count and len(marks) == 2 * count
    else:
        letters, complete = list(marks), len(marks) == count
    if not complete or any(letter not in LETTERS[:choices] for letter in letters):
        raise Unclear(f"{_shown(text)} does not say it; write {how}.")
    return letters


# Numbers ----------------------------------------------------------------------------------------------------------

_PLAIN = r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,4})?"
_ATOM = re.compile(rf"(?P<root>√|sqrt)?\(?(?P<base>{_PLAIN})\)?(?:(?:\^|\*\*)(?P<power>[+-]?\d{{1,4}}))?")


def _number(text: str, how: str) -> float:
    try:
        return _read_number(text)
    except ValueError:
        comma = " (with a point, not a comma)" if re.search(r"\d,\d", text) else ""
        raise Unclear(f"{_shown(text)} is not a number that I can read; write {how}{comma}.") from None


def _read_number(text: str) -> float:
    """A number as people write it: 64, 6.4e1, 1/3, 50%, 2^-9, √64, 65 000 000, -inf. Raises ValueError."""
    plain = text.strip().lower().replace("−", "-").replace("_", "")
    plain = re.sub(r"(?<=\d)[ ,\u00a0\u202f](?=\d{3}(?!\d))", "", plain)  # 65 000 000 and 65,000,000
    sign = -1.0 if plain.startswith("-") else 1.0
    plain = plain.removeprefix("-").removeprefix("+").strip()
    if plain in ("inf", "infinity", "∞"):
        return sign * math.inf
    percent = plain.endswith("%")
    parts = plain.removesuffix("%").split("/")
    if len(parts) > 2:
        raise ValueError(text)
    try:
        values = [_atom(part.strip()) for part in parts]
        value = sign * values[0] / (values[1] if len(values) == 2 else 1.0) / (100 if percent else 1)
    except ArithmeticError:
        raise ValueError(text) from None
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _atom(text: str) -> float:
    found = _ATOM.fullmatch(text)
    if found is None:
        raise ValueError(text)
    value = float(found["base"]) ** int(found["power"] or 1)
    return math.sqrt(value) if found["root"] else value


def _finite(value: float, how: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.nan
    if math.isnan(number):
        raise Unclear(f"That is not a number that I can use; write {how}.")
    return number


def _shape(text: str, how: str) -> list[int]:
    inner = re.sub(r"torch\.size|[()\[\]]", " ", text.lower())
    sizes = re.split(r"[\s,x×;]+", inner.strip(" ,"))
    if sizes == [""]:
        return []  # a scalar: () or []
    if not all(re.fullmatch(r"[0-9]{1,9}", size) for size in sizes) or len(sizes) > MOST_ENTRIES:
        raise Unclear(f"{_shown(text)} is not a shape in numbers; write {how}.")
    return [int(size) for size in sizes]


_WORDS = {"true": 1.0, "t": 1.0, "false": 0.0, "f": 0.0}


def _rows(text: str, how: str) -> list[list[float]]:
    """`1 0; 1 1`, `[[1, 0], [1, 1]]`, with T and F, fractions and -inf."""
    inner = re.sub(r"tensor|[()]", " ", text.lower()).replace("−", "-")
    rows = [row for row in re.split(r"\]\s*,?\s*\[|;|\n", inner) if row.strip(" ,[]")]
    try:
        values = [[_entry(entry) for entry in re.split(r"[\s,]+", row.strip(" ,[]"))] for row in rows]
    except ValueError as error:
        raise Unclear(f"{_shown(str(error))} is not a number; write {how}.") from None
    return _rectangle(values, how)


def _entry(text: str) -> float:
    return _WORDS[text] if text in _WORDS else _read_number(text)


def _rectangle(rows: list[list[float]], how: str) -> list[list[float]]:
    if not rows or not rows[0]:
        raise Unclear(f"There are no numbers in it; write {how}.")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise Unclear(f"Row {number} has {len(row)} entries and row 1 has {len(rows[0])}: all need the same.")
    return rows


# Lists of a file --------------------------------------------------------------------------------------------------


def _given_list(prompt: Prompt, value: list[Any], how: str) -> Answer:
    if len(value) > MOST_ENTRIES:
        raise Unclear(f"The list has {len(value)} entries; write {how}.")
    if prompt.type == "tensor":
        return _given_rows(value, how)
    for place, item in enumerate(value, start=1):
        wanted: type | tuple[type, ...] = int if prompt.type == "shape" else (str, int)
        if isinstance(item, bool) or not isinstance(item, wanted):
            raise Unclear(f"Entry {place} is {_toml_type(item).lower()}; write {how}.")
        if (isinstance(item, str) and len(item) > 10) or (isinstance(item, int) and not 0 <= item < 10**9):
            raise Unclear(f"Entry {place} is not one of the answers; write {how}.")
    if prompt.type == "shape":
        return [int(size) for size in value]
    if prompt.type in ("several", "order", "match", "choice", "wrong-line"):
        return typed_answer(prompt, " ".join(str(item) for item in value), in_file=True)
    raise Unclear(f"A list is no answer here; write {how}.")


def _given_rows(value: list[Any], how: str) -> list[list[float]]:
    rows = value if all(isinstance(row, list) for row in value) else [value]
    if sum(len(row) for row in rows) > MOST_ENTRIES:
        raise Unclear(f"The tensor has more than {MOST_ENTRIES} entries; write {how}.")
    numbers: list[list[float]] = []
    for place, row in enumerate(rows, start=1):
        for item in row:
            if not isinstance(item, int | float):  # True and False are 1 and 0 here
                raise Unclear(f"Row {place} holds {_toml_type(item).lower()}; write {how}.")
        numbers.append([_finite(item, how) for item in row])
    return _rectangle(numbers, how)


def _prose(text: str) -> str:
    if len(text) > LONGEST_PROSE:
        raise Unclear(f"That is {len(text)} characters long; at most {LONGEST_PROSE} are read.")
    return text.strip()


def _toml_type(value: Any) -> str:
    names = {bool: "True or false", int: "A whole number", float: "A number", str: "A text", list: "A list"}
    return names.get(type(value), "A table" if isinstance(value, dict) else "A date or time")


def _shown(text: str) -> str:
    """What was written, short and without control characters."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return f"“{clean if len(clean) <= 40 else clean[:39] + '…'}”"


def _quoted(letter: str) -> str:
    return f'"{letter}"'
