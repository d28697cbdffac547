"""System calls by their kernel names, for those that Python has no function for."""

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache

from .syscalls import NUMBERS

# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_GET_DUMPABLE = 3
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_GET_NAME = 16
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

AT_FDCWD = -100

# The calls that the lock-down, its self-test and its tests make, besides those that a worker may make.
CALLS = (
    "capget", "capset", "clone3", "close_range", "execve", "landlock_add_rule", "landlock_create_ruleset",
    "landlock_restrict_self", "mount", "mount_setattr", "move_mount", "open_tree", "pidfd_open", "pivot_root", "ptrace",
    "seccomp", "sethostname", "socket", "umount2", "unshare",
)  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """A kind of processor: its number in the audit interface and its system call numbers by name."""

    audit_arch: int
    x32_bit: int  # x86_64 has a second set of numbers, for 32-bit pointers, marked by this bit; 0: no such set
    numbers: dict[str, int]


MACHINES = {  # linux/audit.h: the ELF machine, 64 bits, little endian
    "x86_64": Machine(0xC000003E, 0x40000000, {name: n for name, (n, _) in NUMBERS.items() if n is not None}),
    "aarch64": Machine(0xC00000B7, 0, {name: n for name, (_, n) in NUMBERS.items() if n is not None}),
}


@cache
def machine() -> Machine | None:
    """Return this machine, or None where the lock-down has no table for it, or it is no Linux."""
    if sys.platform != "linux" or sys.maxsize <= 1 << 32:
        return None
    return MACHINES.get(os.uname().machine)


def call(name: str, *arguments: int | bytes | ctypes.Array | ctypes.Structure | None) -> int:
    """Make the system call `name`. Structures and arrays are passed by reference, None is a null pointer.

    Raises OSError with the kernel's errno; ENOSYS as well where this machine has no table.
    """
    here = machine()
    if here is None:
        raise OSError(38, "no system calls known for this machine", name)  # ENOSYS
    result = _libc().syscall(ctypes.c_long(here.numbers[name]), *[_argument(value) for value in arguments])
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def prctl(option: int, *arguments: int) -> int:
    """prctl(2) with the arguments that are not given set to 0, as newer options demand."""
    return call("prctl", option, *arguments, *[0] * (4 - len(arguments)))


def _argument(value: object) -> object:
    if isinstance(value, int):
        return ctypes.c_long(value)
    if isinstance(value, ctypes.Structure):
        return ctypes.byref(value)
    return value


@cache
def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library
