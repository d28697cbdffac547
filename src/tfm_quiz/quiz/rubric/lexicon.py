"""The part of a lexicon that some rubrics use: what ships beside practice questions says nothing about the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .model import Lexicon, Lines

_NAMES = re.compile(r"@(\w+)")


def pattern_lines(tables: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the pattern lines of key points and misconceptions, as they stand in TOML."""
    for table in tables:
        yield from (*table.get("any", ()), *table.get("unless", ()))
        yield from pattern_lines(table.get("claims", ()))


def part_for(lexicon: Lexicon, lines: Iterable[str]) -> Lexicon:
    """Return the words that these pattern lines name, with what those name in turn and their rivals.

    Spellings, joined terms and ordinary words all stay: they are applied to every answer before patterns are looked
    for.
    """
    joins = [line for terms in lexicon.join.values() for line in terms]
    named = _closed(lexicon, _named([*lines, *joins]))
    rivals = [group for group in lexicon.rivals if named & set(group)]
    while wider := _closed(lexicon, {name for group in rivals for name in group}) - named:
        named |= wider
        rivals = [group for group in lexicon.rivals if named & set(group)]
    words: dict[str, Lines] = {name: terms for name, terms in lexicon.words.items() if name in named}
    return Lexicon(
        words=words,
        join=lexicon.join,
        rivals=rivals,
        ordinary=lexicon.ordinary,
        confidence=lexicon.confidence,
        terms=lexicon.terms,
        subjects=lexicon.subjects,
    )


def _closed(lexicon: Lexicon, names: set[str]) -> set[str]:
    """Return the names, and all that their lists name."""
    found: set[str] = set()
    while new := names - found:
        found |= new
        names = {inner for name in new for inner in _named(lexicon.words.get(name, ()))}
    return found


def _named(lines: Iterable[str]) -> set[str]:
    return {name for line in lines for name in _NAMES.findall(line)}
