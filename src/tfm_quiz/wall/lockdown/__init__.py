"""The lock-down: layers that keep a student's code from everything but its socket.

    isolate   in the zygote, first of all: namespaces
    seal      in the zygote, once torch is in: the private root, the Landlock rules
    confine   in each forked worker: limits, identity, Landlock, seccomp
    prove     in each worker after that: what must fail is tried

Each layer is a module of its own, holds without the others and is tested without them. `level` says what the system
refused. Nothing here imports torch.
"""

from .isolation import LEVELS, Isolation, NotConfined
from .layers import Layer, layers, level_here
from .rlimits import Limits
from .selftest import prove
from .steps import confine, isolate, level, seal

__all__ = [
    "LEVELS",
    "Isolation",
    "Layer",
    "Limits",
    "NotConfined",
    "confine",
    "isolate",
    "layers",
    "level",
    "level_here",
    "prove",
    "seal",
]
