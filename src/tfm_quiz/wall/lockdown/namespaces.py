"""Namespaces: own process numbers, network, mounts, IPC and host name for the zygote and all its workers.

Made once, before anything heavy is imported. As root they are had directly; an ordinary user gets them together with a
user namespace, in which the zygote holds the capabilities that mounting needs and nothing outside of it.
"""

import os
import select
import signal
from pathlib import Path

from . import attempt, descriptors, kernel
from .privileges import NOBODY

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
KINDS = {
    "mnt": CLONE_NEWNS,
    "uts": CLONE_NEWUTS,
    "ipc": CLONE_NEWIPC,
    "pid": CLONE_NEWPID,
    "net": CLONE_NEWNET,
}

# sys/mount.h
MS_REC = 0x4000
MS_PRIVATE = 0x40000


def enter() -> frozenset[str]:
    """Enter as many namespaces as the system allows, and fork where there are PID namespaces.

    Returns the kinds that were entered ("user" among them where it was needed). What is refused is found out in
    children first, so that this process is never left halfway.
    """
    kinds = _obtainable()
    if kinds:
        _unshare(kinds)
    if "pid" in kinds:
        _go_on_as_process_1()
    return kinds


def _obtainable() -> frozenset[str]:
    everything = frozenset(KINDS)
    for extra in ((), ("user",)) if os.geteuid() == 0 else (("user",),):
        kinds = everything.union(extra)
        if attempt.succeeds(lambda kinds=kinds: _unshare(kinds)):
            return kinds
    kinds = frozenset(kind for kind in KINDS if attempt.succeeds(lambda kind=kind: _unshare(frozenset((kind, "user")))))
    kinds |= {"user"}
    return kinds if len(kinds) > 1 and attempt.succeeds(lambda: _unshare(kinds)) else frozenset()


def _unshare(kinds: frozenset[str]) -> None:
    """Leave the system's namespaces for own ones. Raises OSError, possibly half done."""
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWUSER if "user" in kinds else 0
    for kind in kinds - {"user"}:
        flags |= KINDS[kind]
    kernel.call("unshare", flags)
    if "user" in kinds:
        # Inside we are nobody, so that a worker can't even learn whose machine it is.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    if "mnt" in kinds:  # some systems grant the namespace and then refuse this
        kernel.call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    if "uts" in kinds:
        kernel.call("sethostname", b"worker", 6)
    if "pid" in kinds:  # the keeper could not do without
        os.close(_pidfd(os.getpid()))


def _go_on_as_process_1() -> None:
    """Fork: the child is process 1 of the new namespace and returns, the parent stays outside as its keeper.

    When process 1 dies the kernel ends everything in the namespace. It is killed when the keeper dies, and the keeper
    kills it when its own parent dies; both look at process file descriptors, because the kernel's parent-death signal
    alone looks at threads and can come before it is asked for.
    """
    keeper = _pidfd(os.getpid())
    parent = _pidfd_of_parent()
    child = os.fork()
    if child == 0:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if _has_ended(keeper):
            os._exit(1)
        os.close(keeper)
        if parent is not None:
            os.close(parent)
        return
    status = 1
    try:
        status = _keep(child, parent)
    finally:  # whatever happens, the keeper must not return into the zygote's code
        os._exit(status)


def _pidfd_of_parent() -> int | None:
    """Return the process that started us, or None if it is out of sight (we are process 1 of a container ourselves)."""
    number = os.getppid()
    return _pidfd(number) if number else None


def _keep(child: int, parent: int | None) -> int:
    """Wait for `child` while the parent lives, and take over how it ended: exit status, or death by the same signal."""
    watched = _pidfd(child)

    descriptors.close_all_but([watched] if parent is None else [watched, parent])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for process 1 to answer, or to ignore
    poll = select.poll()
    for descriptor in (watched, parent):
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
    ended = {descriptor for descriptor, _ in poll.poll()}
    if watched not in ended:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        return os.WEXITSTATUS(status)
    number = os.WTERMSIG(status)
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number  # a signal that does not end us


def _pidfd(number: int) -> int:
    """Return a descriptor that becomes readable when process `number` has ended. Not every Python has os.pidfd_open."""
    return kernel.call("pidfd_open", number, 0)


def _has_ended(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], 0)[0])
