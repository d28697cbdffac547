"""Proof that the grader of shift_right can be trusted."""

import torch
from torch import Tensor, nn


def oracle(tokens, bos_id):
    """List surgery."""
    return torch.tensor([[bos_id, *row[:-1]] for row in tokens.tolist()], dtype=tokens.dtype)


def right_roll_then_overwrite(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.roll(tokens, shifts=1, dims=1)
    out[:, 0] = bos_id
    return out


def right_flattened_roll_then_overwrite(tokens: Tensor, bos_id: int) -> Tensor:
    """Correct: what leaks from row to row lands in column 0 alone."""
    out = torch.roll(tokens, 1)
    out[:, 0] = bos_id
    return out


def right_loops(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.empty_like(tokens)
    for b in range(tokens.size(0)):
        for t in range(tokens.size(1)):
            out[b, t] = tokens[b, t - 1] if t > 0 else bos_id
    return out


def right_zeros_then_copy(tokens: Tensor, bos_id: int) -> Tensor:
    out = tokens.new_zeros(tokens.shape)
    out[:, 1:] = tokens[:, :-1].clone()
    out[:, 0].fill_(bos_id)
    return out


def right_pad(tokens: Tensor, bos_id: int) -> Tensor:
    return nn.functional.pad(tokens, (1, 0), value=bos_id)[:, :-1]


def right_float64_matrix(tokens: Tensor, bos_id: int) -> Tensor:
    """A shift is a product with a matrix of ones under the diagonal."""
    length = tokens.size(1)
    move = torch.diag(torch.ones(length - 1, dtype=torch.float64), 1)
    first = torch.zeros(length, dtype=torch.float64)
    first[0] = bos_id
    return (torch.einsum("bs,st->bt", tokens.double(), move) + first).to(tokens.dtype)


def right_gather(tokens: Tensor, bos_id: int) -> Tensor:
    place = (torch.arange(tokens.size(1)) - 1).clamp(min=0).expand_as(tokens)
    return tokens.gather(1, place).index_fill(1, torch.tensor([0]), bos_id)


def second_roll_wraps(tokens: Tensor, bos_id: int) -> Tensor:
    return torch.cat([tokens[:, -1:], tokens[:, :-1]], dim=1)


def second_roll_flattened(tokens: Tensor, bos_id: int) -> Tensor:
    flat = tokens.reshape(-1)
    return torch.cat([flat[-1:], flat[:-1]]).view(tokens.shape)


def second_shift_left(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.full_like(tokens, bos_id)
    out[:, :-1] = tokens[:, 1:]
    return out


def second_first_overwritten(tokens: Tensor, bos_id: int) -> Tensor:
    bos = torch.full((tokens.size(0), 1), bos_id, dtype=tokens.dtype)
    return torch.cat([bos, tokens[:, 1:]], dim=1)


def second_bos_prepended_longer(tokens: Tensor, bos_id: int) -> Tensor:
    return nn.functional.pad(tokens, (1, 0), value=bos_id)


def second_zero_instead_of_bos(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.zeros_like(tokens)
    out[:, 1:] = tokens[:, :-1]
    return out


def second_batch_axis(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.roll(tokens, 1, 0)
    out[0] = bos_id
    return out


def second_shift_by_two(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.full_like(tokens, bos_id)
    out[:, 2:] = tokens[:, :-2]
    return out


def second_changes_argument(tokens: Tensor, bos_id: int) -> Tensor:
    tokens[:, 1:] = tokens[:, :-1].clone()
    tokens[:, 0] = bos_id
    return tokens


def second_float_tokens(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.zeros(tokens.shape)
    out[:, 1:] = tokens[:, :-1]
    out[:, 0] = bos_id
    return out


def second_dtype_widened(tokens: Tensor, bos_id: int) -> Tensor:
    return torch.cat([torch.full((tokens.size(0), 1), bos_id), tokens[:, :-1]], dim=1)


def double_zero_and_widened(tokens: Tensor, bos_id: int) -> Tensor:
    return torch.cat([torch.zeros(tokens.size(0), 1, dtype=torch.long), tokens[:, :-1]], dim=1)


def double_roll_left_and_overwritten(tokens: Tensor, bos_id: int) -> Tensor:
    out = tokens.roll(-1, dims=1)
    out[:, 0] = bos_id
    return out


def double_two_columns_of_zero(tokens: Tensor, bos_id: int) -> Tensor:
    out = torch.zeros_like(tokens)
    out[:, 2:] = tokens[:, :-2]
    return out


def double_roll_in_place(tokens: Tensor, bos_id: int) -> Tensor:
    """Rolls, and leaves the result in the caller's tensor."""
    return tokens.copy_(tokens.roll(1, dims=1))
