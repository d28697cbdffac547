"""Plotting packages that draw nothing.

Notebooks begin with `import matplotlib.pyplot as plt`, and that line must not cost a module its marks. matplotlib may
not be installed where work is graded. Where it is, its import asks for threads and a folder to write to, which a worker
is refused. So a stub takes its place, installed or not: what is imported from it can be called, indexed and iterated
over, and draws nothing.
"""

import importlib.abc
import importlib.machinery
import types
from collections.abc import Collection, Iterator, Sequence
from typing import Any

PACKAGES = ("matplotlib", "mpl_toolkits", "seaborn", "plotly", "IPython")


def finder(own: Collection[str]) -> "_Finder":
    """Return the finder to put first on `sys.meta_path`. It leaves names of a submission's `own` modules alone."""
    return _Finder(tuple(name for name in PACKAGES if name not in own))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the plotting packages, and every module that is imported from them."""

    def __init__(self, packages: Collection[str]) -> None:
        self.packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in self.packages:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(), is_package=True)


class _Loader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass  # there is nothing to run


class _Module(types.ModuleType):
    __version__ = "0"  # notebooks print it

    def __getattr__(self, name: str) -> Any:
        if _is_special(name):  # the import system asks for some, to find out what a module lacks
            raise AttributeError(name)
        return _subplots if name == "subplots" else Nothing()


class Nothing:
    """The result of a plotting call: every attribute, call and item of it is a Nothing again.

    Its length is that of its first axis: 0, unless it stands for the axes of `plt.subplots(2, 3)`.
    """

    def __init__(self, *shape: int) -> None:
        self._shape = shape

    def __getattr__(self, name: str) -> Any:
        if _is_special(name):  # copy, pickle and numpy ask for some, and would believe the answer
            raise AttributeError(name)
        return _subplots if name == "subplots" else Nothing()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a Nothing, or, used as a decorator, the function."""
        decorates = len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType)
        return args[0] if decorates else Nothing()

    def __getitem__(self, item: Any) -> "Nothing":
        return Nothing()

    def __setitem__(self, item: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator["Nothing"]:
        return iter([Nothing(*self._shape[1:]) for _ in range(len(self))])

    def __len__(self) -> int:
        return self._shape[0] if self._shape else 0

    def __enter__(self) -> "Nothing":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (Nothing,)  # `class Mine(Formatter)` is a class like any other


def _subplots(nrows: int = 1, ncols: int = 1, **_: Any) -> tuple[Nothing, Nothing]:
    """Return a figure and its axes, which people unpack: (), (n,) or (nrows, ncols) of them."""
    return Nothing(), Nothing(*(int(n) for n in (nrows, ncols) if n != 1))


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
