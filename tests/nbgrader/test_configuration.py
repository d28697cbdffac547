"""What nbgrader loads is what counts: whichever file says it, a course that would run students' code is refused."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tfm_quiz.errors import CouldNotCheck

pytestmark = [
    pytest.mark.extra,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, and SQLAlchemy's of it
]

STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "nlp"\n'


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder of Jupyter's configuration in somebody's home; empty."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(home))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(home))
    return home


@pytest.fixture
def folder(tmp_path, home):
    """A course folder whose configuration is nbgrader's own, adopted."""
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(STOCK)
    adopt(folder)
    return folder


def adopt(folder: Path) -> Path | None:
    from tfm_quiz.teach.nbgrader import adopt as adopting

    return adopting.carry_out(adopting.plan(folder))


def refusal(folder: Path) -> str:
    from tfm_quiz.teach.nbgrader.configuration import require_sandbox

    with pytest.raises(CouldNotCheck) as raised:
        require_sandbox(folder)
    assert not raised.value.where or str(folder) in raised.value.where or "home" in raised.value.where
    return f"{raised.value}\n{raised.value.next_step}"


def add(folder: Path, *lines: str) -> None:
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("".join(f"{line}\n" for line in lines))


def test_a_stock_course_is_refused_with_the_lines_that_it_needs(tmp_path, home):
    (tmp_path / "nbgrader_config.py").write_text(STOCK)
    said = refusal(tmp_path)
    assert "holds nbgrader.preprocessors.execute.Execute, which runs student code in a kernel" in said
    assert 'c.Autograde.exporter_class = "tfm_quiz.teach.nbgrader.incoming.AnyNotebook"' in said
    assert '"tfm_quiz.teach.nbgrader.sandbox.SandboxGrade"' in said
    assert f"tfm-quiz teach nbgrader adopt {tmp_path}" in said


def test_the_lines_of_the_refusal_are_enough(tmp_path, home):
    from tfm_quiz.teach.nbgrader.configuration import require_sandbox

    (tmp_path / "nbgrader_config.py").write_text(STOCK)
    lines = refusal(tmp_path).partition("nbgrader_config.py:\n\n")[2].rpartition("\n\n")[0]
    add(tmp_path, lines)
    require_sandbox(tmp_path)


def test_a_course_by_init_holds(course, tmp_path, home):
    from tfm_quiz.teach.nbgrader.configuration import require_sandbox
    from tfm_quiz.teach.nbgrader.folder import init

    init(course, tmp_path / "class")
    require_sandbox(tmp_path / "class")


def test_lines_in_the_home_folder_are_as_good_as_lines_in_the_course(tmp_path, folder, home):
    from tfm_quiz.teach.nbgrader.configuration import require_sandbox

    shutil.move(folder / "nbgrader_config.py", home)
    (folder / "nbgrader_config.py").write_text(STOCK)
    require_sandbox(folder)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["c.Autograde.autograde_preprocessors.insert(1, 'nbgrader.preprocessors.Execute')"], "runs student code"),
        (["c.Autograde.autograde_preprocessors.append('nbconvert.preprocessors.ExecutePreprocessor')"], "runs student"),
        (["c.Autograde.sanitize_preprocessors.append('nbgrader.preprocessors.Execute')"], "runs student code"),
        (["c.Autograde.sanitize_preprocessors.pop(0)"], "does not begin with tfm_quiz.teach.nbgrader.graft"),
        (["c.Autograde.autograde_preprocessors.pop(0)"], "does not begin with tfm_quiz.teach.nbgrader.sandbox"),
        (["c.Autograde.autograde_preprocessors.reverse()"], "does not begin with"),
        (["c.Autograde.sanitize_preprocessors.remove('nbgrader.preprocessors.OverwriteCells')"], "OverwriteCells"),
        (["c.Autograde.autograde_preprocessors = []"], "does not begin with"),
        (["c.Autograde.autograde_preprocessors = ['no.such.Class']"], "cannot be loaded"),
        (["c.OverwriteCells.enabled = False"], "switched off (OverwriteCells.enabled)"),
        (["c.Autograde.exporter_class = 'nbconvert.exporters.NotebookExporter'"], "exporter_class"),
        (["c.NbGrader.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']"], "runs student code"),
        (["import no_such_module"], "runs student code"),  # nbgrader logs it, and goes on without the file
    ],
)
def test_whatever_takes_a_part_away_or_runs_code_is_refused(folder, lines, said):
    add(folder, *lines)
    assert said in refusal(folder)


def test_a_json_file_that_wins_over_the_python_file_is_refused(folder):
    said = {"Autograde": {"autograde_preprocessors": ["nbgrader.preprocessors.Execute"]}}
    (folder / "nbgrader_config.json").write_text(json.dumps(said))
    assert "runs student code" in refusal(folder)


def test_a_home_folder_that_wins_is_refused(folder, home):
    said = "c = get_config()\nc.NbGrader.Autograde.sanitize_preprocessors = ['nbgrader.preprocessors.Execute']\n"
    (home / "nbgrader_config.py").write_text(said)
    assert "runs student code" in refusal(folder)


def test_a_home_folder_that_leads_to_another_course_is_refused(folder, home, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (home / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.root = {str(other)!r}\n")
    assert f"work on another course folder, {other}" in refusal(folder)


def test_our_parts_cannot_be_switched_off(folder):
    from tfm_quiz.teach.nbgrader.configuration import require_sandbox

    add(folder, "c.SandboxGrade.enabled = False", "c.GraftOntoRelease.enabled = False")
    require_sandbox(folder)


def test_adopting_twice_changes_nothing_more(folder):
    text = (folder / "nbgrader_config.py").read_text()
    assert text.startswith(STOCK)
    assert adopt(folder) is None
    assert (folder / "nbgrader_config.py").read_text() == text
    assert [path.name for path in folder.glob("*.before-adopt*")] == ["nbgrader_config.py.before-adopt"]
    assert (folder / "nbgrader_config.py.before-adopt").read_text() == STOCK


def test_adopting_keeps_what_else_is_set_and_says_what_it_replaces(tmp_path, home):
    from tfm_quiz.teach.nbgrader import adopt as adopting
    from tfm_quiz.teach.nbgrader.configuration import load

    own = "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']\nc.ClearSolutions.code_stub = {}\n"
    (tmp_path / "nbgrader_config.py").write_text(STOCK + own)
    adoption = adopting.plan(tmp_path)
    assert adoption.replaced == ("c.Autograde.autograde_preprocessors",)
    assert "+c.Autograde.exporter_class" in adoption.diff
    adopting.carry_out(adoption)
    assert load(tmp_path).config.ClearSolutions.code_stub == {}
    assert load(tmp_path).coursedir.course_id == "nlp"


def test_adopting_again_moves_the_lines_to_the_end_where_they_win(folder):
    from tfm_quiz.teach.nbgrader.configuration import require_sandbox

    add(folder, "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']")
    adopt(folder)
    require_sandbox(folder)
    text = (folder / "nbgrader_config.py").read_text()
    assert text.count("# BEGIN tfm-quiz") == text.count("# END tfm-quiz") == 1


def test_adopting_is_refused_and_undone_where_another_file_wins(tmp_path, home):
    (tmp_path / "nbgrader_config.py").write_text(STOCK)
    said = {"Autograde": {"autograde_preprocessors": ["nbgrader.preprocessors.Execute"]}}
    (tmp_path / "nbgrader_config.json").write_text(json.dumps(said))
    with pytest.raises(CouldNotCheck, match="sets these options and wins") as raised:
        adopt(tmp_path)
    assert "nbgrader_config.json" in (raised.value.where or "")
    assert (tmp_path / "nbgrader_config.py").read_text() == STOCK
    assert not list(tmp_path.glob("*.before-adopt*"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("time_factor", value)
            for value in ("float('nan')", "float('inf')", "-1.0", "0", "0.01", "1000.0", "'fast'")
        ),
        ("require", "'strongest'"),
        ("course", "7"),
        ("labs", "'no'"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_a_sentence(folder, name, value):
    from tfm_quiz.teach.nbgrader.configuration import load
    from tfm_quiz.teach.nbgrader.parts import make_desk

    add(folder, f"c.Grading.{name} = {value}")
    app = load(folder)
    with pytest.raises(CouldNotCheck, match=f"nbgrader_config.py has a value that cannot be: .*{name}"):
        make_desk(app, app.coursedir, "week1")


def test_a_time_factor_in_the_range_is_taken(folder):
    from tfm_quiz.teach.nbgrader.configuration import load
    from tfm_quiz.teach.nbgrader.parts import Grading

    add(folder, "c.Grading.time_factor = 2")
    assert Grading(parent=load(folder)).time_factor == 2.0
