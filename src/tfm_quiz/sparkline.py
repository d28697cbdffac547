"""A row of numbers as a row of marks, for a loss that falls: `4.14 █▇▄▂▁▁ 0.0018`. No dependencies.

The numbers may come from a submission: whatever they are, what is made of them is short, and no text of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-:=+*#"  # the same eight heights in ASCII
NOT_FINITE = "!"

Losses = Sequence[float | None]  # None: infinite or no number, which JSON cannot say


def sparkline(losses: Losses, marks: str = BLOCKS) -> str:
    """Draw one mark a loss. Heights count from 0, not from the smallest: a loss that hardly falls looks flat."""
    top = max((loss for loss in losses if loss is not None), default=0.0)
    return "".join(NOT_FINITE if loss is None else _mark(loss, top, marks) for loss in losses)


def number(loss: float | None) -> str:
    """Return a loss in at most nine characters."""
    if loss is None:
        return "nan"
    return f"{loss:.2f}" if loss == 0 or 0.01 <= abs(loss) < 1000 else f"{loss:.2g}"


def curve(losses: Losses, marks: str = BLOCKS) -> str:
    """Return the line between its first and its last number; empty without any."""
    return f"{number(losses[0])} {sparkline(losses, marks)} {number(losses[-1])}" if losses else ""


def mean(losses: Sequence[float]) -> float | None:
    """Return the mean to four digits; None if it is infinite or no number."""
    found = sum(losses) / len(losses) if losses else math.nan
    return float(f"{found:.4g}") if math.isfinite(found) else None


def _mark(loss: float, top: float, marks: str) -> str:
    height = min(max(loss / top, 0.0), 1.0) if top > 0 else 0.0
    return marks[min(int(len(marks) * height), len(marks) - 1)]
