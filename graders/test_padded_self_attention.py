"""PaddedSelfAttention(d_model, num_heads): x (B, T, d_model), keep bool (B, T) -> (B, T, d_model)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("padded_self_attention")


def _keep(*rows):
    return torch.tensor(rows, dtype=torch.bool)


@pytest.mark.points(1)
def test_every_head_of_a_sample_keeps_away_from_the_padding_of_that_sample(check, randn):
    module = check.build(6, 3)
    module(randn(2, 4, 6), _keep([1, 1, 0, 0], [1, 1, 1, 1]))
    module(randn(3, 4, 6), _keep([1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]))  # as many samples as heads


@pytest.mark.points(0.5)
def test_gradients_reach_the_input_and_all_parameters(check, randn):
    module = check.build(4, 2)
    module.gradients(randn(3, 3, 4), _keep([1, 1, 0], [1, 1, 1], [0, 1, 0]))


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_other_sizes_padding_on_the_left_one_sample_and_no_padding_are_fine(check, randn):
    module = check.build(8, 2)
    module(randn(4, 5, 8), _keep([0, 0, 1, 1, 1], [0, 1, 1, 1, 1], [1, 0, 1, 0, 1], [0, 0, 0, 0, 1]))
    module(randn(2, 3, 8), _keep([1, 1, 1], [1, 1, 1]))
    module(randn(1, 3, 8), _keep([1, 1, 0]))
    module(randn(4, 2, 8, scale=100.0), _keep([1, 0], [0, 1], [1, 0], [0, 1]))  # one key: a weight of exactly 1
    module = check.build(5, 1)
    module(randn(3, 2, 5), _keep([1, 0], [1, 1], [0, 1]))
