"""Garbage collection around imports that stay for the life of a process.

A third of the time of importing torch would go into looking for the little garbage that the import leaves. What has
been imported is frozen afterwards: a later collection need not touch it, and a forked worker need not copy its pages.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Collect no garbage in this block, and freeze what exists at its end."""
    gc.disable()
    try:
        yield
    finally:
        freeze()


def freeze() -> None:
    """Exempt everything that exists now from collection, then collect as usual."""
    gc.freeze()
    gc.enable()
