"""System calls by their kernel names, for those that Python has no function for."""

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache

from . import syscalls_aarch64, syscalls_x86_64

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


@dataclass(frozen=True)
class Machine:
    """A kind of processor: its number in the audit interface and its system call numbers by name."""

    audit_arch: int
    x32_bit: int
    numbers: dict[str, int]


@cache
def machine() -> Machine | None:
    """Return this machine, or None where the lock-down has no table for it, or it is no Linux."""
    if sys.platform != "linux" or sys.maxsize <= 1 << 32:
        return None
    table = {"x86_64": syscalls_x86_64, "aarch64": syscalls_aarch64}.get(os.uname().machine)
    return Machine(table.AUDIT_ARCH, table.X32_BIT, table.NUMBERS) if table else None


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
