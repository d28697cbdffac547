"""twice(f, x) -> f(f(x))"""

import pytest

pytestmark = pytest.mark.exercise("twice")


@pytest.mark.points(1)
def test_the_second_call_gets_what_the_first_returned(check, randn):
    for power in (2, 3):
        check.through("with_power", randn(3), power)
