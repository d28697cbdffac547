"""MultiHeadAttention(d_model, num_heads): query (B, Q, d), key and value (B, K, d), mask -> (B, Q, d)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("multi_head_attention")


def _mask(*rows):
    """A mask from rows of 0 and 1."""
    return torch.tensor(rows, dtype=torch.bool)


@pytest.mark.points(2)
def test_query_key_and_value_are_projected_attend_in_every_head_and_are_mixed(check, randn):
    built = check.build(6, 3)
    built(randn(2, 4, 6), randn(2, 4, 6), randn(2, 4, 6))
    built(randn(2, 3, 6), randn(2, 5, 6), randn(2, 5, 6))


@pytest.mark.points(1.5)
def test_every_head_of_a_sample_obeys_the_mask_of_that_sample(check, randn):
    built = check.build(6, 3)
    x = randn(2, 4, 6)
    built(x, x, x, _mask([[1, 1, 0, 0]], [[1, 1, 1, 1]]))
    mask = _mask([[1, 0, 1], [0, 1, 0]], [[0, 1, 1], [1, 1, 0]])
    built(randn(2, 2, 6), randn(2, 3, 6), randn(2, 3, 6), mask)


@pytest.mark.points(0.5)
@pytest.mark.needs("test_every_head_of_a_sample_obeys_the_mask_of_that_sample")
def test_a_mask_of_shape_1_q_k_holds_for_the_whole_batch(check, randn):
    built = check.build(6, 3)
    x = randn(2, 3, 6)
    built(x, x, x, torch.ones(1, 3, 3, dtype=torch.bool).tril())


@pytest.mark.points(0.5)
def test_gradients_reach_the_inputs_and_all_parameters(check, randn):
    built = check.build(4, 2)
    built.gradients(randn(2, 2, 4), randn(2, 3, 4), randn(2, 3, 4))


@pytest.mark.points(0.5)
def test_a_query_without_any_allowed_key_gets_the_bias_of_the_output_map(check, randn):
    built = check.build(6, 3)
    mask = _mask([[1, 0, 1], [0, 0, 0]], [[0, 1, 1], [1, 1, 0]])
    built(randn(2, 2, 6), randn(2, 3, 6), randn(2, 3, 6), mask)


@pytest.mark.points(0.25)
def test_training_drops_nothing(check, randn, randint):
    # 360 weights and as many features: dropout of a tenth would spare them all once in 10 000 000 000 000 000 times.
    check.through("in_training", 12, 3, int(randint(0, 10**6)), randn(4, 5, 12), randn(4, 6, 12))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_gradients_reach_the_inputs_and_all_parameters")
def test_gradients_are_right_under_a_mask(check, randn):
    built = check.build(12, 3)
    built.gradients(randn(2, 5, 12), randn(2, 7, 12), randn(2, 7, 12))
    mask = _mask([[1, 0, 1], [0, 0, 1], [1, 1, 0]], [[1, 1, 1], [0, 1, 1], [0, 1, 0]])
    built.gradients(randn(2, 3, 12), randn(2, 3, 12), randn(2, 3, 12), mask)


@pytest.mark.points(0.25)
@pytest.mark.hidden
def test_gradients_are_finite_for_a_query_without_any_allowed_key(check, randn, randbool):
    built = check.build(12, 3)
    mask = _mask([[1, 0, 1], [0, 0, 0], [1, 1, 0]], [[1, 1, 1], [0, 1, 1], [0, 1, 0]])
    built.gradients(randn(2, 3, 12), randn(2, 3, 12), randn(2, 3, 12), mask)
    built(randn(3, 4, 12), randn(3, 6, 12), randn(3, 6, 12), randbool(3, 1, 6, p=0.3))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_every_head_of_a_sample_obeys_the_mask_of_that_sample")
def test_other_sizes_three_samples_and_two_masks_in_one_run_are_fine(check, randn, randbool):
    built = check.build(8, 4)
    built(randn(3, 5, 8), randn(3, 6, 8), randn(3, 6, 8), randbool(3, 5, 6, p=0.6) | (torch.arange(6) == 2))
    built(randn(3, 2, 8), randn(3, 3, 8), randn(3, 3, 8), _mask([[1, 0, 1]]))
    built = check.build(10, 2)
    built(randn(3, 4, 10), randn(3, 6, 10), randn(3, 6, 10), randbool(3, 1, 6, p=0.5) | (torch.arange(6) == 4))


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_every_head_of_a_sample_obeys_the_mask_of_that_sample")
def test_large_and_low_scores_do_no_harm(check, randn):
    # One key is allowed, so its weight is 1 to the last digit, whatever the score.
    built = check.build(6, 2)
    built(randn(4, 3, 6, scale=100.0), randn(4, 1, 6, scale=100.0), randn(4, 1, 6))
    built(randn(4, 2, 6, scale=100.0), randn(4, 2, 6, scale=100.0), randn(4, 2, 6), _mask([[0, 1]]))


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_query_key_and_value_are_projected_attend_in_every_head_and_are_mixed")
def test_one_sample_one_head_one_token_and_transposed_tensors_are_fine(check, randn):
    built = check.build(6, 2)
    built(randn(1, 3, 6), randn(1, 1, 6), randn(1, 1, 6))
    built(randn(1, 1, 6), randn(1, 4, 6), randn(1, 4, 6), _mask([[1, 0, 1, 1]]))
    built(randn(2, 6, 3).transpose(1, 2), randn(4, 2, 6).transpose(0, 1), randn(4, 2, 6).transpose(0, 1))
    built = check.build(5, 1)
    built(randn(2, 3, 5), randn(2, 4, 5), randn(2, 4, 5), _mask([[1, 0, 1, 1]], [[0, 1, 1, 0]]))
