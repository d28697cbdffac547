"""Pages of 2 MB for the memory that all workers share (Linux).

A fork copies an entry for every page of torch's 130 MB, and a worker's end gives each of them back. glibc asks for
large pages where a tunable says so. Python's own allocator does not: its memory is collected into large pages
afterwards, or, where the kernel cannot do that yet, Python allocates through glibc. Python's own allocator is the
better one here: it keeps small objects together, and a worker copies each page on which it counts a reference.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tfm_quiz.wall.lockdown import kernel

SIZE = 2 << 20
MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25  # asm-generic/mman-common.h
SINCE = (6, 1)  # the kernel that can collapse


def environment() -> dict[str, str]:
    """Return the environment variables that make glibc ask for large pages."""
    if sys.platform != "linux":
        return {}
    malloc = {} if _release() >= SINCE else {"PYTHONMALLOC": "malloc"}
    return {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", **malloc}


def collect() -> None:
    """Move what this process has allocated to large pages, as far as the kernel does it."""
    if sys.platform != "linux" or _release() < SINCE:
        return
    for start, end in _allocated():
        first, last = -(-start // SIZE) * SIZE, end // SIZE * SIZE
        if first < last:
            with contextlib.suppress(OSError):  # there may be no room for some, or none for any: then it stays slower
                kernel.call("madvise", first, last - first, MADV_HUGEPAGE)
                kernel.call("madvise", first, last - first, MADV_COLLAPSE)


def _allocated() -> Iterator[tuple[int, int]]:
    """Yield the writable ranges of memory that belong to no file: the heap, and what Python has mapped."""
    try:
        lines = Path("/proc/self/maps").read_text("ascii", "replace").splitlines()
    except OSError:  # no /proc here: then none is known
        return
    for line in lines:
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = span.split("-")
            yield int(start, 16), int(end, 16)


def _release() -> tuple[int, ...]:
    """Return the kernel's version: (6, 1) for 6.1.0-13-amd64."""
    numbers = os.uname().release.split(".")[:2]
    return tuple(int(number) if number.isdigit() else 0 for number in numbers)
