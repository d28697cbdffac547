"""A question as it goes to a worker: encoded once, for every submission. No torch here, as in `remote`."""

from dataclasses import dataclass

from tfm_quiz.wall.host.workers import calling
from tfm_quiz.wall.wire.frames import Frame, Handle, Name, Value, pack

from .seen import Build, Call, OnBuilt, Question, Through, Twice

BESIDE, STAGED = "@0", "@1"  # the helpers of a worker, in the order in which `open_world` stages them
SEED = 20170612  # of torch's global generator before each call: the same on both sides


@dataclass(frozen=True)
class Asked:
    """A question whose tensors are data of the wire, and the frames that ask it."""

    question: Question
    frames: tuple[Frame, ...]


def asked(question: Question, target: Name) -> Asked:
    """The same question to `target`, the exercise's function or class. A module's number is also its handle's."""
    return Asked(question, tuple(pack(request) for request in _requests(question, target)))


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
