"""From what a person wrote to an answer: a line typed in the terminal, or a value in `answers.toml`.

Both are read against the prompt alone, without the key; each kind knows its own spellings. What can't be read raises
Unclear with a sentence that says what to write; it is never counted as wrong.
"""

from __future__ import annotations

from typing import Any

from .bank import TYPES
from .kinds.base import MOST_ENTRIES, Answer, Unclear, toml_type
from .prompts import Prompt


def typed_answer(prompt: Prompt, typed: str, *, in_file: bool = False) -> Answer:
    """Return the answer that a typed line means (or a text in a file). Raises Unclear."""
    return TYPES[prompt.type].read_line(prompt, typed, how_to_answer(prompt, in_file=in_file))


def given_answer(prompt: Prompt, value: Any) -> Answer:
    """Return the answer that a value of `answers.toml` means: its own type, or the same as text. Raises Unclear."""
    kind, how = TYPES[prompt.type], how_to_answer(prompt, in_file=True)
    if isinstance(value, str):
        return kind.read_line(prompt, value, how)
    if isinstance(value, list):
        if len(value) > MOST_ENTRIES:
            raise Unclear(f"The list has {len(value)} entries; write {how}.")
        return kind.read_list(prompt, value, how)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unclear(f"{toml_type(value)} is not an answer here; write {how}.")
    return kind.read_number(prompt, value, how)


def how_to_answer(prompt: Prompt, *, in_file: bool = False) -> str:
    """Say what to write, in a few words: "a number from 1 to 4", or for a file "a letter from a to d"."""
    return TYPES[prompt.type].how_to_answer(prompt, in_file=in_file)


def show_answer(prompt: Prompt, answer: Answer) -> str:
    """Return an answer in the numbers and letters of the screen."""
    return TYPES[prompt.type].show(prompt, answer)


def is_blank(value: Any) -> bool:
    """Return an answer left open: an empty text or list."""
    return (isinstance(value, str) and not value.strip()) or value == []
