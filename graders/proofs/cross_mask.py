"""Proof that the grader of cross_mask can be trusted."""

import torch
from torch import Tensor

from solutions.masks import padding_mask


def oracle(source, target, pad_id):
    """A nested loop; only the length of the target matters."""
    rows = source.tolist()
    return torch.tensor([[[token != pad_id for token in row] for _ in range(target.size(1))] for row in rows])


def right_expanded(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return padding_mask(source, pad_id).expand(-1, target.size(1), -1)


def right_and_with_ones(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (source != pad_id)[:, None, :] & torch.ones_like(target, dtype=torch.bool)[:, :, None]


def right_loops(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    (batch, keys), queries = source.shape, target.shape[1]
    mask = torch.ones(batch, queries, keys, dtype=torch.bool)
    for b in range(batch):
        for k in range(keys):
            if source[b, k] == pad_id:
                mask[b, :, k] = False
    return mask


def right_einsum(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    real = (source != pad_id).double()
    return torch.einsum("bk,bq->bqk", real, torch.ones(target.shape, dtype=torch.float64)).bool()


def right_stack(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return torch.stack([source.ne(pad_id)] * target.shape[1], dim=1)


def right_repeat_interleave(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return torch.repeat_interleave(~(source == pad_id).unsqueeze(1), target.size(-1), dim=1)


def second_from_target(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (target != pad_id)[:, None, :].expand(-1, target.size(1), -1)


def second_transposed(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (source != pad_id).unsqueeze(2).repeat(1, 1, target.size(1))


def second_target_rows(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    mask = torch.ones(target.size(0), target.size(1), source.size(1), dtype=torch.bool)
    mask[target == pad_id] = False
    return mask


def second_both_sides(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return torch.einsum("bq,bk->bqk", (target != pad_id).float(), (source != pad_id).float()).bool()


def second_causal_too(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    past = torch.arange(source.size(1))[None, :] <= torch.arange(target.size(1))[:, None]
    return (source != pad_id)[:, None, :] & past


def second_source_square(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    length = source.size(1)
    return (source != pad_id)[:, None, :] & torch.ones(length, length, dtype=torch.bool)


def second_inverted(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (source == pad_id)[:, None, :].expand(source.size(0), target.size(1), source.size(1))


def second_tests_zero(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return source.bool()[:, None, :].expand(-1, target.size(1), -1)


def second_one_row(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return source.ne(pad_id)[:, None]


def double_inverted_and_transposed(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (source == pad_id).unsqueeze(2).repeat(1, 1, target.size(1))


def double_from_target_with_zero(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (target != 0).unsqueeze(1).repeat(1, target.size(1), 1)


def double_both_sides_and_causal(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    return (padding_mask(source, pad_id) & padding_mask(target, pad_id).transpose(1, 2)).tril()
