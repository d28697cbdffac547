"""Text that we did not write, made fit to be shown: in a terminal, in HTML, in a spreadsheet.

Whatever comes out of a submission (names, output, messages, answers) passes through one of these three functions at
the place where it is shown, and nowhere else: what is stored stays as it came.
"""

from __future__ import annotations

import html

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def for_terminal(text: str, *, lines: bool = True) -> str:
    r"""Escape (as in `\x1b`) everything in the text that could control a terminal or hide words.

    That is control characters, marks of writing direction, zero-width and private characters, and lone surrogates.
    Newlines and tabs stay, unless `lines` is false: names and titles are one line.
    """
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(
        char if char.isprintable() or char in kept else char.encode("unicode_escape").decode() for char in text
    )


def for_html(text: str) -> str:
    """Return the text for HTML, in an element or in a quoted attribute."""
    return html.escape(for_terminal(text), quote=True)


def for_csv(text: str) -> str:
    """Return the text for a cell of a table: on one line, and never a formula when a spreadsheet opens it."""
    cell = for_terminal(text, lines=False)
    return f"'{cell}" if text.startswith(FORMULA_STARTS) or cell.lstrip().startswith(FORMULA_STARTS) else cell
