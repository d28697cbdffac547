"""causal_mask(length, device=None) -> bool (1, T, T)"""

import pytest

pytestmark = pytest.mark.exercise("causal_mask")


@pytest.mark.points(2)
def test_each_position_may_look_at_itself_and_at_the_past(check):
    check(5)
    check(4)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_each_position_may_look_at_itself_and_at_the_past")
def test_any_length_is_fine_and_every_mask_is_a_fresh_one(check):
    for length in (1, 2, 11):
        check(length)
    check.fresh(6)


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_each_position_may_look_at_itself_and_at_the_past")
def test_the_mask_is_made_on_the_device_that_is_named(check):
    check.through("made_on", 4, "meta")
    check.through("made_on", 3, "cpu")
    check(3, device="cpu")
    check(7, None)


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_each_position_may_look_at_itself_and_at_the_past")
def test_no_position_at_all_is_fine(check):
    check(0)
