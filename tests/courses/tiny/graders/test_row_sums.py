"""row_sums(x (B, T)) -> (B,)"""

import pytest

pytestmark = pytest.mark.exercise("row_sums")


@pytest.mark.points(1)
def test_the_shape_is_one_number_a_row(student, randn):
    assert student.row_sums(randn(4, 3)).shape == (4,)


@pytest.mark.points(1)
@pytest.mark.needs("test_the_shape_is_one_number_a_row")
def test_each_row_has_its_own_sum(check, randn):
    for rows, columns in [(2, 3), (5, 4)]:
        check(randn(rows, columns))


@pytest.mark.points(1)
def test_anything_but_two_axes_is_refused(check, randn):
    check(randn(3))
    check(randn(2, 3, 4))
