"""Read a worker's reply as the hostile data that it is."""

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfm_quiz.wall.wire.frames import Value, WireError

# The names that an exception's classes may go by: a worker can claim any, and a claimed name could spell out an input.
KNOWN_KINDS = frozenset(name for name, kind in vars(builtins).items() if isinstance(kind, type)) | {
    "AcceleratorError",
    "OutOfMemoryError",
    "WireError",
}


class WallError(Exception):
    """No reply, or one that says that the call failed."""


@dataclass(frozen=True)
class Failure:
    """An exception as a worker describes it. Hostile text, cut to size; show it escaped or not at all.

    `kinds` names the builtin and torch classes among its ancestors, nearest first; `frames` those in the student's own
    files, outermost first (file, line, function, text); `shapes` the tensors on the last line (name, shape, dtype).
    """

    type: str
    kinds: tuple[str, ...]
    message: str
    frames: tuple[dict[str, Any], ...]
    shapes: tuple[tuple[str, ...], ...]
    output: str = ""


class StudentError(WallError):
    """The student's code raised."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.type)
        self.failure = failure


class WorkerTimedOut(WallError):
    """No reply before the deadline; the worker was killed."""


class WorkerDied(WallError):
    """The worker ended by itself, or broke the rules of the wire and was killed.

    `signal` is what ended it, 0 for none; `exited` says that it left by itself. A `str` of this may hold numbers that a
    worker chose: it is for the staff.
    """

    def __init__(self, why: str, *, signal: int = 0, exited: bool = False) -> None:
        super().__init__(why)
        self.signal, self.exited = signal, exited


@dataclass(frozen=True)
class Reply:
    """A worker's reply. `value` and the gradients are wire values: unchecked data."""

    value: Value = None
    changed: Sequence[int] = ()  # the leaves of the arguments that were changed, from 1; 0: the arguments themselves
    arguments: Sequence[Value] | None = None  # gradients, in the order of the floating tensors among the arguments
    parameters: Mapping[str, Value] | None = None
    output: str = ""
    output_cut: bool = False


def read_reply(reply: Value) -> Reply | StudentError:
    """Return the reply in a decoded frame. Raises WireError for any other form than ours."""
    reply = checked_dict(reply)
    if reply.get("status") == "error":
        frames = tuple(_checked_frame(frame) for frame in field(reply, "frames", list))
        shapes = tuple(_checked_row(row) for row in field(reply, "shapes", list)[:6])
        kinds = tuple(kind for kind in field(reply, "kinds", list)[:10] if type(kind) is str and kind in KNOWN_KINDS)
        kind, message = field(reply, "type", str)[:100], field(reply, "message", str)[:2000]
        output = field(reply, "output", str) if "output" in reply else ""
        return StudentError(Failure(kind, kinds, message, frames, shapes, output))
    if reply.get("status") != "ok":
        raise WireError("a reply that is neither a result nor an error")
    arguments, parameters = reply.get("arguments"), reply.get("parameters")
    if (arguments is not None and type(arguments) is not list) or (
        parameters is not None and type(parameters) is not dict
    ):
        raise WireError("gradients in an unknown form")
    output, cut = reply.get("output", ""), reply.get("output_cut", False)
    if type(output) is not str or type(cut) is not bool:
        raise WireError("output that is not text")
    changed = reply.get("changed", [])
    if type(changed) is not list or not all(type(number) is int for number in changed):
        raise WireError("changed arguments in an unknown form")
    return Reply(reply.get("value"), tuple(changed), arguments, parameters, output, cut)


def _checked_frame(frame: Value) -> dict[str, Any]:
    frame = checked_dict(frame)
    texts = {key: field(frame, key, str)[:200] for key in ("file", "function", "text")}
    return texts | {"line": field(frame, "line", int)}


def _checked_row(row: Value) -> tuple[str, ...]:
    if type(row) is not list or len(row) != 3 or not all(type(part) is str for part in row):
        raise WireError("a shape of another form")
    return tuple(part[:60] for part in row)


def checked_dict(value: Value) -> dict[str, Value]:
    """Return the value if it is a dict. Raises WireError otherwise."""
    if type(value) is not dict:
        raise WireError("a reply of the wrong form")
    return value


def field(reply: dict[str, Value], name: str, kind: type) -> Any:
    """Return a field of exactly this type. Raises WireError otherwise."""
    value = reply.get(name)
    if type(value) is not kind:
        raise WireError(f"a reply without {name}")
    return value
