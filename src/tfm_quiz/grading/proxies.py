"""Names and objects of the student's code as a grader calls them: `student.split_heads(x, 3)`. Data comes back."""

import builtins
from typing import Any

from tfm_quiz.wall.host.reply import Failure, StudentError
from tfm_quiz.wall.wire.frames import Handle, Name
from tfm_quiz.wall.wire.tensors import tree_from_wire, tree_to_wire

from .remote import RemoteSide

# Our memory is not the student's; generators swallow the two in the middle; a group is judged by what is in it.
NOT_MIRRORED = (MemoryError, StopIteration, StopAsyncIteration, BaseExceptionGroup)


class Proxy:
    """A callable in the worker, or an object there, whose methods are callable."""

    def __init__(self, side: RemoteSide, target: Name | tuple[Handle, str]) -> None:
        self._side = side
        self._target = target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it there: data comes back, or a proxy. Raises StudentError."""
        try:
            value = self._side.run(self._target, tree_to_wire(args, _handle), tree_to_wire(kwargs, _handle))
        except StudentError as error:
            raise as_builtin(error) from None
        return _with_proxies(self._side, tree_from_wire(value))

    def __getattr__(self, method: str) -> Any:
        """Return a method of an object in the worker."""
        if isinstance(self._target, Name):
            raise AttributeError(f"only an object in the worker has methods, not {self._target.name}")
        return Proxy(self._side, (self._target[0], method))


def _handle(value: Any) -> Handle:
    if isinstance(value, Proxy) and not isinstance(value._target, Name):
        return value._target[0]
    raise TypeError(f"{type(value).__name__} cannot be sent to the student's code")


def _with_proxies(side: RemoteSide, value: Any) -> Any:
    if isinstance(value, Handle):
        return Proxy(side, (value, ""))
    if isinstance(value, list | tuple):
        return type(value)(_with_proxies(side, item) for item in value)
    return value


def as_builtin(error: StudentError) -> StudentError:
    """Return the student's exception, also as the builtin that it is, so that `pytest.raises(ValueError)` works.

    Never as one that means something to the test runner: `NOT_MIRRORED`, or what is no `Exception`.
    """
    known = (getattr(builtins, kind, None) for kind in error.failure.kinds)
    base = next((kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception)), Exception)
    if base is Exception or issubclass(base, NOT_MIRRORED):
        return error
    kind = type(f"Student{base.__name__}", (StudentError, base), {"__init__": _without_arguments})
    return kind(error.failure)


def _without_arguments(self: StudentError, failure: Failure) -> None:
    """Make a mirrored exception: some builtin ones want arguments that only the student's own had."""
    Exception.__init__(self, failure.type)
    self.failure = failure
