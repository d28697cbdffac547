"""standardise(x (..., d), eps) -> (..., d)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("standardise")


@pytest.mark.points(1)
def test_eps_stands_inside_the_root(check, randn):
    check(randn(2, 3, 8), 0.3)
    check(randn(3, 5, scale=0.01), 1e-5)
    check(randn(2, 2, 4, scale=0.01), 0.25)


@pytest.mark.points(0.5)
def test_gradients_are_finite_where_all_features_of_a_token_are_equal(check, randn):
    check.gradients(randn(3, 1).expand(3, 4).clone(), 0.04)
    check.gradients(randn(2, 5), 0.5)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_other_sizes_other_dtypes_and_a_transposed_tensor_are_fine(check, randn):
    check(randn(6), 0.2)
    check(randn(3, 2, scale=1e-4), 1e-8)
    check(randn(3, 6), 1e-7)
    check(randn(2, 3, 4, 5, shift=3.0, dtype=torch.float64), 1e-3)
    check.gradients(randn(4, 3, scale=0.1).transpose(0, 1), 0.02)
