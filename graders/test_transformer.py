"""Transformer(vocab_size, ...): encode(source), decode(target_input, memory, source), forward(source, target_input)"""

import pytest
import torch

from graders import labs

pytestmark = pytest.mark.exercise("transformer")

# Padded positions are left out of every comparison: what a model computes there is nobody's business.


def sentences(randint, vocab_size, pad_id, rows):
    """Drawn tokens where a row says x, and padding where it says a dot; 0 is a token like any other."""
    real = torch.tensor([[place == "x" for place in row] for row in rows])
    drawn = randint(0, vocab_size - 1, *real.shape)
    return torch.where(real, drawn + (drawn >= pad_id), pad_id)


def sizes(vocab_size, d_model, num_heads, num_layers, pad_id=0):
    return {
        "vocab_size": vocab_size,
        "d_model": d_model,
        "num_heads": num_heads,
        "num_layers": num_layers,
        "d_ff": 5,
        "max_len": 8,
        "pad_id": pad_id,
    }


def seed(randint):
    """The seed of the weights that a staged helper draws."""
    return int(randint(0, 2**31, 1))


@pytest.mark.points(1)
def test_the_encoder_reads_all_of_the_source_but_its_padding(check, randint):
    small = sizes(7, 6, 3, 2, pad_id=2)
    source = sentences(randint, 7, 2, ["xxx.", "..xx", "xxxx"])
    check.through("memory_at_real_tokens", small, seed(randint), source)


@pytest.mark.points(2)
def test_the_decoder_sees_the_past_of_the_target_and_the_words_of_the_source(check, randint, randn):
    small = sizes(7, 6, 3, 2, pad_id=2)
    # As many source words as target words: what takes one for the other gives values here, and fails below.
    target_input, source = sentences(randint, 7, 2, ["xxxx", "xxxx"]), sentences(randint, 7, 2, ["xx.x", "xxx."])
    check.through("decoded_at_real_tokens", small, seed(randint), target_input, randn(2, 4, 6), source)
    target_input, source = sentences(randint, 7, 2, ["xxx", "xxx"]), sentences(randint, 7, 2, ["xxxxx", "..xxx"])
    check.through("decoded_at_real_tokens", small, seed(randint), target_input, randn(2, 5, 6), source)


@pytest.mark.points(1)
def test_no_word_reads_padding_of_the_source_or_of_the_target(check, randint, randn):
    small = sizes(8, 6, 3, 2, pad_id=3)
    both = sentences(randint, 8, 3, ["xx..", ".x.x"]), sentences(randint, 8, 3, ["xxx.", "x..x"])
    check.through("decoded_at_real_tokens", small, seed(randint), both[0], randn(2, 4, 6), both[1])
    check.through("logits_at_real_tokens", small, seed(randint), [both])


@pytest.mark.points(0.5)
def test_forward_reads_the_source_and_then_writes_the_target_as_it_comes(check, randint):
    built = check.build(7, 6, 3, 2, 5, 8, pad_id=2)
    built(sentences(randint, 7, 2, ["xxxx", ".xx."]), sentences(randint, 7, 2, ["xxx", "xxx"]))


@pytest.mark.points(0.5)
def test_the_table_starts_small_and_learns_from_all_three_of_its_uses(check, randint, randn):
    check.through("initial_scale", sizes(40, 16, 2, 1))
    rows = sentences(randint, 7, 0, ["xx.", "xxx"]), sentences(randint, 7, 0, ["xxx", "xxx"])
    check.through("table_gradient", sizes(7, 4, 2, 1), seed(randint), *rows, randn(2, 3, 7))


@pytest.mark.points(0.5)
def test_dropout_falls_on_the_embeddings_with_their_positions_and_only_in_training(check, randint):
    # A dropout of 1 drops everything: no luck is involved, and any way to drop is as good as another.
    small = sizes(7, 6, 3, 1)
    rows = sentences(randint, 7, 0, ["xxx.", "xxxx"]), sentences(randint, 7, 0, ["xxx", "xxx"])
    for options in ({"dropout": 1.0}, {}):
        check.through("in_training", small | options, seed(randint), *rows)


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_forward_reads_the_source_and_then_writes_the_target_as_it_comes")
def test_other_sizes_eval_gradients_and_float64_are_fine(check, randint, randn):
    built = check.build(11, 12, 3, 3, 10, 7, dropout=1.0)  # in eval() dropout does nothing
    source = sentences(randint, 11, 0, ["xxxxxxx", "xxxxxxx", "xxxxxxx"])
    built.encode(source)
    built(source, sentences(randint, 11, 0, ["xxxx", "xxxx", "xxxx"]))
    built(sentences(randint, 11, 0, ["x"]), sentences(randint, 11, 0, ["x"]))
    target_input = sentences(randint, 11, 0, ["xxx", "xxx"])
    built.gradients.decode(target_input, randn(2, 5, 12), sentences(randint, 11, 0, ["xxxxx", "xxx.."]))
    wide = sizes(9, 8, 4, 2, pad_id=4)
    rows = sentences(randint, 9, 4, ["xxxx.", "..xxx", "x.x.x"]), sentences(randint, 9, 4, [".xxx", "xx..", "xxxx"])
    check.through("gradients", wide, seed(randint), *rows, randn(3, 4, 9, dtype=torch.float64))
    check.through("logits_at_real_tokens", wide, seed(randint), [rows, rows[::-1]])
    built.decode(target_input, randn(2, 5, 12), sentences(randint, 11, 0, ["x.xxx", "xxxxx"]))


@pytest.mark.lab("Lab C: reversal")
@pytest.mark.points(3)
@pytest.mark.hidden
@pytest.mark.limit(seconds=60)
@pytest.mark.needs(
    "test_the_encoder_reads_all_of_the_source_but_its_padding",
    "test_the_decoder_sees_the_past_of_the_target_and_the_words_of_the_source",
    "test_no_word_reads_padding_of_the_source_or_of_the_target",
    "test_forward_reads_the_source_and_then_writes_the_target_as_it_comes",
    "test_the_table_starts_small_and_learns_from_all_three_of_its_uses",
    "test_dropout_falls_on_the_embeddings_with_their_positions_and_only_in_training",
    "test_other_sizes_eval_gradients_and_float64_are_fine",
)
def test_trained_for_three_seconds_it_writes_six_symbols_backwards(train, reference, randint):
    fresh = int(randint(0, 2**31, 1))

    def exact(seed):
        sources, targets = labs.reversal_batches(seed)
        data = (sources, targets, labs.BOS, labs.REVERSAL_RATE, seed)
        state, fed, whole, prefixes = train(labs.REVERSAL_STEPS, labs.REVERSAL_SIZES, *data)
        assert labs.starts_with_bos(fed, targets[-1]), "the decoder was not fed the target behind BOS"
        assert labs.prefixes_agree(whole, prefixes), "the decoder looks ahead: a prefix alone gives other logits"
        model = labs.load(reference.Transformer, labs.REVERSAL_SIZES, state)
        return labs.reversal_exact(model, reference.greedy_decode, fresh)

    assert labs.best_score(exact, labs.REVERSAL_MARK) >= labs.REVERSAL_MARK
