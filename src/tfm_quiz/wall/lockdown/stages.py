"""The three moments of the lock-down: `isolate` and `seal` once in the zygote, `confine` in each worker."""

import os
import sys
from collections.abc import Collection
from dataclasses import replace

from . import descriptors, rlimits
from .isolation import LEVELS, Isolation
from .rlimits import Limits


def isolate(at_most: str = "full") -> Isolation:
    """Separate the zygote from the system as far as `at_most` allows; the first thing that it does, in one thread.

    It may fork: the caller then goes on as process 1 of a PID namespace, while the process that called stays outside,
    waits, passes on the exit status, and takes everything with it when it (or its parent) dies. Open file descriptors
    live on in the process that returns.

    Raises ValueError for an unknown level.
    """
    if at_most not in LEVELS:
        raise ValueError(f"no isolation level {at_most!r}: use one of {', '.join(LEVELS)}")
    if sys.platform == "win32" or at_most == "none":
        return Isolation(at_most=at_most)
    return Isolation(at_most=at_most, dev_null=os.open(os.devnull, os.O_RDWR))


def seal(isolation: Isolation) -> Isolation:
    """Prepare what all workers share, once everything that they need is imported and before the first fork."""
    return replace(isolation, size=rlimits.address_space())


def confine(isolation: Isolation, limits: Limits, keep: Collection[int] = ()) -> None:
    """Lock this forked worker down for good, before it reads a byte of a student's. Only `keep` stays open.

    Raises OSError if a layer that `isolation` promises is refused; the caller must then leave the process.
    """
    if isolation.at_most == "none":
        return
    descriptors.close_all_but([*keep, isolation.dev_null])
    descriptors.stand_in(isolation.dev_null, keep)
    rlimits.restrict(limits, isolation.size)


def prove(isolation: Isolation) -> None:
    """Try what must fail, in a confined worker. Raises NotConfined if any of it succeeds."""


def level(isolation: Isolation) -> str:
    """The isolation level that `isolation` amounts to: full, strong, basic or none."""
    return "none" if isolation.at_most == "none" else "basic"
