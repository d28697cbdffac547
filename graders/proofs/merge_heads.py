"""Proof that the grader of merge_heads can be trusted."""

import torch
from torch import Tensor


def oracle(x: Tensor, num_heads: int) -> Tensor:
    """Python lists, joined token by token."""
    if x.size(0) % num_heads:
        raise ValueError("the heads do not divide the rows")
    rows = x.tolist()
    samples = [rows[start : start + num_heads] for start in range(0, len(rows), num_heads)]
    merged = [[[feature for head in sample for feature in head[t]] for t in range(x.size(1))] for sample in samples]
    return torch.tensor(merged, dtype=x.dtype)


def _refuse(x: Tensor, num_heads: int) -> int:
    """The number of samples, or the error that the contract asks for."""
    batch, rest = divmod(x.shape[0], num_heads)
    if rest != 0:
        raise ValueError(f"{x.shape[0]} rows for {num_heads} heads")
    return batch


def right_view_and_contiguous(x: Tensor, num_heads: int) -> Tensor:
    batch = _refuse(x, num_heads)
    _, length, head_dim = x.size()
    x = x.contiguous().view(batch, num_heads, length, head_dim)
    return x.permute(0, 2, 1, 3).contiguous().view(batch, length, -1)


def right_cat_of_heads(x: Tensor, num_heads: int) -> Tensor:
    _refuse(x, num_heads)
    return torch.cat([x[h::num_heads] for h in range(num_heads)], dim=-1)


def right_loops(x: Tensor, num_heads: int) -> Tensor:
    batch = _refuse(x, num_heads)
    merged = x.new_zeros(batch, x.size(1), num_heads * x.size(2))
    for b in range(batch):
        for t in range(x.size(1)):
            merged[b, t] = torch.cat([x[b * num_heads + h, t] for h in range(num_heads)])
    return merged


def right_unflatten(x: Tensor, num_heads: int) -> Tensor:
    _refuse(x, num_heads)
    return x.unflatten(0, (-1, num_heads)).movedim(1, 2).flatten(start_dim=2)


def right_einsum(x: Tensor, num_heads: int) -> Tensor:
    """Each head puts its features in their places with a matrix of zeros and ones."""
    batch = _refuse(x, num_heads)
    width = num_heads * x.size(2)
    place = torch.eye(width, dtype=x.dtype).reshape(num_heads, x.size(2), width)
    return torch.einsum("bhtd,hdf->btf", x.reshape(batch, num_heads, x.size(1), x.size(2)), place)


def second_merge_view(x: Tensor, num_heads: int) -> Tensor:
    bs = x.size(0) // num_heads
    return x.contiguous().view(bs, -1, num_heads * x.size(-1))


def second_heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    return torch.cat(x.chunk(num_heads, dim=0), dim=-1)


def second_interleaved_features(x: Tensor, num_heads: int) -> Tensor:
    heads = torch.stack([x[h::num_heads] for h in range(num_heads)], dim=-1)
    return heads.flatten(2)


def second_heads_averaged(x: Tensor, num_heads: int) -> Tensor:
    return torch.stack([x[h::num_heads] for h in range(num_heads)]).mean(0)


def second_heads_after_length(x: Tensor, num_heads: int) -> Tensor:
    return torch.cat([x[h::num_heads] for h in range(num_heads)], dim=1)


def second_keeps_heads_axis(x: Tensor, num_heads: int) -> Tensor:
    return torch.stack([x[h::num_heads] for h in range(num_heads)], dim=2)


def second_transposed_twice(x: Tensor, num_heads: int) -> Tensor:
    _, length, head_dim = x.shape
    return x.transpose(1, 2).reshape(-1, num_heads * head_dim, length)


def second_view_on_non_contiguous(x: Tensor, num_heads: int) -> Tensor:
    bs = x.size(0) // num_heads
    _, seq_len, d = x.shape
    return x.view(bs, num_heads, seq_len, d).transpose(1, 2).view(bs, seq_len, num_heads * d)


def double_interleaved_heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    return torch.stack(x.chunk(num_heads, dim=0), dim=-1).flatten(2)


def double_averaged_heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    return torch.stack(x.chunk(num_heads, dim=0)).mean(0)
