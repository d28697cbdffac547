"""Show what a student wrote as text: nothing of it is markup, a link or a formula where nbgrader renders it."""

from __future__ import annotations

import re
import textwrap

from tfm_quiz.untrusted import for_terminal

WIDTH = 110  # columns: a code block does not wrap its lines
FENCE = "~"


def as_written(text: str) -> str:
    """Return Markdown that shows the text literally, as a code block.

    Escaping would not do: nbconvert passes HTML on, and MathJax reads formulas, links included, out of whatever text
    is on the page. Code blocks are what both leave alone.
    """
    lines = [part for line in for_terminal(text).strip("\n").split("\n") for part in textwrap.wrap(line, WIDTH) or [""]]
    longest = max((len(run) for run in re.findall(f"{FENCE}+", text)), default=0)
    fence = FENCE * max(3, longest + 1)
    return "\n".join([fence, *lines, fence])
