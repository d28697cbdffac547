"""The references hold as many parameters as the paper says (table 3), counted on the meta device."""

import importlib
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[1]
BASE = {"d_model": 512, "num_heads": 8, "num_layers": 6, "d_ff": 2048}
BIG = {"d_model": 1024, "num_heads": 16, "num_layers": 6, "d_ff": 4096}
VOCABULARY = 37_000  # "about 37000 tokens", section 5.1
MAX_LEN = 16  # positions are a buffer: they count nothing


@pytest.fixture(scope="module")
def solutions():
    """`solutions("models")` is that module of references."""
    sys.path.insert(0, str(ROOT))
    yield lambda name: importlib.import_module(f"solutions.{name}")
    sys.path.remove(str(ROOT))


def parameters(make):
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in make().parameters())


@pytest.mark.parametrize(("sizes", "expected"), [(BASE, 44_138_496), (BIG, 176_357_376)])
def test_twelve_layers_hold_the_known_number_of_parameters(solutions, sizes, expected):
    table = VOCABULARY * sizes["d_model"]
    model = solutions("models").Transformer
    assert parameters(lambda: model(VOCABULARY, max_len=MAX_LEN, **sizes)) - table == expected


@pytest.mark.parametrize(("sizes", "paper", "ours"), [(BASE, 65e6, 63_082_496), (BIG, 213e6, 214_245_376)])
def test_with_the_shared_table_the_total_is_near_that_of_table_3(solutions, sizes, paper, ours):
    total = parameters(lambda: solutions("models").Transformer(VOCABULARY, max_len=MAX_LEN, **sizes))
    assert total == ours
    assert total == pytest.approx(paper, rel=0.03)


def test_three_separate_tables_would_be_far_from_table_3(solutions):
    shared = parameters(lambda: solutions("models").Transformer(VOCABULARY, max_len=MAX_LEN, **BASE))
    assert shared + 2 * VOCABULARY * BASE["d_model"] > 1.5 * 65e6


def test_layers_weigh_what_arithmetic_says(solutions):
    d, d_ff = BASE["d_model"], BASE["d_ff"]
    attention = 4 * (d * d + d)
    feed_forward = 2 * d * d_ff + d_ff + d
    norm = 2 * d
    layers = solutions("layers")
    assert parameters(lambda: layers.FeedForward(d, d_ff)) == feed_forward
    assert parameters(lambda: layers.EncoderLayer(d, 8, d_ff)) == attention + feed_forward + 2 * norm
    assert parameters(lambda: layers.DecoderLayer(d, 8, d_ff)) == 2 * attention + feed_forward + 3 * norm


def test_the_feed_forward_network_holds_two_thirds_of_an_encoder_layer(solutions):
    layers = solutions("layers")
    share = parameters(lambda: layers.FeedForward(512, 2048)) / parameters(lambda: layers.EncoderLayer(512, 8, 2048))
    assert share == pytest.approx(2 / 3, abs=0.005)


@pytest.mark.parametrize("num_heads", [1, 4, 16, 32])
def test_more_heads_cost_no_parameters(solutions, num_heads):
    """Rows (A) of table 3."""
    sizes = BASE | {"num_heads": num_heads}
    assert parameters(lambda: solutions("models").Transformer(VOCABULARY, max_len=MAX_LEN, **sizes)) == 63_082_496


def test_a_decoder_without_an_encoder_pays_for_its_table_once(solutions):
    model = solutions("models").DecoderTransformer
    layer = parameters(lambda: solutions("layers").EncoderLayer(48, 4, 96))
    plain = parameters(lambda: model(22, 48, 4, 2, 96, 32))
    assert plain == 22 * 48 + 2 * layer
    assert parameters(lambda: model(22, 48, 4, 2, 96, 32, pre_norm=True)) == plain + 2 * 48
