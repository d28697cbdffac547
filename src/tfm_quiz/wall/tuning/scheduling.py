"""The cores and the length of the time slices of a grader and its workers (Linux). Child processes inherit both."""

import contextlib
import os


def prefer_long_slices() -> None:
    """Ask for the batch policy: neither this process nor its workers preempt the other at every message."""
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):  # not allowed everywhere; then they do
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def pin(pid: int, cores: set[int]) -> None:
    """Keep a process on these cores; an empty set leaves the choice to the kernel."""
    if cores:
        with contextlib.suppress(OSError):  # the process has ended already: reading its output will fail
            os.sched_setaffinity(pid, cores)


def core_shares(jobs: int) -> list[set[int]]:
    """Return the cores of each of `jobs` graders; empty sets where none is chosen.

    A grader and its worker take turns. On one core that costs nothing; across two, each turn wakes a core up.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
    if not 1 < jobs <= len(cores):
        return [set()]
    return [set(cores[number::jobs]) for number in range(jobs)]
