"""Resource limits: the layer that every Unix has."""

import math
import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Resources of one worker.

    Attributes:
        cpu_seconds: processor time; a second more and the kernel kills the worker. The deadline on the wall clock is
            the trusted side's, which also kills: this one only stands behind it.
        memory_mb: address space in MiB on top of what the zygote had when it was sealed. The numbers in use:
            `grading/session.py` for graders (`limit(mb=...)` of a test), `student/check.py` for `check`.
        open_files: file descriptors, the socket included.
    """

    cpu_seconds: float
    memory_mb: int
    open_files: int = 32


def restrict(limits: Limits, size: int) -> None:
    """Lower the soft and hard limits of this process; `size` is the address space that comes for free, in bytes.

    Raises OSError or ValueError if the kernel refuses one.
    """
    if sys.platform == "win32":
        return
    seconds = math.ceil(limits.cpu_seconds)
    wanted = {
        "RLIMIT_CPU": (seconds, seconds + 1),
        "RLIMIT_FSIZE": (0, 0),  # no file grows, wherever it may be
        "RLIMIT_NOFILE": (limits.open_files, limits.open_files),
        "RLIMIT_NPROC": (0, 0),
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_MEMLOCK": (0, 0),
        "RLIMIT_MSGQUEUE": (0, 0),
        "RLIMIT_NICE": (0, 0),
        "RLIMIT_RTPRIO": (0, 0),
    }
    if sys.platform == "linux":  # elsewhere the kernel does not keep to it, or counts the shared cache in
        room = size + limits.memory_mb * _MEBIBYTE
        wanted["RLIMIT_AS"] = (room, room)
    for name, (soft, hard) in wanted.items():
        number = getattr(resource, name, None)
        if number is None:
            continue
        ceiling = resource.getrlimit(number)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(number, (soft, hard))


def address_space() -> int:
    """Return the bytes of address space of this process, or 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123  no pathlib before the zygote is isolated
            pages = int(statm.read().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()
