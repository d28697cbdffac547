"""Gains: a layer with a parameter."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .rows import double


class Gain(nn.Module):
    """Twice x, times a learned weight per feature: x (B, d) -> (B, d)."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Twice x, times the weight."""
        ### BEGIN SOLUTION
        return double(x) * self.weight
        ### END SOLUTION


def twice(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """f(f(x)): `f` is called twice, each time with what it should get."""
    ### BEGIN SOLUTION
    return f(f(x))
    ### END SOLUTION
