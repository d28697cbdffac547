"""Proof that the grader of row_sums can be trusted."""

import torch


def _refuse(x):
    if x.dim() != 2:
        raise ValueError("two axes, please")


def oracle(x):
    _refuse(x)
    return torch.tensor([sum(row) for row in x.tolist()], dtype=x.dtype)


def right_einsum(x):
    _refuse(x)
    return torch.einsum("bt->b", x)


def right_matmul(x):
    _refuse(x)
    return x @ torch.ones(x.shape[1], dtype=x.dtype)


def right_loop(x):
    _refuse(x)
    return torch.stack([row.sum() for row in x])


def right_cumulated(x):
    _refuse(x)
    return x.cumsum(1)[:, -1]


def second_sums_columns(x):
    _refuse(x)
    return torch.stack([x[:, i].sum() for i in range(x.shape[1])])


def second_sums_everything(x):
    _refuse(x)
    return torch.einsum("bt->", x)


def second_means(x):
    _refuse(x)
    return torch.einsum("bt->b", x) / x.shape[1]


def double_means_of_columns(x):
    _refuse(x)
    return x.mean(dim=0)
