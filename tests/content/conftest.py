"""What the tests of the course's graders share: one rehearsal of all of them."""

from pathlib import Path

import pytest

from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.probes import SEED
from tfm_quiz.grading.run import with_graders
from tfm_quiz.manifest import load_course
from tfm_quiz.wall.host.workers import Workers


@pytest.fixture(scope="session")
def rehearsed(zygote: Workers) -> Graders:
    """All graders with the answers of the reference and of every variant, on the public seed."""
    course = load_course(Path(__file__).parents[2])
    found: list[Graders] = []
    with_graders(course, course.exercises, zygote, found.append, seed=SEED)
    return found[0]
