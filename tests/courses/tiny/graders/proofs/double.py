"""Proof that the grader of double can be trusted."""

import torch


def oracle(x):
    return torch.tensor([2 * float(value) for value in x.flatten()], dtype=x.dtype).reshape(x.shape)


def right_by_sum(x):
    return x + x


def right_by_operator(x):
    return x.mul(2)


def right_by_stack(x):
    return torch.stack([x, x]).sum(0)


def right_by_loop(x):
    return torch.stack([value * 2 for value in x.reshape(-1)]).reshape(x.shape)


def second_halves(x):
    return x * 0.5


def second_squares(x):
    return torch.einsum("...,...->...", x, x)


def second_detached(x):
    with torch.no_grad():
        return x + x


def double_halved_and_detached(x):
    return (x / 2).detach()
