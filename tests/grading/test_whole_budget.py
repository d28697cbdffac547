"""A submission has one budget: slow exercises cost the quick ones nothing, and what is not reached says why.

The tiny course is graded with 0.4 of the usual limits: 2 s a call, 8 s in all, a first share of 1 s for each of four.
"""

import pytest

from tfm_quiz.grading.budget import Budget
from tfm_quiz.grading.call_limits import PATIENCE, CallLimits
from tfm_quiz.outcome import ExerciseResult

LOOP = "while True: pass"
LOOPS = {
    "rows": f"def double(x):\n    {LOOP}\n\ndef row_sums(x):\n    {LOOP}\n",
    "gains": "import torch\n\nclass Gain(torch.nn.Module):\n    def __init__(self, d_model):\n"
    f"        {LOOP}\n\ndef twice(f, x):\n    {LOOP}\n",
}
SLOW = "import time\n_right = double\ndef double(x):\n    time.sleep(0.5)\n    return _right(x)\n"


def outcomes(result: ExerciseResult) -> set[str]:
    return {check.outcome for check in result.checks}


def test_a_right_submission_knows_nothing_of_a_budget(grade_tiny):
    report = grade_tiny()
    assert (report.points, report.bonus.points) == (9, 1)
    assert report.problems == ()
    assert all(result.message == "" for result in report.exercises.values())


def test_slow_and_right_work_is_graded_to_its_end_and_so_is_what_calls_it(grade_tiny):
    report = grade_tiny(rows=SLOW)
    assert (report.points, report.bonus.points) == (9, 1)
    assert all(result.follow_through == () for result in report.exercises.values())
    assert list(report.exercises) == ["double", "row_sums", "gain", "twice"]  # of the course, not of the work


def test_exercises_beside_one_that_never_ends_keep_their_points(grade_tiny):
    report = grade_tiny(gains="class Gain(nn.Module):\n    def __init__(self, d_model):\n        while True: pass\n")
    assert report.exercises["gain"].outcome == "timed_out"
    assert "no answer within 2 s" in report.exercises["gain"].message
    assert {name: result.outcome for name, result in report.exercises.items() if name != "gain"} == dict.fromkeys(
        ("double", "row_sums", "twice"), "passed"
    )


def test_where_everything_loops_the_dearest_are_judged_and_the_rest_says_what_used_the_time(grade_tiny):
    report = grade_tiny(modules=LOOPS)
    assert report.points == 0
    assert report.exercises["gain"].outcome == "timed_out"
    for name in ("double", "twice"):
        result = report.exercises[name]
        assert outcomes(result) == {"skipped"}
        said = "not reached: the checks of a submission may take 8 s in all, and most of it went to `"
        assert result.checks[0].message.startswith(said)
        assert result.message.startswith(f"{result.checks[0].name}: {said}")
        assert "`gain` " in result.message
    (problem,) = report.problems
    assert problem.startswith("double")
    assert "not reached: the checks of a submission may take 8 s in all" in problem


@pytest.mark.slow
def test_what_was_right_before_the_time_was_up_keeps_its_points(grade_tiny):
    later = "_right = double\n_calls = []\ndef double(x):\n    _calls.append(x)\n    while len(_calls) > 3: pass\n"
    looping = LOOPS["rows"].partition("def row_sums")[2]
    report = grade_tiny(
        rows=f"{later}    return _right(x)\n\ndef row_sums{looping}",
        gains=LOOPS["gains"].partition("import torch\n\n")[2].replace("torch.nn", "nn"),
    )
    assert report.exercises["double"].points == 1
    assert outcomes(report.exercises["double"]) == {"passed", "skipped"}


def test_a_death_gives_no_time_back():
    calls = CallLimits(2.0)
    for _ in range(PATIENCE):
        assert calls.next() > 0
        calls.took(2.0)  # a worker may have died here: the limits are the slot's
    assert calls.next() == 0
    assert not calls.is_cut


def test_an_import_counts_for_the_submission_and_not_for_the_calls_after_it():
    share = Budget(100.0, 100.0).rest("a")
    calls = CallLimits(2.0, share=share)
    with calls.importing():
        calls.took(2.0)
    assert calls.waited == 0
    assert share.left(lab=False) == 98.0


def test_a_call_that_has_less_than_its_own_limit_is_cut_and_no_time_out():
    share = Budget(3.0, 9.0).rest("a")
    calls = CallLimits(2.0, share=share)
    assert calls.next() == 2.0
    assert not calls.is_cut
    calls.took(2.0)
    assert calls.next() == 1.0
    assert calls.is_cut
    calls.lab = True
    assert calls.next() == 2.0  # labs have a part of their own
    assert not calls.is_cut
