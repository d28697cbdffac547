"""Import the submission's modules from text, under the package name `exercises`.

`from .masks import causal_mask`, `from exercises.masks import ...` and `import masks` all find the same module. The
finder stands last on `sys.meta_path`, so a submission cannot replace torch or the standard library by a file of its
own. The text is known to `linecache`: a traceback shows the student's lines, and no file is needed.
"""

import functools
import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
import types
from collections.abc import Mapping, Sequence

PACKAGE = "exercises"


def install(sources: Mapping[str, str]) -> None:
    """Make the modules of a submission importable. Nothing runs before it is imported."""
    for name, text in sources.items():
        linecache.cache[file_of(name)] = (lambda text=text: text,)  # cut into lines when somebody asks for one
    sys.meta_path.append(_Finder(dict(sources)))


def file_of(module: str) -> str:
    """Return the file name that tracebacks show for a module of the submission."""
    return f"{PACKAGE}/{module}.py"


def load(module: str) -> types.ModuleType:
    """Import a module of the submission; it runs on first use. Raises whatever its top level raises."""
    return importlib.import_module(f"{PACKAGE}.{module}")


def run_helper(name: str, text: str) -> types.ModuleType:
    """Run a helper of ours in a new module, and return the module."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compiled_helper(text), module.__dict__)  # noqa: S102 - our own text, beside the submission
    return module


@functools.cache
def compiled_helper(text: str) -> types.CodeType:
    """Compile a helper of ours. Where workers are forked, this happens once before the fork."""
    return compile(text, "<helper>", "exec", dont_inherit=True)


class _Finder:
    """Finds the package, its modules, and their bare names."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, module = fullname.rpartition(".")
        if fullname == PACKAGE:
            return importlib.machinery.ModuleSpec(fullname, _Loader(""), is_package=True)
        if package == PACKAGE and module in self.sources:
            file = file_of(module)
            spec = importlib.machinery.ModuleSpec(fullname, _Loader(self.sources[module]), origin=file)
            spec.has_location = True
            return spec
        if not package and module in self.sources:
            return importlib.machinery.ModuleSpec(fullname, _Alias())
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, text: str) -> None:
        self.text = text

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        code = compile(self.text, getattr(module, "__file__", None) or PACKAGE, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the one place where a submission is executed


class _Alias(importlib.abc.Loader):
    """Gives a bare name the module that the package already has, so that nothing runs twice."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = importlib.import_module(f"{PACKAGE}.{spec.name}")
        self.spec = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self.spec  # the import system has just put the bare name's there
