"""Proof that the grader of PositionRows can be trusted."""

import copy
import math

import torch
from torch import Tensor

from solutions.bugs import PositionRows


def oracle(module: PositionRows, length: int) -> Tensor:
    """The formula of section 3.5, number by number."""
    d_model = module.table.size(1)
    angles = [[pos / 10000 ** (2 * i / d_model) for i in range(d_model // 2)] for pos in range(length)]
    return torch.tensor([[f(angle) for angle in row for f in (math.sin, math.cos)] for row in angles]).double()


class right_deepcopy(PositionRows):
    def forward(self, length: int) -> Tensor:
        if not length <= len(self.table):
            raise ValueError(length)
        return copy.deepcopy(self.table)[:length]


class right_indexed(PositionRows):
    def forward(self, length: int) -> Tensor:
        if length > self.table.shape[0]:
            raise ValueError("not so many")
        return self.table[torch.arange(length)]  # an index of numbers copies


class right_stacked(PositionRows):
    def forward(self, length: int) -> Tensor:
        if length > self.table.shape[0]:
            raise ValueError("not so many")
        return torch.stack([self.table[position] for position in range(length)])


class right_arithmetic(PositionRows):
    def forward(self, length: int) -> Tensor:
        if self.table.shape[0] - length < 0:
            raise ValueError("not so many")
        return 0.0 + self.table.narrow(0, 0, length)


class second_hands_out_the_table__narrow(PositionRows):
    def forward(self, length: int) -> Tensor:
        if length > len(self.table):
            raise ValueError(length)
        return self.table.narrow(0, 0, length).contiguous()  # contiguous already, so nothing is copied


class second_hands_out_the_table__detach(PositionRows):
    def forward(self, length: int) -> Tensor:
        if length > len(self.table):
            raise ValueError(length)
        return self.table.detach()[:length].to(self.table.dtype)


class second_whole_table_handed_out(PositionRows):
    def forward(self, length: int) -> Tensor:
        if length > len(self.table):
            raise ValueError(length)
        return self.table[:length].clone() if length < len(self.table) else self.table[:]


class second_length_not_checked(PositionRows):
    def forward(self, length: int) -> Tensor:
        rows = self.table.clone()
        return rows[:length]


class double_unchecked_and_handed_out(PositionRows):
    def forward(self, length: int) -> Tensor:
        return self.table[:length]
