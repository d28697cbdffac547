import ctypes
import errno
import itertools
import mmap
import os
import random
import signal
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from tfm_quiz.wall.lockdown import attempt, kernel, privileges, seccomp
from tfm_quiz.wall.lockdown.bpf import JumpIf, Label, Load, Return, assemble

MACHINES = kernel.MACHINES
REFUSED = seccomp.SECCOMP_RET_ERRNO | errno.EPERM
NOT_THERE = seccomp.SECCOMP_RET_ERRNO | errno.ENOSYS


def run(program: bytes, number: int, arch: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would answer: a second, independent reading of the instructions."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    accumulator, at = 0, 0
    while True:
        code, jump_true, jump_false, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return value
        else:
            holds = {
                0x15: accumulator == value,
                0x25: accumulator > value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[code]
            at += jump_true if holds else jump_false


@pytest.mark.parametrize("name", MACHINES)
def test_exactly_the_calls_of_the_list_are_allowed(name: str) -> None:
    machine = MACHINES[name]
    program = seccomp.program(machine)
    allowed = {
        number for number in range(1024) if run(program, number, machine.audit_arch) == seccomp.SECCOMP_RET_ALLOW
    }
    always = {machine.numbers[call] for call in seccomp.ALLOWED if call in machine.numbers}
    with_zero = {machine.numbers[call] for call, (_, values) in seccomp.ALLOWED_WITH.items() if 0 in values}
    assert allowed == always | with_zero
    answers = {run(program, number, machine.audit_arch) for number in set(range(1024)) - allowed}
    assert answers == {REFUSED, NOT_THERE}
    assert run(program, machine.numbers["clone3"], machine.audit_arch) == NOT_THERE


@pytest.mark.parametrize("name", MACHINES)
def test_an_argument_that_is_not_listed_is_refused(name: str) -> None:
    machine = MACHINES[name]
    program = seccomp.program(machine)
    for call, (position, values) in seccomp.ALLOWED_WITH.items():
        for value in {*values, *range(600), 0x5412, 0x8933, 1 << 31}:
            arguments = (7,) * position + (value,)
            answer = run(program, machine.numbers[call], machine.audit_arch, arguments)
            assert answer == (seccomp.SECCOMP_RET_ALLOW if value in values else REFUSED), (call, value)


@pytest.mark.parametrize("name", MACHINES)
def test_numbers_of_another_machine_end_the_process(name: str) -> None:
    machine = MACHINES[name]
    program = seccomp.program(machine)
    i386, other = 0x40000003, next(m.audit_arch for m in MACHINES.values() if m != machine)
    for arch, number in itertools.product((i386, other, 0), range(450)):
        assert run(program, number, arch) == seccomp.SECCOMP_RET_KILL_PROCESS


def test_the_second_set_of_numbers_of_x86_64_is_refused() -> None:
    machine = MACHINES["x86_64"]
    program = seccomp.program(machine)
    for number in range(1024):
        assert run(program, machine.x32_bit | number, machine.audit_arch) == REFUSED


def test_no_name_that_starts_sends_or_changes_anything_is_on_the_list() -> None:
    names = {*seccomp.ALLOWED, *seccomp.ALLOWED_WITH}
    for word in ("clone", "fork", "exec", "kill", "socket", "connect", "bind", "unlink", "rename", "chmod", "mount"):
        assert not [name for name in names if word in name and name not in ("getsockopt", "getsockname")]
    assert len(names) < 85


def test_the_assembler_refuses_what_it_cannot_say() -> None:
    end = [Label("end"), Return(0)]
    for program, reason in (
        ([JumpIf("==", 1, "nowhere"), *end], "no label"),
        ([Label("end"), *end], "given twice"),
        ([Label("before"), Load(0), JumpIf("==", 1, "before"), *end], "ahead"),
        ([JumpIf("==", 1, "end"), *[Load(0)] * 256, *end], "ahead"),
        ([Load(0)], "end with a Return"),
        ([], "end with a Return"),
        ([*[Load(0)] * 4096, *end], "4096"),
    ):
        with pytest.raises(ValueError, match=reason):
            assemble(program)


def test_a_jump_reaches_its_label() -> None:
    for gap in (0, 1, 254, 255):
        lines = [Load(0), JumpIf("==", 5, "far"), *[Load(0)] * gap, Return(1), Label("far"), Return(2)]
        if gap == 255:
            with pytest.raises(ValueError, match="256"):
                assemble(lines)
        else:
            assert (run(assemble(lines), 5, 0), run(assemble(lines), 4, 0)) == (2, 1)


# What the kernel says, in a child under the filter.


@pytest.fixture
def filtered(in_child, linux):
    program = seccomp.program(linux)

    def put_on() -> None:
        privileges.no_new_privs()
        seccomp.restrict(program)

    if not attempt.succeeds(put_on):
        pytest.skip("this system does not let us put on a filter")

    def run_filtered(action):
        return in_child(lambda: (put_on(), action())[1])

    return run_filtered


def test_every_call_that_is_not_on_the_list_answers_eperm(filtered, linux) -> None:
    listed = {linux.numbers[name] for name in (*seccomp.ALLOWED, *seccomp.ALLOWED_WITH) if name in linux.numbers}
    if linux.x32_bit:
        listed |= {335, 336}  # uretprobe and uprobe: no filter sees them, and outside a probe they do nothing

    def call_all() -> dict[int, int]:
        libc = ctypes.CDLL(None, use_errno=True)
        answers = {}
        for number in set(range(470)) - listed:
            result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6)
            answers[number] = ctypes.get_errno() if result == -1 else -result
        return answers

    answers = filtered(call_all).value
    assert answers.pop(str(linux.numbers["clone3"])) == errno.ENOSYS
    assert {number: answer for number, answer in answers.items() if answer != errno.EPERM} == {}
    assert len(answers) > 380


@pytest.mark.parametrize(
    "action",
    [
        os.fork,
        lambda: os.execv("/bin/true", ["true"]),
        lambda: os.kill(os.getpid(), signal.SIGSTOP),
        lambda: os.kill(-1, signal.SIGKILL),
        lambda: os.killpg(0, signal.SIGKILL),
        lambda: signal.raise_signal(signal.SIGKILL),
        lambda: signal.pthread_kill(threading.get_ident(), signal.SIGKILL),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        lambda: socket.socket(socket.AF_UNIX),
        socket.socketpair,
        os.pipe,
        lambda: os.memfd_create("x"),
        Path("/tmp/x").unlink,
        Path("/tmp/x").mkdir,
        lambda: Path("/").chmod(0o777),
        lambda: os.chown("/", 0, 0),
        lambda: os.utime("/"),
        lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
        lambda: os.sched_setaffinity(0, {0}),
        lambda: os.setuid(0),
        lambda: os.setsid(),
    ],
)
def test_an_attack_answers_permission_error(filtered, action) -> None:
    ended = filtered(action)
    assert (ended.raised, ended.errno, ended.signal) == ("PermissionError", errno.EPERM, 0)


def test_a_thread_is_refused_with_a_clear_message(filtered) -> None:
    assert filtered(lambda: threading.Thread(target=print).start()).text == "can't start new thread"


def test_urgent_data_and_flags_of_its_kind_are_refused(filtered) -> None:
    ours, theirs = socket.socketpair()

    def talk() -> list[str]:
        said = []
        for flags in (0, socket.MSG_OOB, socket.MSG_DONTWAIT, socket.MSG_OOB | socket.MSG_DONTWAIT):
            try:
                said.append(f"{theirs.send(b'x', flags)}")
            except OSError as error:
                said.append(errno.errorcode[error.errno or 0])
        return said

    with ours, theirs:
        assert filtered(talk).value == ["1", "EPERM", "1", "EPERM"]
        assert ours.recv(9) == b"xx"


def test_descriptors_cannot_be_sent_over_the_socket(filtered) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert filtered(lambda: socket.send_fds(theirs, [b"x"], [0])).errno == errno.EPERM


def test_futexes_that_inherit_priorities_are_refused(filtered) -> None:
    def lock_pi() -> None:
        word = (ctypes.c_uint32 * 1)()
        kernel.call("futex", word, 6, 0, None, None, 0)

    assert filtered(lock_pi).errno == errno.EPERM


def test_the_32_bit_entry_ends_the_process(filtered, linux) -> None:
    if not linux.x32_bit:
        pytest.skip("x86_64 only")

    def int_0x80() -> None:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret: getpid by its 32-bit number
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()

    assert filtered(int_0x80).signal == signal.SIGSYS


def test_honest_work_goes_on(filtered, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("read me")

    def work() -> list[object]:
        time.sleep(0.001)
        random.seed()
        lock = threading.Lock()
        acquired = lock.acquire(timeout=0.01)
        return [
            acquired,
            (tmp_path / "text").read_text(),
            len(list(tmp_path.iterdir())),
            len(os.urandom(4)),
            bytearray(1 << 24).count(0),
            os.path.realpath(tmp_path) != "",
            time.process_time() > 0,
        ]

    assert filtered(work).value == [True, "read me", 1, 4, 1 << 24, True, True]
