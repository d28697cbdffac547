"""DecoderTransformer(vocab_size, ..., pre_norm=False): tokens (B, T) -> logits (B, T, V)"""

import pytest
import torch

from graders import labs

pytestmark = pytest.mark.exercise("decoder_transformer")


def sentences(randint, vocab_size, pad_id, rows):
    """Drawn tokens where a row says x, and padding where it says a dot; 0 is a token like any other."""
    real = torch.tensor([[place == "x" for place in row] for row in rows])
    drawn = randint(0, vocab_size - 1, *real.shape)
    return torch.where(real, drawn + (drawn >= pad_id), pad_id)


def seed(randint):
    """The seed of the weights that a staged helper draws."""
    return int(randint(0, 2**31, 1))


@pytest.mark.points(1)
def test_every_position_guesses_from_its_own_prefix_whatever_follows(check, randint):
    built = check.build(7, 6, 3, 2, 5, 9, pad_id=2)
    tokens = sentences(randint, 7, 2, ["xxxxx", "xxxxx"])
    built(tokens[:, :3])
    built(tokens)


@pytest.mark.points(0.5)
def test_with_pre_norm_the_layers_are_told_and_final_norm_comes_last(check, randint):
    check.build(7, 6, 3, 2, 5, 9, pad_id=2, pre_norm=True)(sentences(randint, 7, 2, ["xxx", "xxx"]))


@pytest.mark.points(1)
def test_no_word_reads_padding_wherever_it_stands(check, randint):
    # Padded positions are left out of the comparison: what a model computes there is nobody's business.
    sizes = {"vocab_size": 7, "d_model": 6, "num_heads": 3, "num_layers": 2, "d_ff": 4, "max_len": 6, "pad_id": 3}
    batches = [sentences(randint, 7, 3, rows) for rows in (["..xx", "xx.x"], ["x..", ".xx"], [".x.xx", "xxxx."])]
    check.through("at_real_tokens", sizes, seed(randint), batches, 3)


@pytest.mark.points(0.5)
def test_the_table_starts_small_and_learns_from_both_of_its_uses(check, randint, randn):
    check.through("initial_scale", _sizes(40, 16))
    tokens = sentences(randint, 7, 0, ["xxx", "xxx"])
    check.through("table_gradient", _sizes(7, 4), seed(randint), tokens, randn(2, 3, 7))


@pytest.mark.points(0.5)
def test_dropout_falls_on_the_embeddings_with_their_positions_and_only_in_training(check, randint):
    # A dropout of 1 drops everything: no luck is involved, and any way to drop is as good as another.
    sizes = _sizes(7, 4)
    tokens = sentences(randint, 7, 0, ["xxx", "xxx"])
    for options in ({"dropout": 1.0}, {}):
        check.through("in_training", sizes | options, seed(randint), tokens)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_every_position_guesses_from_its_own_prefix_whatever_follows")
def test_other_sizes_eval_gradients_and_float64_are_fine(check, randint, randn):
    for pre_norm in (False, True):
        built = check.build(11, 12, 3, 3, 10, 7, dropout=1.0, pre_norm=pre_norm)  # in eval() dropout does nothing
        built(sentences(randint, 11, 0, ["xxxxxxx", "xxxxxxx", "xxxxxxx"]))
        built(sentences(randint, 11, 0, ["x"]))
        built.gradients(sentences(randint, 11, 0, ["xxxx", "xxxx"]))
        sizes = _sizes(9, 8) | {"pad_id": 4, "pre_norm": pre_norm}
        tokens = sentences(randint, 9, 4, ["xxxx.", "..xxx", "x.x.x"])
        check.through("gradients", sizes, seed(randint), tokens, randn(3, 5, 9, dtype=torch.float64))
    left_out = {name: size for name, size in _sizes(9, 8).items() if name != "pad_id"}  # its default is 0
    batches = [sentences(randint, 9, 0, ["..xxx", ".x.xx"])]
    check.through("at_real_tokens", left_out, seed(randint), batches, 0)


@pytest.mark.lab("Lab B: a text by heart")
@pytest.mark.points(3)
@pytest.mark.hidden
@pytest.mark.limit(seconds=60)
@pytest.mark.needs(
    "test_every_position_guesses_from_its_own_prefix_whatever_follows",
    "test_with_pre_norm_the_layers_are_told_and_final_norm_comes_last",
    "test_no_word_reads_padding_wherever_it_stands",
    "test_the_table_starts_small_and_learns_from_both_of_its_uses",
    "test_dropout_falls_on_the_embeddings_with_their_positions_and_only_in_training",
    "test_other_sizes_eval_gradients_and_float64_are_fine",
)
def test_trained_for_two_seconds_on_a_short_text_it_goes_on_writing_it(train, reference, randint):
    fresh = int(randint(0, 2**31, 1))

    def score(seed):
        windows = labs.text_batches(seed)
        state = train(labs.TEXT_STEPS, labs.TEXT_SIZES, windows, labs.TEXT_RATE, seed)
        return labs.text_score(labs.load(reference.DecoderTransformer, labs.TEXT_SIZES, state), fresh)

    assert labs.best_score(score, labs.TEXT_MARK) >= labs.TEXT_MARK


def _sizes(vocab_size, d_model):
    return {
        "vocab_size": vocab_size,
        "d_model": d_model,
        "num_heads": 2,
        "num_layers": 2,
        "d_ff": 5,
        "max_len": 8,
        "pad_id": 0,
    }
