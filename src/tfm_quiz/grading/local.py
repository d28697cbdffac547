"""The trusted side: the reference or a variant answers a question, in this process."""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import torch

from tfm_quiz.wall.host.reply import Failure
from tfm_quiz.wall.wire import tensors
from tfm_quiz.wall.wire.frames import Handle
from tfm_quiz.wall.wire.tensors import tree_to_wire
from tfm_quiz.wall.worker.failure import describe as describe_failure
from tfm_quiz.wall.worker.gradients import differentiate

from . import beside
from .attempt import KnownQuestion
from .observation import NOT_BUILT, Observation, changed_arguments
from .questions import SEED, Build, Call, OnBuilt, Question, Through, Twice


class LocalSide:
    """The reference, or a variant, called in this process. `dtype` casts floating inputs and weights (float64)."""

    def __init__(self, target: Callable[..., Any], staged: ModuleType | None, dtype: torch.dtype | None = None) -> None:
        self.target = target
        self.staged = staged
        self.dtype = dtype
        self.built: dict[int, Any] = {}

    def answers(self, questions: Sequence[KnownQuestion]) -> Iterator[Observation]:
        """Return the answer to each question, in order."""
        return (self.ask(known.question) for known in questions)

    def ask(self, question: Question) -> Observation:
        """Answer a question here. Exceptions of the target are part of the answer."""
        torch.default_generator.manual_seed(SEED)  # torch.manual_seed also queues a call for every absent accelerator
        try:
            with warnings.catch_warnings():  # warnings turned into errors are not meant for the reference's
                warnings.simplefilter("ignore")
                return self._ask(question)
        except Exception as error:  # whatever it is, it is compared by type
            described = describe_failure(error)
            failure = Failure(described["type"], tuple(described["kinds"]), described["message"], (), ())
            return Observation(raised=failure.kinds, failure=failure)

    def _ask(self, question: Question) -> Observation:
        match question:
            case Call(args, kwargs, cotangents):
                return self._call(self.target, args, kwargs, cotangents)
            case OnBuilt(number, method, args, kwargs, cotangents):
                module = self.built.get(number)
                if module is None:
                    return NOT_BUILT
                function = getattr(module, method) if method else module
                return self._call(function, args, kwargs, cotangents, owner=module)
            case Twice(args, kwargs):
                result = beside.twice(self.target, self.own(args), self.own(kwargs))
                return Observation(value=tree_to_wire(result, _hide))
            case Build(number, args, kwargs, state):
                module, description = beside.construct(self.target, args, kwargs)
                if self.dtype is not None:
                    module.to(self.dtype)
                with contextlib.suppress(
                    Exception
                ):  # of another structure: then that is the answer, and it stays unbuilt
                    beside.load(module, state)
                    self.built[number] = module
                return Observation(value=tree_to_wire(description))
            case Through(helper, args, kwargs):
                result = getattr(self.staged, helper)(self.target, *self.own(args), **self.own(kwargs))
                return Observation(value=tree_to_wire(result, _hide))

    def _call(self, function: Any, args: Any, kwargs: Any, cotangents: Any, owner: Any = None) -> Observation:
        own_args, own_kwargs = self.own(args), self.own(kwargs)
        before = tree_to_wire([own_args, own_kwargs], _hide)
        if cotangents is None:
            result, pulled = function(*own_args, **own_kwargs), {}
        else:
            result, pulled = differentiate(function, own_args, own_kwargs, self.own(cotangents), owner)
        gradients = tree_to_wire(pulled)
        return Observation(
            value=tree_to_wire(result, _hide),
            changed=changed_arguments(tensors.changed(before, [own_args, own_kwargs]), before),
            arguments=tuple(gradients["arguments"]) if gradients else None,
            parameters=gradients.get("parameters"),
        )

    def own(self, value: Any) -> Any:
        """Return a copy that may be changed, strides kept, cast where this side casts."""
        if isinstance(value, torch.Tensor):
            copy = value.detach().clone()
            return copy.to(self.dtype) if self.dtype is not None and copy.is_floating_point() else copy
        if isinstance(value, list | tuple):
            return type(value)(self.own(item) for item in value)
        if isinstance(value, Mapping):
            return {key: self.own(item) for key, item in value.items()}
        return value


def _hide(value: Any) -> Handle:
    """Something that is no data: it is only compared for being so."""
    return Handle(0)


def as_data(question: Question) -> Question:
    """Return the same question with its tensors as data of the wire."""
    fields = {"args": tree_to_wire(tuple(question.args)), "kwargs": tree_to_wire(dict(question.kwargs))}
    if isinstance(question, Build):
        fields["state"] = tree_to_wire(dict(question.state))
    elif isinstance(question, Call | OnBuilt) and question.cotangents is not None:
        fields["cotangents"] = tree_to_wire(tuple(question.cotangents))
    return replace(question, **fields)
