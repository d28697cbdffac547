"""Memory on large pages: an advantage where the kernel has it, and nothing else."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tfm_quiz.wall.lockdown import kernel
from tfm_quiz.wall.tuning import hugepages


@pytest.mark.parametrize(
    ("release", "malloc"),
    [("6.1.0-13-amd64", False), ("6.18.44", False), ("5.15.0-1-generic", True), ("6.0.9", True), ("odd", True)],
)
def test_python_allocates_through_glibc_where_the_kernel_cannot_collect(monkeypatch, release, malloc):
    monkeypatch.setattr(hugepages.sys, "platform", "linux")
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release), raising=False)
    assert ("PYTHONMALLOC" in hugepages.environment()) is malloc


def test_other_systems_are_asked_for_nothing(monkeypatch):
    monkeypatch.setattr(hugepages.sys, "platform", "darwin")
    assert hugepages.environment() == {}
    hugepages.collect()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux shows a process's memory there")
def test_a_kernel_that_refuses_costs_nothing_else(monkeypatch):
    asked = []

    def refuse(name: str, start: int, length: int, advice: int) -> int:
        asked.append((name, start % hugepages.SIZE, length % hugepages.SIZE))
        raise OSError(22, "no")

    monkeypatch.setattr(hugepages, "_release", lambda: hugepages.SINCE)
    monkeypatch.setattr(kernel, "call", refuse)
    held = bytearray(8 * hugepages.SIZE)  # at least this much is found
    hugepages.collect()
    assert len(held) == 8 * hugepages.SIZE
    assert set(asked) == {("madvise", 0, 0)}
