"""What the course claims in numbers, or about torch, is computed here.

Each test says where the sentence stands and holds its words: a sentence that is changed must be computed again.
"""

import math
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn

from solutions.attention import MultiHeadAttention, masked_softmax, scaled_dot_product_attention
from solutions.bonus import path_length
from solutions.bugs import mean_loss, standardise
from solutions.layers import DecoderLayer, EncoderLayer, FeedForward, layer_norm
from solutions.masks import causal_mask, padding_mask, shift_right
from solutions.models import DecoderTransformer, EncoderTransformer, Transformer
from solutions.positions import TokenEmbedding, positional_encoding
from solutions.training import label_smoothed_loss, noam_rate

ROOT = Path(__file__).parents[2]


def says(file: str, *sentences: str) -> None:
    """The file holds these words, whatever its line breaks."""
    text = " ".join((ROOT / file).read_text("utf-8").split())
    for sentence in sentences:
        assert sentence in text, f"{file} no longer says “{sentence}”: compute what it says now"


def weights_in(*modules: nn.Module) -> int:
    """The number of weights without biases and norms."""
    return sum(p.numel() for module in modules for p in module.parameters() if p.dim() > 1)


# --- positions --------------------------------------------------------------------------------------------------------


def test_the_longest_wavelength_is_9650_turns_of_the_fastest_hand():
    says("solutions/lessons/positions.md", "at $d_{model} = 512$, about 9650 times more slowly")
    times = 10000 ** (510 / 512)
    assert times == pytest.approx(9650, rel=1e-3)


def test_the_last_pair_has_the_wavelength_that_the_docstring_says_for_even_and_for_odd_widths():
    says(
        "solutions/positions.py",
        "to 2π · 10000^((d_model - 2) / d_model) in the last (if d_model is even; "
        "to 2π · 10000^((d_model - 1) / d_model) if it is odd)",
    )
    for d_model, last_sine, exponent in ((8, 6, 6 / 8), (7, 6, 6 / 7)):
        angle = positional_encoding(2, d_model).double()[1, last_sine].asin().item()
        assert 1 / angle == pytest.approx(10000**exponent, rel=1e-5)


def test_float32_is_good_to_four_millionths_at_64_positions_and_not_to_three():
    says("solutions/positions.py", "at lengths of up to 64 positions, where float32 arithmetic is good to 4e-6")
    position = torch.arange(64, dtype=torch.float32).unsqueeze(1)
    two_i = torch.arange(0, 512, 2, dtype=torch.float32)
    in_float32 = (position / 10000 ** (two_i / 512)).sin()
    error = (in_float32.double() - positional_encoding(64, 512)[:, 0::2].double()).abs().max()
    assert error < 4e-6


def test_scaled_embeddings_have_unit_variance_and_the_table_has_not():
    says("solutions/positions.py", "√d_model on the way out, which gives them unit variance")
    torch.manual_seed(0)
    embedding = TokenEmbedding(1000, 64)
    assert embedding(torch.arange(1000)[None]).std().item() == pytest.approx(1, rel=0.02)
    assert embedding.embedding.weight.std().item() == pytest.approx(1 / 8, rel=0.02)


# --- attention --------------------------------------------------------------------------------------------------------


def test_unscaled_more_than_half_of_the_queries_give_nine_tenths_of_their_weight_to_one_key():
    says("course.toml", "more than half of all queries would give nine tenths of their weight to one of 16 keys")
    generator = torch.Generator().manual_seed(3)
    query, key = torch.randn(4000, 1, 64, generator=generator), torch.randn(4000, 16, 64, generator=generator)
    scores = query @ key.transpose(-2, -1)
    sharp = [(part.softmax(dim=-1).amax(dim=-1) > 0.9).float().mean() for part in (scores, scores / 8)]
    assert sharp[0] > 0.5
    assert sharp[1] == 0


def test_the_gradient_of_an_unscaled_query_is_larger_on_average_but_not_for_the_typical_query():
    """Why the course does not say that gradients vanish: solutions/attention.py speaks of what the authors suspect."""
    says("solutions/attention.py", "Without that, the authors suspect, wide vectors push the softmax into regions")
    sizes = {}
    for name, scale in (("unscaled", 1.0), ("scaled", 1 / 8)):
        generator = torch.Generator().manual_seed(4)
        query = torch.randn(2000, 1, 64, generator=generator, requires_grad=True)
        key, value = (torch.randn(2000, 16, 64, generator=generator) for _ in range(2))
        cotangent = torch.randn(2000, 1, 64, generator=generator)
        output = (query @ key.transpose(-2, -1) * scale).softmax(dim=-1) @ value
        (gradient,) = torch.autograd.grad((output * cotangent).sum(), query)
        sizes[name] = gradient.norm(dim=-1)[:, 0]
    assert sizes["unscaled"].mean() > sizes["scaled"].mean()
    spread = {name: (size.quantile(0.9) / size.quantile(0.1)).item() for name, size in sizes.items()}
    assert spread["unscaled"] > 10 * spread["scaled"]


def test_the_lowest_finite_number_gives_the_weights_of_minus_infinity_but_in_an_empty_row():
    says(
        "solutions/lessons/masks.md",
        "The lowest finite number gives the same weights in a row in which something is allowed",
        "−∞ gives NaN, and the lowest number the same weight to every forbidden key",
    )
    scores, mask = torch.randn(3, 4), torch.tensor([[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=torch.bool)
    infinite = scores.masked_fill(~mask, -math.inf).softmax(dim=-1)
    lowest = scores.masked_fill(~mask, torch.finfo(torch.float32).min).softmax(dim=-1)
    assert torch.equal(infinite[:2], lowest[:2])
    assert infinite[2].isnan().all()
    assert torch.equal(lowest[2], torch.full((4,), 0.25))
    assert torch.equal(masked_softmax(scores, mask)[2], torch.zeros(4))


def test_torchs_layer_marks_what_is_hidden_and_can_answer_nan_for_an_empty_row():
    says("course.toml", "where torch's own multi-head layer can still answer NaN")
    says("solutions/attention.py", "the opposite of `nn.MultiheadAttention` and `nn.Transformer`, where True means")
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True), torch.randn(1, 3, 4)
    hidden = torch.zeros(3, 3, dtype=torch.bool)
    hidden[1] = True  # hides all keys of query 1: it would allow them all if True meant "may attend"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output, _ = layer(x, x, x, attn_mask=hidden)
    assert output[0, 1].isnan().all()
    assert not output[0, [0, 2]].isnan().any()


def test_the_same_weights_give_what_torchs_multi_head_layer_gives():
    says("course.toml", "With the same weights, torch's nn.MultiheadAttention now computes exactly what yours does.")
    torch.manual_seed(0)
    ours, theirs = MultiHeadAttention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    parts = (ours.query_linear, ours.key_linear, ours.value_linear)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        theirs.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        theirs.out_proj.load_state_dict(ours.output_linear.state_dict())
    x, past = torch.randn(2, 5, 12), torch.ones(1, 5, 5, dtype=torch.bool).tril()
    expected, _ = theirs(x, x, x, attn_mask=~past[0])
    assert torch.allclose(ours(x, x, x, past), expected, atol=1e-6)


def test_equal_projections_make_scores_symmetric_and_not_weights():
    says("solutions/quiz/attention.toml", "(The weights need not be symmetric, since each row is divided by a sum")
    torch.manual_seed(0)
    x = torch.randn(5, 8) @ torch.randn(8, 8)
    scores = x @ x.T
    assert torch.allclose(scores, scores.T)
    weights = (scores / 30).softmax(dim=-1)
    assert not torch.allclose(weights, weights.T, atol=1e-3)


def test_scores_of_products_leave_float16_and_the_course_asks_for_none():
    says("solutions/attention.py", "half precision is asked for in `masked_softmax` alone", "which ends at 65504")
    assert torch.finfo(torch.float16).max == 65504
    large = torch.full((1, 2, 4), 200.0, dtype=torch.float16)
    assert not scaled_dot_product_attention(large, large, large)[0].isfinite().all()


# --- masks ------------------------------------------------------------------------------------------------------------


def test_the_diagonal_holds_the_answer_without_the_shift_and_the_token_before_it_with_the_shift():
    says("course.toml", "none sees what comes after it, and with the target shifted right that includes its answer")
    target, mask = torch.tensor([[5, 7, 9, 2]]), causal_mask(4)[0]
    for t in range(4):
        assert target[0, t] in target[0][mask[t]]  # unshifted, every position sees its own answer
        assert target[0, t] not in shift_right(target, 1)[0][mask[t]]


def test_a_pad_id_that_the_dtype_cannot_hold_is_compared_after_it_was_wrapped():
    says("solutions/masks.py", "any integer that the dtype of `tokens` can hold")
    tokens = torch.tensor([[255, 3]], dtype=torch.uint8)
    assert padding_mask(tokens, 255).tolist() == [[[False, True]]]
    assert padding_mask(tokens.long(), -1).tolist() == [[[True, True]]]


# --- layers -----------------------------------------------------------------------------------------------------------


def test_the_feed_forward_network_holds_two_thirds_of_an_encoder_layer_and_half_of_a_decoder_layer():
    says("course.toml", "at the paper's sizes it holds two thirds of an encoder layer's weights")
    says("solutions/lessons/layers.md", "two thirds of an encoder layer's weights", "and half of a decoder layer's")
    with torch.device("meta"):
        network = weights_in(FeedForward(512, 2048))
        assert network / weights_in(EncoderLayer(512, 8, 2048)) == pytest.approx(2 / 3)
        assert network / weights_in(DecoderLayer(512, 8, 2048)) == pytest.approx(1 / 2)


def test_in_float16_squares_overflow_from_256_on_where_torchs_norm_does_not():
    says(
        "solutions/layers.py",
        "in float16 a square overflows from 256 on, where torch's own layer norm computes in float32",
    )
    x = torch.tensor([[300.0, -300.0, 0.0, 250.0]], dtype=torch.float16)
    one, zero = torch.ones(4, dtype=torch.float16), torch.zeros(4, dtype=torch.float16)
    assert (torch.tensor(255.0).half() ** 2).isfinite()
    assert (torch.tensor(256.0).half() ** 2).isinf()
    assert not torch.allclose(layer_norm(x, one, zero), nn.functional.layer_norm(x, (4,)), atol=1e-2)
    assert nn.functional.layer_norm(x, (4,)).isfinite().all()
    says("solutions/bugs.py", "x: float32 or float64, (..., d).")
    assert not torch.allclose(standardise(x, 1e-5), nn.functional.layer_norm(x, (4,)), atol=1e-2)


def test_the_second_of_the_three_sublayers_of_a_decoder_layer_reads_the_source():
    says("course.toml", "three in a decoder layer: the second of the three is where the languages meet")
    read, layer = [], DecoderLayer(6, 3, 4)
    for name in ("self_attn", "cross_attn", "feed_forward"):
        getattr(layer, name).register_forward_hook(lambda *_, name=name: read.append(name))
    layer(torch.randn(1, 2, 6), None, torch.randn(1, 3, 6), None)
    assert read == ["self_attn", "cross_attn", "feed_forward"]


def test_torchs_encoder_layer_drops_attention_weights_and_hidden_units_too():
    says("solutions/layers.py", "in training torch also drops attention weights and hidden units")
    layer = nn.TransformerEncoderLayer(8, 2, dropout=0.3)
    assert (layer.self_attn.dropout, layer.dropout.p) == (0.3, 0.3)


# --- models -----------------------------------------------------------------------------------------------------------


def test_appended_padding_changes_nothing_and_padding_before_or_between_tokens_does():
    says("course.toml", "Appended padding changes nothing")
    says("solutions/lessons/models.md", "(Before or between tokens it moves them to other positions.)")
    torch.manual_seed(0)
    reader = EncoderTransformer(20, 3, d_model=16, num_heads=2, num_layers=2, d_ff=32, max_len=12).eval()
    alone, *padded = (
        reader(torch.tensor([row])) for row in ([4, 8, 15], [4, 8, 15, 0, 0], [0, 4, 8, 15], [4, 0, 8, 15])
    )
    assert torch.allclose(alone, padded[0], atol=1e-5)
    assert not torch.allclose(alone, padded[1], atol=1e-3)
    assert not torch.allclose(alone, padded[2], atol=1e-3)


def test_the_first_loss_of_a_right_decoder_is_far_above_the_logarithm_of_the_vocabulary():
    """Why no hint compares the first loss with ln V: the shared table lets a model expect its own input at first."""
    torch.manual_seed(0)
    model, tokens = DecoderTransformer(1000, 256, 4, 2, 512, 40), torch.randint(1, 1000, (4, 20))
    logits = model(tokens)[:, :-1]
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    assert loss > 1.5 * math.log(1000)
    for path in [ROOT / "course.toml", *sorted((ROOT / "graders" / "misconceptions").iterdir())]:
        if path.is_file():
            assert "ln V" not in path.read_text("utf-8"), path.name


def test_the_base_model_has_the_weights_that_the_success_line_says():
    says("course.toml", "Your model's layers hold 44,138,496 weights at the paper's base size")
    with torch.device("meta"):
        model = Transformer(37_000, 512, 8, 6, 2048, 100)
    total = sum(parameter.numel() for parameter in model.parameters())
    assert total - 37_000 * 512 == 44_138_496
    assert total == pytest.approx(65e6, rel=0.05)


# --- training ---------------------------------------------------------------------------------------------------------


def test_the_peak_of_the_rate_is_at_step_4000():
    says("solutions/training.py", "6.99e-4 for the paper's 512 and 4000")
    says("course.toml", "The paper's peak is at step 4000: 0.0007 for the base model.")
    rates = {step: noam_rate(step, 512, 4000) for step in range(3990, 4011)}
    assert max(rates, key=rates.__getitem__) == 4000
    assert rates[4000] == pytest.approx(6.99e-4, rel=1e-3)


def test_the_mean_of_a_batch_leaves_float16_where_the_sum_does_and_the_course_asks_for_none():
    says("solutions/training.py", "logits: (B, T, V), float32 or float64, before any softmax")
    says("solutions/bugs.py", "logits: float32 or float64, (B, T, V).")
    logits, targets = torch.zeros(1, 8, 3, dtype=torch.float16), torch.ones(1, 8, dtype=torch.int64)
    logits[..., 0] = 2e4
    assert label_smoothed_loss(logits, targets, 0.0).isinf()
    assert mean_loss(logits, targets, 2).isinf()
    assert label_smoothed_loss(logits.float(), targets, 0.0) == 2e4


# --- bonus ------------------------------------------------------------------------------------------------------------


def test_a_chain_of_operations_is_no_path_between_positions():
    says("solutions/bonus.py", 'as in the column "Sequential Operations" of Table 1')
    says("solutions/lessons/bonus.md", 'the column "Sequential Operations" of the paper')
    layer = MultiHeadAttention(8, 2)
    found = set()
    for length in (4, 16, 64):
        x = torch.randn(1, length, 8, requires_grad=True)
        near = (torch.arange(length)[:, None] - torch.arange(length)).abs() <= 1
        found |= {path_length(layer(x, x, x)), path_length(layer(x, x, x, near[None]))}
    assert len(found) <= 2  # with a mask or without one, and the same at every length
