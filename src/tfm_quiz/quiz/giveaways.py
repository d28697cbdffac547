"""Practice questions that give a graded one away: practice shows its answers, and a graded answer may be among them.

What can be found by counting is found here: the same answer, the graded number in a sentence that speaks of the same
thing, and many rare words shared with the graded key. A pair that was looked at and is fine (it teaches what the graded
question then asks to apply) is listed in `quiz/related.toml`, with the reason.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tfm_quiz.errors import CourseError, Fault

from .bank import Closed, Question

NAME = "quiz/related.toml"
RARE = 8  # questions of the bank that use a word, at most, for it to count as rare
RARE_WORDS = 12.0  # in natural units of rarity: three or four rare words
BESIDE = 2  # words of the graded question beside its number
UNSPOKEN = {"id", "type", "source", "section", "misconception", "tolerance", "points"}
WORD = re.compile(r"[a-z]{4,}|\d[\d.,]*\d|\d")


def giveaways(practice: Sequence[Question], graded: Sequence[Question], related: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each pair that is not in `related`, and for each of its entries that is not needed."""
    found = {f"{given}, {asked}": why for given, asked, why in _pairs(practice, graded)}
    for pair, why in found.items():
        if pair not in related:
            given, asked = pair.split(", ")
            yield f"practice {given} gives away graded {asked}: {why}; change one, or list the pair in {NAME}"
    for pair in related:
        if pair not in found:
            yield f"{NAME}: {pair} share nothing any more; take the line away"


def read_related(course_root: Path) -> dict[str, str]:
    """Return the pairs that were looked at, "practice id, graded id", each with its reason. Raises CourseError."""
    file = course_root / NAME
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:  # no TOML, or no UTF-8
        raise CourseError([Fault(NAME, str(error))]) from error
    wrong = [key for key, reason in table.items() if not isinstance(reason, str) or key.count(", ") != 1]
    if wrong:
        raise CourseError([Fault(NAME, f'`{key}`: write "practice-id, graded-id" = "a reason"') for key in wrong])
    return table


def _pairs(practice: Sequence[Question], graded: Sequence[Question]) -> Iterator[tuple[str, str, str]]:
    practice, graded = ([q for q in asked if isinstance(q, Closed)] for asked in (practice, graded))
    words = {question.id: _words(_all_texts(question)) for question in (*practice, *graded)}
    used = Counter(word for found in words.values() for word in found)
    rare = [word for word, count in used.items() if count <= RARE and len(word) > 1]  # single digits are everywhere
    rarity = {word: math.log(len(words) / used[word]) for word in rare}
    for asked in graded:
        key = _words(_key_texts(asked))
        for given in practice:
            shared = sorted(word for word in key & words[given.id] if word in rarity)
            if _same_rows(given, asked):
                yield given.id, asked.id, "both have the same answer"
            elif sentence := _tells(given, asked, rarity):
                yield given.id, asked.id, f"it says “{sentence}”"
            elif sum(rarity[word] for word in shared) >= RARE_WORDS:
                yield given.id, asked.id, f"both speak of {', '.join(shared)}"


def _same_rows(given: Closed, asked: Closed) -> bool:
    """Return whether both are answered with rows of numbers, and with the same."""
    key = asked.key()
    rows = isinstance(key, list) and bool(key) and isinstance(key[0], list)
    return rows and given.tag() == asked.tag() and given.mark(key).right


def _tells(given: Closed, asked: Closed, rarity: Mapping[str, float]) -> str:
    """Find a sentence of a practice question that holds the graded number beside rare words of the graded question."""
    number = _number(asked)
    if not number:
        return ""
    about = _words([asked.ask]) & rarity.keys()
    for text in _all_texts(given):
        for sentence in re.split(r"(?<=[.;:?!])\s", text):
            said = _words([sentence])
            if number in said and len((about & said) - {number}) >= BESIDE:
                return sentence
    return ""


def _number(question: Closed) -> str:
    """Return the number that is the answer; empty if it is none."""
    key = question.key()
    return f"{key:g}" if isinstance(key, int | float) else ""


def _key_texts(question: Closed) -> list[str]:
    """List the texts of the key: the right options, the reason, and a number that is the answer."""
    right = [option.text for option in question.choices() if option.correct]
    return [*right, question.why, _number(question)]


def _all_texts(question: Question) -> list[str]:
    return [*_texts(msgspec.to_builtins(question))]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in UNSPOKEN:
                yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:g}"


def _words(texts: Iterable[str]) -> set[str]:
    """Words of four letters or more without a plural s, and numbers."""
    return {word.replace(",", "").removesuffix("s") for text in texts for word in WORD.findall(text.casefold())}
