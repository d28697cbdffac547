"""The questions that a test asks of a student's code, and how they are sent to a worker. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfm_quiz.wall.host.workers import calling
from tfm_quiz.wall.wire.frames import Frame, Handle, Name, Value, pack

BESIDE, STAGED = "@0", "@1"  # the helpers of a worker, in the order in which `open_side` sends them
SEED = 20170612  # of torch's global generator before each call: the same on both sides


@dataclass(frozen=True)
class Call:
    """Call the exercise's function. `cotangents` (one for each floating tensor of the result) ask for gradients."""

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
class EncodedQuestion:
    """A question whose tensors are data of the wire, and the frames that ask it: packed once for every submission."""

    question: Question
    frames: tuple[Frame, ...]


def encode(question: Question, target: Name) -> EncodedQuestion:
    """Return the question as it is sent, asked of `target`, the exercise's function or class.

    Its tensors are data of the wire already. A module's number is also its handle's.
    """
    return EncodedQuestion(question, tuple(pack(request) for request in _requests(question, target)))


def _requests(question: Question, target: Name) -> list[dict[str, Value]]:
    match question:
        case Call(args, kwargs, cotangents):
            return [calling(target, args, kwargs, seed=SEED, watched=True, cotangents=cotangents)]
        case OnBuilt(number, method, args, kwargs, cotangents):
            module = (Handle(number), method)
            return [calling(module, args, kwargs, seed=SEED, watched=True, cotangents=cotangents)]
        case Twice(args, kwargs):
            return [calling(Name(BESIDE, "twice"), (target, tuple(args), dict(kwargs)), seed=SEED)]
        case Build(number, args, kwargs, state):
            arguments = (target, tuple(args), dict(kwargs))
            return [
                calling(Name(BESIDE, "construct"), arguments, seed=SEED, handle=number),
                calling(Name(BESIDE, "load"), (Handle(number), dict(state)), seed=SEED),
            ]
        case Through(helper, args, kwargs):
            return [calling(Name(STAGED, helper), (target, *args), kwargs, seed=SEED)]
