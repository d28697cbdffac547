"""The three steps of the lock-down: `isolate` and `seal` once in the zygote, `confine` in each worker."""

import os
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from . import attempt, descriptors, kernel, landlock, namespaces, privileges, rlimits, root, seccomp
from .isolation import LEVELS, Isolation
from .rlimits import Limits


def isolate(at_most: str = "full") -> Isolation:
    """Separate the zygote from the system as far as `at_most` allows; the first thing that it does, in one thread.

    It may fork: the caller then goes on as process 1 of a PID namespace, while the process that called stays outside,
    waits, passes on the exit status, and takes everything with it when it (or its parent) dies. Open file descriptors
    live on in the process that returns.

    Raises ValueError for an unknown level.
    """
    if at_most not in LEVELS:
        raise ValueError(f"no isolation level {at_most!r}: use one of {', '.join(LEVELS)}")
    if sys.platform == "win32" or at_most == "none":
        return Isolation(at_most=at_most)
    isolation = Isolation(at_most=at_most)
    machine = kernel.machine()
    if machine is None or at_most == "basic":
        return isolation
    program = seccomp.program(machine)
    can_filter = attempt.succeeds(lambda: (privileges.no_new_privs(), seccomp.restrict(program)))
    can_landlock = landlock.abi() and attempt.succeeds(
        lambda: (privileges.no_new_privs(), landlock.restrict(landlock.ruleset({})))
    )
    return replace(
        isolation,
        privileges=True,
        seccomp=can_filter,
        seccomp_program=program if can_filter else b"",
        landlock_abi=landlock.abi() if can_landlock else 0,
        namespaces=namespaces.enter() if at_most == "full" else frozenset(),
    )


def seal(isolation: Isolation) -> Isolation:
    """Prepare what all workers share, once everything that they need is imported and before the first fork.

    In a mount namespace this is where the rest of the file system goes: nothing but `root.visible()` can be imported
    or opened afterwards, in the zygote as little as in a worker.
    """
    isolation = replace(isolation, size=rlimits.address_space())
    if not isolation.privileges:
        return isolation
    visible = root.visible()
    isolation = replace(isolation, visible=visible, hidden=_hidden(visible))
    if "mnt" in isolation.namespaces and attempt.succeeds(lambda: _try_root(visible)):
        root.enter(visible)
        isolation = replace(isolation, private_root=True)
    if isolation.landlock_abi:
        rules = landlock.read_only(visible) | root.DEVICES
        isolation = replace(isolation, landlock_ruleset=landlock.ruleset(rules))
    if os.geteuid() == 0 and attempt.succeeds(lambda: privileges.become_nobody(visible)):
        isolation = replace(isolation, worker_id=privileges.NOBODY)
    return isolation


def confine(isolation: Isolation, limits: Limits, keep: Collection[int] = ()) -> None:
    """Lock this forked worker down for good, before it reads a byte of a student's. Only `keep` stays open.

    The standard streams lead to /dev/null unless they are kept. Raises OSError if a layer that `isolation` promises is
    refused; the caller must then leave the process.
    """
    if isolation.at_most == "none":
        return
    descriptors.close_all_but([*keep, isolation.landlock_ruleset])
    descriptors.stand_in(keep)
    rlimits.restrict(limits, isolation.size)
    if isolation.privileges:
        privileges.drop(isolation.worker_id)
    if isolation.landlock_abi:
        landlock.restrict(isolation.landlock_ruleset)
    descriptors.close_all_but([0, 1, 2, *keep])
    if isolation.seccomp:
        seccomp.restrict(isolation.seccomp_program)


def level(isolation: Isolation) -> str:
    """Return the isolation level of a sealed `isolation`: full, strong, basic or none."""
    if isolation.at_most == "none":
        return "none"
    if not (isolation.landlock_abi and isolation.seccomp and isolation.privileges):
        return "basic"
    apart = isolation.private_root and isolation.namespaces.issuperset(namespaces.KINDS)
    return "full" if apart else "strong"


def _try_root(visible: Collection[str]) -> None:
    """Make the private root in a mount namespace of this child's own: a failure leaves nothing behind."""
    kernel.call("unshare", namespaces.CLONE_NEWNS)
    root.enter(visible)


def _hidden(visible: Collection[str]) -> tuple[str, ...]:
    """Return paths that exist on this system and that no worker may open, for `prove` to try."""
    ours = Path(__file__).parent  # in a checkout: beside solutions and graders
    candidates = (ours, Path.cwd(), Path("/etc/passwd"), Path("/proc/self/status"), Path("/home"), Path("/usr/bin/env"))
    return tuple(
        str(path)
        for path in candidates
        if root.exists(path) and not any(path.is_relative_to(it) or Path(it).is_relative_to(path) for it in visible)
    )
