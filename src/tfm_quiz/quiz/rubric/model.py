"""What an author writes of a rubric: key points, misconceptions, and the lexicon that all rubrics of a course share."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Lines = list[Text]


class Claim(Struct, kw_only=True, forbid_unknown_fields=True):
    """One half of a key point that joins several claims: the key point is found only if each of them is."""

    text: Text
    any: Annotated[Lines, Meta(min_length=1)]  # pattern lines (`patterns.py`); one is enough
    unless: Lines = []  # lines that must not stand in the same sentence


class KeyPoint(Struct, kw_only=True, forbid_unknown_fields=True):
    """One idea that an answer may state. Give `any`, or `claims` if it joins several."""

    text: Text  # the idea itself, shown when answers are revealed
    hint: Text  # a question that leads to it, shown before
    any: Lines = []
    unless: Lines = []  # lines that must not stand in the same sentence
    claims: list[Claim] = []
    polarity: Literal["affirm", "either"] = "affirm"  # `either`: a negation around the words takes nothing away


class Misconception(Struct, kw_only=True, forbid_unknown_fields=True):
    """A wrong idea worth pointing at."""

    text: Text
    say: Text  # the correction
    section: str = ""  # of what the course cites
    any: Annotated[Lines, Meta(min_length=1)]
    unless: Lines = []
    against: list[Annotated[int, Meta(ge=1)]] = []  # key points that nobody can hold together with it
    polarity: Literal["affirm", "either"] = "affirm"


class Lexicon(Struct, kw_only=True, forbid_unknown_fields=True):
    """`lexicon.toml`: words that mean the same, terms that count as one word, and what must not be confused."""

    words: dict[str, Lines] = {}  # `@name` in a pattern: words, stems* and phrases; may name others by @
    join: dict[str, Lines] = {}  # the joined word: lines of `@name`s and words that stand next to each other
    terms: list[tuple[Text, str]] = []  # how terms are written, and the word that each becomes (`notation.toml`)
    subjects: Lines = []  # nouns that begin a clause after "as", as "they" does
    rivals: list[list[str]] = []  # names of `words` that no gap of a pattern with one of them may skip
    ordinary: Lines = []  # English words that are near a word of the rubrics and still no typo
    confidence: dict[Literal["found", "unsure", "not_found", "analogy"], Text] = {}  # measured; kept right by the lint
