"""merge_pair(ids, pair, new) -> ids"""

import pytest

pytestmark = pytest.mark.exercise("merge_pair")


@pytest.mark.points(2)
def test_every_occurrence_is_replaced(check, randint):
    for length in (6, 20):
        check([1, 2, *randint(1, 4, length).tolist(), 1, 2], (1, 2), 9)
    check([1, 2, 3, 1, 2, 4], (1, 2), 9)


@pytest.mark.points(1)
def test_occurrences_that_overlap_are_replaced_from_the_left(check):
    check([1, 1, 1], (1, 1), 9)
    check([2, 1, 1, 1, 1, 1], (1, 1), 9)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_every_occurrence_is_replaced")
def test_nothing_else_changes(check):
    check([3, 4], (1, 2), 9)
    check([], (1, 2), 9)
    check([2, 1], (1, 2), 9)
