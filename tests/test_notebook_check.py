"""`from tfm_quiz.notebook import check`: what a notebook's cells come to, and what is shown of it."""

from __future__ import annotations

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tfm_quiz import notebook
from tfm_quiz.notebook import NotRightYet, check, notebook_module, sources_for, without_superseded
from tfm_quiz.student.check import check_exercise
from tfm_quiz.student.page import page
from tfm_quiz.submission.untouched import same_as_stub

pytestmark = pytest.mark.extra

ROOT = Path(__file__).resolve().parents[1]

STUB = "def causal_mask(length, device=None):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
UPPER = "def causal_mask(length, device=None):\n    return torch.ones(1, length, length, dtype=torch.bool).triu()\n"
RIGHT = UPPER.replace("triu", "tril")
IMPORTS = "import torch\nfrom torch import Tensor"
kernels = pytest.mark.skipif(
    not all(map(find_spec, ("nbclient", "ipykernel"))), reason="nbclient or ipykernel is not installed"
)


@pytest.fixture
def mask(course):
    return course.exercise("causal_mask")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, so that no exercises are found around."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cells(monkeypatch, workers, here):
    """Make `check` believe that these cells were run, and that its process is the tests' own."""
    monkeypatch.setattr(notebook, "_workers", lambda: workers)

    def run(*sources):
        monkeypatch.setattr(notebook, "executed_cells", lambda: list(sources))

    return run


def test_the_last_run_of_a_cell_counts():
    assert without_superseded([IMPORTS, STUB, UPPER, RIGHT]) == [IMPORTS, RIGHT]
    assert without_superseded([STUB, STUB, STUB]) == [STUB]


def test_a_cell_that_still_defines_something_of_its_own_is_kept():
    both = STUB + "\ndef other():\n    return 1\n"
    assert without_superseded([both, RIGHT]) == [both, RIGHT]


def test_a_notebook_that_does_not_define_the_exercise_leaves_it_to_the_files(course, mask, here):
    assert notebook_module(course, mask, [IMPORTS, "x = 1"], set()) is None
    (here / "masks.py").write_text("# in a file\n" + RIGHT)
    sources, _ = sources_for(course, mask, [IMPORTS])
    assert sources["masks"].startswith("# in a file")


def test_an_exercise_that_is_only_imported_is_looked_up_in_the_files(course, here, right_attention):
    (here / "attention.py").write_text(right_attention)
    exercise = course.exercise("split_heads")
    sources, _ = sources_for(course, exercise, [IMPORTS, "from attention import split_heads"])
    assert sources["attention"] == right_attention


def test_running_the_stub_twice_is_no_attempt(course, mask):
    source = notebook_module(course, mask, [IMPORTS, STUB, STUB], set())
    assert source is not None
    assert same_as_stub(source, course.stub_path("masks").read_text("utf-8"), "causal_mask")


def test_an_untouched_stub_is_said_to_be_one(cells, capsys):
    cells(IMPORTS, STUB)
    check("causal_mask")
    assert "is still the stub" in capsys.readouterr().out


def test_a_mistake_is_named_with_the_picture_of_the_terminal(cells, capsys):
    cells(IMPORTS, STUB, UPPER)
    check("causal_mask")
    said = capsys.readouterr().out
    assert "Your triangle is the upper one" in said
    assert "expected" in said


def test_a_right_answer_is_told_something_worth_knowing(cells, capsys):
    cells(IMPORTS, UPPER, RIGHT)
    check("causal_mask")
    assert "Worth knowing" in capsys.readouterr().out


def test_what_only_the_kernel_remembers_is_not_there(cells, capsys):
    cells(IMPORTS, "%run helpers.py", RIGHT.replace("torch.ones(", "helper(torch.ones)("))
    check("causal_mask")
    assert "NameError" in capsys.readouterr().out


def test_an_endless_loop_does_not_hang_the_notebook(cells, capsys, monkeypatch):
    monkeypatch.setattr("tfm_quiz.student.check.SECONDS", 0.5)
    cells(IMPORTS, "def causal_mask(length, device=None):\n    while True: pass")
    check("causal_mask")
    assert "is there a loop that never ends?" in capsys.readouterr().out


def test_nothing_is_raised_but_where_nbgrader_looks_for_exceptions(cells, monkeypatch):
    cells(IMPORTS, UPPER)
    check("causal_mask")
    for mode in ("autograde", "validate"):
        monkeypatch.setenv("NBGRADER_EXECUTION", mode)
        with pytest.raises(NotRightYet, match="upper one"):
            check("causal_mask")
    cells(IMPORTS, RIGHT)
    check("causal_mask")


def test_an_instructors_source_without_solutions_validates(cells, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    source = STUB.replace("# YOUR CODE HERE", "### BEGIN SOLUTION") + "    ### END SOLUTION"
    cells(IMPORTS, source)
    check("causal_mask")
    cells(IMPORTS, STUB)
    with pytest.raises(NotRightYet):
        check("causal_mask")


def test_the_page_frames_the_wrong_places_of_a_mask(course, mask, workers):
    shown = page(check_exercise(course, mask, {"masks": f"{IMPORTS}\n{UPPER}"}, workers))
    assert shown.count("2px solid") == 20  # of 25 places, as the sentence says
    assert "20 of 25 entries are wrong" in shown
    assert "Your triangle is the upper one" in shown


def test_a_page_escapes_what_the_students_code_says(course, mask, workers):
    body = "print('<img src=x>')\n    raise ValueError('<script>alert(1)</script>')"
    nasty = f"def causal_mask(length, device=None):\n    {body}"
    shown = page(check_exercise(course, mask, {"masks": f"{IMPORTS}\n{nasty}"}, workers))
    assert "<script>" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.slow
@kernels
@pytest.mark.filterwarnings("ignore")
def test_in_a_kernel_a_check_takes_a_fifth_of_a_second_once_torch_is_there(tmp_path, monkeypatch, right_attention):
    import nbformat
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    (tmp_path / "attention.py").write_text(right_attention)
    timed = "import time\nstarted = time.perf_counter()\ncheck('causal_mask')\nprint(time.perf_counter() - started)"
    sources = [
        "from tfm_quiz.notebook import check\n" + IMPORTS,
        "from attention import split_heads\nprint(split_heads(torch.ones(2, 3, 4), 2).shape)",
        STUB,
        "check('causal_mask')",
        UPPER,
        *[timed] * 5,
        "check('split_heads')",
    ]
    document = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(document, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    nbformat.validate(document)
    said = [json.dumps(cell.outputs) for cell in document.cells]
    assert "torch.Size([4, 3, 2])" in said[1]
    assert "is still the stub" in said[3]
    assert "text/html" in said[5]
    assert "Your triangle is the upper one" in said[5]
    seconds = sorted(float(re.findall(r"(\d+\.\d+)\\n", output)[-1]) for output in said[5:10])
    load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert seconds[2] <= 0.2 * load, seconds
    assert "Worth knowing" in said[10]  # found in the file beside the notebook


@pytest.fixture
def right_attention(course):
    from tfm_quiz.author.lessons import solved

    return solved(course.solution_path("attention").read_text("utf-8"))
