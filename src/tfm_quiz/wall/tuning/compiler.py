"""torch without its compiler, which a worker could not run and every optimizer would wait for.

The first step of any optimizer imports `torch._dynamo`, and with it 800 modules: as much time as torch itself takes,
and 80 MB that each fork would have to copy the page tables of. All that an optimizer wants of it is `disable` and
`graph_break`, which do nothing where nothing is compiled. So a stand-in has these two, and makes way for the real
package as soon as anything else is asked of it.
"""

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

import torch

PACKAGE = "torch._dynamo"


def leave_out() -> None:
    """Put the stand-in in its place, unless the real package is there; `torch.compile` gives its function back."""
    vars(torch).update(compile=_compile)
    if PACKAGE not in sys.modules:
        sys.modules[PACKAGE] = _StandIn(PACKAGE)
        vars(torch).update(_dynamo=sys.modules[PACKAGE])


def _compile(model: Callable[..., Any] | None = None, **_: Any) -> Callable[..., Any]:
    """The function or module itself; without one, a decorator that returns it."""
    return model if model is not None else lambda function: function


class _StandIn(types.ModuleType):
    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Callable[..., Any]:
        return _compile(fn)

    @staticmethod
    def graph_break(*_: Any, **__: Any) -> None:
        return

    def __getattr__(self, name: str) -> Any:
        # `__path__` is asked for by an import of a part of the package, other special names by whoever looks around.
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(PACKAGE) is self:
            del sys.modules[PACKAGE], torch._dynamo
        return getattr(importlib.import_module(PACKAGE), name)
