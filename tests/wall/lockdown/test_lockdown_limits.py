import errno
import mmap
import os
import resource
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tfm_quiz.wall.lockdown import Isolation, Limits, confine, descriptors, privileges, rlimits

LIMITS = Limits(cpu_seconds=1, memory_mb=64, open_files=64)


def restricted(action):
    def run():
        rlimits.restrict(LIMITS, rlimits.address_space())
        return action()

    return run


def test_memory_beyond_the_limit_is_a_memory_error(in_child, linux) -> None:
    assert in_child(restricted(lambda: len(bytearray(32 << 20)))).value == 32 << 20
    # far beyond: a process that has run other tests may have room that it gave back and can take again
    assert in_child(restricted(lambda: bytearray(1 << 30))).raised == "MemoryError"
    assert in_child(restricted(lambda: mmap.mmap(-1, 1 << 40))).errno == errno.ENOMEM


def test_processor_time_beyond_the_limit_ends_the_process(in_child) -> None:
    def spin():
        while True:
            pass

    assert in_child(restricted(spin)).signal == signal.SIGXCPU


def test_a_process_that_ignores_the_warning_is_killed_a_second_later(in_child) -> None:
    def spin():
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass

    assert in_child(restricted(spin)).signal == signal.SIGKILL


def test_sleep_costs_no_processor_time(in_child) -> None:
    assert in_child(restricted(lambda: time.sleep(1.2))).raised == ""


def test_no_file_grows(in_child, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    assert in_child(restricted(lambda: (tmp_path / "new").write_bytes(b"x"))).errno == errno.EFBIG
    assert in_child(restricted(lambda: os.truncate(tmp_path / "old", 99))).errno == errno.EFBIG
    assert (tmp_path / "new").stat().st_size == 0
    assert (tmp_path / "old").read_text() == "old"


def test_only_so_many_files_are_open_at_once(in_child) -> None:
    assert in_child(restricted(lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(70)])).errno == errno.EMFILE


def test_an_ordinary_user_starts_no_process(in_child, as_nobody: bool) -> None:
    if not as_nobody and os.geteuid() == 0:
        pytest.skip("the kernel does not count a root's processes; seccomp refuses them")

    assert in_child(restricted(os.fork), as_nobody=as_nobody).errno == errno.EAGAIN


def test_a_limit_cannot_be_raised_again(in_child) -> None:
    def raise_it():
        privileges.drop(None)
        unlimited = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))

    assert in_child(restricted(raise_it)).raised == "ValueError"  # what Python makes of EPERM


def test_a_lower_limit_of_the_system_is_kept(in_child) -> None:
    def lower_first():
        resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
        rlimits.restrict(LIMITS, rlimits.address_space())
        return resource.getrlimit(resource.RLIMIT_NOFILE)

    assert in_child(lower_first).value == [8, 8]


def test_every_descriptor_but_those_to_keep_is_closed(in_child) -> None:
    def close():
        opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(4)]
        descriptors.close_all_but([opened[1], in_child.pipe])
        still = []
        for number in (0, 1, 2, *opened):
            try:
                os.fstat(number)
                still.append(number)
            except OSError:
                pass
        return still == [opened[1]]

    assert in_child(close).value is True


def test_descriptors_are_closed_where_the_kernel_has_no_call_for_it(in_child, monkeypatch) -> None:
    def refuse(name, *_):
        raise OSError(errno.ENOSYS, "no such call", name)

    monkeypatch.setattr("tfm_quiz.wall.lockdown.kernel.call", refuse)
    test_every_descriptor_but_those_to_keep_is_closed(in_child)


def test_standard_streams_lead_nowhere(in_child) -> None:
    def streams():
        isolation = Isolation(at_most="basic", size=rlimits.address_space())
        confine(isolation, replace(LIMITS, memory_mb=256), keep=[in_child.pipe])
        os.write(1, b"out")
        os.write(2, b"err")
        return [os.read(0, 9).decode(), os.fstat(1).st_rdev == os.fstat(2).st_rdev == Path("/dev/null").stat().st_rdev]

    assert in_child(streams).value == ["", True]
