"""Proof that the grader of FeedForward can be trusted."""

import torch
from torch import Tensor, nn

from solutions.layers import FeedForward


def oracle(module, x):
    """torch's own modules in a row."""
    return nn.Sequential(module.fc1, nn.ReLU(), module.fc2)(x)


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d_model, d_ff)
        self.fc2 = nn.Linear(d_ff, d_model)


class right_clamp(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.fc1(x).clamp(min=0))


class right_einsum(_Given):
    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.einsum("...d,fd->...f", x, self.fc1.weight) + self.fc1.bias
        hidden = hidden * (hidden > 0)
        return torch.einsum("...f,df->...d", hidden, self.fc2.weight) + self.fc2.bias


class right_loop_over_positions(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([self.fc2(nn.functional.relu(self.fc1(x[:, t]), inplace=True)) for t in range(x.size(1))], 1)


class right_flat_and_back(_Given):
    def forward(self, x: Tensor) -> Tensor:
        batch, length, d_model = x.shape
        flat = x.reshape(batch * length, d_model)
        return self.fc2(torch.maximum(self.fc1(flat), torch.zeros((), dtype=x.dtype))).view(batch, length, d_model)


class right_convolution(_Given):
    """A convolution of width 1 over the positions, as section 3.3 says."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = nn.functional.conv1d(x.mT, self.fc1.weight.unsqueeze(-1), self.fc1.bias).relu()
        return nn.functional.conv1d(hidden, self.fc2.weight.unsqueeze(-1), self.fc2.bias).mT


class right_in_float64(_Given):
    def forward(self, x: Tensor) -> Tensor:
        hidden = nn.functional.linear(x.double(), self.fc1.weight.double(), self.fc1.bias.double()).relu()
        return nn.functional.linear(hidden, self.fc2.weight.double(), self.fc2.bias.double()).to(x.dtype)


class second_no_relu(_Given):
    def forward(self, x: Tensor) -> Tensor:
        hidden = self.fc1(x)
        torch.relu(hidden)  # the result is thrown away
        return self.fc2(hidden)


class second_relu_last(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return nn.Sequential(self.fc1, self.fc2, nn.ReLU())(x)


class second_gelu(_Given):
    def forward(self, x: Tensor) -> Tensor:
        h = self.fc1(x)
        return self.fc2(0.5 * h * (1 + torch.erf(h / 2**0.5)))


class second_residual_inside(FeedForward):
    def forward(self, x: Tensor) -> Tensor:
        out = super().forward(x)
        out += x
        return out


class second_flattens_sequence(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.fc1(x.flatten(0, 1)).relu())


class second_relu_both__clamped(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.fc1(x).clamp(min=0)).clamp(min=0)


class double_relu_last_with_residual(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.fc2(self.fc1(x)))


class double_gelu_without_biases(_Given):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.gelu(x @ self.fc1.weight.T) @ self.fc2.weight.T
