"""The layers that hold, as data: made by `isolate` and `seal` in the zygote, read by every worker."""

from dataclasses import dataclass

LEVELS = ("none", "basic", "strong", "full")  # from weakest to strongest


class NotConfined(Exception):
    """A layer that should hold does not. The worker must exit without running a line of a student's."""


@dataclass(frozen=True)
class Isolation:
    """The layers that hold in the zygote, or that its workers will be able to put on.

    The defaults are those of a system that offers nothing. File descriptors are numbers of the zygote's, inherited by
    its workers and closed there once used.
    """

    at_most: str = "full"  # our own side's ceiling, one of LEVELS
    namespaces: frozenset[str] = frozenset()  # of namespaces.KINDS and "user"
    private_root: bool = False  # only the Python prefix and system libraries are there, read-only
    privileges: bool = False  # workers give theirs up for good
    landlock_abi: int = 0  # 0: the kernel has none, or it may not be used
    landlock_ruleset: int = -1  # file descriptor
    seccomp: bool = False  # a filter can be put on
    seccomp_program: bytes = b""  # struct sock_filter[]
    worker_id: int | None = None  # uid and gid that a root's workers take on; None: they keep their own
    size: int = 0  # bytes of address space of the zygote, once torch is in
    visible: tuple[str, ...] = ()  # folders that a worker may read
    hidden: tuple[str, ...] = ()  # paths that exist and that no worker may open
