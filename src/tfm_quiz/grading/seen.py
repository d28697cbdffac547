"""What a grader asks for, and what came of it: the two sides that `compare` and `diagnose` work on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfm_quiz.wall.host.reply import Failure
from tfm_quiz.wall.wire.frames import Tensor, Value, leaves


@dataclass(frozen=True)
class Call:
    """Call the exercise's function. `cotangents` (one for each floating tensor of the result) asks for gradients."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    cotangents: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Twice:
    """Call the exercise's function, overwrite the result, and call it again with the same arguments."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Build:
    """Make a module of the exercise's class, describe it, and load `state` into it. Later calls name its `number`."""

    number: int
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    state: Mapping[str, Any]


@dataclass(frozen=True)
class OnBuilt:
    """Call a method of a module built before ("" is forward)."""

    number: int
    method: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    cotangents: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Through:
    """Call `helper(target, *args, **kwargs)`, a staged helper of ours that runs beside the student's code."""

    helper: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)


Question = Call | Twice | Build | OnBuilt | Through


@dataclass(frozen=True)
class Seen:
    """What a question came to, as data of the wire.

    Either `raised` holds the builtin and torch classes of the exception, nearest first, or `value` the result.
    `changed` names the arguments that were changed in place. Gradients are None where none were asked for (or where
    the result had other tensors than expected); an entry is None where nothing flows.
    """

    raised: tuple[str, ...] = ()
    value: Value = None
    changed: tuple[str, ...] = ()
    arguments: tuple[Value, ...] | None = None
    parameters: Mapping[str, Value] | None = None
    failure: Failure | None = None  # the exception as the worker told it: for screens, never compared

    def size(self) -> int:
        """The bytes of all its tensors."""
        parts = [self.value, self.arguments or (), dict(self.parameters or {})]
        return sum(len(leaf.data) for _, leaf in leaves(parts) if isinstance(leaf, Tensor))
