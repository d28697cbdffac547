"""CachedSelfAttention(d_model, num_heads).step(x_new (B, n, d), cache=None) -> (out (B, n, d), cache)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("cached_self_attention")


def pieces(randn, batch, lengths, d_model, dtype=torch.float32):
    """Pieces of a sequence, and cotangents for their outputs."""
    drawn = [randn(batch, length, d_model, dtype=dtype) for length in lengths]
    return drawn, [randn(*piece.shape, dtype=dtype) for piece in drawn]


@pytest.mark.points(1)
def test_the_module_has_the_four_linears_and_reads_a_whole_sequence_causally(check, randn):
    check.build(12, 3)
    check.through("read", (12, 3), check.state(12, 3), *pieces(randn, 2, [5], 12))


@pytest.mark.points(2)
def test_a_sequence_read_in_pieces_of_any_length_gives_the_same_outputs_and_gradients(check, randn):
    for d_model, heads, lengths in [(12, 3, [4, 1, 1, 3]), (8, 4, [1, 1, 1]), (10, 5, [2, 4])]:
        state = check.state(d_model, heads)
        check.through("read", (d_model, heads), state, *pieces(randn, 3, lengths, d_model))


@pytest.mark.points(0.25)
@pytest.mark.hidden
def test_large_and_low_scores_do_no_harm(check, randn):
    # One key alone: its weight is 1 to the last digit, whatever the score.
    check.through("read", (6, 3), check.state(6, 3), [randn(4, 1, 6, scale=100.0)], [randn(4, 1, 6)])


@pytest.mark.points(0.75)
@pytest.mark.hidden
def test_a_cache_is_never_changed_so_that_one_can_go_on_from_it_in_two_ways(check, randn):
    ways = [[randn(2, length, 12) for length in lengths] for lengths in ([2, 1, 2], [1, 1, 3])]
    check.through("branch", (12, 4), check.state(12, 4), randn(2, 3, 12), ways)
    check.through("branch", (6, 3), check.state(6, 3), randn(1, 1, 6), [[randn(1, 1, 6)], [randn(1, 2, 6)]])
    check.through("read_in_turn", (12, 4), check.state(12, 4), ways)
    state = {name: weight.double() for name, weight in check.state(6, 3).items()}
    check.through("read", (6, 3), state, *pieces(randn, 2, [2, 1, 2], 6, torch.float64))
