"""EncoderTransformer(vocab_size, num_classes, ...): tokens (B, T) -> logits (B, num_classes)"""

import pytest
import torch

from graders import labs

pytestmark = pytest.mark.exercise("encoder_transformer")


def sentences(randint, vocab_size, pad_id, rows):
    """Drawn tokens where a row says x, and padding where it says a dot; 0 is a token like any other."""
    real = torch.tensor([[place == "x" for place in row] for row in rows])
    drawn = randint(0, vocab_size - 1, *real.shape)
    return torch.where(real, drawn + (drawn >= pad_id), pad_id)


def seed(randint):
    """The seed of the weights that a staged helper draws."""
    return int(randint(0, 2**31, 1))


@pytest.mark.points(1)
def test_the_real_tokens_are_read_by_every_layer_and_their_mean_is_classified(check, randint):
    built = check.build(7, 3, 6, 3, 2, 5, 9, pad_id=2)
    built(sentences(randint, 7, 2, ["xxxx", "xxxx", "xxxx"]))
    built(sentences(randint, 7, 2, ["xxx..", "xxxxx", ".xx.."]))


@pytest.mark.points(0.5)
@pytest.mark.needs("test_the_real_tokens_are_read_by_every_layer_and_their_mean_is_classified")
def test_padding_is_read_by_no_token_and_appended_it_changes_nothing(check, randint):
    built = check.build(8, 4, 6, 3, 1, 7, 9, pad_id=3)
    tokens = sentences(randint, 8, 3, ["xxxx", "x.xx", ".x.."])
    built(tokens)
    built(torch.cat([tokens, torch.full((3, 4), 3)], dim=1))


@pytest.mark.points(0.5)
def test_a_sequence_of_nothing_but_padding_gives_the_bias_of_the_head(check, randint):
    built = check.build(8, 4, 6, 3, 1, 7, 9, pad_id=3)
    built(sentences(randint, 8, 3, ["xxx", "...", "..x"]))
    built.gradients(sentences(randint, 8, 3, ["xxxxx", "....."]))


@pytest.mark.points(0.5)
def test_dropout_falls_on_the_embeddings_with_their_positions_and_only_in_training(check, randint):
    # A dropout of 1 drops everything: no luck is involved, and any way to drop is as good as another.
    sizes = {"vocab_size": 7, "num_classes": 3, "d_model": 6, "num_heads": 3, "num_layers": 2, "d_ff": 5, "max_len": 8}
    tokens = sentences(randint, 7, 0, ["xxx.", "xxxx"])
    for options in ({"dropout": 1.0}, {}):
        check.through("in_training", sizes | options, seed(randint), tokens)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_the_real_tokens_are_read_by_every_layer_and_their_mean_is_classified")
def test_gradients_other_sizes_eval_and_float64_are_fine(check, randint, randn):
    built = check.build(11, 5, 12, 3, 3, 10, 8, dropout=1.0)  # in eval() dropout does nothing
    built(sentences(randint, 11, 0, ["xxxxxxx", "xxx....", "x......"]))
    built(sentences(randint, 11, 0, ["x"]))
    built.gradients(sentences(randint, 11, 0, ["xxxxx", "xx..."]))
    sizes = {"vocab_size": 9, "num_classes": 2, "d_model": 8, "num_heads": 4, "num_layers": 2, "d_ff": 5, "max_len": 7}
    tokens = sentences(randint, 9, 0, ["xxxx.", "xxxxx", "x...."])
    check.through("gradients", sizes, seed(randint), tokens, randn(3, 2, dtype=torch.float64))


@pytest.mark.lab("Lab A: seen before?")
@pytest.mark.points(3)
@pytest.mark.hidden
@pytest.mark.limit(seconds=60)
@pytest.mark.needs(
    "test_the_real_tokens_are_read_by_every_layer_and_their_mean_is_classified",
    "test_padding_is_read_by_no_token_and_appended_it_changes_nothing",
    "test_dropout_falls_on_the_embeddings_with_their_positions_and_only_in_training",
    "test_gradients_other_sizes_eval_and_float64_are_fine",
)
def test_trained_for_two_seconds_it_tells_whether_the_first_token_occurs_again(train, reference, randint):
    fresh = int(randint(0, 2**31, 1))

    def accuracy(seed):
        tokens, labels = labs.occurrence_batches(seed)
        state = train(labs.OCCURRENCE_STEPS, labs.OCCURRENCE_SIZES, tokens, labels, labs.OCCURRENCE_RATE, seed)
        model = labs.load(reference.EncoderTransformer, labs.OCCURRENCE_SIZES, state)
        return labs.occurrence_accuracy(model, fresh)

    assert labs.best_score(accuracy, labs.OCCURRENCE_MARK) >= labs.OCCURRENCE_MARK
