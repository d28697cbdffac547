"""mean_loss(logits (B, T, V), targets (B, T), pad_id) -> scalar"""

import pytest
import torch

pytestmark = pytest.mark.exercise("mean_loss")


@pytest.mark.points(1)
def test_only_targets_that_are_not_padding_count(check, randn):
    check(randn(2, 5, 7), torch.tensor([[3, 1, 4, 2, 2], [5, 2, 2, 2, 2]]), 2)
    check(randn(3, 4, 6), torch.tensor([[1, 3, 0, 0], [4, 5, 2, 1], [2, 0, 0, 0]]), 0)
    check(randn(2, 3, 5), torch.tensor([[1, 0, 2], [0, 3, 1]]), 4)


@pytest.mark.points(0.5)
@pytest.mark.needs("test_only_targets_that_are_not_padding_count")
def test_a_batch_of_padding_has_the_loss_0_and_gradients_of_0(check, randn):
    check.gradients(randn(2, 3, 5), torch.full((2, 3), 3), 3)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_gradients_are_right_and_large_logits_other_dtypes_and_one_target_are_fine(check, randn):
    check.gradients(randn(2, 4, 6), torch.tensor([[1, 5, 1, 1], [4, 3, 2, 1]]), 1)
    check(randn(2, 3, 5, scale=300.0), torch.tensor([[1, 2, 0], [0, 3, 2]]), 2)
    check(randn(3, 2, 4, dtype=torch.float64), torch.tensor([[1, 2], [0, 2], [3, 3]]), 3)
    check(randn(1, 1, 4), torch.tensor([[2]]), 1)
    check.gradients(randn(4, 3, 5).transpose(0, 1), torch.tensor([[1, 4, 0, 0], [2, 0, 0, 0], [3, 3, 1, 0]]), 0)
