"""The course's graders can be trusted: the quick half of the proof, on the public seed. The whole is `make test-slow`.

Here the answers of the reference and of all known mistakes are compared in this process; the slow tests send every
mistake, every second wording and every right answer through the wall as a submission.
"""

from pathlib import Path

import pytest

from tfm_quiz.author.probes import probes_of, stale_probes
from tfm_quiz.course import Course
from tfm_quiz.grading.attempt import Comparison
from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.naming import name_mistake
from tfm_quiz.grading.probes import PUBLIC_SEED
from tfm_quiz.manifest import load_course
from tfm_quiz.wall.host.workers import Workers

COURSE = load_course(Path(__file__).parents[2])
IDS = [exercise.id for exercise in COURSE.exercises]


@pytest.fixture(scope="module")
def graders(workers: Workers) -> Graders:
    """All graders with the answers of the reference and of every variant."""
    found: list[Graders] = []
    with_graders(COURSE, COURSE.exercises, workers, found.append, seed=PUBLIC_SEED)
    return found[0]


def test_the_core_sums_to_a_hundred_points():
    assert sum(exercise.points for exercise in COURSE.exercises if not exercise.bonus) == 100


@pytest.mark.parametrize("name", IDS)
def test_a_graders_points_are_those_of_the_manifest(graders: Graders, name):
    tests = graders.plugin.tests[name]
    assert sum(test.points for test in tests) == COURSE.exercise(name).points
    assert all(test.points > 0 for test in tests)


@pytest.mark.parametrize("name", IDS)
def test_no_two_mistakes_are_mixed_up_and_none_is_taken_for_right(graders: Graders, name):
    assert graders.keys[name].confused() == []


@pytest.mark.parametrize("name", IDS)
def test_every_mistake_loses_points_and_is_named_as_itself(graders: Graders, name):
    key = graders.keys[name]
    assert key.mistakes, "no mistake is known"
    for variant, known in key.mistakes.items():
        comparisons = []
        for entries in key.entries.values():
            for entry in entries:
                answer = entry.of_variant(variant)
                comparisons.append(Comparison(entry, answer, entry.difference(answer)))
        assert any(one.wrong for one in comparisons), f"{variant} keeps all its points"
        named = name_mistake(comparisons, key.mistakes)
        assert named is not None
        assert named.id == known.same_as
        assert known.sentence.endswith((".", "?"))
        assert known.hint


@pytest.mark.parametrize("name", IDS)
def test_the_public_probes_are_fresh_and_small(graders: Graders, name):
    exercise = COURSE.exercise(name)
    fresh = {name: probes_of(graders, exercise)}
    assert list(stale_probes(COURSE, [exercise], fresh)) == [], "run `tfm-quiz teach stubs`"
    assert COURSE.probes_path(name).stat().st_size <= 64 << 10


def test_every_exercise_is_drawn_apart_at_once(graders: Graders):
    """Redrawing is for bad luck: a grader that needs it on the public seed has too weak probes."""
    assert {name: key.draw for name, key in graders.keys.items() if key.draw} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", IDS)
def test_the_whole_proof_holds(name, workers: Workers):
    from tfm_quiz.author.prove import prove

    found = []
    exercise = COURSE.exercise(name)
    with_graders(COURSE, [exercise], workers, lambda graders: found.append(prove(graders, exercise, 1)), seed=1)
    assert found[0].faults == []


def test_the_course_knows_what_is_needed(course: Course):
    """What a reference calls of another exercise is in its `needs`: else an error would be paid for twice."""
    import ast

    by_name = {exercise.name: exercise.id for exercise in course.exercises}
    missing = []
    for exercise in course.exercises:
        tree = ast.parse(course.solution_path(exercise.module).read_text("utf-8"))
        (node,) = [n for n in tree.body if getattr(n, "name", None) == exercise.name]
        own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}  # arguments that share a name
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - own
        called = {by_name[name] for name in used & by_name.keys()} - {exercise.id}
        missing += [f"{exercise.id} needs {name}" for name in sorted(called - set(exercise.needs))]
    assert missing == []
