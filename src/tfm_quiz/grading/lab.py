"""A lab: the student's model is trained in the worker, a piece at a time, and somebody may watch its loss.

The losses are what the worker says, so they are for people: a lab is judged by what comes of the learned weights.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfm_quiz.sparkline import mean
from tfm_quiz.wall.wire.frames import Name

from .current import CurrentTest
from .proxies import Proxy
from .remote import RemoteSide

PIECES = 16  # of a training: as many marks has its curve
TEXT = Path(__file__).with_name("pieces.py").read_text("utf-8")


class Train:
    """`train(steps, *args)`: the staged generator `train(target, *args)`, run in pieces with one call's limit."""

    def __init__(self, current: CurrentTest) -> None:
        self._current = current

    def __call__(self, steps: int, *args: Any, **kwargs: Any) -> Any:
        """Take `steps` losses from it, one a step, then what it yields last: that is returned."""
        current, side = self._current, self._current.side
        if not isinstance(side, RemoteSide):
            raise TypeError("a lab trains in a worker: the reference's own run is not recorded")
        current.losses = []
        with side.calls.one_limit():
            begin = Proxy(side, Name(side.add_helper(TEXT), "begin"))
            training = begin(Name(side.staged, "train"), side.target, args, kwargs)
            if not isinstance(training, Proxy):
                raise AssertionError("the worker began no training")
            for first, last in _cuts(steps):
                current.losses.append(mean(_numbers(training.losses(last - first), last - first)))
                current.on_step(last, steps, tuple(current.losses))
            return training.learned()


def _cuts(steps: int) -> list[tuple[int, int]]:
    pieces = min(PIECES, steps)
    return [(steps * piece // pieces, steps * (piece + 1) // pieces) for piece in range(pieces)]


def _numbers(told: object, count: int) -> Sequence[float]:
    """Return the losses, if they are what was asked for; else none."""
    is_right = isinstance(told, list) and len(told) == count and all(type(loss) is float for loss in told)
    return told if is_right else ()
