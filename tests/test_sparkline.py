"""A loss as a row of marks: what it shows, and that no number can make it anything else than short and plain."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm_quiz.sparkline import BLOCKS, NOT_FINITE, PLAIN, curve, mean, number, sparkline

LOSSES = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=40)


def test_a_falling_loss_falls():
    assert curve([4.0, 2.0, 1.0, 0.0018]) == "4.00 █▅▃▁ 0.0018"
    assert curve([4.0, 2.0, 1.0, 0.0018], PLAIN) == "4.00 #=-_ 0.0018"


def test_a_loss_that_hardly_falls_looks_flat():
    assert sparkline([0.70, 0.69, 0.71, 0.69]) == "████"


def test_what_is_no_number_has_a_mark_of_its_own():
    assert curve([2.0, None, 1.0]) == "2.00 █!▅ 1.00"
    assert curve([None, None]) == "nan !! nan"


def test_without_losses_there_is_no_line():
    assert curve([]) == ""


@pytest.mark.parametrize("losses", [[-1.0, -2.0], [0.0, 0.0], [-1e308, 1e-300]])
def test_a_loss_below_zero_is_as_low_as_can_be(losses):
    assert set(sparkline(losses)) <= {"▁", "█"}
    assert sparkline(losses)[0] == "▁"


@given(LOSSES, st.sampled_from([BLOCKS, PLAIN]))
def test_any_numbers_give_as_many_marks_and_nothing_else(losses, marks):
    line = sparkline(losses, marks)
    assert len(line) == len(losses)
    assert set(line) <= set(marks + NOT_FINITE)
    assert all(len(number(loss)) <= 9 for loss in losses)


@given(st.lists(st.floats(), max_size=20))
def test_a_mean_is_a_finite_number_or_none(losses):
    found = mean(losses)
    assert found is None or math.isfinite(found)


@pytest.mark.parametrize(("loss", "told"), [(2.314, "2.31"), (0.0018, "0.0018"), (0.0, "0.00"), (12345.0, "1.2e+04")])
def test_a_number_is_told_in_few_digits(loss, told):
    assert number(loss) == told
