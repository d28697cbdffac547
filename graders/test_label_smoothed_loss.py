"""label_smoothed_loss(logits (B, T, V), targets (B, T), smoothing, pad_id=None) -> scalar"""

import pytest
import torch

pytestmark = pytest.mark.exercise("label_smoothed_loss")


def padded(targets, lengths, pad_id):
    """The targets with padding after the first `lengths[b]` of row b."""
    for row, length in enumerate(lengths):
        targets[row, length:] = pad_id
    return targets


@pytest.mark.points(1)
def test_without_smoothing_it_is_the_mean_cross_entropy_of_the_targets_that_are_not_padding(check, randn, randint):
    check.gradients(randn(3, 5, 7, scale=2.0), randint(0, 7, 3, 5), 0.0)
    for pad_id, lengths in [(2, [4, 1, 6]), (0, [6, 2, 3])]:
        check.gradients(randn(3, 6, 9, scale=2.0), padded(randint(0, 9, 3, 6), lengths, pad_id), 0.0, pad_id)


@pytest.mark.points(1)
def test_smoothing_mixes_in_the_uniform_distribution_over_all_classes(check, randn, randint):
    check.gradients(randn(2, 4, 6, scale=2.0), randint(0, 6, 2, 4), 0.25)
    for smoothing, pad_id, lengths in [(0.1, 3, [5, 2, 4]), (0.6, 0, [1, 5, 3])]:
        check.gradients(randn(3, 5, 8, scale=2.0), padded(randint(0, 8, 3, 5), lengths, pad_id), smoothing, pad_id)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_padding_outside_the_vocabulary_huge_logits_and_float64_are_fine(check, randn, randint):
    logits = randn(3, 4, 5)
    check.gradients(logits, padded(randint(0, 5, 3, 4), [4, 0, 2], -100), 0.3, -100)
    check.gradients(logits, padded(randint(0, 5, 3, 4), [1, 3, 2], 7), 0.2, 7)
    check.gradients(randn(2, 3, 6, scale=1e3), randint(0, 6, 2, 3), 0.1)
    check.gradients(randn(2, 3, 6, scale=1e4, shift=1e4), padded(randint(0, 6, 2, 3), [3, 1], 4), 0.0, 4)
    check.gradients(randn(1, 1, 4, dtype=torch.float64), randint(0, 4, 1, 1), 0.4)
    check.gradients(randn(5, 6, 4).transpose(1, 2), randint(0, 6, 5, 4), 0.1)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_without_smoothing_it_is_the_mean_cross_entropy_of_the_targets_that_are_not_padding")
def test_a_batch_of_padding_only_has_the_loss_0_and_gradients_of_0(check, randn):
    for pad_id in (2, -100):
        check.through("learn_from", randn(3, 4, 5), torch.full((3, 4), pad_id), 0.15, pad_id)
