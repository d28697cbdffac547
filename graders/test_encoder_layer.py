"""EncoderLayer(d_model, num_heads, d_ff, dropout=0.0, pre_norm=False): x (B, T, d), mask -> (B, T, d)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("encoder_layer")


def and_itself(allowed):
    """A drawn mask in which every position may also attend to itself: rows without any key are no layer's matter."""
    return allowed | torch.eye(allowed.size(-1), dtype=torch.bool)


@pytest.mark.points(2)
def test_attention_and_then_the_feed_forward_network_are_added_and_normalised(check, randn, randbool):
    built = check.build(6, 3, 5)
    built(randn(2, 4, 6), and_itself(randbool(2, 4, 4)))
    built(randn(3, 5, 6))


@pytest.mark.points(1)
def test_with_pre_norm_the_norms_stand_before_the_sublayers(check, randn, randbool):
    check.build(6, 3, 7, pre_norm=True)(randn(2, 4, 6), and_itself(randbool(2, 4, 4)))


@pytest.mark.points(1)
def test_dropout_falls_on_both_sublayers_in_training_and_on_nothing_in_eval(check, randn, randint, randbool):
    # A dropout of 1 drops everything: no luck is involved, and any way to drop is as good as another.
    x, mask = randn(2, 4, 6), and_itself(randbool(2, 4, 4))
    for pre_norm in (False, True):
        sizes = {"d_model": 6, "num_heads": 3, "d_ff": 5, "dropout": 1.0, "pre_norm": pre_norm}
        check.through("in_training", sizes, int(randint(0, 10**6)), x, mask)
    check.build(6, 3, 5, dropout=1.0)(x, mask)


@pytest.mark.points(0.75)
@pytest.mark.hidden
@pytest.mark.needs("test_attention_and_then_the_feed_forward_network_are_added_and_normalised")
def test_masks_of_every_shape_other_sizes_and_gradients_are_fine(check, randn, randint, randbool):
    for pre_norm in (False, True):
        built = check.build(12, 3, 10, pre_norm=pre_norm)
        built.gradients(randn(2, 5, 12), and_itself(randbool(2, 5, 5)))
        built(randn(3, 7, 12), mask=torch.ones(1, 7, 7, dtype=torch.bool).tril())
        built(randn(2, 12, 4).transpose(1, 2))
        built(randn(1, 1, 12))
    real = torch.tensor([[1, 1, 1, 1, 0, 0], [0, 1, 1, 0, 1, 1], [1, 1, 1, 1, 1, 1]], dtype=torch.bool).unsqueeze(1)
    sizes = {"d_model": 8, "num_heads": 4, "d_ff": 9}  # without dropout, training changes nothing
    check.through("in_training", sizes, int(randint(0, 10**6)), randn(2, 6, 8), None)
    check.through("at_real_positions", sizes, int(randint(0, 10**6)), randn(3, 6, 8), real)


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_attention_and_then_the_feed_forward_network_are_added_and_normalised")
def test_the_result_has_the_dtype_of_x(check, randn, randint):
    real = torch.arange(6) < torch.tensor([[[4]], [[5]], [[6]]])
    sizes = {"d_model": 8, "num_heads": 4, "d_ff": 9}
    check.through("at_real_positions", sizes, int(randint(0, 10**6)), randn(3, 6, 8, dtype=torch.float64), real)
