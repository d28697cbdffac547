"""The lessons: whole, readable as what they are, and executable from top to bottom once the answers are in."""

from __future__ import annotations

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tfm_quiz.author.lessons import lesson, lesson_notebook, lesson_path, read_module, solved, stale_lessons
from tfm_quiz.errors import CourseError
from tfm_quiz.student.workspace import make_workspace
from tfm_quiz.submission.definitions import source_of_cells
from tfm_quiz.submission.notebook import read_cells
from tfm_quiz.submission.untouched import same_as_stub

pytestmark = pytest.mark.extra

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted(path.stem for path in (ROOT / "solutions" / "lessons").glob("*.md"))
kernels = pytest.mark.skipif(
    not all(map(find_spec, ("nbclient", "ipykernel", "matplotlib"))),
    reason="nbclient, ipykernel or matplotlib is not installed (the extra `notebook`)",
)


def test_every_unit_that_teaches_has_a_lesson(course):
    assert {"positions", "attention", "masks", "layers", "models", "training", "bonus"} <= set(UNITS)
    assert set(UNITS) <= set(course.modules)


@pytest.mark.parametrize("unit_id", UNITS)
def test_a_lesson_says_where_the_paper_differs_and_shows_a_picture(unit_id):
    text = (ROOT / "solutions" / "lessons" / f"{unit_id}.md").read_text("utf-8")
    assert "plt." in text
    assert "paper" in text


@pytest.mark.parametrize("unit_id", UNITS)
def test_the_stub_in_a_lesson_is_the_stub_of_the_module(course, unit_id):
    unit = course.unit(unit_id)
    names = [exercise.name for exercise in unit.exercises]
    source, problems = source_of_cells(read_cells(lesson_notebook(course, unit).encode()), names, course.modules)
    assert not problems
    stub = course.stub_path(unit_id).read_text("utf-8")
    assert all(same_as_stub(source, stub, name) for name in names)


@pytest.mark.parametrize("unit_id", UNITS)
def test_no_solution_is_in_a_lesson(course, unit_id):
    unit = course.unit(unit_id)
    text = lesson_notebook(course, unit)
    assert "BEGIN SOLUTION" not in text
    assert text.count("raise NotImplementedError()") + text.count("# FIND THE BUG") >= len(unit.exercises)
    cells = [cell for cell in lesson(course, unit) if cell.role in ("text", "show")]
    shown = "\n".join(cell.source for cell in cells)
    for answer in read_module(course, unit).answers.values():
        inside = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", answer, re.DOTALL)
        lines = {line.strip() for part in inside for line in part.split("\n") if len(line.strip()) > 45}
        assert not [line for line in lines if line in shown]


@pytest.mark.parametrize("unit_id", UNITS)
def test_what_a_lesson_shows_is_left_out_of_the_module_that_is_graded(course, unit_id):
    """Nothing of the cells to look at runs when a notebook is graded, and no other unit is imported by them."""
    unit = course.unit(unit_id)
    names = [exercise.name for exercise in unit.exercises]
    source, _ = source_of_cells(read_cells(lesson_notebook(course, unit, solved).encode()), names, course.modules)
    imports = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
    given = {module for part in read_module(course, unit).given for module in imports.findall(part)}
    extra = set(imports.findall(source)) - given
    assert not extra & (set(course.modules) - {"masks"})
    assert "matplotlib" not in source
    assert "plt.figure" not in source


def test_the_notebooks_of_the_course_are_fresh(course):
    assert not stale_lessons(course), "tfm-quiz teach stubs refreshes them"


def test_init_writes_the_notebooks_if_asked_for_and_never_over_a_students_own(course, tmp_path):
    without = make_workspace(course, tmp_path / "without")
    assert not [name for name in without.written if name.endswith(".ipynb")]
    made = make_workspace(course, tmp_path / "with", notebooks=True)
    assert {notebook.file for notebook in course.notebooks} <= set(made.written)
    own = tmp_path / "with" / course.notebooks[0].file
    own.write_text("mine")
    again = make_workspace(course, tmp_path / "with", notebooks=True)
    assert own.read_text() == "mine"
    assert course.notebooks[0].file in again.kept


def test_the_same_source_gives_the_same_bytes(course):
    unit = course.unit("masks")
    assert lesson_notebook(course, unit) == lesson_notebook(course, unit)


def test_a_unit_without_a_lesson_has_its_exercises_in_order(tiny):
    unit = tiny.units[0]
    assert not lesson_path(tiny, unit).is_file()
    cells = json.loads(lesson_notebook(tiny, unit))["cells"]
    assert [cell["id"] for cell in cells if cell["id"] in ("double", "row_sums")] == ["double", "row_sums"]


def test_mistakes_of_a_lesson_are_all_reported_with_their_lines(tiny, tmp_path):
    import shutil

    from tfm_quiz.manifest import load_course

    root = tmp_path / "tiny"
    shutil.copytree(tiny.root, root)
    copied = load_course(root)
    path = lesson_path(copied, copied.unit("rows"))
    path.parent.mkdir()
    path.write_text("# Rows\n\n<!-- dubble -->\n\n<!-- double -->\n\n<!-- double -->\n\n```python\nx = 1\n")
    with pytest.raises(CourseError) as raised:
        lesson(copied, copied.unit("rows"))
    said = [str(fault) for fault in raised.value.faults]
    assert "solutions/lessons/rows.md:3: `dubble` is not an exercise of rows" in said
    assert "solutions/lessons/rows.md:7: `double` was placed above" in said
    assert "solutions/lessons/rows.md:9: this block of code never ends" in said
    assert any("<!-- row_sums -->" in line for line in said)


@pytest.fixture(scope="module")
def workspace(course, tmp_path_factory):
    """A student's folder with every exercise done."""
    root = tmp_path_factory.mktemp("lessons")
    folder = root / "exercises" / "notebooks"
    folder.mkdir(parents=True)
    (root / ".tfm-quiz").mkdir()
    for unit in course.units:
        text = solved(course.solution_path(unit.id).read_text("utf-8"))
        (root / "exercises" / f"{unit.id}.py").write_text(text)
    return folder


@pytest.mark.slow
@kernels
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("unit_id", UNITS)
def test_a_lesson_runs_from_top_to_bottom_with_the_answers_in(course, workspace, unit_id, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    notebook = nbformat.reads(lesson_notebook(course, course.unit(unit_id), solved), as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(workspace)}}).execute()
    pictures = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        shown = [output.data for output in cell.outputs if output.output_type == "display_data"]
        pictures += sum("image/png" in data for data in shown)
        assert not [output for output in cell.outputs if output.get("name") == "stderr"], cell.source
        if cell.id.endswith("-marks"):
            (data,) = shown
            assert "Worth knowing" in data["text/plain"], data["text/plain"]
    assert pictures
