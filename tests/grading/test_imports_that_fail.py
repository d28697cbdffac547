"""A module that loops or dies while it is imported is not waited for in each of its exercises."""

from collections.abc import Callable
from typing import Any

import pytest

from tfm_quiz.course import Course
from tfm_quiz.grading import worker_slot
from tfm_quiz.grading.worker_slot import ImportFailures, WorkerSlot
from tfm_quiz.outcome import Report
from tfm_quiz.wall.host.reply import Failure, StudentError, WallError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.wire.frames import Name

LOOP = WorkerTimedOut("no answer in 5 s")
DEATH = WorkerDied("it ended with exit code 0")
SYNTAX = StudentError(Failure("SyntaxError", ("SyntaxError",), "", (), ()))
Try = Callable[..., int]


@pytest.fixture
def tries(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> Try:
    """How many workers importing comes to: an exercise and a limit each, all of one submission."""

    def count(error: WallError, *wanted: tuple[str, float]) -> int:
        opened = []

        def open_side(*_: object) -> None:
            opened.append(1)
            raise error

        monkeypatch.setattr(worker_slot, "open_side", open_side)
        nobody: Any = None
        imports = ImportFailures()
        for name, seconds in wanted:
            exercise = tiny.exercise(name)
            slot = WorkerSlot(nobody, Name(exercise.module, exercise.name), {}, None, 512, 60, imports=imports)
            with pytest.raises(type(error), match=str(error)):
                slot.side(seconds)
        return len(opened)

    return count


@pytest.mark.parametrize("error", [LOOP, DEATH])
def test_a_module_is_tried_twice_and_the_rest_is_known(tries: Try, error: WallError):
    assert tries(error, ("double", 5), ("row_sums", 5), ("double", 5), ("row_sums", 5)) == 2


def test_each_module_has_its_own_tries(tries: Try):
    assert tries(LOOP, ("double", 5), ("row_sums", 5), ("gain", 5), ("twice", 5), ("twice", 5)) == 4


def test_a_longer_limit_is_worth_a_try(tries: Try):
    assert tries(LOOP, ("double", 5), ("double", 5), ("double", 60), ("double", 5)) == 3


def test_an_exception_costs_no_time_and_is_asked_for_again(tries: Try):
    assert tries(SYNTAX, ("double", 5), ("row_sums", 5), ("double", 5)) == 3


def test_what_is_known_is_told_like_what_was_seen(grade_tiny: Callable[..., Report]):
    """gain times out twice, once with `double` supplied; twice is known."""
    report = grade_tiny(rows="def double(x):\n    return x\n", gains="class Loops:\n    while True: pass\n")
    seen, known = report.exercises["gain"], report.exercises["twice"]
    assert (seen.outcome, known.outcome) == ("timed_out", "timed_out")
    assert seen.checks[0].message == known.checks[0].message
    assert report.exercises["row_sums"].outcome == "passed"


def test_the_next_submission_starts_anew(grade_tiny: Callable[..., Report]):
    assert grade_tiny(gains="import os\n\n\nclass Dies:\n    os._exit(0)\n").exercises["twice"].outcome == "died"
    assert grade_tiny().exercises["twice"].outcome == "passed"
