"""split_heads(x (B, T, d_model), num_heads) -> (B * num_heads, T, d_model / num_heads)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("split_heads")


@pytest.mark.points(2)
def test_each_head_gets_its_own_block_of_features_in_a_row_of_the_batch(check, randn):
    check(randn(2, 3, 12), 3)
    check(randn(3, 4, 10), 2)
    check(randn(3, 1, 8), 4)
    check.gradients(randn(2, 6, 6), 3)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_each_head_gets_its_own_block_of_features_in_a_row_of_the_batch")
def test_transposed_inputs_other_dtypes_one_sample_and_one_head_are_fine(check, randn):
    check(randn(4, 6, 3).transpose(1, 2), 2)
    check.gradients(randn(5, 2, 12).transpose(0, 1), 3)
    check(randn(2, 15, 4, dtype=torch.float64).transpose(1, 2), 5)
    check(randn(1, 5, 12), 4)
    check(randn(2, 5, 7), 1)
    check(randn(2, 3, 4), 4)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_each_head_gets_its_own_block_of_features_in_a_row_of_the_batch")
def test_a_width_that_the_heads_do_not_divide_is_refused_with_a_value_error(student, randn):
    # Not through `check`: who forgets this may make another mistake besides, and that one should still get its name.
    with pytest.raises(ValueError):
        student.split_heads(randn(2, 3, 10), 4)
    with pytest.raises(ValueError):
        student.split_heads(randn(4, 2, 6), 12)
