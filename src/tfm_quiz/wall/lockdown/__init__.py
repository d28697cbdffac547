"""The lock-down: layers that keep a student's code from everything but its socket.

    isolate   in the zygote, first of all: namespaces
    seal      in the zygote, once torch is in: the private root, the Landlock rules
    confine   in each forked worker: limits, identity, Landlock, seccomp
    prove     in each worker after that: what must fail is tried

The layers: limits of memory and time (rlimits.py), privileges.py, seccomp.py with bpf.py and syscalls.py, landlock.py,
namespaces.py and the private root (root.py). steps.py puts them on, isolation.py says which hold, selftest.py proves
it; attempt.py and layers.py find out what a machine offers; kernel.py and descriptors.py serve them all.

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
