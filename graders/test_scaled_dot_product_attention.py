"""scaled_dot_product_attention: query (..., Q, d_k), key (..., K, d_k), value (..., K, d_v) -> (output, weights)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("scaled_dot_product_attention")


def _mask(*rows):
    """A mask from rows of 0 and 1."""
    return torch.tensor(rows, dtype=torch.bool)


@pytest.mark.points(1.25)
def test_the_output_averages_the_values_with_weights_from_scaled_scores(check, randn):
    check(randn(2, 3, 6), randn(2, 5, 6), randn(2, 5, 4))
    # As many samples as keys as features: what confuses these axes runs here, and so is told apart by its values.
    check(randn(3, 2, 3), randn(3, 3, 3), randn(3, 3, 4))


@pytest.mark.points(1.25)
def test_only_allowed_keys_take_part(check, randn):
    check(randn(2, 3, 6), randn(2, 4, 6), randn(2, 4, 3), _mask([[1, 1, 0, 1]], [[1, 0, 1, 0]]))
    # As many queries as keys, and a mask of its own for each query.
    mask = _mask([[1, 0, 1], [0, 0, 1], [1, 1, 0]], [[1, 1, 1], [0, 1, 1], [0, 1, 0]])
    check.gradients(randn(2, 3, 5), randn(2, 3, 5), randn(2, 3, 2), mask)


@pytest.mark.points(0.5)
def test_a_query_without_any_allowed_key_gets_zeros_and_finite_gradients(check, randn):
    mask = _mask([[1, 0, 1], [0, 0, 0], [1, 1, 0]], [[1, 1, 1], [0, 1, 1], [0, 1, 0]])
    check.gradients(randn(2, 3, 5), randn(2, 3, 5), randn(2, 3, 2), mask)


@pytest.mark.points(0.25)
def test_large_and_low_scores_do_no_harm(check, randn, randint):
    # Whole numbers, so that scores of about 600 and -600 are exact and differ by 2 at most.
    query, key = torch.full((2, 3, 4), 20.0), torch.full((2, 5, 4), 20.0)
    key[1] = -20.0
    query[..., 3], key[..., 3] = 1.0, randint(-2, 3, 2, 5).float()
    check(query, key, randn(2, 5, 3))
    check(query, key, randn(2, 5, 3), _mask([[1, 1, 0, 1, 1]], [[0, 1, 1, 1, 0]]))


@pytest.mark.points(0.25)
def test_a_forbidden_key_that_towers_over_the_others_takes_nothing_from_them(check, randn):
    query, key = randn(2, 2, 4), randn(2, 3, 4)
    query[..., 0], key[..., 0] = 40.0, 0.0
    key[0, 1, 0], key[1, 2, 0] = 120.0, 150.0  # scores of 2400 and 3000, hidden below
    check(query, key, randn(2, 3, 2), _mask([[1, 0, 1]], [[1, 1, 0]]))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_output_averages_the_values_with_weights_from_scaled_scores")
def test_gradients_reach_queries_keys_and_values_also_when_they_are_wide(check, randn):
    check.gradients(randn(2, 3, 5), randn(2, 4, 5), randn(2, 4, 7))
    check.gradients(randn(3, 5, 64), randn(3, 6, 64), randn(3, 6, 8), _mask([[1, 1, 1, 0, 1, 0]]))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_output_averages_the_values_with_weights_from_scaled_scores")
def test_any_number_of_leading_dimensions_lengths_of_one_and_transposed_tensors_are_fine(check, randn, randbool):
    some = _mask([1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 0, 1])
    check.gradients(randn(3, 5), randn(4, 5), randn(4, 2), some)
    first = torch.arange(5) == 0
    mask = randbool(2, 1, 4, 5, p=0.6) | first
    check.gradients(randn(2, 3, 4, 6), randn(2, 3, 5, 6), randn(2, 3, 5, 3), mask)
    check(randn(2, 1, 5), randn(2, 1, 5), randn(2, 1, 3), _mask([[1]]))
    check(randn(1, 4, 3), randn(1, 1, 3), randn(1, 1, 5))
    check(randn(2, 6, 3).transpose(1, 2), randn(5, 2, 6).transpose(0, 1), randn(4, 5, 2).transpose(0, 2))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_output_averages_the_values_with_weights_from_scaled_scores")
def test_the_dtype_is_kept_and_queries_without_any_key_are_fine_at_every_size(check, randn, randbool):
    double = torch.float64
    check(randn(2, 3, 6, dtype=double), randn(2, 5, 6, dtype=double), randn(2, 5, 4, dtype=double), randbool(2, 3, 5))
    check.gradients(randn(3, 5), randn(4, 5), randn(4, 2), _mask([1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 0, 1]))
    check.gradients(randn(2, 3, 4, 6), randn(2, 3, 5, 6), randn(2, 3, 5, 3), randbool(2, 1, 4, 5, p=0.6))
    check(randn(2, 1, 5), randn(2, 1, 5), randn(2, 1, 3), _mask([[1]], [[0]]))
