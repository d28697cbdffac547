"""Where a grader's question is answered: in this process (reference, variants) or in a worker (the student)."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import torch

from tfm_quiz.wall.client import Worker
from tfm_quiz.wall.failure import describe as describe_failure
from tfm_quiz.wall.gradients import differentiate
from tfm_quiz.wall.reply import Failure, Reply, StudentError
from tfm_quiz.wall.tensors import tree_to_wire
from tfm_quiz.wall.wire import Handle, Name, Tensor, Value, leaves

from . import beside
from .seen import Build, Call, OnBuilt, Question, Seen, Through, Twice

NOT_BUILT = Failure("RuntimeError", ("RuntimeError",), "the module was not built", (), ())
SEED = 20170612  # of torch's global generator before each call: the same on both sides


class LocalWorld:
    """The reference, or a variant, called in this process. `dtype` casts floating inputs and weights (float64)."""

    def __init__(self, target: Callable[..., Any], staged: ModuleType | None, dtype: torch.dtype | None = None) -> None:
        self.target = target
        self.staged = staged
        self.dtype = dtype
        self.built: dict[int, Any] = {}

    def ask(self, question: Question) -> Seen:
        """What the question comes to here. Exceptions of the target are part of the answer."""
        torch.manual_seed(SEED)
        try:
            return self._ask(question)
        except Exception as error:  # whatever it is, it is compared by type
            told = describe_failure(error)
            failure = Failure(told["type"], tuple(told["kinds"]), told["message"], (), ())
            return Seen(raised=failure.kinds, failure=failure)

    def _ask(self, question: Question) -> Seen:
        match question:
            case Call(args, kwargs, cotangents):
                return self._call(self.target, args, kwargs, cotangents)
            case OnBuilt(number, method, args, kwargs, cotangents):
                module = self.built[number]
                function = getattr(module, method) if method else module
                return self._call(function, args, kwargs, cotangents, owner=module)
            case Twice(args, kwargs):
                return Seen(value=tree_to_wire(beside.twice(self.target, self.own(args), self.own(kwargs)), _hide))
            case Build(number, args, kwargs, state):
                module, description = beside.construct(self.target, args, kwargs)
                if self.dtype is not None:
                    module.to(self.dtype)
                self.built[number] = module
                beside.load(module, state)
                return Seen(value=tree_to_wire(description))
            case Through(helper, args, kwargs):
                result = getattr(self.staged, helper)(self.target, *self.own(args), **self.own(kwargs))
                return Seen(value=tree_to_wire(result, _hide))

    def _call(self, function: Any, args: Any, kwargs: Any, cotangents: Any, owner: Any = None) -> Seen:
        own_args, own_kwargs = self.own(args), self.own(kwargs)
        before = [leaf for _, leaf in leaves(tree_to_wire([list(own_args), dict(own_kwargs)], _hide))]
        if cotangents is None:
            result, pulled = function(*own_args, **own_kwargs), {}
        else:
            result, pulled = differentiate(function, own_args, own_kwargs, self.own(cotangents), owner)
        after = tree_to_wire([list(own_args), dict(own_kwargs)], _hide)
        gradients = tree_to_wire(pulled)
        return Seen(
            value=tree_to_wire(result, _hide),
            changed=_changed(before, after),
            arguments=tuple(gradients["arguments"]) if gradients else None,
            parameters=gradients.get("parameters"),
        )

    def own(self, value: Any) -> Any:
        """A copy that may be changed, strides kept, cast where this world casts."""
        if isinstance(value, torch.Tensor):
            copy = value.detach().clone()
            return copy.to(self.dtype) if self.dtype is not None and copy.is_floating_point() else copy
        if isinstance(value, list | tuple):
            return type(value)(self.own(item) for item in value)
        if isinstance(value, Mapping):
            return {key: self.own(item) for key, item in value.items()}
        return value


class RemoteWorld:
    """The student's code, in a worker. Every answer is data from a process that may lie."""

    def __init__(self, worker: Worker, target: Name, beside_name: str, staged_name: str | None, seconds: float) -> None:
        self.worker = worker
        self.target = target
        self.beside = beside_name
        self.staged = staged_name
        self.seconds = seconds
        self.built: dict[int, Handle] = {}
        self.last: Reply | None = None

    def ask(self, question: Question) -> Seen:
        """What the question comes to there. Raises WorkerDied and WorkerTimedOut; an exception is an answer."""
        try:
            return self._ask(question)
        except StudentError as error:
            return Seen(raised=error.failure.kinds or ("Exception",), failure=error.failure)

    def _ask(self, question: Question) -> Seen:
        match question:
            case Call(args, kwargs, cotangents):
                return self._call(self.target, args, kwargs, cotangents)
            case OnBuilt(number, method, args, kwargs, cotangents):
                if number not in self.built:
                    return Seen(raised=("RuntimeError",), failure=NOT_BUILT)
                return self._call((self.built[number], method), args, kwargs, cotangents)
            case Twice(args, kwargs):
                return Seen(value=self._run(Name(self.beside, "twice"), (self.target, args, dict(kwargs))))
            case Build(number, args, kwargs, state):
                built = self._run(Name(self.beside, "construct"), (self.target, args, dict(kwargs)))
                if not (isinstance(built, tuple) and len(built) == 2 and isinstance(built[0], Handle)):
                    return Seen(value=built)
                self._run(Name(self.beside, "load"), (built[0], dict(state)))
                self.built[number] = built[0]
                return Seen(value=built[1])
            case Through(helper, args, kwargs):
                return Seen(value=self._run(Name(self.staged or "", helper), (self.target, *args), kwargs))

    def run(self, target: Name | tuple[Handle, str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Value:
        """A plain call, for the fixtures `student` and `staged`. Raises StudentError."""
        return self._run(target, args, kwargs)

    def _run(self, target: Name | tuple[Handle, str], args: Any, kwargs: Mapping[str, Any] | None = None) -> Value:
        sent = tree_to_wire(tuple(args)), tree_to_wire(dict(kwargs or {}))
        self.last = self.worker.call(target, *sent, seconds=self.seconds, seed=SEED)
        return self.last.value

    def _call(self, target: Name | tuple[Handle, str], args: Any, kwargs: Any, cotangents: Any) -> Seen:
        sent, named = tree_to_wire(tuple(args)), tree_to_wire(dict(kwargs))
        pulled = None if cotangents is None else tree_to_wire(list(cotangents))
        self.last = reply = self.worker.call(
            target, sent, named, seconds=self.seconds, seed=SEED, echo=True, cotangents=pulled
        )
        return Seen(
            value=reply.value,
            changed=_changed([leaf for _, leaf in leaves([list(sent), named])], reply.args),
            arguments=None if reply.arguments is None else tuple(reply.arguments),
            parameters=reply.parameters,
        )


World = LocalWorld | RemoteWorld


def _changed(before: list[Value], after: Value) -> tuple[str, ...]:
    """Which tensors among the arguments are no longer what they were."""
    now = [leaf for _, leaf in leaves(after)]
    if len(now) != len(before):
        return ("list of arguments",)
    pairs = enumerate(zip(before, now, strict=True), start=1)
    changed = [number for number, (old, new) in pairs if isinstance(old, Tensor) and not _same_bytes(old, new)]
    return tuple(f"{_ordinal(number)} argument" for number in changed)


def _same_bytes(old: Tensor, new: Value) -> bool:
    return isinstance(new, Tensor) and old.shape == new.shape and old.dtype == new.dtype and old.data == new.data


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")


def _hide(value: Any) -> Handle:
    """Something that is no data: it is only compared for being so."""
    return Handle(0)
