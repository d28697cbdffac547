"""An answer as the patterns see it: sentences of words, with the places where one clause ends and another begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from .english import words
from .notation import PLAIN, Notation, visible

MAX_CHARACTERS = 4000
MAX_SENTENCES = 60
MAX_WORDS = 250  # of one sentence: what follows is a sentence of its own

# Strength of the boundary before a word: a short gap crosses brackets, a long one commas, and none a contrast.
BRACKET, COMMA, CONTRAST = 1, 2, 3

_CONTRASTS = words("but while whereas however although though unlike conversely yet")
_NOTHING = words("nothing anything none all")  # "... but" means except
_ASIDES = words("however though")
_CAUSES = words("so because since therefore hence thus then otherwise if unless when whenever")
_THEN = words("then thus therefore hence")  # "is then averaged", "are not therefore equal": no clause of its own
_BEFORE_THEN = words("is are was were be not has have can will")
_NO_CAUSE = frozenset(("so far", "so on", "so much", "so many", "so called", "so small", "so large"))
_AS = words("it they we there this these")  # "as they know": because
_LABEL = 4  # a colon after so many words (later on half of that) belongs to a label: `costs: from the table`
_AND = words("and or")
_SIGNS = {",": COMMA, "|": COMMA, ":": COMMA, ";": CONTRAST, "–": CONTRAST, "-": CONTRAST, "(": BRACKET, ")": BRACKET}
_SIGNS |= {"?": 0, "!": 0}
_LISTED = 3  # commas before a colon that make a list of things of what stands there
_VERBS = words(
    "is are was were be can could will would may might must should does do did has have had means equals -> ="
)
_SHORT = 3  # words of a list's first item

_END = re.compile(r"[.!?]{1,5}[\"')\]]{0,2}(?=\s|$)|\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|w\.r\.t|cf|vs|etc|al|fig|sec|eq|no|approx|resp|incl|tab|viz)|(?:^|\n)\s{0,8}\d{1,2})$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s{0,12}(?:[-*•+–>#]{1,3}|\(?[0-9a-z]{1,2}[.)]|\[\d\])\s+", re.IGNORECASE)
_WRAPPED = 55  # a line at least this long without a full stop goes on in the next one


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: the student's own characters, and the words and boundaries that patterns are matched on."""

    source: str
    words: tuple[str, ...]
    breaks: tuple[int, ...]  # breaks[i]: strength of the boundary just before words[i]
    question: bool = False
    colon: int = 0  # words before the last colon
    heading: int = 0  # words before a colon that only list things: "tests, reviews, pairing: ..."


Rewrite = Callable[[list[str]], list[str]]


def read_sentences(text: str, rewrite: Rewrite = list, notation: Notation = PLAIN) -> list[Sentence]:
    """Cut an answer into at most `MAX_SENTENCES` sentences; `rewrite` fixes words (typos, joined terms) before that.

    Text past `MAX_CHARACTERS` is not read.
    """
    sentences: list[Sentence] = []
    for source in _pieces(visible(text)[:MAX_CHARACTERS]):
        found = rewrite(notation.tokens(source))
        for start in range(0, len(found), MAX_WORDS):
            sentence = _sentence(source, found[start : start + MAX_WORDS], notation.subjects)
            if sentence.words:
                sentences.append(sentence)
        if len(sentences) >= MAX_SENTENCES:
            break
    return sentences[:MAX_SENTENCES]


def _pieces(text: str) -> Iterable[str]:
    """Yield the sentences and list items of a text, without their bullets."""
    start = 0
    for end in _END.finditer(text):
        before = text[start : end.start()]
        if end[0] == "\n":
            rest = text[end.end() :].lstrip(" \t")
            line = len(" ".join(text[text.rfind("\n", 0, end.start()) + 1 : end.start()].split()))
            goes_on = (
                line > _WRAPPED
                and before.strip()
                and (rest[:1].islower() or rest[:1].isdigit())
                and not _BULLET.match(rest)
            )
            if goes_on:
                continue
        elif end[0] == "." and _ABBREVIATION.search(before[-12:]):
            continue
        elif end[0] == "..." and not text[end.end() :].lstrip()[:1].isupper():
            continue  # inside a formula: "head_1, ... , head_h"
        yield from _piece(text[start : end.end()])
        start = end.end()
    yield from _piece(text[start:])


def _piece(text: str) -> Iterable[str]:
    bullet = _BULLET.match(text)
    if bullet:
        text = text[bullet.end() :]
    if text.strip():
        yield text.strip()


def _sentence(source: str, tokens: list[str], subjects: AbstractSet[str]) -> Sentence:
    kept: list[str] = []
    breaks: list[int] = []
    pending = 0
    since = 0  # words since the last boundary
    colon = heading = commas = 0
    tokens = _without_asides(tokens)
    for at, word in enumerate(tokens):
        commas += word == ","
        if word == ":" and not colon and commas >= _LISTED and CONTRAST not in breaks and _VERBS.isdisjoint(kept):
            heading = len(kept)
        colon = len(kept) if word == ":" else colon
        if word in _SIGNS and not (word == ":" and since <= (_LABEL // 2 if any(breaks) else _LABEL)):
            pending = max(pending, 0 if word == "," and since <= _SHORT and _in_list(tokens, at) else _SIGNS[word])
            continue
        pending = max(pending, _opens_clause(tokens, at, subjects) if kept else 0)
        since = 1 if pending >= COMMA else since + 1
        kept.append(word)
        breaks.append(pending if len(kept) > 1 else 0)
        pending = 0
    return Sentence(source, tuple(kept), tuple(breaks), source.rstrip("\"') ").endswith("?"), colon, heading)


def _opens_clause(tokens: list[str], at: int, subjects: AbstractSet[str]) -> int:
    """Return the strength of the boundary before a word because of the word itself."""
    if tokens[at] in _CONTRASTS:
        return 0 if _no_contrast(tokens, at) else CONTRAST
    if tokens[at] in _THEN and at and tokens[at - 1] in _BEFORE_THEN:
        return 0
    pair = " ".join(tokens[at : at + 2])
    if tokens[at] == "as":
        following = pair.removeprefix("as ")
        return COMMA if following in _AS or following in subjects else 0
    return COMMA if tokens[at] in _CAUSES and pair not in _NO_CAUSE else 0


def _no_contrast(tokens: list[str], at: int) -> bool:
    """Return whether a word of contrast opens no clause: "nothing but ..."."""
    return tokens[at] == "but" and at > 0 and tokens[at - 1] in _NOTHING


def _without_asides(tokens: list[str]) -> list[str]:
    """Without what stands between commas and opens no clause: "the costs, however, come from the table"."""
    kept: list[str] = []
    for word in tokens:
        if kept[-2:-1] == [","] and kept[-1] in _ASIDES and word == ",":
            del kept[-2:]
        else:
            kept.append(word)
    return kept


def _in_list(tokens: list[str], comma: int) -> bool:
    """Return whether the item after this comma is short and followed by another one: `q, k and v`."""
    return any(word == "," or word in _AND for word in tokens[comma + 1 : comma + 5])
