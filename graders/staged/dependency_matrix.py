"""Functions with known dependencies: output position i depends on input position j where `pattern[i, j]` is not 0."""

import torch
from torch import nn


class _Mix(nn.Module):
    """y_i = sin(sum over j of pattern[i, j] * x_j @ weight), and what becomes of it in the given kind of function."""

    def __init__(self, pattern, weight, kind):
        super().__init__()
        self.pattern, self.weight = nn.Parameter(pattern.clone()), nn.Parameter(weight.clone())
        self.kind = kind

    def forward(self, x):
        pattern = self.pattern.to(x.dtype)
        mixed = pattern @ (x @ self.weight.to(x.dtype))
        waves, squares = torch.sin(mixed), pattern @ (x * x)
        kinds = {
            "plain": waves,
            "faint": waves * 1e-15,
            "opposites": torch.cat([waves, -waves], dim=-1),
            "circle": torch.cat([waves, torch.cos(mixed)], dim=-1),
            "squares": torch.cat([squares, 1 - squares], dim=-1),
            "difference": torch.sin(pattern @ (x[..., :1] - x[..., 1:2])),
            "last_output": torch.cat([torch.ones_like(mixed), torch.sin(x), waves], dim=-1),
            "last_input": pattern @ x[..., -1:],
            "constant": pattern.unsqueeze(0) * 1.0,
            "detached": torch.sin(mixed.detach()),
        }
        return kinds[self.kind]


def depend(dependency_matrix, kind, pattern, weight):
    """The matrix found for a function of this kind."""
    return dependency_matrix(_Mix(pattern, weight, kind), pattern.shape[0], weight.shape[0])


def depend_quietly(dependency_matrix, kind, pattern, weight):
    """The matrix, and which of the gradients that were stored on the function's parameters are other ones now."""
    f = _Mix(pattern, weight, kind)
    stored = [parameter.detach() * scale for scale, parameter in enumerate(f.parameters(), start=2)]
    for parameter, gradient in zip(f.parameters(), stored, strict=True):
        parameter.grad = gradient.clone()
    found = dependency_matrix(f, pattern.shape[0], weight.shape[0])
    kept = [parameter.grad for parameter in f.parameters()]
    return found, [None if now is None else now != before for now, before in zip(kept, stored, strict=True)]


def recur(dependency_matrix, length, weight, recurrent):
    """The matrix found for a recurrent layer."""

    def f(x):
        hidden, states = torch.zeros_like(x[:, 0] @ weight.to(x.dtype)), []
        for position in range(x.shape[1]):
            hidden = torch.sin(x[:, position] @ weight.to(x.dtype) + hidden @ recurrent.to(x.dtype))
            states.append(hidden)
        return torch.stack(states, dim=1)

    return dependency_matrix(f, length, weight.shape[0])
