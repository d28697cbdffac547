"""Beginning an exercise, reading it as students will, and being told what is missing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tfm_quiz.author.parts import missing_generated, missing_parts
from tfm_quiz.author.scaffold import skeleton, with_entry, write
from tfm_quiz.author.stubs import make_stub
from tfm_quiz.cli import main
from tfm_quiz.course import Course
from tfm_quiz.errors import UsageProblem
from tfm_quiz.grading.patch import definition_of
from tfm_quiz.grading.patch_file import read_patches
from tfm_quiz.manifest import load_course

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch) -> Course:
    """A course to write in."""
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(tmp_path / "course"))
    return load_course(tmp_path / "course")


@pytest.fixture
def run(copy):
    return lambda *arguments: CliRunner().invoke(main, ["teach", *arguments])


def everything(course: Course) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(course.root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(("name", "exercise_id"), [("rotate_half", "rotate_half"), ("RMSNorm", "rms_norm")])
def test_a_new_exercise_has_all_its_parts_and_each_is_python_and_still_to_write(run, copy, name, exercise_id):
    result = run("new", name, "--unit", "gains", "--points", "3", "--bonus", "--staged")
    assert result.exit_code == 0, result.output
    course = load_course(copy.root)
    exercise = course.exercise(exercise_id)
    assert (exercise.name, exercise.module, exercise.points, exercise.bonus) == (name, "gains", 3, True)
    assert [e.id for e in course.unit("gains").exercises][-1] == exercise_id
    parts = [course.grader_path(exercise_id), course.proofs_path(exercise_id), course.staged_path(exercise_id)]
    for path in (*parts, course.solution_path("gains")):
        compile(path.read_text("utf-8"), str(path), "exec")
    (patch,) = read_patches(course.patches_path(exercise_id), "patches")
    assert definition_of(course, exercise).module(patch) != course.solution_path("gains").read_text("utf-8")
    assert f"{'class' if name[0].isupper() else 'def'} {name}(" in make_stub(
        course.solution_path("gains").read_text("utf-8"), "gains.py"
    )
    missing = list(missing_parts(course, exercise))
    assert len(missing) == 5  # manifest, reference, grader, misconceptions, proofs
    assert all(f"tfm-quiz teach lint {exercise_id}" in sentence for sentence in missing)
    for step in ("lint", "preview", "stubs"):
        assert f"tfm-quiz teach {step} {exercise_id}" in result.output


def test_the_module_of_a_new_exercise_can_be_imported(copy, monkeypatch):
    write(copy, skeleton(copy, "RMSNorm", "rows", points=2, bonus=False, staged=False))
    names: dict[str, object] = {}
    source = copy.solution_path("rows").read_text("utf-8")
    exec(compile(source, "rows.py", "exec"), names)
    assert callable(names["RMSNorm"])


@pytest.mark.parametrize(
    ("name", "unit", "words"),
    [
        ("double", "rows", "already there"),
        ("Double", "rows", "already there"),  # one file on a disk that ignores case
        ("third", "row", "did you mean `rows`"),
        ("../third", "rows", "cannot be a name"),
    ],
)
def test_what_cannot_be_begun_changes_nothing(copy, name, unit, words):
    before = everything(copy)
    with pytest.raises(UsageProblem) as caught:
        skeleton(copy, name, unit, points=2, bonus=False, staged=False)
    assert words in caught.value.message
    assert everything(copy) == before


def test_a_file_that_is_there_is_never_overwritten(run, copy):
    copy.proofs_path("third").write_text("mine", "utf-8")
    before = everything(copy)
    result = run("new", "third", "--unit", "rows")
    assert result.exit_code == 2
    assert "graders/proofs/third.py would be overwritten; nothing was written" in result.output
    assert everything(copy) == before


def test_a_skeleton_that_would_break_the_course_is_taken_back(copy):
    new = skeleton(copy, "third", "rows", points=2, bonus=False, staged=False)
    new.files[copy.root / "course.toml"] = "format = 1\n"
    before = everything(copy)
    with pytest.raises(Exception, match="missing"):
        write(copy, new)
    assert everything(copy) == before


def test_an_entry_goes_to_the_end_of_its_unit_above_the_next_heading():
    manifest = '[[unit]]\nid = "a"\n\n[[unit.exercise]]\nid = "x"\n\n# === b ===\n\n[[unit]]\nid = "b"\n'
    added = with_entry(manifest, "a", 'id = "y"\n')
    assert added == manifest.replace('id = "x"\n', 'id = "x"\n\nid = "y"\n')
    assert with_entry(manifest, "b", 'id = "y"\n') == manifest + '\nid = "y"\n'


def test_lint_says_which_part_is_missing_and_does_not_stumble_over_it(copy, run):
    copy.grader_path("double").unlink()
    copy.probes_path("double").unlink(missing_ok=True)
    exercise = copy.exercise("double")
    (sentence,) = missing_parts(copy, exercise)
    assert sentence.startswith("the grader is missing: write graders/test_double.py")
    assert "exercises/probes/double.npz is missing: run `tfm-quiz teach stubs double`" in missing_generated(
        copy, exercise
    )
    result = run("lint", "double")
    assert result.exit_code == 1
    assert sentence in result.output


def test_nobody_is_told_to_put_markers_into_a_stub_that_is_only_not_made_yet(copy):
    write(copy, skeleton(copy, "third", "rows", points=2, bonus=False, staged=False))
    course = load_course(copy.root)
    assert list(missing_generated(course, course.exercise("third"))) == [
        "exercises/probes/third.npz is missing: run `tfm-quiz teach stubs third`"
    ]


def test_lint_says_that_a_module_does_not_define_what_it_should(copy):
    path = copy.solution_path("rows")
    path.write_text(path.read_text("utf-8").replace("def double(", "def doubled("), "utf-8")
    (sentence,) = missing_parts(copy, copy.exercise("double"))
    assert "solutions/rows.py does not define `double`" in sentence


def test_a_finished_exercise_misses_nothing(course: Course):
    assert [fault for exercise in course.exercises for fault in missing_parts(course, exercise)] == []
    assert [fault for exercise in course.exercises for fault in missing_generated(course, exercise)] == []


def test_preview_prints_every_sentence_and_hint_without_running_anything(run, copy):
    path = copy.misconceptions_path("double")
    ran = copy.root / "ran"
    path.write_text(
        f"open({str(ran)!r}, 'w')\nEQUAL = [('a_slip', 'the_same_slip')]\n\n\n"
        'def a_slip(x):\n    """You slipped.\n\n    Hint: where was the ice?\n    Seen: in winter\n    """\n\n\n'
        'def the_same_slip(x):\n    """You fell."""\n\n\ndef _helper(x):\n    """Not this."""\n',
        "utf-8",
    )
    torch_was_there = "torch" in sys.modules
    result = run("preview", "double")
    assert result.exit_code == 0, result.output
    assert "You slipped." in result.output
    assert "Where was the ice?" in result.output
    assert "the_same_slip (shown as a_slip)" in result.output
    assert "You fell." not in result.output
    assert "Not this." not in result.output
    assert all(hint[:30] in result.output for hint in copy.exercise("double").hints)
    assert not ran.exists()
    assert ("torch" in sys.modules) == torch_was_there


def test_preview_tells_patches_first_and_then_what_is_written_in_full(run, copy):
    result = run("preview", "row_sums")
    assert result.exit_code == 0, result.output
    assert "sums_twice (shown as sums_everything)" in result.output
    assert result.output.index("You took the mean") < result.output.index("sums_twice (shown as")


def test_preview_of_patches_that_cannot_be_read_says_where(run, copy):
    copy.patches_path("row_sums").write_text("[means]\n- return x.sum(dim=-1)\n", "utf-8")
    result = run("preview", "row_sums")
    assert result.exit_code == 3
    assert "graders/misconceptions/row_sums.patch:1: [means] has no sentence" in result.output


def test_preview_of_what_is_not_written_says_what_to_write(run, copy):
    copy.misconceptions_path("double").unlink()
    result = run("preview", "double")
    assert result.exit_code == 3
    assert "graders/misconceptions/double.patch is not there" in result.output


@pytest.mark.parametrize("kind", ["patches_path", "misconceptions_path"])
def test_lint_finds_what_is_still_to_write_in_either_kind_of_mistakes(copy, kind):
    path = getattr(copy, kind)("row_sums")
    path.write_text(path.read_text("utf-8").replace("You summed", "TO WRITE: you summed", 1), "utf-8")
    (sentence,) = missing_parts(copy, copy.exercise("row_sums"))
    assert f"graders/misconceptions/{path.name}:" in sentence
    assert "still the skeleton" in sentence


def test_an_exercise_without_any_mistakes_misses_its_patches(copy):
    copy.misconceptions_path("double").unlink()
    (sentence,) = missing_parts(copy, copy.exercise("double"))
    assert sentence.startswith("the misconceptions is missing: write graders/misconceptions/double.patch")
