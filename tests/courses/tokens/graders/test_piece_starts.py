"""piece_starts(ids (B, T), first) -> bool (B, T)"""

import pytest

pytestmark = pytest.mark.exercise("piece_starts")


@pytest.mark.points(1)
def test_ids_below_the_first_begin_a_piece(check, randint):
    check(randint(0, 9, 2, 5), 4)
    check(randint(0, 9, 3, 4), 5)
