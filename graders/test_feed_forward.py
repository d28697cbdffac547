"""FeedForward(d_model, d_ff): x (B, T, d_model) -> (B, T, d_model)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("feed_forward")


@pytest.mark.points(1)
def test_a_relu_stands_between_the_two_linear_maps(check, randn):
    # Three equal sizes first: maps or axes in the wrong order then give values rather than an error.
    check.build(5, 5)(randn(2, 5, 5))
    check.build(4, 7)(randn(3, 5, 4, scale=2.0))


@pytest.mark.points(0.5)
def test_training_drops_nothing(check, randn, randint):
    # 480 hidden features: dropout of a tenth would spare them all once in 10 000 000 000 000 000 000 000 times.
    check.through("in_training", 8, 30, int(randint(0, 10**6)), randn(2, 8, 8))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_a_relu_stands_between_the_two_linear_maps")
def test_every_position_goes_the_same_way_and_gradients_reach_both_maps(check, randn, randint):
    built = check.build(6, 9)
    built.gradients(randn(2, 7, 6))
    x = randn(2, 6, 4)
    built(x.transpose(1, 2))
    built(randn(1, 1, 6))
    check.through("in_dtype_of", 6, 10, int(randint(0, 10**6)), randn(2, 3, 6, dtype=torch.float64))
