"""PositionRows(max_len, d_model).forward(length) -> (length, d_model), fresh; ValueError past the table's end"""

import pytest

pytestmark = pytest.mark.exercise("position_rows")


@pytest.mark.points(1)
def test_what_a_caller_does_to_its_rows_does_not_reach_the_next_caller(check):
    check.through("scribble", 7, 6, [3, 5, 7])
    check.through("scribble", 5, 4, [5, 5])


@pytest.mark.points(0.5)
def test_as_many_rows_come_as_are_asked_for_and_not_one_more_than_there_are(check):
    rows = check.build(6, 4)
    rows(4)
    rows(6)
    rows(7)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_the_table_itself_stays_as_it_is_and_follows_the_module(check):
    check.through("scribble", 9, 8, [9, 2, 9, 1])
    check.through("scribble_in_float64", 5, 6, 4)
    check.build(4, 2)(1)
