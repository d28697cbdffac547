"""warmup_rate(step, peak, warmup) -> float"""

import pytest

pytestmark = pytest.mark.exercise("warmup_rate")


@pytest.mark.points(1)
def test_the_first_update_moves_and_the_rise_ends_at_the_peak(check):
    for step in (0, 1, 7, 8, 9):
        check(step, 0.5, 9)


@pytest.mark.points(0.5)
def test_after_the_peak_the_rate_falls_with_the_root(check):
    for step in (10, 35, 799):
        check(step, 0.25, 9)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_other_peaks_and_a_warm_up_of_one_update_are_fine(check):
    for step in (0, 1, 2, 15):
        check(step, 3.0, 1)
    for step in (0, 2, 3998, 3999, 4000, 99_999):
        check(step, 7e-4, 4000)
