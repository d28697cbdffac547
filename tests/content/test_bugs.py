"""Find the bug: what is planted is found by the grader and has a name, and nothing else is wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.author.stubs import make_stub
from tfm_quiz.course import Course
from tfm_quiz.grading.attempt import Comparison
from tfm_quiz.grading.exercise import Graders, grade_exercise
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.local import LocalSide
from tfm_quiz.grading.naming import name_mistake
from tfm_quiz.grading.probes import PUBLIC_SEED
from tfm_quiz.manifest import load_course
from tfm_quiz.submission.untouched import is_planted
from tfm_quiz.wall.host.workers import Workers

COURSE = load_course(Path(__file__).parents[2])
BUGS = COURSE.unit("bugs").exercises
PLANTED = {
    "position_rows": "hands_out_the_table",
    "padded_self_attention": "masks_of_other_samples",
    "standardise": "eps_outside_the_root",
    "mean_loss": "padding_in_the_count",
    "warmup_rate": "first_update_lost",
    "write_all": "stops_with_the_first",
}


@pytest.fixture(scope="module")
def graders(workers: Workers) -> Graders:
    """The graders of this unit."""
    found: list[Graders] = []
    with_graders(COURSE, BUGS, workers, found.append, seed=PUBLIC_SEED)
    return found[0]


@pytest.fixture(scope="module")
def faulty() -> dict[str, Any]:
    """What the module of the stubs defines: it calls no other module, so it runs as it is."""
    names: dict[str, Any] = {"__name__": "faulty"}
    exec(compile(COURSE.stub_path("bugs").read_text("utf-8"), "bugs.py", "exec"), names)
    return names


def test_every_exercise_is_a_bonus_with_faulty_code_to_begin_with(course: Course):
    stub = make_stub(course.solution_path("bugs").read_text("utf-8"), "bugs.py")
    assert {exercise.id for exercise in BUGS} == PLANTED.keys()
    assert all(exercise.bonus and exercise.points == 2 and is_planted(stub, exercise.name) for exercise in BUGS)
    assert "NotImplementedError" not in stub


@pytest.mark.parametrize("name", PLANTED)
def test_the_planted_fault_loses_points_and_is_named(graders: Graders, faulty, name):
    key = graders.keys[name]
    side = LocalSide(faulty[COURSE.exercise(name).name], key.staged)
    comparisons = []
    for entries in key.entries.values():
        for entry, observed in zip(entries, side.answers(entries), strict=True):
            comparisons.append(Comparison(entry, observed, entry.difference(observed)))
    named = name_mistake(comparisons, key.mistakes)
    assert named is not None
    assert named.id == PLANTED[name]
    assert any(not one.wrong for one in comparisons), "it is wrong in everything: not working code with one fault"


def test_as_it_came_it_was_not_attempted_and_the_student_is_told_so(graders: Graders):
    result = grade_exercise(graders, COURSE.exercise("write_all"), graders.stubs)
    assert result.outcome == "not_attempted"
    assert result.message == "`write_all` is as it came, with its bug: open exercises/bugs.py and find it"
