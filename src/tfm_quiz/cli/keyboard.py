"""Read a terminal: single keys, and lines that can be edited."""

from __future__ import annotations

import re
from contextlib import suppress

import click

from tfm_quiz.quiz.asking import Stop

CURSOR_KEYS = re.compile(r"\x1b(\[[0-9;]*[A-Za-z~]|O.)?")


def one_of(wanted: set[str]) -> str:
    """Return the first wanted key. A paste or a slow machine may hand over several at once.

    Raises Stop at the end of the input, KeyboardInterrupt for Ctrl-C.
    """
    while True:
        try:
            keys = click.getchar()
        except EOFError:
            raise Stop from None
        if "\x03" in keys:
            raise KeyboardInterrupt
        for key in CURSOR_KEYS.sub("", keys).lower():
            if key in wanted:
                return key


def edited_line(prompt: str) -> str:
    """Read a line, edited with the usual keys where the system has readline. Raises EOFError at the end of input."""
    with suppress(ImportError):  # Windows edits lines by itself
        import readline  # noqa: F401
    try:
        return input(prompt).strip()
    except UnicodeDecodeError:
        return "�"  # bytes that are no text: an unclear answer
