"""`path_length`, given in the bonus unit: operations that wait for each other (Table 1), counted in autograd graphs."""

import importlib
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

ROOT = Path(__file__).parents[1]
LENGTHS = (4, 8, 16, 32, 64)


@pytest.fixture(scope="module")
def solutions():
    """`solutions("bonus")` is that module of references."""
    sys.path.insert(0, str(ROOT))
    yield lambda name: importlib.import_module(f"solutions.{name}")
    sys.path.remove(str(ROOT))


def test_through_a_recurrent_layer_it_grows_with_the_length(solutions):
    cell, found = nn.RNNCell(6, 6), []
    for length in LENGTHS:
        state = torch.zeros(1, 6)
        for token in torch.randn(length, 1, 6):
            state = cell(token, state)
        found.append(solutions("bonus").path_length(state))
    a_token = (found[1] - found[0]) / (LENGTHS[1] - LENGTHS[0])
    assert a_token >= 1
    assert found == [found[0] + a_token * (length - LENGTHS[0]) for length in LENGTHS]


def test_through_self_attention_it_is_the_same_for_every_length(solutions):
    attention = solutions("attention").MultiHeadAttention(6, 3)
    found = set()
    for length in LENGTHS:
        x = torch.randn(1, length, 6)
        found.add(solutions("bonus").path_length(attention(x, x, x)))
    assert len(found) == 1


def test_a_diamond_counts_its_longer_side_and_a_long_chain_does_not_recurse(solutions):
    path_length = solutions("bonus").path_length
    x = torch.ones(1, requires_grad=True)
    assert path_length(x * 2 + (x * 3).exp().sin()) == 5
    for _ in range(3000):
        x = x + 1
    assert path_length(x) > 3000


def test_without_a_graph_it_says_so(solutions):
    with pytest.raises(ValueError):
        solutions("bonus").path_length(torch.ones(2))
