"""An exception of the student's code as data: hostile text to the side that reads it."""

import builtins
import linecache
import traceback
from types import TracebackType
from typing import Any

import torch

from .modules import PACKAGE

MAX_MESSAGE = 2000
MAX_NAME = 100
MAX_FRAMES = 20


def describe(error: BaseException) -> dict[str, Any]:
    """Return the reply for a call that raised.

    `kinds` are the builtin and torch classes among its ancestors, nearest first; `pytest.raises(ValueError)` is decided
    by them. `frames` are those in the submission's own files, outermost first. `shapes` names the tensors on the last
    one's line.
    """
    kinds = [kind.__name__ for kind in type(error).__mro__ if _is_known(kind)]
    frames = [] if error.__traceback__ is None else _frames(error.__traceback__)
    if isinstance(error, SyntaxError) and str(error.filename).startswith(f"{PACKAGE}/"):
        line = error.lineno or 0
        frames.append(
            {"file": str(error.filename), "line": line, "function": "", "text": str(error.text or "").strip()[:200]}
        )
    return {
        "status": "error",
        "type": type(error).__name__[:MAX_NAME],
        "kinds": kinds[:10],
        "message": _message(error),
        "frames": frames[-MAX_FRAMES:],
        "shapes": _shapes(error.__traceback__),
    }


def _is_known(kind: type) -> bool:
    module = str(kind.__module__)
    return kind is getattr(builtins, kind.__name__, None) or (module.split(".")[0] == "torch" and _of_torch(kind))


def _of_torch(kind: type) -> bool:
    return kind in vars(torch).values()


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MAX_MESSAGE]
    except Exception:  # a __str__ of the student's own; one that loops runs into the deadline
        return "(its message cannot be shown: __str__ raises)"


def _frames(trace: TracebackType) -> list[dict[str, Any]]:
    found = []
    for frame, line in traceback.walk_tb(trace):
        file = frame.f_code.co_filename
        if file.startswith(f"{PACKAGE}/"):
            text = linecache.getline(file, line).strip()[:200]
            found.append({"file": file, "line": line, "function": frame.f_code.co_name[:MAX_NAME], "text": text})
    return found


def _shapes(trace: TracebackType | None) -> list[list[str]]:
    """Return name, shape and dtype of the tensors that the student's last line names."""
    last = None
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename.startswith(f"{PACKAGE}/"):
            last = frame, line
    if last is None:
        return []
    frame, line = last
    text = linecache.getline(frame.f_code.co_filename, line)
    local = [
        (name, value) for name, value in frame.f_locals.items() if type(value) in (torch.Tensor, torch.nn.Parameter)
    ]
    named = [(name, value) for name, value in local if name in text]
    return [[name[:40], str(tuple(t.shape)), str(t.dtype).removeprefix("torch.")] for name, t in named[:6]]
