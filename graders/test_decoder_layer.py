"""DecoderLayer(d_model, num_heads, d_ff, dropout=0.0): x, causal_mask, encoder_output, cross_mask -> (B, T, d)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("decoder_layer")


def causal(length):
    return torch.ones(1, length, length, dtype=torch.bool).tril()


def sources(*lengths):
    """The cross mask (B, 1, S) of sources of these lengths, padded on the right to the longest."""
    return (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)).unsqueeze(1)


@pytest.mark.points(3)
def test_what_was_written_looks_at_itself_and_then_at_what_was_read(check, randn):
    built = check.build(6, 3, 5)
    # As many source words as target words: what takes one for the other gives values here, and fails below.
    built(randn(2, 4, 6), causal(4), randn(2, 4, 6, scale=1.5), sources(2, 4).repeat(1, 4, 1))
    built(randn(2, 3, 6), causal(3), randn(2, 5, 6, scale=1.5), sources(5, 3).repeat(1, 3, 1))


@pytest.mark.points(1)
def test_dropout_falls_on_all_sublayers_in_training_and_on_nothing_in_eval(check, randn, randint):
    # A dropout of 1 drops everything: no luck is involved, and any way to drop is as good as another.
    inputs = [randn(2, 4, 6), causal(4), randn(2, 4, 6), sources(4, 3).repeat(1, 4, 1)]
    sizes = {"d_model": 6, "num_heads": 3, "d_ff": 7, "dropout": 1.0}
    check.through("output", sizes, int(randint(0, 10**6)), True, *inputs)
    check.build(6, 3, 5, dropout=1.0)(*inputs)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_what_was_written_looks_at_itself_and_then_at_what_was_read")
def test_the_masks_are_used_as_they_are_given(check, randn, randbool):
    built = check.build(12, 3, 10)
    itself = torch.eye(5, dtype=torch.bool)
    first = torch.arange(7) < 1
    built(randn(2, 5, 12), randbool(2, 5, 5) | itself, randn(2, 7, 12), randbool(2, 5, 7) | first)
    built(randn(3, 5, 12), None, randn(3, 7, 12), sources(7, 2, 4))
    built(randn(2, 5, 12), causal(5), randn(2, 7, 12), None)
    built(randn(2, 6, 12), causal_mask=causal(6), encoder_output=randn(2, 3, 12), cross_mask=sources(3, 2))


@pytest.mark.points(0.75)
@pytest.mark.hidden
@pytest.mark.needs("test_what_was_written_looks_at_itself_and_then_at_what_was_read")
def test_gradients_and_length_one_are_fine(check, randn):
    built = check.build(8, 4, 9)
    built.gradients(randn(2, 5, 8), causal(5), randn(2, 3, 8), sources(3, 2))
    built(randn(1, 1, 8), causal(1), randn(1, 7, 8), sources(7))
    built(randn(2, 8, 3).transpose(1, 2), causal(3), randn(2, 8, 5).transpose(1, 2), sources(4, 5))


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_what_was_written_looks_at_itself_and_then_at_what_was_read")
def test_the_result_has_the_dtype_of_x_in_training_too(check, randn, randint):
    wide = [randn(2, 3, 9, dtype=torch.float64), causal(3), randn(2, 4, 9, dtype=torch.float64), sources(1, 4)]
    sizes = {"d_model": 9, "num_heads": 3, "d_ff": 11}
    check.through("output", sizes, int(randint(0, 10**6)), False, *wide)
    check.through("output", sizes, int(randint(0, 10**6)), True, *wide)  # without dropout training changes nothing
