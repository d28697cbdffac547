"""EarlyStopping(patience, min_delta=0.0).update(loss, state=None) -> bool"""

import pytest

pytestmark = pytest.mark.exercise("early_stopping")

NAN = float("nan")


def losses(randint, pattern, unit=0.25):
    """The pattern, lifted by a drawn multiple of 1/8: sums and differences stay exact."""
    lift = 2 + int(randint(0, 40, 1)) / 8
    return [lift + unit * step for step in pattern]


@pytest.mark.points(1)
def test_it_stops_when_patience_updates_in_a_row_brought_no_improvement(check, randint):
    pattern = [8, 6, 7, 6, 5, 9, 5, 7, 4, 6, 6, 6, 6, 3, 8]
    for patience in (1, 2, 3):
        check.through("follow", {"patience": patience}, losses(randint, pattern))
    slowly = [9, 8, 7, 6, 5, 4, 5, 4, 4, 1, 5, 0, 0, -1, -2, -3]
    for patience, min_delta in [(2, 0.5), (3, 0.75)]:
        check.through("follow", {"patience": patience, "min_delta": min_delta}, losses(randint, slowly))


@pytest.mark.points(0.5)
def test_the_best_state_is_kept_as_a_copy_and_nan_is_no_improvement(check, randn, randint):
    check.through("follow", {"patience": 3}, losses(randint, [4, 5, 3, 3, 6, 2, 7, 8, 9, 9]), randn(2, 3))
    check.through("follow", {"patience": 2}, losses(randint, [4, NAN, 3, 5, NAN, 1]))


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_nan_counts_as_waiting_wherever_it_comes_and_never_touches_what_was_best(check, randn, randint):
    pattern = [7, NAN, 5, NAN, 6, 4, 4, NAN, NAN, NAN, 3, 6]
    for patience in (2, 4):
        check.through("follow", {"patience": patience}, losses(randint, pattern), randn(2, 3))
    check.through("follow", {"patience": 2, "min_delta": 0.5}, losses(randint, [NAN, *pattern, 1, 0, 0]), randn(4))
    check.through("follow", {"patience": 2}, losses(randint, [NAN, NAN, NAN, 5, 6]), randn(3))
