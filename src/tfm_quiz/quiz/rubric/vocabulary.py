"""The words a rubric knows: fixing typos against them, and joining terms of several words into one.

A word that the rubric does not know, one edit away from one that it knows, is taken for that one: only long words
(one of the two has six letters; five where two neighbours were swapped), never one that is an ordinary English word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .patterns import LIGHT, Index, Phrase

_LONG = 6
_SWAPPED = 5  # letters of a word in which two neighbours changed places
_LONGEST = 24  # longer words are not looked at
_SHIELD = 5  # letters of a stem that a word must begin with to be known by it
_FILLERS = LIGHT | {"vector", "vectors", "matrix", "matrices", "(", ")"}


@dataclass(frozen=True)
class Join:
    """A term of several words that becomes one word, so that no pattern finds a part of it: `keys and values`."""

    word: str
    parts: tuple[Mapping[str, Sequence[Phrase]], ...]  # for each part in order, its phrases by their first word


def make_join(word: str, parts: Iterable[Iterable[Phrase]]) -> Join:
    """Return a join from the alternatives of each part; longer phrases are tried first."""
    tables: list[Mapping[str, Sequence[Phrase]]] = []
    for phrases in parts:
        table: dict[str, list[Phrase]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            table.setdefault(phrase[0], []).append(phrase)
        tables.append(table)
    return Join(word, tuple(tables))


@dataclass(frozen=True)
class Vocabulary:
    """What a rubric knows of words; `rewritten` is the rewrite that an answer's tokens go through."""

    index: Index
    words: frozenset[str]  # exact words of patterns and of the question's own prose
    ordinary: frozenset[str]  # English words that are never taken for a typo
    joins: tuple[Join, ...] = ()
    _shorter: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Table every word with each of its letters left out, which makes the search for one edit a few look-ups."""
        for word in sorted(self.words):
            if len(word) >= _SWAPPED and word.isalpha():
                for short in {word, *_one_letter_less(word)}:
                    self._shorter.setdefault(short, []).append(word)

    def rewritten(self, tokens: list[str]) -> list[str]:
        """Return the tokens with typos fixed and terms joined."""
        return self.joined([self.corrected(token) for token in _without_small_brackets(tokens)])

    def corrected(self, word: str) -> str:
        """Return the word, or the known word that it was meant to be."""
        if not _SWAPPED <= len(word) <= _LONGEST or not word.isalpha():
            return word
        if word in self.words or word in self.ordinary or self.index.knows(word, _SHIELD):
            return word
        candidates: list[str] = []
        for short in (word, *_one_letter_less(word)):
            candidates += self._shorter.get(short, ())
        close = [known for known in candidates if _one_edit(word, known)]
        return min(close, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), known), default=word)

    def joined(self, words: list[str]) -> list[str]:
        """Return the words with each known term as one word."""
        present = set(words)
        for join in self.joins:
            first = join.parts[0]
            if present.isdisjoint(first):
                continue
            at = 0
            result: list[str] = []
            while at < len(words):
                end = _join_end(words, at, join.parts) if words[at] in first else 0
                result.append(join.word if end else words[at])
                at = end or at + 1
            words, present = result, set(result)
        return words


def _join_end(words: Sequence[str], at: int, parts: Sequence[Mapping[str, Sequence[Phrase]]]) -> int:
    """Return one past the last word of a term that begins at `at`, or 0."""
    for number, phrases in enumerate(parts):
        skipped = 0
        while number and at < len(words) and words[at] in _FILLERS and skipped < 2 and words[at] not in phrases:
            at += 1
            skipped += 1
        length = _length(words, at, phrases)
        if not length:
            return 0
        at += length
    return at


def _length(words: Sequence[str], at: int, phrases: Mapping[str, Sequence[Phrase]]) -> int:
    """Return the number of words of the longest phrase that stands here, or 0."""
    if at >= len(words):
        return 0
    return next((len(p) for p in phrases.get(words[at], ()) if tuple(words[at : at + len(p)]) == p), 0)


def _without_small_brackets(tokens: Sequence[str]) -> list[str]:
    """Drop the brackets around a single word: `keys (K)`."""
    small = {at for at, token in enumerate(tokens[:-2]) if token == "(" and tokens[at + 2] == ")"}  # noqa: S105
    return [token for at, token in enumerate(tokens) if at not in small and at - 2 not in small]


def _one_letter_less(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(len(word))]


def _one_edit(word: str, known: str) -> bool:
    """Return whether a letter was left out, added or changed in a long word, or two neighbours were swapped."""
    if max(len(word), len(known)) >= _LONG:
        if len(word) + 1 == len(known) and word in _one_letter_less(known):
            return True
        if len(known) + 1 == len(word) and known in _one_letter_less(word):
            return True
    if len(word) != len(known):
        return False
    different = [i for i in range(len(word)) if word[i] != known[i]]
    if len(different) == 1:
        return len(word) >= _LONG
    swapped = len(different) == 2 and different[1] == different[0] + 1
    return swapped and word[different[0]] == known[different[1]] and word[different[1]] == known[different[0]]
