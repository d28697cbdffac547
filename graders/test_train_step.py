"""train_step(model, source, target, optimizer, max_norm, bos_id=1, pad_id=0, smoothing=0.0) -> float"""

import pytest

pytestmark = pytest.mark.exercise("train_step")


def weights(randn, vocab, width, scale=1.0, **more):
    """Weights of the staged toy model."""
    return {
        "source": randn(vocab, width),
        "target": randn(vocab, width),
        "output": randn(width, vocab, scale=scale),
        "bias": randn(vocab, scale=scale),
        **more,
    }


def sentences(randint, vocab, length, lengths, pad_id):
    """A batch of targets of these lengths, padded; no real token is `pad_id`, 0 or 1."""
    tokens = randint(3, vocab, len(lengths), length)
    for row, end in enumerate(lengths):
        tokens[row, end:] = pad_id
    return tokens


@pytest.mark.points(1)
def test_the_decoder_reads_the_shifted_target_and_the_loss_judges_the_target_itself(check, randn, randint):
    source = randint(2, 9, 3, 4)
    target = sentences(randint, 9, 5, [5, 3, 4], pad_id=0)
    check.through("learn", weights(randn, 9, 6), [(source, target)], rate=0.7, max_norm=1000.0)


@pytest.mark.points(1)
def test_old_gradients_do_not_count_and_the_model_is_in_training_mode(check, randn, randint):
    start = weights(randn, 7, 5)
    stale = {name: randn(*weight.shape) for name, weight in start.items()}
    batches = [(randint(2, 7, 2, 3), sentences(randint, 7, 4, ends, pad_id=0)) for ends in ([4, 2], [3, 4], [1, 4])]
    check.through("learn", start, batches, rate=0.5, max_norm=1000.0, stale=stale)
    check.through("learn", start, batches[:1], rate=0.5, max_norm=1000.0)


@pytest.mark.points(1)
def test_gradients_are_scaled_by_one_factor_to_max_norm_and_only_if_they_are_longer(check, randn, randint):
    source = randint(2, 8, 3, 4)
    target = sentences(randint, 8, 6, [6, 2, 5], pad_id=0)
    steep = weights(randn, 8, 5, scale=8.0)
    for max_norm, rate in [(0.3, 3.0), (0.02, 50.0), (40.0, 0.5)]:
        check.through("learn", steep, [(source, target), (source, target)], rate=rate, max_norm=max_norm)


@pytest.mark.points(1)
@pytest.mark.hidden
def test_bos_pad_and_smoothing_reach_their_places_and_parameters_without_gradient_are_no_obstacle(
    check, randn, randint
):
    source = randint(3, 9, 4, 3)
    for bos_id, pad_id, smoothing in [(2, 0, 0.2), (3, 2, 0.35), (4, 5, 0.0)]:
        target = sentences(randint, 9, 5, [5, 3, 4, 1], pad_id)
        target[0, 1] = 0  # an ordinary token where pad_id is another one
        options = {"bos_id": bos_id, "pad_id": pad_id, "smoothing": smoothing}
        check.through("learn", weights(randn, 9, 4), [(source, target)], rate=0.6, max_norm=5.0, **options)
    partly = weights(randn, 9, 4, frozen=randn(4), unused=randn(3))
    target = sentences(randint, 9, 5, [5, 3, 4, 1], pad_id=2)
    for max_norm in (0.2, 500.0):
        check.through("learn", partly, [(source, target)] * 2, rate=0.9, max_norm=max_norm, bos_id=3, pad_id=2)
