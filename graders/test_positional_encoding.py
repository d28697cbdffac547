"""positional_encoding(length, d_model) -> float32 (length, d_model)

The floor is raised where mistakes are named: frequencies that rise instead of falling make angles in the thousands,
which float32 knows to some 1e-4 only. The last check is the sharp one.
"""

import pytest
import torch

pytestmark = [pytest.mark.exercise("positional_encoding"), pytest.mark.floor(25)]


@pytest.mark.points(2.5)
def test_each_pair_of_columns_is_the_sine_and_the_cosine_of_one_angle(check):
    for length, d_model in [(4, 8), (7, 4)]:
        check(length, d_model)


@pytest.mark.points(0.75)
def test_an_odd_width_drops_the_last_cosine(check):
    for length, d_model in [(4, 5), (6, 3)]:
        check(length, d_model)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_each_pair_of_columns_is_the_sine_and_the_cosine_of_one_angle")
def test_one_position_is_fine_and_every_table_is_a_fresh_one(check):
    check(1, 6)
    check.fresh(5, 6)


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_each_pair_of_columns_is_the_sine_and_the_cosine_of_one_angle")
def test_no_position_at_all_and_a_single_column_are_fine(check):
    check(0, 4)
    check(3, 1)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_each_pair_of_columns_is_the_sine_and_the_cosine_of_one_angle")
def test_a_long_table_is_right_to_the_fifth_digit(student, reference):
    for length, d_model in [(64, 6), (50, 32)]:
        table, right = student.positional_encoding(length, d_model), reference.positional_encoding(length, d_model)
        assert isinstance(table, torch.Tensor)
        assert (table.dtype, table.shape) == (right.dtype, right.shape)
        assert torch.allclose(table, right, rtol=0, atol=2e-5)
