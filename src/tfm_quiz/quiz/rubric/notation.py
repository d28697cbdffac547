"""One spelling for what students write in many: symbols, formulas, contractions and a course's terms.

`notation.toml` holds what belongs to no course. Every rewrite is a regular expression with bounded repetition over one
sentence, so that the work is linear in the length of the answer, whatever a hostile text holds. Rewritten terms are
plain words: a course may make `sqrtn` of `\\sqrt{n}`, `√n` and `sqrt(n)`; `O(n^2 d)` always becomes `ohn2d`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Rewrites = tuple[tuple[re.Pattern[str], str], ...]

# Characters that are invisible, or that turn the direction of what is shown.
INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

_DATA = tomllib.loads((Path(__file__).parent / "notation.toml").read_text("utf-8"))
_CHARACTERS = str.maketrans(_DATA["characters"])
_CONTRACTED: dict[str, str] = _DATA["contracted"]
_ENDINGS: dict[str, str] = _DATA["endings"]
_BIG_O = re.compile(r"(?<![a-z_])o\s?\(([^()]{1,40}(?:\([^()]{0,20}\)[^()]{0,20})?)\)")
_UNBOUNDED = re.compile(r"(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,\})")
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")

# A word, an arrow, or a sign that means something to the patterns or to the clauses.
_TOKEN = re.compile(r"[^\W_]+(?:[.^'][^\W_]+){0,4}|->|<-|[=:/<>+~%,;–()?!|-]|\.{3}")


def rewrites(pairs: Iterable[Sequence[str]]) -> Rewrites:
    """Compiled rewrites; raises ValueError for one that is no regular expression, or whose repetition has no bound."""
    compiled = []
    for pattern, to in pairs:
        if _UNBOUNDED.search(_CLASS.sub("x", pattern)):
            raise ValueError(f"{pattern!r} repeats without a bound: write {{0,40}} for * and {{1,40}} for +")
        try:
            compiled.append((re.compile(pattern), to))
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return tuple(compiled)


_BEFORE, _AFTER = rewrites(_DATA["before"]), rewrites(_DATA["after"])


@dataclass(frozen=True)
class Notation:
    """How the terms of a course are spelled, and its nouns that begin a clause after "as"."""

    terms: Rewrites = ()
    subjects: frozenset[str] = frozenset()

    def tokens(self, sentence: str) -> list[str]:
        """Return the words and signs of one sentence, in one spelling each.

        >>> Notation().tokens("Divide O(n²) by √2, don't forget!")
        ['divide', 'ohn2', 'by', 'sqrt', '2', ',', 'do', 'not', 'forget', '!']
        """
        plain = unicodedata.normalize("NFKC", sentence.translate(_CHARACTERS)).casefold().translate(_CHARACTERS)
        plain = _BIG_O.sub(_growth, " ".join(plain.split()))
        for pattern, to in (*_BEFORE, *self.terms, *_AFTER):
            plain = pattern.sub(to, plain)
        words: list[str] = []
        for token in _TOKEN.findall(plain):
            words += _expanded(token) if "'" in token or token in _CONTRACTED else [token]
        return [word for word in words if word != "..."]


PLAIN = Notation()


def visible(text: str) -> str:
    """Return the text without characters that cannot be seen, its line ends alike."""
    return INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _growth(found: re.Match[str]) -> str:
    """`O(n^2 · d)` as one word, `ohn2d`."""
    return " oh" + re.sub(r"\\[a-z]+|[^a-z0-9/]", "", found[1]) + " "


def _expanded(token: str) -> list[str]:
    if token in _CONTRACTED:
        return _CONTRACTED[token].split()
    for ending, words in _ENDINGS.items():
        if token.endswith(ending):
            return [token.removesuffix(ending), *words.split()]
    return token.replace("'", " ").split()
