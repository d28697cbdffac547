"""merge_heads(x (B * num_heads, T, d), num_heads) -> (B, T, num_heads * d)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("merge_heads")


@pytest.mark.points(2)
def test_the_heads_of_each_token_come_side_by_side_head_0_first(check, randn):
    check(randn(6, 5, 4), 3)
    check(randn(6, 4, 5), 2)
    check(randn(12, 1, 2), 4)
    check.gradients(randn(10, 3, 2), 5)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_heads_of_each_token_come_side_by_side_head_0_first")
def test_transposed_inputs_other_dtypes_one_sample_and_one_head_are_fine(check, randn, reference):
    check(randn(6, 4, 5).transpose(1, 2), 2)
    check.gradients(randn(5, 9, 2).transpose(0, 1), 3)
    check(randn(8, 3, 2, dtype=torch.float64), 4)
    check(reference.split_heads(randn(2, 7, 15), 5), 5)
    check(randn(3, 4, 2), 3)
    check(randn(2, 5, 7), 1)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_heads_of_each_token_come_side_by_side_head_0_first")
def test_rows_that_the_heads_do_not_divide_are_refused_with_a_value_error(student, randn):
    # Not through `check`: who forgets this may make another mistake besides, and that one should still get its name.
    with pytest.raises(ValueError):
        student.merge_heads(randn(10, 2, 3), 4)
    with pytest.raises(ValueError):
        student.merge_heads(randn(3, 8, 4), 6)
