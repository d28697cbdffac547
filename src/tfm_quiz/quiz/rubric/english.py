"""The English that vetoes and guards know: word lists and patterns, read from `english.toml`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

_DATA = tomllib.loads((Path(__file__).parent / "english.toml").read_text("utf-8"))


def words(text: str) -> frozenset[str]:
    """Return a set of words."""
    return frozenset(text.split())


def _pattern(table: dict[str, Any]) -> re.Pattern[str]:
    alternatives = "|".join(table["any"])
    begins = r"\b" if table.get("begins_word") else ""
    ends = r"\b" if table.get("ends_word") else ""
    return re.compile(f"{begins}(?:{alternatives}){ends}" if begins or ends else alternatives)


WORDS: dict[str, frozenset[str]] = {name: words(text) for name, text in _DATA["words"].items()}
PATTERNS: dict[str, re.Pattern[str]] = {name: _pattern(table) for name, table in _DATA["patterns"].items()}
