"""Proof that the grader of Gain can be trusted."""

import torch
from torch import nn

from solutions.gains import Gain


def oracle(module, x):
    weight = module.weight.tolist()
    return torch.tensor(
        [[2 * value * w for value, w in zip(row, weight, strict=True)] for row in x.tolist()], dtype=x.dtype
    )


class right_einsum(Gain):
    def forward(self, x):
        return 2 * torch.einsum("bd,d->bd", x, self.weight)


class right_diagonal(Gain):
    def forward(self, x):
        return (x + x) @ torch.diag(self.weight)


class right_written_out(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        return self.weight * x * 2


class right_by_columns(Gain):
    def forward(self, x):
        return torch.stack([2 * x[:, i] * self.weight[i] for i in range(len(self.weight))], dim=1)


class second_not_doubled(Gain):
    def forward(self, x):
        return torch.einsum("bd,d->bd", x, self.weight)


class second_added(Gain):
    def forward(self, x):
        return torch.add(self.weight.expand_as(x), x, alpha=2)


class second_weight_ignored(Gain):
    def forward(self, x):
        return x + x


class double_added_and_not_doubled(Gain):
    def forward(self, x):
        return x + self.weight
