"""Notebooks as modules: definitions count, demonstrations do not, and a broken cell costs itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tfm_quiz.manifest import load_course
from tfm_quiz.submission.definitions import source_of_cells
from tfm_quiz.submission.entries import read_class
from tfm_quiz.submission.notebook import find_cell, read_cells

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
STUB = COURSE.stub_path("rows").read_text()
DOUBLE = "def double(x):\n    return x + x"


def notebook(*cells: str | dict, **more) -> bytes:
    made = [cell if isinstance(cell, dict) else {"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made, **more}).encode()


def source(*cells: str | dict) -> str:
    return source_of_cells(read_cells(notebook(*cells)), ["double", "Gain"], ["masks"])[0]


def loaded(text: str) -> dict:
    namespace: dict = {}
    exec(compile(text, "notebook", "exec"), namespace)
    return namespace


def read(folder: Path, **files: str | bytes):
    (folder / "student-01").mkdir(parents=True)
    for name, content in files.items():
        path = folder / "student-01" / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (submission,) = read_class(folder, COURSE)
    return submission


def test_a_notebook_is_the_module_of_its_name(tmp_path):
    submission = read(tmp_path / "class", rows_ipynb=notebook(DOUBLE))
    assert loaded(submission.modules["rows"])["double"](2) == 4
    assert submission.problems == ()


@pytest.mark.parametrize(
    "folder", ["exercises/notebooks", "exercises", "notebooks", "", "handed-in/exercises/notebooks"]
)
def test_a_notebook_is_found_in_each_place_where_it_may_lie(tmp_path, folder):
    place = tmp_path / "class" / "student-01" / folder
    place.mkdir(parents=True)
    (place / "rows.ipynb").write_bytes(notebook(DOUBLE))
    (submission,) = read_class(tmp_path / "class", COURSE)
    assert "rows" in submission.modules


def test_the_last_cell_of_an_id_counts():
    cells = [{"cell_type": "code", "id": "a", "source": f"def double(x):\n    return {n} * x"} for n in (7, 2)]
    assert loaded(source(*cells))["double"](1) == 2


def test_lines_may_be_a_list_and_markdown_is_no_code():
    cells = [
        {"cell_type": "markdown", "source": "def double(x): return 0"},
        {"cell_type": "code", "source": ["def double(x):\n", "    return x + x\n"]},
        {"cell_type": "raw", "source": "def double(x): return 0"},
    ]
    assert loaded(source(*cells))["double"](1) == 2


def test_what_only_runs_is_left_out():
    text = source(
        DOUBLE,
        "print(double(2))\nassert double(2) == 5\nfor i in range(10**9):\n    double(i)",
        "while True: pass",
        "raise SystemExit",
        "history = [double(i) for i in range(10**9)]",
        "with open('/tmp/x', 'w') as stream:\n    stream.write('x')",
        "display(double(1))",
    )
    assert text.strip() == DOUBLE


def test_what_an_answer_needs_is_kept_wherever_it_stands():
    text = source(
        "from functools import partial\nimport math, matplotlib.pyplot as plt",
        "for i in range(3):\n    print(i)",
        "SCALE = sum([i for i in (0, 2)])\nUNUSED = plt.figure()",
        "def times(factor, x):\n    return OFFSET + factor * x",
        "OFFSET = math.floor(0.5)\nx = 3; print(x)",
        "double = partial(times, SCALE)",
        "class Gain:\n    pass",
        "Gain.forward = lambda self, x: double(x)\nsetattr(Gain, 'again', 1)",
    )
    names = loaded(text)
    assert names["double"](5) == 10
    assert names["Gain"]().forward(1) == 2
    assert names["Gain"].again == 1
    assert "plt" not in text
    assert "x = 3" not in text


def test_definitions_that_need_what_the_worker_has_not_are_left_out_and_the_others_stay():
    text = source(
        "import matplotlib.pyplot as plt\nfrom ipywidgets import *\nfrom tfm_quiz.notebook import check",
        "def show(axes=plt.Axes):\n    axes.plot()",
        "@plt.style\ndef styled(): ...",
        "def draw(x):\n    plt.plot(x)",  # needs it only when called
        DOUBLE,
    )
    names = loaded(text)
    assert names["double"](1) == 2
    assert "draw" in names
    assert "show" not in names
    assert "styled" not in names


def test_imports_of_siblings_and_of_torch_are_kept():
    text = source("import torch\nfrom torch import nn\nfrom .masks import causal_mask\nfrom masks import other", DOUBLE)
    for line in ("import torch", "from torch import nn", "from .masks import causal_mask", "from masks import other"):
        assert line in text


def test_ipython_s_own_lines_vanish_but_a_remainder_on_its_own_line_does_not():
    text = source(
        "%matplotlib inline\n!pip install torch\nimport math\ndouble?",
        "%%bash\ndef double(x): rm -rf",
        "%%time\ndef double(x):\n    return (x * 7\n        % 5)",
    )
    assert loaded(text)["double"](2) == 4
    assert "math" in text


def test_a_future_import_in_a_later_cell_comes_first():
    assert source(DOUBLE, "from __future__ import annotations").startswith("from __future__ import annotations\n")


def test_a_cell_that_is_not_python_costs_itself_and_says_so(tmp_path):
    submission = read(tmp_path / "class", rows_ipynb=notebook("def row_sums(x:\n", DOUBLE))
    assert "double" in loaded(submission.modules["rows"])
    assert submission.problems == ("rows.ipynb has a cell that is not Python (cell 1), so that cell was left out.",)


def test_of_a_module_and_its_notebook_the_edited_one_counts(tmp_path):
    edited = notebook(DOUBLE)
    first = read(tmp_path / "1", rows_py=STUB, rows_ipynb=edited)
    second = read(tmp_path / "2", rows_py=DOUBLE, rows_ipynb=notebook(STUB))
    assert "x + x" in first.modules["rows"]
    assert "x + x" in second.modules["rows"]
    assert first.problems == second.problems == ()


def test_of_two_edited_ones_the_module_counts_and_it_is_said(tmp_path):
    other = DOUBLE.replace("x + x", "2 * x")
    submission = read(tmp_path / "class", rows_py=other, rows_ipynb=notebook(DOUBLE))
    assert submission.modules == {"rows": other}
    assert submission.problems == ("rows.py and rows.ipynb were both edited; rows.py counts.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a notebook"),
        (b"\xff\xfe", "is not a notebook"),
        (b"[1, 2]", "is not a notebook"),
        (b'{"cells": [' + b"[" * 200_000, "is not a notebook"),
        (
            b'{"cells": [{"cell_type": "code", "source": "x", "outputs": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]}",
            "is not",
        ),
        (b'{"worksheets": []}', "format 4"),
        (b'{"cells": ' + json.dumps([{}] * 1001).encode() + b"}", "has 1001 cells, and 1000 are allowed"),
        (notebook(*["x = 1\n" * 1000] * 50), "holds too much code"),
    ],
)
def test_what_is_no_notebook_is_told_and_not_read(tmp_path, data, words):
    submission = read(tmp_path / "class", rows_ipynb=data, gains_py="x = 1")
    assert submission.modules == {"gains": "x = 1"}
    (problem,) = submission.problems
    assert problem.startswith("rows.ipynb ")
    assert words in problem
    assert problem.endswith(", so it was not read.")


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "code", "source": 5},
        {"cell_type": "code", "source": ["x", 5]},
        {"cell_type": 7, "source": "x"},
        {"cell_type": "code", "id": ["a"], "source": "x = 1"},
        {"metadata": {"deep": []}},
        {},
    ],
)
def test_an_odd_cell_costs_itself_only(cell):
    assert loaded(source(cell, DOUBLE))["double"](1) == 2


def test_of_cells_with_one_id_the_answer_is_the_last_that_defines_something():
    cells = read_cells(
        notebook(
            {"cell_type": "code", "id": "double", "source": "def double(x):\n    return 0"},
            {"cell_type": "code", "id": "double", "source": DOUBLE},
            {"cell_type": "code", "id": "double", "source": "double(1)"},
            {"cell_type": "markdown", "id": "a-first", "source": "b"},
        )
    )
    answer, reply = find_cell(cells, "double"), find_cell(cells, "a-first")
    assert answer is not None
    assert answer.source == DOUBLE
    assert reply is not None
    assert reply.source == "b"
    assert find_cell(cells, "") is None
