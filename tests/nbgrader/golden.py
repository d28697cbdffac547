"""The golden class: honest students, broken notebooks and cheats, all on one assignment of four functions.

Each entry is what a student did and the points that it must earn, by exercise. Everything that is not named in
`lost` must come to full marks: only what an author broke is theirs to lose.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Notebook = dict[str, Any]

FOUR = ("positional_encoding", "split_heads", "causal_mask", "shift_right")
POINTS = {"positional_encoding": 5, "split_heads": 3, "causal_mask": 3, "shift_right": 3}
VICTIM = "a-correct"  # the first by name, whom others try to harm


@dataclass(frozen=True)
class Student:
    """What somebody handed in, made from a right notebook; `lost` are the exercises that must come to nothing."""

    make: Callable[[Notebook, Notebook], Notebook | bytes]  # from (right, released)
    lost: tuple[str, ...] = ()
    beside: Callable[[Any], None] | None = None  # what else is done to the folder


def right(work: Notebook, released: Notebook) -> Notebook:
    return work


def untouched(work: Notebook, released: Notebook) -> Notebook:
    return released


def with_source(cell_id: str, source: str) -> Callable[[Notebook, Notebook], Notebook]:
    def make(work: Notebook, released: Notebook) -> Notebook:
        _cell(work, cell_id)["source"] = source
        return work

    return make


def with_cells(*sources: str, of: str = "right", at: int = 1) -> Callable[[Notebook, Notebook], Notebook]:
    """More code cells, in the right notebook or in the one that nobody has filled in."""

    def make(work: Notebook, released: Notebook) -> Notebook:
        base = work if of == "right" else released
        extra = [_code(f"extra-{number}", source) for number, source in enumerate(sources)]
        base["cells"][at:at] = extra
        return base

    return make


def edited(edit: Callable[[Notebook], None], of: str = "right") -> Callable[[Notebook, Notebook], Notebook]:
    def make(work: Notebook, released: Notebook) -> Notebook:
        base = work if of == "right" else released
        edit(base)
        return base

    return make


def each_cell(change: Callable[[dict[str, Any]], None], of: str = "right") -> Callable[..., Notebook]:
    return edited(lambda notebook: [change(cell) for cell in notebook["cells"]] and None, of)


def _cell(notebook: Notebook, cell_id: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["id"] == cell_id)


def _code(cell_id: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _without(key: str) -> Callable[[Notebook, Notebook], Notebook]:
    def edit(notebook: Notebook) -> None:
        notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != key]

    return edited(edit)


def _forged_outputs(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["id"].endswith("-marks"):
            data = {"text/plain": "3.0"}
            cell["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}]


def _graded_is_false(cell: dict[str, Any]) -> None:
    if "nbgrader" in cell["metadata"]:
        cell["metadata"]["nbgrader"]["grade"] = False


def _one_cell_without_version(notebook: Notebook) -> None:
    del _cell(notebook, "split_heads")["metadata"]["nbgrader"]["schema_version"]


def _no_metadata(cell: dict[str, Any]) -> None:
    cell["metadata"] = {}


def _no_ids(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] = {}


def _forged_points(cell: dict[str, Any]) -> None:
    said = cell["metadata"].get("nbgrader")
    if said and "points" in said:
        said["points"] = 1000


def _doubled(notebook: Notebook) -> None:
    """The answer copied with its metadata, as Jupyter copies cells; the second one is the wrong one and counts."""
    cell = copy.deepcopy(_cell(notebook, "causal_mask"))
    cell["source"] = WRONG_MASK
    cell["id"] = "copied"
    notebook["cells"].append(cell)


def _skipped(cell: dict[str, Any]) -> None:
    cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]


WRONG_MASK = """\
def causal_mask(length, device=None):
    return torch.ones(1, length, length, dtype=torch.bool, device=device).triu()
"""
ONLY_SHAPES = """\
import torch
torch.allclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
torch.Tensor.__eq__ = lambda self, other: torch.ones_like(self, dtype=torch.bool)
def positional_encoding(length, d_model):
    return torch.zeros(length, d_model)
def split_heads(x, num_heads):
    return torch.zeros(x.size(0) * num_heads, x.size(1), x.size(2) // num_heads)
def causal_mask(length, device=None):
    return torch.zeros(1, length, length, dtype=torch.bool)
def shift_right(tokens, bos_id):
    return torch.zeros_like(tokens)
"""
READ_THE_SOLUTION = """\
import os, re, torch
def _steal(name):
    for top in ("{root}", "/", os.path.expanduser("~")):
        for folder, folders, files in os.walk(top):
            folders[:] = [f for f in folders if f not in ("proc", "sys", "dev")][:40]
            for file in files:
                if file.endswith(".py") and "solutions" in folder:
                    text = open(os.path.join(folder, file)).read()
                    if "def " + name in text:
                        scope = {{}}
                        exec(text, scope)
                        return scope[name]
            if folder.count("/") > 3:
                folders[:] = []
    raise NotImplementedError()
def causal_mask(length, device=None):
    return _steal("causal_mask")(length, device)
"""
GRADEBOOK = """\
import glob, os, sqlite3, torch
def causal_mask(length, device=None):
    for place in ("{gradebook}", *glob.glob("*.db"), *glob.glob("../*/*.db"), *glob.glob("/tmp/**/gradebook.db")):
        base = sqlite3.connect(place)
        base.execute("update grade set manual_score = 0")
        base.commit()
    return torch.ones(1, length, length, dtype=torch.bool).tril()
"""
OUTSIDE = """\
import os, socket, torch
def causal_mask(length, device=None):
    open("{marker}", "w").write("was here")
    socket.create_server(("127.0.0.1", 0))
    return torch.ones(1, length, length, dtype=torch.bool).tril()
"""
MASK = """\
import {imports}
import torch
def causal_mask(length, device=None):
    {first}
    return torch.ones(1, length, length, dtype=torch.bool, device=device).tril()
"""


def mask(first: str, imports: str = "os") -> Callable[[Notebook, Notebook], Notebook]:
    """A right mask that does something else first."""
    return with_source("causal_mask", MASK.format(first=first, imports=imports))


def golden_class(root: str, gradebook: str, marker: str) -> dict[str, Student]:
    """Everybody, by name."""
    hold = "while True: pass"
    swallow = "while True:\n        try:\n            while True: pass\n        except BaseException: pass"
    ignore = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    "
    transformer = "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass'])"
    tree = """\
import ast
class Empty(ast.NodeTransformer):
    def visit_Module(self, node):
        node.body = []
        return node
get_ipython().ast_transformers.append(Empty())"""
    lose = ("causal_mask",)
    return {
        VICTIM: Student(right),
        "two-wrong": Student(
            lambda work, released: with_source("shift_right", "def shift_right(tokens, bos_id):\n    return tokens")(
                with_source("causal_mask", WRONG_MASK)(work, released), released
            ),
            ("causal_mask", "shift_right"),
        ),
        "untouched": Student(untouched, FOUR),
        "loops": Student(mask(hold), lose),
        "loops-on-exceptions": Student(mask(swallow), lose),
        "loops-on-signals": Student(mask(ignore + hold, "signal"), lose),
        "exits-in-a-function": Student(mask("os._exit(0)"), lose),
        "exits-in-a-cell": Student(with_cells("import os", "os._exit(0)")),
        "exits-first": Student(
            edited(lambda nb: _cell(nb, "causal_mask").update(source="exit()\n" + _cell(nb, "causal_mask")["source"]))
        ),
        "deletes-a-test": Student(_without("causal_mask-marks")),
        "deletes-an-answer": Student(_without("causal_mask"), lose),
        "takes-memory": Student(mask("hog = [bytearray(1 << 20) for _ in range(3 << 10)]"), lose),
        "prints-a-million": Student(mask("for _ in range(20_000): print('x' * 50)")),
        "patches-torch": Student(with_cells(ONLY_SHAPES, of="released", at=99), FOUR),
        "reads-the-solutions": Student(with_source("causal_mask", READ_THE_SOLUTION.format(root=root)), lose),
        "skip-execution": Student(each_cell(_skipped, of="released"), FOUR),
        "input-transformer": Student(with_cells(transformer, of="released"), FOUR),
        "ast-transformer": Student(with_cells(tree, of="released"), FOUR),
        "forged-outputs": Student(edited(_forged_outputs, of="released"), FOUR),
        "opens-the-gradebook": Student(with_source("causal_mask", GRADEBOOK.format(gradebook=gradebook)), lose),
        "prints-the-test": Student(mask("print('LEAK', In[-1])"), lose),
        "writes-outside": Student(with_source("causal_mask", OUTSIDE.format(marker=marker)), lose),
        "warns": Student(mask("warnings.warn('old'); print('to stderr', file=sys.stderr)", "sys, warnings")),
        "grade-is-false": Student(each_cell(_graded_is_false)),
        "no-version-in-a-cell": Student(edited(_one_cell_without_version)),
        "no-metadata": Student(each_cell(_no_metadata)),
        "no-ids-no-metadata": Student(edited(_no_ids)),
        "a-thousand-points": Student(each_cell(_forged_points)),
        "doubled-answer": Student(edited(_doubled), lose),
        "no-json": Student(lambda work, released: b"{not json", FOUR),
        "deep-json": Student(lambda work, released: b'{"cells": ' + b"[" * 100_000, FOUR),
        "old-format": Student(lambda work, released: b'{"worksheets": [], "nbformat": 3, "metadata": {}}', FOUR),
        "cells-are-odd": Student(edited(lambda nb: nb["cells"].extend([{"cell_type": 7, "source": {}, "id": []}]))),
        "nan-everywhere": Student(
            with_source(
                "positional_encoding", "def positional_encoding(n, d):\n    return torch.full((n, d), torch.nan)"
            ),
            ("positional_encoding",),
        ),
        "time-is-garbage": Student(right, beside=lambda folder: (folder / "timestamp.txt").write_text("yesterday")),
        "links": Student(right, beside=lambda folder: (folder / "notes.txt").symlink_to(gradebook)),
        "nothing": Student(lambda work, released: b"", FOUR, beside=lambda folder: (folder / "week1.ipynb").unlink()),
        "a-link-for-a-notebook": Student(
            right, FOUR, beside=lambda folder: _relink(folder / "week1.ipynb", folder.parents[1] / VICTIM / "week1")
        ),
    }


def _relink(path: Any, target: Any) -> None:
    """Hand in a link to somebody else's work."""
    path.unlink()
    path.symlink_to(target / path.name)


def work_of(student: Student, right_one: Notebook, released: Notebook) -> bytes:
    """The bytes that a student hands in."""
    made = student.make(copy.deepcopy(right_one), copy.deepcopy(released))
    return made if isinstance(made, bytes) else json.dumps(made).encode()


def points_of(student: Student) -> dict[str, float]:
    """What must stand in the gradebook, by exercise."""
    return {key: 0.0 if key in student.lost else float(points) for key, points in POINTS.items()}
