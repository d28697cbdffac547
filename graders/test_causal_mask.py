"""causal_mask(length, device=None) -> bool (1, T, T)"""

import pytest

pytestmark = pytest.mark.exercise("causal_mask")


@pytest.mark.points(2)
def test_each_position_may_look_at_itself_and_at_the_past(check):
    check(5)
    check(4)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_each_position_may_look_at_itself_and_at_the_past")
def test_any_length_is_fine_the_device_is_optional_and_every_mask_is_a_fresh_one(check):
    for length in (0, 1, 2, 11):
        check(length)
    check(3, device="cpu")
    check(7, None)
    check.fresh(6)
