"""A student's folder: made without harm, found from anywhere in it, and what it remembers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tfm_quiz.cli import main
from tfm_quiz.errors import CourseError, NoWorkspace, UsageProblem
from tfm_quiz.manifest import load_course
from tfm_quiz.student import workspace
from tfm_quiz.student.progress import LastCheck, Progress, read_progress, remember_checks, remember_hint
from tfm_quiz.student.workspace import Workspace, count_questions, find_workspace, make_workspace

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(COURSE.root))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# --- init -----------------------------------------------------------------------------------------------------------


def test_init_copies_what_students_get_and_nothing_else(run, tmp_path):
    result = run("init")
    assert result.exit_code == 0
    assert lines(result.output) == ["Wrote tiny/: 4 exercises, 1 question.", "cd tiny", "tfm-quiz"]
    made = sorted(path.relative_to(tmp_path / "tiny").as_posix() for path in (tmp_path / "tiny").rglob("*"))
    assert made == [".tfm-quiz", "exercises", "exercises/__init__.py", "exercises/gains.py", "exercises/rows.py"]
    assert (tmp_path / "tiny/exercises/rows.py").read_bytes() == COURSE.stub_path("rows").read_bytes()


def test_init_never_touches_what_is_there_and_adds_what_is_missing(run, tmp_path):
    run("init", "mine")
    mine = tmp_path / "mine" / "exercises"
    (mine / "rows.py").write_text("my work")
    (mine / "gains.py").unlink()
    result = run("init", "mine")
    assert result.exit_code == 0
    assert "2 files were there already and stay as they are." in result.output
    assert (mine / "rows.py").read_text() == "my work"
    assert (mine / "gains.py").is_file()


def test_init_inside_of_a_course_folder_adds_to_it_wherever_one_stands_in_it(run, tmp_path, monkeypatch):
    run("init", "mine")
    (tmp_path / "mine" / "exercises" / "gains.py").unlink()
    monkeypatch.chdir(tmp_path / "mine" / "exercises")
    result = run("init")
    assert result.exit_code == 0
    assert (tmp_path / "mine" / "exercises" / "gains.py").is_file()
    assert not list((tmp_path / "mine").rglob("tiny"))


def test_a_module_that_was_deleted_is_told_with_the_command_that_puts_it_back(run, tmp_path):
    run("init", ".")
    (tmp_path / "exercises" / "rows.py").unlink()
    result = run("check", "double")
    assert "exercises/rows.py is not here. tfm-quiz init . puts it back." in result.output


def test_init_into_a_file_or_the_course_itself_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageProblem, match="is a file"):
        make_workspace(COURSE, tmp_path / "file")
    with pytest.raises(UsageProblem, match="course itself"):
        make_workspace(COURSE, COURSE.root)
    assert (tmp_path / "file").read_text() == "mine"


def test_init_of_a_course_that_lacks_a_file_writes_nothing(tmp_path):
    for name in ("course.toml", "exercises/__init__.py", "exercises/rows.py"):
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "course" / name).write_bytes((COURSE.root / name).read_bytes())
    with pytest.raises(CourseError, match=r"exercises/gains\.py: is named by course\.toml but is not there"):
        make_workspace(load_course(tmp_path / "course"), tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


# --- finding it -----------------------------------------------------------------------------------------------------


def test_the_folder_is_found_from_anywhere_in_it(tmp_path):
    make_workspace(COURSE, tmp_path / "mine")
    (tmp_path / "mine" / "notes" / "deep").mkdir(parents=True)
    for place in ("", "exercises", "notes/deep"):
        assert find_workspace(COURSE, tmp_path / "mine" / place).root == tmp_path / "mine"


def test_the_folder_is_found_without_its_state_and_with_a_notebook_alone(tmp_path):
    (tmp_path / "rows.ipynb").write_text("{}")
    assert find_workspace(COURSE, tmp_path).path("rows") == tmp_path / "rows.ipynb"


def test_elsewhere_and_in_the_course_itself_there_is_no_workspace(tmp_path):
    for place in (tmp_path, COURSE.root, COURSE.root / "exercises"):
        with pytest.raises(NoWorkspace, match="No exercises here yet"):
            find_workspace(COURSE, place)


@pytest.mark.parametrize("strange", [".tfm-quiz", "exercises/rows.py"])
def test_a_folder_above_whose_modules_are_another_users_is_refused_and_not_run(tmp_path, monkeypatch, strange):
    make_workspace(COURSE, tmp_path)
    (tmp_path / ".tfm-quiz").mkdir(exist_ok=True)
    (tmp_path / "own").mkdir()
    assert find_workspace(COURSE, tmp_path / "own").root == tmp_path
    real = workspace._owner
    monkeypatch.setattr(workspace, "_owner", lambda path: real(path) + (path == tmp_path / strange))
    for start in (tmp_path / "own", tmp_path):
        with pytest.raises(NoWorkspace, match=r"belongs to another user, so it is not run\.") as caught:
            find_workspace(COURSE, start)
        assert str(tmp_path / strange) in caught.value.message
        assert "tfm-quiz init" in (caught.value.next_step or "")


def test_a_folder_of_another_user_is_fine_for_who_stands_in_it(tmp_path, monkeypatch):
    """A mounted folder in a container belongs to somebody else as a whole."""
    make_workspace(COURSE, tmp_path)
    real = workspace._owner
    monkeypatch.setattr(workspace, "_owner", lambda path: real(path) + 1)
    assert find_workspace(COURSE, tmp_path / "exercises").root == tmp_path


def test_what_check_sees_is_what_would_be_graded(tmp_path):
    make_workspace(COURSE, tmp_path)
    (tmp_path / "exercises" / "rows.py").write_text("x = 1\n")
    (tmp_path / "exercises" / "helper.py").write_text("y = 2\n")
    (tmp_path / "exercises" / "gains.py").write_bytes(b"\xff")
    (tmp_path / "answers.toml").write_text("[answers]\n")
    (tmp_path / "notes.txt").write_text("private")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "rows.py").write_text("not mine")
    workspace = Workspace(tmp_path, COURSE)
    submission = workspace.submission()
    assert submission.modules == {"rows": "x = 1\n"}
    assert submission.helpers == {"helper": "y = 2\n"}
    assert submission.answers == "[answers]\n"
    assert submission.problems == ("exercises/gains.py is not UTF-8 text (line 1), so it was not read.",)


def test_questions_are_counted_even_where_a_file_is_broken(tmp_path):
    assert count_questions(COURSE) == 1
    (tmp_path / "quiz" / "practice").mkdir(parents=True)
    (tmp_path / "course.toml").write_bytes((COURSE.root / "course.toml").read_bytes())
    (tmp_path / "quiz" / "practice" / "shapes.toml").write_text("[[question")
    assert count_questions(load_course(tmp_path)) == 0


# --- what it remembers ----------------------------------------------------------------------------------------------


def test_the_current_exercise_is_the_first_that_has_not_passed_and_bonus_comes_last():
    passed = LastCheck("passed", 3, 3)
    progress = Progress(checks={"double": passed, "row_sums": LastCheck("wrong", 1, 3)})
    assert progress.current(COURSE) == COURSE.exercise("row_sums")
    progress = Progress(checks={"double": passed, "row_sums": passed, "gain": passed})
    assert progress.current(COURSE) == COURSE.exercise("twice")
    assert Progress(checks={**progress.checks, "twice": passed}).current(COURSE) is None


def test_commands_share_the_file_and_keep_what_others_wrote(tmp_path):
    (tmp_path / ".tfm-quiz").mkdir()
    file = tmp_path / ".tfm-quiz" / "progress.json"
    file.write_text(json.dumps({"quiz": {"q1": 1.0, "q2": 0.5}, "of another version": [1]}))
    remember_checks(tmp_path, {"double": LastCheck("wrong", 1, 2)})
    remember_hint(tmp_path, COURSE.exercise("gain"), 2)
    remember_checks(tmp_path, {"gain": LastCheck("passed", 2, 2)})
    assert read_progress(tmp_path) == Progress(
        checks={"double": LastCheck("wrong", 1, 2), "gain": LastCheck("passed", 2, 2)},
        hints={"gain": 2},
        quiz={"q1": 1.0, "q2": 0.5},
    )
    assert json.loads(file.read_text())["of another version"] == [1]
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"checks": 3}', '{"checks": {"double": {"outcome": "great"}}}', "[" * 100_000, "\xff"],
)
def test_a_damaged_memory_counts_as_none_and_is_mended_by_the_next_write(tmp_path, text):
    (tmp_path / ".tfm-quiz").mkdir()
    (tmp_path / ".tfm-quiz" / "progress.json").write_bytes(text.encode("latin-1"))
    assert read_progress(tmp_path) == Progress()
    remember_hint(tmp_path, COURSE.exercise("gain"), 1)
    assert read_progress(tmp_path).hints == {"gain": 1}


def test_the_memory_is_safe_to_delete(run, tmp_path):
    run("init", ".")
    run("hint")
    for path in (tmp_path / ".tfm-quiz").iterdir():
        path.unlink()
    (tmp_path / ".tfm-quiz").rmdir()
    assert run().exit_code == 0
    assert "hint 1 of 3" in run("hint").output


# --- screens --------------------------------------------------------------------------------------------------------


def test_outside_of_a_course_there_is_one_thing_to_do(run):
    result = run()
    assert result.exit_code == 1
    assert lines(result.output) == ["No exercises here yet.", "tfm-quiz init        puts them in ./tiny"]


def test_the_list_shows_where_you_are_and_the_next_thing_to_do(run, tmp_path):
    run("init", ".")
    remember_checks(tmp_path, {"double": LastCheck("passed", 2, 2), "row_sums": LastCheck("wrong", 1, 3)})
    (tmp_path / ".tfm-quiz" / "progress.json").write_text(
        json.dumps(
            {**json.loads((tmp_path / ".tfm-quiz" / "progress.json").read_text()), "quiz": {"row-sums-shape": 1}}
        )
    )
    result = run()
    assert result.exit_code == 0
    assert [line.rstrip() for line in result.output.splitlines()] == [
        "",
        "  1 Rows",
        "    ✓  double    Double a tensor           2/2",
        "  → ◐  row_sums  Sum each row              1/3",
        "  2 Gains",
        "    ·  gain      A learned gain",
        "    ·  twice     Apply a function twice         bonus",
        "",
        "  ━━━━━━━━━━────────────────────  1 of 3 exercises, 1 of 1 questions",
        "",
        "  Next: fix row_sums in exercises/rows.py, then run tfm-quiz check",
    ]


def test_when_all_that_counts_is_done_handing_in_is_next(run, tmp_path):
    run("init", ".")
    passed = LastCheck("passed", 1, 1)
    remember_checks(tmp_path, {"double": passed, "row_sums": passed, "gain": passed})
    assert "All that counts is done: tfm-quiz submit packs it." in run().output
    remember_checks(tmp_path, {"twice": passed})
    assert "All exercises passed their public checks. Next: tfm-quiz submit" in run().output


def test_a_bar_is_full_only_when_all_is_done(run, tmp_path):
    from tfm_quiz.cli.screen import bar

    assert click_free(bar(0, 300)).count("━") == 0
    assert click_free(bar(1, 300)).count("━") == 1
    assert click_free(bar(299, 300)).count("━") == 29
    assert click_free(bar(300, 300)).count("━") == 30
    assert click_free(bar(0, 0)).count("━") == 0


def click_free(text: str) -> str:
    import click

    return click.unstyle(text)


# --- hints ----------------------------------------------------------------------------------------------------------


def test_hints_are_a_ladder_of_three_for_the_exercise_you_are_at(run, tmp_path):
    run("init", ".")
    hints = COURSE.exercise("double").hints
    for number, hint in enumerate((*hints, hints[-1]), start=1):
        output = run("hint").output
        assert f"double   hint {min(number, 3)} of 3" in output
        assert hint in output
        assert ("shows the next one" in output) == (number < 3)
    remember_checks(tmp_path, {"double": LastCheck("passed", 2, 2)})
    assert "row_sums   hint 1 of 3" in run("hint").output
    assert "double   hint 1 of 3" in run("hint", "double", "--first").output


def test_a_hint_for_a_name_that_is_no_exercise_or_outside_of_a_folder_says_so(run):
    assert run("hint").exit_code == 3
    run("init", ".")
    result = run("hint", "duoble")
    assert result.exit_code == 2
    assert "did you mean `double`?" in result.stderr
