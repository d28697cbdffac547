"""Prove that a worker is confined: it tries, itself, everything that must fail.

Otherwise a wrong number in a filter, or a rule too many, would go unnoticed. Here it ends the worker before a line of a
student's has run.
"""

import errno
import os
from collections.abc import Callable, Iterable

from . import kernel
from .isolation import Isolation, NotConfined

_AF_UNIX, _AF_INET, _SOCK_STREAM, _SOCK_DGRAM = 1, 2, 1, 2
_SIGNAL_0 = 0  # asks whether a signal could be sent, and sends none


def prove(isolation: Isolation) -> None:
    """Try what each layer of `isolation` must refuse. Raises NotConfined at the first thing that works."""
    if isolation.seccomp:
        _prove_seccomp()
    if isolation.landlock_abi:
        _prove_landlock(isolation)
    if isolation.private_root:
        _prove_private_root(isolation)
    if "pid" in isolation.namespaces:
        _must_hold("the zygote is process 1", os.getppid() == 1)
    if isolation.privileges:
        _must_hold("no privilege can be gained", kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS) == 1)
        _must_hold("the memory is hidden", kernel.prctl(kernel.PR_GET_DUMPABLE) == 0)
        _must_hold("the user is the worker's", isolation.worker_id in (None, os.getuid()))


def _prove_seccomp() -> None:
    """EPERM and nothing else: ENOENT or EFAULT would mean that the kernel looked at the arguments."""
    eperm = (errno.EPERM,)
    for family in (_AF_UNIX, _AF_INET):
        for kind in (_SOCK_STREAM, _SOCK_DGRAM):
            _must_fail(f"socket({family}, {kind})", eperm, lambda a=family, b=kind: kernel.call("socket", a, b, 0))
    _must_fail("fork", eperm, _fork)
    _must_fail("execve", eperm, lambda: kernel.call("execve", b"", None, None))
    _must_fail("kill", eperm, lambda: os.kill(os.getpid(), _SIGNAL_0))
    _must_fail("kill of all", eperm, lambda: os.kill(-1, _SIGNAL_0))
    _must_fail("ptrace", eperm, lambda: kernel.call("ptrace", 0, 0, 0, 0))
    _must_fail("unshare", eperm, lambda: kernel.call("unshare", 0))


def _prove_landlock(isolation: Isolation) -> None:
    """No rule covers the root folder itself, and none allows writing: with or without a private root."""
    _must_fail("listing /", (errno.EACCES,), lambda: os.listdir("/"))  # noqa: PTH208
    folder = isolation.visible[0]
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    _must_fail("making a file", (errno.EACCES, errno.EROFS), lambda: os.open(f"{folder}/tfm-quiz-proof", flags, 0o600))
    for path in isolation.hidden:
        _must_fail(f"opening {path}", (errno.EACCES, errno.ENOENT), lambda path=path: os.open(path, os.O_RDONLY))


def _prove_private_root(isolation: Isolation) -> None:
    for path in isolation.hidden:
        _must_fail(f"finding {path}", (errno.ENOENT,), lambda path=path: os.lstat(path))


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def _must_fail(what: str, errors: Iterable[int], action: Callable[[], object]) -> None:
    try:
        action()
    except OSError as error:
        if error.errno in errors:
            return
        raise NotConfined(f"{what} failed in a different way than it must: {error}") from error
    raise NotConfined(f"{what} worked")


def _must_hold(what: str, holds: bool) -> None:
    if not holds:
        raise NotConfined(f"{what}: it does not hold")
