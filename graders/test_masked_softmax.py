"""masked_softmax(scores (..., Q, K), mask bool or None) -> (..., Q, K)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("masked_softmax")


def _mask(*rows):
    """A mask from rows of 0 and 1."""
    return torch.tensor(rows, dtype=torch.bool)


@pytest.mark.points(1.5)
def test_each_row_sums_to_one_over_the_keys_that_it_may_attend_to(check, randn):
    check(randn(2, 3, 4))
    # Padding of two lengths, then a mask of its own for each query; as many queries as keys, then more keys.
    check(randn(2, 3, 5, scale=2.0), _mask([[1, 1, 0, 1, 0]], [[1, 1, 1, 1, 0]]))
    check(randn(2, 3, 3, scale=2.0), _mask([[1, 0, 1], [0, 1, 0], [1, 1, 0]], [[1, 1, 1], [0, 0, 1], [0, 1, 1]]))


@pytest.mark.points(1)
def test_scores_may_be_very_large_or_very_low_and_a_forbidden_one_may_tower_over_the_allowed(check, randn):
    # In each row one allowed score is far above the other allowed ones, so honest rounding cannot show.
    levels = torch.tensor([[9e3, -9e3, 4e3, 0.0], [-2e4, -5e4, -3e4, -4e4], [1e3, -2e3, 9e3, 4e3]])
    check(randn(3, 4) + levels)
    check(randn(3, 4) + levels, _mask([1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 0, 0]))


@pytest.mark.points(0.5)
def test_a_row_without_any_allowed_key_is_all_zeros_and_its_gradients_are_finite(check, randn):
    check.gradients(randn(2, 2, 4), _mask([[1, 0, 1, 1], [0, 0, 0, 0]], [[1, 1, 1, 1], [0, 1, 0, 1]]))


@pytest.mark.points(0.25)
def test_half_precision_works_also_where_all_allowed_scores_are_low(check, randn):
    check(randn(2, 2, 4, dtype=torch.float16), _mask([[1, 0, 1, 1]], [[0, 1, 1, 0]]))
    levels = torch.tensor([[-2e4, -5e4, -3e4, -4e4], [-6e4, -2e4, -4e4, -3e4]])  # float16 ends at -65504
    check((randn(2, 4) + levels).half(), _mask([0, 1, 1, 1], [1, 0, 1, 1]))


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_any_leading_dimensions_and_rows_of_one_key_are_fine(check, randn):
    check.gradients(randn(3, 5), _mask([1, 0, 0, 1, 1], [0, 1, 1, 1, 0], [0, 0, 0, 1, 0]))
    check.gradients(randn(2, 3, 4, 5), _mask([[1, 0, 1, 1, 0], [0, 1, 1, 0, 0], [1, 1, 1, 1, 1], [0, 0, 0, 1, 1]]))
    check(randn(5, 4, 2).transpose(0, 2), _mask([1, 0, 1, 1, 0]))
    check(randn(3, 2, 1), _mask([[1]]))


@pytest.mark.points(0.25)
@pytest.mark.hidden
def test_rows_without_any_key_are_fine_in_every_dtype_and_with_any_leading_dimensions(check, randn, randbool):
    check.gradients(randn(3, 5), _mask([1, 0, 0, 1, 1], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]))
    check.gradients(randn(2, 3, 4, 5), randbool(2, 1, 4, 5, p=0.6))
    check(randn(3, 2, 1), _mask([[1], [0]], [[0], [1]], [[1], [1]]))
    check(randn(2, 3, 5, dtype=torch.float64), randbool(2, 3, 5, p=0.7))
    for dtype in (torch.bfloat16, torch.float16):
        check(randn(2, 3, 5, dtype=dtype), randbool(2, 3, 5, p=0.7))
        check(randn(2, 3, dtype=dtype), _mask([0, 0, 0], [1, 0, 1]))
