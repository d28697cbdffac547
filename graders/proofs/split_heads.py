"""Proof that the grader of split_heads can be trusted."""

import torch
from torch import Tensor


def oracle(x: Tensor, num_heads: int) -> Tensor:
    """Python slices, sample by sample and head by head."""
    if x.size(2) % num_heads:
        raise ValueError("the heads do not divide the width")
    head_dim = x.size(2) // num_heads
    rows = [
        [token[h * head_dim : (h + 1) * head_dim] for token in sample]
        for sample in x.tolist()
        for h in range(num_heads)
    ]
    return torch.tensor(rows, dtype=x.dtype)


def _refuse(x: Tensor, num_heads: int) -> int:
    """The width of a head, or the error that the contract asks for."""
    head_dim, rest = divmod(x.shape[-1], num_heads)
    if rest != 0:
        raise ValueError(f"{num_heads} heads for {x.shape[-1]} features")
    return head_dim


def right_view_and_contiguous(x: Tensor, num_heads: int) -> Tensor:
    head_dim = _refuse(x, num_heads)
    batch, length, _ = x.size()
    x = x.contiguous().view(batch, length, num_heads, head_dim)
    return x.permute(0, 2, 1, 3).contiguous().view(-1, length, head_dim)


def right_chunks(x: Tensor, num_heads: int) -> Tensor:
    _refuse(x, num_heads)
    return torch.stack(x.chunk(num_heads, dim=-1), dim=1).flatten(0, 1)


def right_loops(x: Tensor, num_heads: int) -> Tensor:
    head_dim = _refuse(x, num_heads)
    out = torch.empty(x.shape[0] * num_heads, x.shape[1], head_dim, dtype=x.dtype)
    for b in range(x.shape[0]):
        for h in range(num_heads):
            for t in range(x.shape[1]):
                out[b * num_heads + h, t] = x[b, t, h * head_dim : (h + 1) * head_dim]
    return out


def right_unflatten(x: Tensor, num_heads: int) -> Tensor:
    _refuse(x, num_heads)
    return x.unflatten(-1, (num_heads, -1)).movedim(2, 1).flatten(end_dim=1)


def right_einsum(x: Tensor, num_heads: int) -> Tensor:
    """Each head picks its features with a matrix of zeros and ones."""
    head_dim = _refuse(x, num_heads)
    pick = torch.eye(x.size(-1), dtype=x.dtype).reshape(x.size(-1), num_heads, head_dim)
    return torch.einsum("btf,fhd->bhtd", x, pick).reshape(-1, x.size(1), head_dim)


def right_in_float64(x: Tensor, num_heads: int) -> Tensor:
    """Features first: then the block of a head is a row of the batch already."""
    head_dim = _refuse(x, num_heads)
    wide = x.double().swapaxes(1, 2).reshape(-1, head_dim, x.size(1))
    return wide.swapaxes(1, 2).to(x.dtype)


def second_view_without_transpose(x: Tensor, num_heads: int) -> Tensor:
    bs, _, d = x.shape
    return x.contiguous().view(bs * num_heads, -1, d // num_heads)


def second_heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    return torch.stack(x.split(x.size(-1) // num_heads, dim=-1), dim=0).flatten(0, 1)


def second_interleaved_features(x: Tensor, num_heads: int) -> Tensor:
    heads = torch.stack([x[:, :, h::num_heads] for h in range(num_heads)], dim=1)
    return heads.reshape(-1, x.size(1), x.size(2) // num_heads)


def second_sizes_swapped(x: Tensor, num_heads: int) -> Tensor:
    bs, seq_len, d = x.shape
    head_dim = d // num_heads
    x = x.reshape(bs, seq_len, head_dim, num_heads)
    return x.transpose(1, 2).reshape(bs * head_dim, seq_len, num_heads)


def second_transposed_twice(x: Tensor, num_heads: int) -> Tensor:
    bs, seq_len, d = x.shape
    return x.transpose(1, 2).reshape(bs * num_heads, d // num_heads, seq_len)


def second_keeps_batch_axis(x: Tensor, num_heads: int) -> Tensor:
    return torch.stack(x.chunk(num_heads, dim=2), dim=1)


def second_heads_after_length(x: Tensor, num_heads: int) -> Tensor:
    return x.reshape(-1, num_heads, x.shape[-1] // num_heads)


def second_view_on_non_contiguous(x: Tensor, num_heads: int) -> Tensor:
    bs, seq_len, d = x.shape
    x = x.view(bs, seq_len, num_heads, d // num_heads).permute(0, 2, 1, 3)
    return x.view(bs * num_heads, seq_len, d // num_heads)


def double_interleaved_heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    return torch.cat([x[:, :, h::num_heads] for h in range(num_heads)], dim=0)


def double_sideways_heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    return torch.cat([block.transpose(1, 2) for block in x.chunk(num_heads, dim=-1)], dim=0)
