"""File descriptors: a worker keeps its socket and nothing else that the zygote had open."""

import os
import sys
from collections.abc import Collection

from . import kernel

_HIGHEST = (1 << 31) - 1


def close_all_but(keep: Collection[int]) -> None:
    """Close every file descriptor that is not in `keep`."""
    if sys.platform == "win32":  # a Windows worker is spawned with the handles it is given
        return
    low = 0
    for kept in [*sorted(set(keep)), _HIGHEST]:
        if low < kept:
            _close_range(low, kept - 1)
        low = kept + 1


def _close_range(first: int, last: int) -> None:
    try:
        kernel.call("close_range", first, last, 0)
    except OSError:  # before Linux 5.9, or not Linux
        for number in [int(name) for name in os.listdir("/dev/fd")]:  # noqa: PTH208
            if first <= number <= last:
                os.closerange(number, number + 1)  # unlike os.close, silent about the one that listdir used


def stand_in(keep: Collection[int]) -> None:
    """Point the standard streams that are not in `keep` at /dev/null, so that no later file gets their numbers.

    Each worker opens its own: the flags of an open file are shared by all processes that inherited it, and one worker
    could leave a mark there for the next.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        if number not in keep:
            os.dup2(null, number)
    if null > 2:
        os.close(null)
