"""torch without its compiler, which a worker cannot run and every optimizer would wait for.

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

from tfm_quiz.wall.worker import compile_stub

PACKAGE = "torch._dynamo"


def leave_out() -> None:
    """Replace `torch._dynamo` by a stand-in unless it is loaded, and `torch.compile` by a stub."""
    compile_stub.install()
    if PACKAGE not in sys.modules:
        sys.modules[PACKAGE] = _StandIn(PACKAGE)
        vars(torch).update(_dynamo=sys.modules[PACKAGE])


class _StandIn(types.ModuleType):
    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Callable[..., Any]:
        return compile_stub.unchanged(fn)

    @staticmethod
    def graph_break(*_: Any, **__: Any) -> None:
        return

    def __getattr__(self, name: str) -> Any:
        # An import of a submodule reads `__path__`; other special names are read by introspection.
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(PACKAGE) is self:
            del sys.modules[PACKAGE], torch._dynamo
        return getattr(importlib.import_module(PACKAGE), name)
