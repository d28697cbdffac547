"""The time of a whole submission: shares, rounds, parts, and what is said when it is used up. No clock, no process."""

import math
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tfm_quiz.grading.budget import CHECK_SECONDS, LAB_SECONDS, Budget, in_order_of_points


@dataclass
class Exercise:
    id: str
    points: float
    bonus: bool = False


def test_a_first_share_is_an_equal_part_of_half_the_time():
    budget = Budget(20.0, 40.0)
    shares = [budget.first_share(name, 4) for name in "abcd"]
    assert [share.left(lab=False) for share in shares] == [2.5] * 4
    shares[0].charge(2.5, lab=False)
    assert shares[0].left(lab=False) == 0.0
    assert shares[1].left(lab=False) == 2.5


def test_the_second_round_has_all_that_the_first_one_left():
    budget = Budget(20.0, 40.0)
    for name in "abcd":
        budget.first_share(name, 4).charge(2.5 if name == "a" else 0.1, lab=False)
    assert math.isclose(budget.rest("a").left(lab=False), 20.0 - 2.8)


def test_labs_and_checks_do_not_take_from_each_other():
    budget = Budget(20.0, 40.0)
    share = budget.first_share("a", 1)
    share.charge(39.0, lab=True)
    assert share.left(lab=False) == 10.0
    assert share.left(lab=True) == 1.0
    share.charge(50.0, lab=False)
    assert share.left(lab=False) == 0.0
    assert share.left(lab=True) == 1.0


def test_the_time_factor_stretches_both_parts():
    budget = Budget.of_a_submission(2.5)
    assert budget.left(lab=False) == 2.5 * CHECK_SECONDS
    assert budget.left(lab=True) == 2.5 * LAB_SECONDS


def test_without_limits_nothing_is_ever_used_up():
    share = Budget().first_share("a", 3)
    share.charge(1e9, lab=False)
    assert share.left(lab=False) == math.inf
    assert share.left(lab=True) == math.inf


def test_turns_go_by_points_and_what_counts_comes_before_a_bonus():
    exercises = [Exercise("a", 2), Exercise("b", 9, bonus=True), Exercise("c", 5), Exercise("d", 2)]
    assert [exercise.id for exercise in in_order_of_points(exercises)] == ["c", "a", "d", "b"]


def test_the_sentence_names_what_used_the_time_most_first():
    budget = Budget(20.0, 40.0)
    for name, seconds in (("a", 0.01), ("b", 1.5), ("c", 12.0), ("d", 6.0), ("e", 0.4)):
        budget.rest(name).charge(seconds, lab=False)
    assert budget.sentence(lab=False) == (
        "not reached: the checks of a submission may take 20 s in all, "
        "and most of it went to `c` 12 s, `d` 6 s, `b` 1.5 s"
    )
    assert budget.sentence(lab=True) == "not reached: the labs of a submission may take 40 s in all"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 30), st.booleans()), max_size=40))
def test_a_submission_never_gets_more_than_the_whole_whatever_it_does(waits):
    """A caller waits no longer than `left` says; then the sum of all waits is bounded."""
    budget, total = Budget(20.0, 40.0), {True: 0.0, False: 0.0}
    shares = {name: budget.first_share(name, 6) for name in "abcdef"}
    for rounds in (shares, {name: budget.rest(name) for name in "abcdef"}):
        for name, wanted, lab in waits:
            took = min(wanted, rounds[name].left(lab=lab))
            rounds[name].charge(took, lab=lab)
            total[lab] += took
    assert total[False] <= 20.0 + 1e-6
    assert total[True] <= 40.0 + 1e-6
