"""Gain(d_model): x (B, d_model) -> (B, d_model)"""

import pytest

pytestmark = pytest.mark.exercise("gain")


@pytest.mark.points(2)
def test_each_feature_has_its_own_gain(check, randn):
    built = check.build(5)
    built(randn(3, 5))
    built(randn(1, 5))


@pytest.mark.points(2)
@pytest.mark.hidden
def test_the_weight_learns(check, randn):
    built = check.build(4)
    built.gradients(randn(2, 4))
