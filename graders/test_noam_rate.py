"""noam_rate(step, d_model, warmup) -> float"""

import pytest

pytestmark = pytest.mark.exercise("noam_rate")


@pytest.mark.points(1)
def test_the_rate_rises_until_the_warm_up_is_over_and_then_falls(check):
    for step in (1, 7, 3999, 4000, 4001, 16_000, 100_000):
        check(step, 512, 4000)
    for step in (1, 25, 50, 100, 101, 400):
        check(step, 48, 100)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_any_width_and_warm_up_will_do(check, randint):
    for d_model, warmup in [(7, 1), (300, 37), (1024, 10_000)]:
        drawn = randint(2, 3 * warmup + 2, 3).tolist()
        for step in [1, warmup, *drawn]:
            check(step, d_model, warmup)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_rate_rises_until_the_warm_up_is_over_and_then_falls")
def test_a_step_below_one_is_refused_with_a_value_error(check):
    for step in (0, -1, -40):
        check(step, 64, 30)
