"""Privileges: a worker has no capability and can gain none; a root's worker becomes nobody."""

import ctypes
import errno
import os
import signal
from collections.abc import Iterable

from . import kernel
from .isolation import NotConfined

NOBODY = 65534
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_CAP_LAST_POSSIBLE = 63


class CapUserHeader(ctypes.Structure):
    """struct __user_cap_header_struct; pid 0 is the caller."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def drop(worker_id: int | None) -> None:
    """Give up every capability for good, take on `worker_id` as uid and gid (None: keep them), and hide.

    Hidden: no other process of the same user may read this one's memory; it dies with the process that forked it.
    Raises OSError if the kernel refuses a step, except for steps that need privileges we have not got, and NotConfined
    if a capability is left all the same (later the seccomp filter forbids to ask).
    """
    _drop_bounding_set()
    if worker_id is not None:
        os.setgroups([])
        os.setresgid(worker_id, worker_id, worker_id)
        os.setresuid(worker_id, worker_id, worker_id)
    _drop_capabilities()
    if held():
        raise NotConfined(f"capabilities {held():#x} are left")
    no_new_privs()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # after setresuid, which would clear it


def no_new_privs() -> None:
    """From now on no execve can gain a privilege; Landlock and seccomp ask for it."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def held() -> int:
    """Return the bits of the capabilities that this process could use: permitted or effective."""
    data = _capget()
    return data[0] | data[1] | data[3] << 32 | data[4] << 32


def _drop_bounding_set() -> None:
    for capability in range(_CAP_LAST_POSSIBLE + 1):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.EPERM):  # beyond the kernel's last; not ours to drop
                return
            raise


def _drop_capabilities() -> None:
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    nothing = (ctypes.c_uint32 * 6)()  # two times effective, permitted, inheritable
    kernel.call("capset", CapUserHeader(_LINUX_CAPABILITY_VERSION_3, 0), nothing)


def _capget() -> ctypes.Array[ctypes.c_uint32]:
    data = (ctypes.c_uint32 * 6)()
    kernel.call("capget", CapUserHeader(_LINUX_CAPABILITY_VERSION_3, 0), data)
    return data


def become_nobody(needed: Iterable[str]) -> None:
    """Become nobody, and list the folders that a worker reads. Raises OSError where either is refused: a container may
    not know the number, and a root's Python may lie in a folder that only root may enter.
    """
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    for path in needed:
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
