"""Reading letters that stand for options, and writing them as the numbers of the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .base import Complaint, Unclear, check_entries, distinct, quoted, toml_type
from .fields import LETTERS, Option


def letters_in(text: str, count: int, how: str) -> list[str]:
    """Return the options meant by `1 3`, `1,3`, `13`, `a c` or `ac`, as letters. Raises Unclear."""
    marks = re.sub(r"[\s,;.()\[\]'\"-]+|\band\b", "", text.lower())
    letters = [LETTERS[int(mark) - 1] if mark in "123456789" else mark for mark in marks]
    if not letters or any(letter not in LETTERS[:count] for letter in letters):
        raise Unclear(f"{quoted(text)} is none of the answers; write {how}.")
    return letters


def one_letter(text: str, count: int, how: str) -> str:
    """Return the single option that is meant. Raises Unclear."""
    letters = letters_in(text, count, how)
    if len(letters) != 1:
        raise Unclear(f"One answer, please: {how}.")
    return letters[0]


def line_of_number(value: float, how: str) -> str:
    """Return the line that means the same as the number of an option in a file. Raises Unclear."""
    if not isinstance(value, int):
        raise Unclear(f"{toml_type(value)} is not an answer here; write {how}.")
    return str(value) if 0 < value < 1000 else "?"


def line_of_list(value: list, how: str) -> str:
    """Return the line that means the same as a list of letters or numbers in a file. Raises Unclear."""
    check_entries(value, (str, int), how)
    return " ".join(map(str, value))


def in_numbers(letters: Iterable[str]) -> str:
    """Letters as the numbers of the screen: "3 1 2"."""
    return " ".join(str(LETTERS.index(letter) + 1) for letter in letters)


def item(items: Sequence[str], letter: str) -> str:
    """Return the item of this letter."""
    return items[LETTERS.index(letter)]


def right_letters(options: Sequence[Option]) -> list[str]:
    """Return the letters of the options that are right."""
    return [letter for letter, option in zip(LETTERS, options, strict=False) if option.correct]


def option_replies(options: Sequence[Option]) -> list[tuple[str, str]]:
    """Return the number and the reply of each wrong option."""
    return [(str(number), option.say) for number, option in enumerate(options, start=1) if not option.correct]


def option_complaints(key: str, options: Sequence[Option], *, one: bool, named: bool = True) -> Iterator[Complaint]:
    """List what makes no sense about options; `one`: exactly one is right; `named`: wrong ones name a misconception."""
    word = key.removesuffix("s")
    if not 2 <= len(options) <= len(LETTERS):
        yield (key,), f"{len(options)} {key}; write 2 to {len(LETTERS)}"
    right = sum(option.correct for option in options)
    if one and right != 1:
        yield (key,), f"{right} {key} are marked correct = true; exactly one must be"
    if not one and (right == 0 or right == len(options)):
        yield (key,), f"{right} of {len(options)} {key} are marked correct = true; some must be and some must not"
    for i, option in enumerate(options):
        if option.correct and option.misconception:
            yield (key, i, "misconception"), f"{word} {i + 1} is right and names a misconception"
        if not option.correct and not option.say.strip():
            yield (key, i), f"{word} {i + 1} is wrong and has no `say`, which says why it is wrong"
        if named and not option.correct and not option.misconception:
            yield (key, i), f'{word} {i + 1} is wrong and names no `misconception`, such as "off-by-one"'
    yield from distinct(key, [" ".join(option.text.split()) for option in options])
