"""The layers that this machine offers, for `tfm-quiz doctor`: tried out without torch."""

import json
import os
import sys
import traceback
from dataclasses import dataclass
from typing import Any

from . import namespaces
from .isolation import LEVELS, Isolation, NotConfined
from .rlimits import Limits
from .selftest import prove
from .steps import confine, isolate, level, seal

_LINUX = "Use Linux: WSL2 on Windows, a container or a virtual machine on macOS."
_USER_NAMESPACES = (
    "Ubuntu 24.04 and later: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0. "
    "Other systems: sudo sysctl user.max_user_namespaces=15000, on old Debian kernel.unprivileged_userns_clone=1. "
    "Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined."
)
_LANDLOCK = (
    "Linux 5.13 or later with landlock among its security modules (kernel option lsm=landlock,...); "
    "in a container, an engine of 2022 or later."
)


@dataclass(frozen=True)
class Layer:
    """One layer of the wall on this machine: whether it holds, what it stops, and what to do where it is missing."""

    name: str
    present: bool
    stops: str
    how_to_get: str


def layers() -> list[Layer]:
    """Return every layer, in the order of the levels. Starts processes that end at once; takes some 30 ms."""
    found = _try_out()
    abi = found.get("landlock_abi", 0)
    missing = sorted(set(namespaces.KINDS).difference(found.get("namespaces", ())))
    proved = found.get("failed") is None
    not_proved = f"The self-test failed: {found.get('failed')}. "
    rows = (
        (
            "limits",
            sys.platform != "win32",
            "memory, processor time, processes, open files, files that grow",
            _LINUX,
        ),
        ("privileges", found.get("privileges", False), "capabilities, set-uid programs, other users' files", _LINUX),
        (
            "seccomp",
            found.get("seccomp", False),
            "starting processes and threads, sockets, signals, ptrace, mounts, changes of files and their modes",
            "Linux on x86_64 or aarch64, outside of a container that forbids filters.",
        ),
        ("landlock files", abi >= 1, "reading and writing outside Python's own folders", _LANDLOCK),
        ("landlock network", abi >= 4, "TCP, should seccomp fail", "Linux 6.7 or later. " + _LANDLOCK),
        (
            "landlock signals",
            abi >= 6,
            "signals and abstract Unix sockets, should seccomp fail",
            "Linux 6.12 or later. " + _LANDLOCK,
        ),
        (
            "namespaces",
            bool(found) and not missing,
            "seeing or reaching other processes, the network, shared memory",
            (f"Missing: {', '.join(missing)}. " if found.get("namespaces") else "") + _USER_NAMESPACES,
        ),
        (
            "private root",
            found.get("private_root", False),
            "learning which files exist: homes, graders, other submissions",
            "Linux 5.12 or later, and the namespaces above.",
        ),
    )
    return [
        Layer(name, present and proved, stops, "" if present and proved else ("" if proved else not_proved) + how)
        for name, present, stops, how in rows
    ]


def level_here(at_most: str = "full") -> str:
    """Return the level that workers would have on this machine, at most `at_most`. Takes some 30 ms."""
    found = _try_out()
    if found.get("failed") is not None:
        return LEVELS[0]
    isolation = Isolation(
        namespaces=frozenset(found.get("namespaces", ())),
        private_root=found.get("private_root", False),
        privileges=found.get("privileges", False),
        landlock_abi=found.get("landlock_abi", 0),
        seccomp=found.get("seccomp", False),
    )
    return min(level(isolation), at_most, key=LEVELS.index)


def _try_out() -> dict[str, Any]:
    """Isolate, seal, confine and prove in child processes. Return what held, and in `failed` why the proof failed.

    Empty where there is no fork.
    """
    if not hasattr(os, "fork"):
        return {}
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _report(writing)
        except Exception:  # a fault of ours: shown, and reported as a self-test that did not end
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123
        text = pipe.read()
    os.waitpid(child, 0)
    lines = [json.loads(line) for line in text.splitlines()]
    return lines[0] | lines[1] if len(lines) == 2 else {"failed": "it did not end"}


def _report(writing: int) -> None:
    """Write two lines of JSON: the layers that hold in the zygote, and whether a worker's proof failed."""
    isolation = seal(isolate())
    held = {
        "namespaces": sorted(isolation.namespaces),
        "private_root": isolation.private_root,
        "privileges": isolation.privileges,
        "landlock_abi": isolation.landlock_abi,
        "seccomp": isolation.seccomp,
    }
    os.write(writing, json.dumps(held).encode() + b"\n")
    worker = os.fork()
    if worker == 0:
        failed: str | None = None
        try:
            confine(isolation, Limits(cpu_seconds=5, memory_mb=256), keep=[writing])
            prove(isolation)
        except (NotConfined, OSError) as error:
            failed = str(error)
        finally:
            os.write(writing, json.dumps({"failed": failed}).encode() + b"\n")
            os._exit(0)
    os.waitpid(worker, 0)
