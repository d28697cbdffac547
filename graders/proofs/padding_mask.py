"""Proof that the grader of padding_mask can be trusted."""

import torch
from torch import Tensor


def oracle(tokens, pad_id):
    """A list comprehension."""
    return torch.tensor([[[token != pad_id for token in row]] for row in tokens.tolist()])


def right_equal_and_not(tokens: Tensor, pad_id: int) -> Tensor:
    return ~tokens.eq(pad_id)[:, None, :]


def right_loops(tokens: Tensor, pad_id: int) -> Tensor:
    batch, keys = tokens.shape
    mask = torch.zeros(batch, 1, keys, dtype=torch.bool)
    for b in range(batch):
        for k in range(keys):
            mask[b, 0, k] = tokens[b, k].item() != pad_id
    return mask


def right_float_inside(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens.double() - pad_id).abs().clamp(max=1).bool().view(tokens.size(0), 1, -1)


def right_where(tokens: Tensor, pad_id: int) -> Tensor:
    return torch.where(tokens == pad_id, torch.tensor(False), torch.tensor(True)).unsqueeze(-2)


def right_einsum(tokens: Tensor, pad_id: int) -> Tensor:
    real = torch.ne(tokens, pad_id).to(torch.float32)
    return torch.einsum("bk,q->bqk", real, torch.ones(1)) > 0.5


def right_masked_fill(tokens: Tensor, pad_id: int) -> Tensor:
    mask = torch.ones_like(tokens, dtype=torch.bool).masked_fill_(tokens == pad_id, value=False)
    return mask.reshape(tokens.shape[0], 1, tokens.shape[1])


def second_inverted(tokens: Tensor, pad_id: int) -> Tensor:
    return torch.eq(tokens, pad_id)[:, None]


def second_zero_not_pad_id(tokens: Tensor, pad_id: int) -> Tensor:
    return tokens.bool().unsqueeze(-2)


def second_wrong_pad(tokens: Tensor, pad_id: int) -> Tensor:
    pad_id = 1
    mask = torch.ones(tokens.shape, dtype=torch.bool)
    mask[tokens == pad_id] = False
    return mask.view(tokens.size(0), 1, tokens.size(1))


def second_query_axis(tokens: Tensor, pad_id: int) -> Tensor:
    return (~(tokens == pad_id))[..., None]


def second_no_axis(tokens: Tensor, pad_id: int) -> Tensor:
    return torch.tensor([[token != pad_id for token in row] for row in tokens.tolist()])


def second_head_axis(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens != pad_id)[:, None, None, :]


def second_float(tokens: Tensor, pad_id: int) -> Tensor:
    mask = torch.ones(tokens.size(0), 1, tokens.size(1))
    for b, row in enumerate(tokens):
        mask[b, 0, row == pad_id] = 0
    return mask


def second_numbers(tokens: Tensor, pad_id: int) -> Tensor:
    return torch.where(tokens == pad_id, 0, 1).unsqueeze(1)


def second_assumes_right_padding(tokens: Tensor, pad_id: int) -> Tensor:
    mask = torch.zeros(tokens.size(0), 1, tokens.size(1), dtype=torch.bool)
    for b, row in enumerate(tokens):
        mask[b, :, : int((row != pad_id).sum())] = True
    return mask


def double_inverted_without_axis(tokens: Tensor, pad_id: int) -> Tensor:
    return tokens == pad_id


def double_zero_on_the_query_axis(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens != 0).unsqueeze(2)


def double_inverted_float(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens == pad_id).unsqueeze(1).float()
