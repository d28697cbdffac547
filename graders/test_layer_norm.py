"""layer_norm(x (..., d), weight (d,), bias (d,), eps=1e-5) -> (..., d)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("layer_norm")


@pytest.mark.points(2)
def test_each_token_is_normalised_over_its_own_features(check, randn):
    # As many positions as features: what confuses the two stays silent here, and so is told apart by its values.
    check.gradients(randn(3, 5, 5, scale=0.8, shift=1.5), randn(5, shift=0.5), randn(5))
    check(randn(2, 3, 8, scale=0.7, shift=-1.2), randn(8), randn(8))


@pytest.mark.points(1)
def test_the_given_eps_is_added_to_the_variance_inside_the_root(check, randn):
    check(randn(3, 2, 8, scale=0.3), randn(8), randn(8), 0.3)
    check(randn(2, 4, 6, scale=0.002), randn(6), randn(6))
    check(randn(2, 3, 7, scale=0.2), randn(7), randn(7), eps=0.04)


@pytest.mark.points(0.75)
@pytest.mark.hidden
@pytest.mark.needs("test_each_token_is_normalised_over_its_own_features")
def test_any_leading_dimensions_are_fine(check, randn):
    check.gradients(randn(7), randn(7), randn(7))
    check.gradients(randn(2, 3, 4, 5, shift=2.0), randn(5), randn(5), 0.2)
    check.gradients(randn(2, 6, 5, scale=3.0).transpose(1, 2), randn(6), randn(6))


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_each_token_is_normalised_over_its_own_features")
def test_a_width_of_one_gives_the_bias_and_the_dtype_is_kept(check, randn):
    check(randn(2, 3, 1), randn(1), randn(1))
    check(randn(2, 3, 1), randn(1), randn(1), 0.5)
    check(randn(1, 1, 9, dtype=torch.float64), randn(9, dtype=torch.float64), randn(9, dtype=torch.float64), 0.05)
