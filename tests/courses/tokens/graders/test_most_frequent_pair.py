"""most_frequent_pair(ids) -> (int, int)"""

import pytest

pytestmark = pytest.mark.exercise("most_frequent_pair")


@pytest.mark.points(1)
def test_it_is_the_pair_that_occurs_most_often(check, randint):
    for length in (9, 30, 40):
        check([1, 2, 1, 2, 1, 2, *randint(3, 6, length).tolist()])


@pytest.mark.points(1)
@pytest.mark.needs("test_it_is_the_pair_that_occurs_most_often")
def test_of_equally_frequent_pairs_it_is_the_smallest(check):
    check([5, 6, 1, 2])
    check([9, 1, 9, 1, 9])
    check([7])
