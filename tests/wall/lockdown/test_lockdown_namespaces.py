import errno
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tfm_quiz.wall.lockdown import attempt, kernel, namespaces

SOURCE = Path(namespaces.__file__).parents[3]


def test_it_is_process_1_and_sees_no_other(separated) -> None:
    outside = os.getpid()

    def look():
        try:
            os.kill(outside, 0)
        except OSError as error:
            return [os.getpid(), os.getppid(), error.errno]
        return []

    assert separated(look).value[1] == [1, 0, errno.ESRCH]


def connect(address: tuple[str, int]) -> None:
    with socket.socket() as client:
        client.connect(address)


def test_there_is_no_network(separated) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert separated(lambda: socket.if_nameindex()).value[1] == [[1, "lo"]]
        ended = separated(lambda: connect(address))
        assert ended.errno in (errno.ENETUNREACH, errno.ECONNREFUSED, errno.EADDRNOTAVAIL)


def test_the_machines_name_is_hidden(separated) -> None:
    assert separated(lambda: socket.gethostname()).value[1] == "worker"


def test_an_ordinary_user_is_nobody_inside(in_child, linux) -> None:
    ended = in_child(lambda: [sorted(namespaces.enter()), os.getuid()], as_nobody=os.geteuid() == 0)
    if "user" not in ended.value[0]:
        pytest.skip("this system grants no user namespace")
    assert ended.value[1] == 65534


def test_mounts_inside_do_not_show_outside(separated, public_path: Path) -> None:
    def mount():
        kernel.call("mount", b"x", bytes(public_path), b"tmpfs", 0, None)
        (public_path / "inside").touch()
        return [path.name for path in public_path.iterdir()]

    assert separated(mount).value[1] == ["inside"]
    assert list(public_path.iterdir()) == []


def test_what_is_refused_is_left_out(in_child, linux, monkeypatch) -> None:
    """As in a container whose filter forbids network namespaces: the others are had all the same."""
    real = kernel.call

    def call(name, *arguments):
        if name == "unshare" and arguments[0] & namespaces.CLONE_NEWNET:
            raise OSError(errno.EPERM, "refused", name)
        return real(name, *arguments)

    everything = set(in_child(lambda: sorted(namespaces.enter()), as_nobody=os.geteuid() == 0).value)
    if not everything.issuperset(namespaces.KINDS):
        pytest.skip("this system refuses some namespaces anyway")
    monkeypatch.setattr(kernel, "call", call)
    granted = set(in_child(lambda: sorted(namespaces.enter()), as_nobody=os.geteuid() == 0).value)
    assert granted == everything - {"net"}


def test_a_grant_that_turns_out_empty_leaves_the_process_as_it_was(in_child, linux, monkeypatch) -> None:
    """As on Ubuntu 24.04: a user namespace is given, and then nothing may be done in it."""
    real = kernel.call

    def call(name, *arguments):
        if name in ("mount", "sethostname", "pidfd_open"):
            raise OSError(errno.EPERM, "refused", name)
        return real(name, *arguments)

    monkeypatch.setattr(kernel, "call", call)

    def enter():
        before = os.getpid(), os.getuid(), os.stat("/proc/self/ns/user").st_ino  # noqa: PTH116
        kinds = namespaces.enter()
        return [sorted(kinds - {"user", "ipc", "net"}), before == (os.getpid(), os.getuid(), before[2])]

    assert in_child(enter, as_nobody=os.geteuid() == 0).value == [[], True]


# The keeper: the process outside that stands for process 1.

KEPT = """
import os, sys
from tfm_quiz.wall.lockdown import namespaces
kinds = namespaces.enter()
if "pid" not in kinds:
    print("refused", flush=True)
    sys.exit()
{body}
"""


def start(body: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", KEPT.format(body=body)],
        env={"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    if body.startswith("print"):
        assert process.stdout is not None
        if process.stdout.readline() == b"refused\n":
            process.kill()
            process.communicate()
            pytest.skip("this system grants no PID namespace")
    return process


WAITS = "print('started', flush=True)\nwhile True: os.read(os.pipe()[0], 1)"


def ends_soon(descriptor: int) -> bool:
    """Whether the last process that holds the other end of a pipe is gone."""
    return bool(select.select([descriptor], [], [], 5)[0]) and os.read(descriptor, 1) == b""


def test_the_exit_status_is_passed_on(linux) -> None:
    process = start("print('started', flush=True)\nsys.exit(7)")
    process.communicate(timeout=10)
    assert process.returncode == 7


def test_the_signal_that_ended_it_is_passed_on(linux) -> None:
    process = start("print('started', flush=True)\nimport ctypes\nctypes.string_at(0)")
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGSEGV


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_keeper_is_killed_everything_ends(linux, number: int) -> None:
    process = start(WAITS)
    assert process.stdout is not None
    os.kill(process.pid, number)
    assert ends_soon(process.stdout.fileno())
    process.communicate(timeout=10)


def test_when_the_parent_dies_everything_ends(linux) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time\n"
            f"subprocess.Popen([sys.executable, '-c', {KEPT.format(body=WAITS)!r}])\n"
            "time.sleep(60)",
        ],
        env={"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert parent.stdout is not None
    if parent.stdout.readline() == b"refused\n":
        parent.kill()
        parent.communicate()
        pytest.skip("this system grants no PID namespace")
    parent.kill()
    assert ends_soon(parent.stdout.fileno())
    parent.communicate(timeout=10)


def test_it_lives_on_when_only_the_thread_that_started_it_ends(linux) -> None:
    """The kernel's own parent-death signal would come here: it looks at threads."""
    started = []
    thread = threading.Thread(target=lambda: started.append(start(WAITS)))
    thread.start()
    thread.join()
    time.sleep(0.1)
    (process,) = started
    assert process.poll() is None
    process.kill()
    process.communicate(timeout=10)


def test_the_keeper_holds_nothing_open(linux) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                KEPT.format(body=f"os.write({theirs.fileno()}, b'x')\nos.close({theirs.fileno()})\n{WAITS}"),
            ],
            env={"PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        assert process.stdout is not None
        line = process.stdout.readline()
        if line == b"started\n":
            ours.settimeout(5)
            assert (ours.recv(9), ours.recv(9)) == (b"x", b"")  # process 1 closed it, and nobody else has it
        process.kill()
        process.communicate(timeout=10)
        if line != b"started\n":
            pytest.skip("this system grants no PID namespace")


def test_ctrl_c_does_not_end_the_keeper(linux) -> None:
    process = start(WAITS)
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.1)
    assert process.poll() is None
    process.kill()
    process.communicate(timeout=10)


def test_an_attempt_leaves_the_caller_as_it_was(linux) -> None:
    inode = Path("/proc/self/ns/mnt").stat().st_ino
    attempt.succeeds(lambda: kernel.call("unshare", namespaces.CLONE_NEWNS))
    assert Path("/proc/self/ns/mnt").stat().st_ino == inode


def test_an_attempt_that_fails_in_another_way_is_our_fault(linux, capfd) -> None:
    with pytest.raises(RuntimeError):
        attempt.succeeds(lambda: 1 / 0)
    assert "ZeroDivisionError" in capfd.readouterr().err
