"""What all screens share: marks that the stream can show, colour that never carries the meaning, clean pipes.

Text of students goes through `tfm_quiz.untrusted.for_terminal` before it gets here.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TextIO

import click

from tfm_quiz.sparkline import BLOCKS, PLAIN

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Glyphs:
    """The marks of the screens. Those of one column are equally wide, so that they line up."""

    passed: str
    partial: str
    wrong: str
    skipped: str
    untouched: str
    here: str
    done: str  # of a progress bar
    to_do: str
    seen: str  # two characters a cell of a mask
    unseen: str
    dash: str
    heights: str  # of a sparkline, eight of them

    @property
    def width(self) -> int:
        """Columns taken by the widest mark."""
        return max(len(self.passed), len(self.wrong), len(self.partial), len(self.untouched), len(self.skipped))


UNICODE = Glyphs("✓", "◐", "✗", "○", "·", "→", "━", "─", "██", "··", "—", BLOCKS)
ASCII = Glyphs("ok", "~", "x", "o", ".", ">", "#", "-", "##", "..", "-", PLAIN)


def glyphs(stream: IO[str] | None = None) -> Glyphs:
    """Return the marks for this stream (stdout unless given): plain ASCII where its encoding has no `✓` or `█`."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "ascii"
    try:
        f"✓◐✗○·→━─—▌{BLOCKS}".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def settle_streams() -> None:
    """Make sure that no character can crash the program: what a stream cannot encode becomes `?`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def wants_colour(stream: TextIO | None = None) -> bool:
    """Return whether to colour this stream: a terminal, and neither NO_COLOR nor a dumb terminal asks us not to."""
    stream = stream or sys.stdout
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def say(text: str = "", *, err: bool = False) -> None:
    """Print lines, without trailing blanks; styles are dropped where the stream does not want colour."""
    stream = sys.stderr if err else sys.stdout
    lines = "\n".join(line.rstrip(" ") for line in text.split("\n"))
    click.echo(lines if wants_colour(stream) else click.unstyle(lines), err=err, color=wants_colour(stream))


def counted(count: int, noun: str) -> str:
    """`1 submission`, `2 submissions`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def wrapped(text: str, indent: int = 2) -> str:
    """Return a paragraph of our own words, broken to the width of the screen and indented."""
    return textwrap.fill(
        text,
        width=columns(),
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def bar(done: float, total: float, width: int = 30) -> str:
    """Return a progress bar; it is full only when everything is done, and empty only when nothing is."""
    marks = glyphs()
    filled = round(width * done / total) if total else 0
    filled = min(filled, width - 1) if done < total else width
    filled = max(filled, 1) if done else 0
    return click.style(marks.done * filled, fg="green") + click.style(marks.to_do * (width - filled), dim=True)


def columns() -> int:
    """Return the number of columns to write in: those of the terminal, at most 100; 80 in a pipe."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


def console(*, err: bool = False) -> Console:
    """Return a rich console in the house's manner: no markup, no guessed highlights (text of students is data)."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    colour = None if wants_colour(stream) else False
    return Console(
        file=stream,
        markup=False,
        highlight=False,
        emoji=False,
        no_color=colour is False,
        width=columns(),
        soft_wrap=False,
    )
