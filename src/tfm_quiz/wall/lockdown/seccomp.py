"""seccomp: of some 350 system calls a worker may make the few below; every other one answers EPERM.

A worker computes, allocates memory, reads source files and talks over one socket that is already open. It starts no
process and no thread, opens no socket, sends no signal, changes no file and no mode of one.
"""

import ctypes
from collections.abc import Mapping

from . import kernel
from .bpf import Instruction, JumpIf, Label, Load, Return, assemble

# linux/seccomp.h, linux/audit.h, errno.h
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_RET_KILL_PROCESS = 0x80000000
SECCOMP_RET_ERRNO = 0x00050000
SECCOMP_RET_ALLOW = 0x7FFF0000
EPERM, ENOSYS = 1, 38

# struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; }
_NR, _ARCH, _ARGS = 0, 4, 16

MEMORY = ("brk", "madvise", "mmap", "mprotect", "mremap", "munmap")
TIME = (
    "clock_getres", "clock_gettime", "clock_nanosleep", "getrusage", "gettimeofday", "nanosleep", "time", "times",
)  # fmt: skip
FILES = (  # Landlock and the private root say which; none can be opened for writing, but for /dev/null
    "access", "close", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fstat", "getcwd", "getdents", "getdents64",
    "lseek", "lstat", "newfstatat", "open", "openat", "pread64", "read", "readlink", "readlinkat", "readv", "stat",
    "statx", "write", "writev",
)  # fmt: skip
SOCKET = ("getpeername", "getsockname", "getsockopt", "poll", "ppoll", "pselect6", "select")
ITSELF = (
    "exit", "exit_group", "getcpu", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom", "getrlimit",
    "gettid", "getuid", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity",
    "sched_yield", "sigaltstack", "sysinfo", "uname",
)  # fmt: skip
ALLOWED = MEMORY + TIME + FILES + SOCKET + ITSELF

# asm-generic/ioctls.h, linux/fcntl.h: what Python and the C library do to a file that they have just opened
_TCGETS, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX = 0x5401, 0x541B, 0x5421, 0x5450, 0x5451
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030
# linux/futex.h: what locks and condition variables need; none that inherits priorities or requeues
_FUTEX_WAIT, _FUTEX_WAKE, _FUTEX_WAIT_BITSET, _FUTEX_WAKE_BITSET = 0, 1, 9, 10
_FUTEX_PRIVATE_FLAG, _FUTEX_CLOCK_REALTIME = 128, 256

# name -> (argument, its values). The low half is compared, which is all that the kernel looks at for these.
ALLOWED_WITH: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "ioctl": (1, (_TCGETS, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX)),
    "fcntl": (1, (_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC)),
    "prctl": (0, (kernel.PR_SET_NAME, kernel.PR_GET_NAME, kernel.PR_GET_DUMPABLE, kernel.PR_GET_NO_NEW_PRIVS)),
    "prlimit64": (0, (0,)),  # of itself; the hard limits hold
    "futex": (
        1,
        tuple(
            operation | flag
            for operation in (_FUTEX_WAIT, _FUTEX_WAKE, _FUTEX_WAIT_BITSET, _FUTEX_WAKE_BITSET)
            for flag in (0, _FUTEX_PRIVATE_FLAG, _FUTEX_CLOCK_REALTIME, _FUTEX_PRIVATE_FLAG | _FUTEX_CLOCK_REALTIME)
        ),
    ),
    # linux/socket.h: on a socket that is open, plainly or MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL. Never MSG_OOB, whose
    # code for Unix sockets has let a sandbox be left; no sendmsg, so no file descriptor goes over either.
    "recvfrom": (3, (0, 0x40, 0x100, 0x140)),
    "sendto": (3, (0, 0x40, 0x4000, 0x4040)),
}


class SockFprog(ctypes.Structure):
    """struct sock_fprog: how many instructions there are, and where."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def program(machine: kernel.Machine) -> bytes:
    """Assemble the filter for `machine`, without the calls that it lacks (aarch64 has no `open`)."""
    lines: list[Instruction] = [
        Load(_ARCH),
        JumpIf("==", machine.audit_arch, "our machine"),
        Return(SECCOMP_RET_KILL_PROCESS),  # the 32-bit entry has other numbers: int 0x80 would walk past the list
        Label("our machine"),
        Load(_NR),
    ]
    if machine.x32_bit:
        lines += [JumpIf(">=", machine.x32_bit, "refuse")]
    lines += [JumpIf("==", machine.numbers["clone3"], "not there")]
    lines += [JumpIf("==", machine.numbers[name], name) for name in ALLOWED_WITH]
    lines += [JumpIf("==", machine.numbers[name], "allow") for name in sorted(ALLOWED) if name in machine.numbers]
    lines += [Label("refuse"), Return(SECCOMP_RET_ERRNO | EPERM)]
    for name, (argument, values) in ALLOWED_WITH.items():
        lines += [Label(name), Load(_ARGS + 8 * argument)]  # little endian: the low half comes first
        lines += [JumpIf("==", value, "allow") for value in values]
        lines += [Return(SECCOMP_RET_ERRNO | EPERM)]
    lines += [Label("not there"), Return(SECCOMP_RET_ERRNO | ENOSYS)]  # the C library then tries clone, and says EPERM
    lines += [Label("allow"), Return(SECCOMP_RET_ALLOW)]
    return assemble(lines)


def restrict(assembled: bytes) -> None:
    """Put the filter on this process for good. Needs no_new_privs. Raises OSError."""
    memory = ctypes.create_string_buffer(assembled, len(assembled))
    description = SockFprog(len=len(assembled) // 8, filter=ctypes.addressof(memory))
    kernel.call("seccomp", SECCOMP_SET_MODE_FILTER, 0, description)
