"""Gradients by `differentiate` are those that torch takes of the cotangents themselves, to the bit."""

import pytest
import torch
from torch import nn

from tfm_quiz.wall.worker.gradients import differentiate, floating


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_they_are_those_of_torch_with_the_cotangents_as_grad_outputs(dtype):
    torch.manual_seed(3)
    x, y = torch.randn(3, 4).to(dtype), torch.randn(4).to(dtype)

    def function(x, y):
        return {"sum": x.exp() + y, "rest": [x.T * 3, 7, (x * y).sum()], "flat": torch.zeros(2, dtype=dtype)}

    leaves = [tensor.clone().requires_grad_() for tensor in (x, y)]
    outputs = floating(function(*leaves))
    cotangents = [torch.randn(out.shape) * 1000 for out in outputs]  # their sums leave the range of float16
    cotangents[0][0, 0], cotangents[0][1, 1], cotangents[1][2, 1] = torch.inf, -0.0, torch.nan
    flowing = [(out, cot.to(dtype)) for out, cot in zip(outputs, cotangents, strict=True) if out.requires_grad]
    expected = torch.autograd.grad([out for out, _ in flowing], leaves, [cot for _, cot in flowing])
    _, pulled = differentiate(function, (x, y), {}, cotangents)
    for found, right in zip(pulled["arguments"], expected, strict=True):
        assert torch.equal(found.isnan(), right.isnan())
        assert torch.equal(found.nan_to_num(), right.nan_to_num())
        assert torch.equal(found.signbit(), right.signbit())


def test_nothing_flows_to_what_was_not_used():
    module = nn.Linear(2, 2)
    module.unused = nn.Parameter(torch.ones(1))
    _, pulled = differentiate(lambda x, y: x.detach() + y, (torch.ones(2), torch.ones(2)), {}, [torch.ones(2)], module)
    assert pulled["arguments"][0] is None
    assert torch.equal(pulled["arguments"][1], torch.ones(2))
    assert set(pulled["parameters"].values()) == {None}


def test_a_result_of_another_shape_has_no_gradients_even_if_it_would_broadcast():
    _, pulled = differentiate(lambda x: x[:1], (torch.ones(3),), {}, [torch.ones(3)])
    assert pulled == {}
