"""The notebooks that `build` writes: whole, valid, and without anything that would give an answer away."""

import json
import re

import pytest

from tfm_quiz.author.lessons import read_module, solved
from tfm_quiz.errors import CourseError, UsageProblem
from tfm_quiz.quiz.reading import graded_topics
from tfm_quiz.submission.untouched import same_as_stub
from tfm_quiz.teach.nbgrader.assignment import contents_of
from tfm_quiz.teach.nbgrader.build import build, default_units, notebooks, to_bring

FOUR = ("positional_encoding", "split_heads", "causal_mask", "shift_right")


@pytest.fixture(scope="module")
def texts(course):
    return notebooks(course, "all", units=course.units)


def cells_of(text):
    return json.loads(text)["cells"]


def source(cell):
    return "".join(cell["source"])


def test_every_exercise_has_an_answer_cell_and_a_grade_cell_with_its_points(course, texts):
    for unit in course.units:
        cells = {cell["id"]: cell for cell in cells_of(texts[unit.id])}
        for exercise in unit.exercises:
            if unit.id == "bugs":  # faulty code is given: nbgrader would clear a solution cell
                assert cells[exercise.id]["metadata"] == {}
            else:
                said = cells[exercise.id]["metadata"]["nbgrader"]
                assert (said["grade"], said["solution"], said["locked"]) == (False, True, False)
            said = cells[f"{exercise.id}-marks"]["metadata"]["nbgrader"]
            assert (said["grade"], said["solution"], said["locked"], said["points"]) == (
                True,
                False,
                True,
                exercise.points,
            )


def test_answer_cells_hold_the_stub_and_nothing_of_the_solution(course, texts):
    for unit in course.units:
        stub = course.stub_path(unit.id).read_text("utf-8")
        cells = {cell["id"]: source(cell) for cell in cells_of(texts[unit.id])}
        module = read_module(course, unit)
        for exercise in unit.exercises:
            bare = "\n".join(line for line in cells[exercise.id].split("\n") if "SOLUTION" not in line)
            assert same_as_stub(bare, stub, exercise.name), exercise.id
            body = [line for line in solved(module.answers[exercise.id]).split("\n") if line.strip()]
            inside = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", module.answers[exercise.id], re.DOTALL)
            lines = {line.strip() for part in inside for line in part.split("\n") if len(line.strip()) > 20}
            assert body
            assert not [line for line in lines if line in cells[exercise.id] and line not in stub], exercise.id


def test_no_key_of_a_graded_question_is_in_a_notebook(course, texts):
    whole = "\n".join(texts.values())
    for topic in graded_topics(course):
        for question in topic.questions:
            assert not hasattr(question, "why") or question.why[:40] not in whole
            for near in getattr(question, "near", []):
                assert near.say not in whole
            for option in getattr(question, "options", []):
                assert not option.say or option.say not in whole


def test_cell_ids_are_grade_ids_and_each_is_used_once(texts):
    for text in texts.values():
        cells = cells_of(text)
        assert len({cell["id"] for cell in cells}) == len(cells)
        for cell in cells:
            assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
            said = cell["metadata"].get("nbgrader")
            assert said is None or said["grade_id"] == cell["id"]


def test_a_notebook_says_what_it_holds(course, texts):
    for unit in course.units:
        contents = contents_of(json.loads(texts[unit.id]))
        assert contents is not None
        assert contents.exercises == tuple(exercise.id for exercise in unit.exercises)


def test_the_same_sources_give_the_same_bytes(course, texts):
    assert notebooks(course, "all", units=course.units) == texts


def test_chosen_exercises_of_several_units_make_one_notebook(course):
    made = notebooks(course, "week1", only=[course.exercise(key) for key in FOUR])
    assert list(made) == ["week1"]
    setup = next(source(cell) for cell in cells_of(made["week1"]) if cell["id"] == "setup")
    assert "import torch" in setup
    assert "from attention" not in setup


def test_an_exercise_without_what_it_calls_is_refused(course):
    with pytest.raises(CourseError, match="padding_mask"):
        notebooks(course, "week1", only=[course.exercise("decoder_mask"), course.exercise("causal_mask")])


def test_units_that_are_a_bonus_as_a_whole_are_left_out_unless_named(course):
    assert "bonus" in course.modules
    assert "bonus" not in [unit.id for unit in default_units(course)]


def test_what_students_must_bring_is_named(course):
    assert to_bring(course, course.unit("layers").exercises) == ["attention"]
    assert to_bring(course, course.unit("masks").exercises) == []


def test_every_type_of_question_can_be_answered_without_code(course, texts):
    for topic in graded_topics(course):
        for text in texts.values():
            cells = {cell["id"]: cell for cell in cells_of(text)}
            for question in topic.questions:
                if f"a-{question.id}" in cells:
                    assert cells[f"a-{question.id}"]["cell_type"] == "markdown"
                    assert "Double-click" in source(cells[f"q-{question.id}"])


def test_build_writes_into_a_course_folder_only(course, tmp_path):
    with pytest.raises(UsageProblem, match=r"nbgrader_config\.py"):
        build(course, tmp_path, "week1", units=[course.unit("masks")])


def test_build_keeps_its_hands_off_notebooks_that_are_not_its_own(course, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("")
    own = tmp_path / "source" / "masks" / "masks.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.raises(UsageProblem, match="was not made by tfm-quiz"):
        build(course, tmp_path, "masks", units=[course.unit("masks")])
    assert own.read_text().startswith('{"cells": []')


def test_a_second_build_takes_away_what_the_first_had_more(course, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("")
    build(course, tmp_path, "all", units=[course.unit("masks"), course.unit("positions")])
    build(course, tmp_path, "all", units=[course.unit("masks")])
    assert [path.name for path in (tmp_path / "source" / "all").iterdir()] == ["masks.ipynb"]


@pytest.mark.parametrize(
    "name", ["1/2", "../x", "", " ", ".", "..", "a+b", "x [y]", "a*", "a?", "/tmp/x", "a\nb", "-x", "x" * 101]
)
def test_a_name_that_nbgrader_could_not_use_is_refused_where_it_is_given(course, tmp_path, name):
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text("")
    with pytest.raises(UsageProblem, match="cannot be the name of an assignment"):
        build(course, folder, name, units=[course.unit("masks")])
    assert [path.name for path in tmp_path.rglob("*")] == ["class", "nbgrader_config.py"]


@pytest.mark.parametrize("name", ["week1", "Week 1", "week-1.2", "Übung_3"])
def test_other_names_are_taken(course, tmp_path, name):
    (tmp_path / "nbgrader_config.py").write_text("")
    (path,) = build(course, tmp_path, name, only=[course.exercise("causal_mask")])
    assert path == tmp_path / "source" / name / f"{name}.ipynb"


def test_a_course_folder_that_nbgrader_would_take_for_a_pattern_is_refused(course, tmp_path):
    from tfm_quiz.teach.nbgrader.folder import init

    with pytest.raises(UsageProblem, match=r"takes `\[` in the path of a course folder for a pattern"):
        init(course, tmp_path / "class [2026]")
    assert not list(tmp_path.iterdir())


def test_a_file_in_a_folder_that_is_not_there_is_refused_with_the_command_that_makes_it(tmp_path):
    from tfm_quiz.teach.nbgrader.names import check_target

    with pytest.raises(UsageProblem, match="There is no folder") as raised:
        check_target(tmp_path / "none" / "x.csv")
    assert raised.value.next_step == f"mkdir -p {tmp_path / 'none'}"
