"""Landlock: the kernel refuses what no rule allows, in the file system, on the network and between processes.

It needs no privilege and no namespace, and it cannot be undone by the process that put it on. What it does not govern:
stat, chdir and readlink (a path's existence shows), chmod and chown (the seccomp layer refuses those), UDP, and sockets
that were open before.
"""

import ctypes
import os
import stat
from collections.abc import Iterable, Mapping

from . import kernel

# linux/landlock.h
LANDLOCK_CREATE_RULESET_VERSION = 1 << 0
LANDLOCK_RULE_PATH_BENEATH = 1
LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF = 1 << 0

LANDLOCK_ACCESS_FS_WRITE_FILE = 1 << 1
LANDLOCK_ACCESS_FS_READ_FILE = 1 << 2
LANDLOCK_ACCESS_FS_READ_DIR = 1 << 3
_FS_RIGHTS = {  # the number of rights that an ABI knows, by the ABI that brought them
    1: 13,  # ... up to MAKE_SYM
    2: 14,  # REFER
    3: 15,  # TRUNCATE
    5: 16,  # IOCTL_DEV
    9: 17,  # RESOLVE_UNIX
}
_NET_RIGHTS = {4: 0b11}  # BIND_TCP, CONNECT_TCP
_SCOPES = {6: 0b11}  # ABSTRACT_UNIX_SOCKET, SIGNAL
_LOG_FLAGS_SINCE = 7

READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR
READ_AND_WRITE_A_FILE = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE


class RulesetAttr(ctypes.Structure):
    """struct landlock_ruleset_attr: an older kernel takes a longer one if what it doesn't know is zero."""

    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class PathBeneathAttr(ctypes.Structure):
    """struct landlock_path_beneath_attr, which the kernel declares packed."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """Return the highest Landlock ABI that the kernel has, 0 if none."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, LANDLOCK_CREATE_RULESET_VERSION)
    except OSError:  # ENOSYS: not built in; EOPNOTSUPP: switched off at boot; EPERM: a container's filter
        return 0


def ruleset(rules: Mapping[str, int]) -> int:
    """Return a ruleset that handles every right this kernel knows and allows `rules`: path to access rights beneath it.

    Returns its file descriptor. A path that does not exist is left out. Raises OSError.
    """
    version = abi()
    handled = RulesetAttr(
        handled_access_fs=(1 << _newest(_FS_RIGHTS, version)) - 1,
        handled_access_net=_newest(_NET_RIGHTS, version),
        scoped=_newest(_SCOPES, version),
    )
    descriptor = kernel.call("landlock_create_ruleset", handled, ctypes.sizeof(handled), 0)
    for path, access in rules.items():
        try:
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            access &= ~LANDLOCK_ACCESS_FS_READ_DIR  # refused for what can't be listed
        rule = PathBeneathAttr(allowed_access=access, parent_fd=beneath)
        try:
            kernel.call("landlock_add_rule", descriptor, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        finally:
            os.close(beneath)
    return descriptor


def restrict(descriptor: int) -> None:
    """Put the ruleset on this process and everything it will start. Needs no_new_privs. Raises OSError."""
    quiet = LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF if abi() >= _LOG_FLAGS_SINCE else 0
    kernel.call("landlock_restrict_self", descriptor, quiet)  # quiet: no audit record for each refusal


def read_only(folders: Iterable[str]) -> dict[str, int]:
    """Return rules for `ruleset`: read beneath `folders`, and nothing else."""
    return dict.fromkeys(folders, READ)


def _newest(by_abi: Mapping[int, int], version: int) -> int:
    """Return the entry of the newest ABI up to `version`, 0 before the first."""
    return max((bits for since, bits in by_abi.items() if since <= version), default=0)
