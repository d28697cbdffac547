"""Gain(d_model): x (B, d_model) -> (B, d_model), and a lab that trains it."""

import pytest

pytestmark = pytest.mark.exercise("gain")


@pytest.mark.points(2)
def test_each_feature_has_its_own_gain(check, randn):
    built = check.build(5)
    built(randn(3, 5))


@pytest.mark.lab("Lab: a gain")
@pytest.mark.points(2)
@pytest.mark.hidden
def test_trained_it_triples(train):
    learned = train(48, 48, 0.2, 1)
    assert (learned["weight"] - 1.5).abs().max() < 0.1
