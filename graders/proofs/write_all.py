"""Proof that the grader of write_all can be trusted."""

from collections.abc import Callable

import torch
from torch import Tensor

Model = Callable[[Tensor], Tensor]


def oracle(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """Lists of Python numbers."""
    rows: list[list[int]] = [[] for _ in start]
    steps = 0
    while steps < max_new and not all(eos_id in row for row in rows):
        fed = [[*first, *row, *[pad_id] * (steps - len(row))] for first, row in zip(start.tolist(), rows, strict=True)]
        for row, scores in zip(rows, logits_of(torch.tensor(fed)).tolist(), strict=True):
            if eos_id not in row:
                row.append(scores[-1].index(max(scores[-1])))
        steps += 1
    return torch.tensor([row + [pad_id] * (steps - len(row)) for row in rows])


def right_columns(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    columns: list[Tensor] = []
    alive = torch.ones(len(start), dtype=torch.bool)
    while alive.any() and len(columns) < max_new:
        so_far = torch.cat([start, *[column[:, None] for column in columns]], dim=1)
        best = logits_of(so_far)[:, -1].max(dim=-1).indices
        columns.append(torch.where(alive, best, torch.tensor(pad_id)))
        alive = alive & (best != eos_id)
    return torch.stack(columns, dim=1)


def right_buffer(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    batch, given = start.shape
    buffer = torch.full((batch, given + max_new), pad_id)
    buffer[:, :given] = start
    left = set(range(batch))
    end = given
    while left and end < given + max_new:
        scores = logits_of(buffer[:, :end])
        for row in sorted(left):
            buffer[row, end] = scores[row, -1].argmax()
            if buffer[row, end] == eos_id:
                left.discard(row)
        end += 1
    return buffer[:, given:end].clone()


def right_wiped_afterwards(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """Lets rows talk on after their EOS and wipes that out at the end."""
    said = start[:, :0]
    while said.size(1) < max_new and not (said == eos_id).any(dim=1).all():
        said = torch.cat([said, logits_of(torch.cat([start, said], 1))[:, -1:].argmax(-1)], dim=1)
    after = (said == eos_id).int().cumsum(1) - (said == eos_id).int() > 0
    return said.masked_fill(after, pad_id)


def right_recursive(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    def rest(tokens: Tensor, open_rows: Tensor, left: int) -> Tensor:
        if not left or not bool(open_rows.any()):
            return tokens
        best = logits_of(tokens).argmax(-1)[:, -1]
        best[~open_rows] = pad_id
        return rest(torch.hstack([tokens, best[:, None]]), open_rows & best.ne(eos_id), left - 1)

    return rest(start, torch.ones(start.shape[0], dtype=torch.bool), max_new)[:, start.shape[1] :]


def second_stops_with_the_first(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    said = start[:, :0]
    while said.shape[1] < max_new and eos_id not in said:
        said = torch.cat([said, logits_of(torch.cat([start, said], 1))[:, -1].topk(1).indices], dim=1)
    return said


def second_never_stops(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    tokens = start.clone()
    for _ in range(max_new):
        best = logits_of(tokens)[:, -1].argmax(-1)
        best = torch.where((tokens == eos_id).any(1), pad_id, best)
        tokens = torch.cat([tokens, best.unsqueeze(1)], 1)
    return tokens[:, start.shape[1] :]


def second_talks_on(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    tokens = start
    for _ in range(max_new):
        tokens = torch.cat([tokens, logits_of(tokens)[:, -1].argmax(-1, keepdim=True)], 1)
        if (tokens == eos_id).any(1).all():
            break
    return tokens[:, start.shape[1] :]


def second_pads_the_eos(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    tokens, alive = start, torch.ones(len(start), dtype=torch.bool)
    while alive.any() and tokens.size(1) < start.size(1) + max_new:
        best = logits_of(tokens)[:, -1].argmax(-1)
        alive &= best != eos_id
        tokens = torch.cat([tokens, torch.where(alive, best, pad_id).unsqueeze(1)], 1)
    return tokens[:, start.size(1) :]


def double_first_stop_and_start(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    tokens = start
    for _ in range(max_new):
        tokens = torch.cat([tokens, logits_of(tokens)[:, -1].argmax(-1, keepdim=True)], 1)
        if (tokens[:, -1] == eos_id).any():
            break
    return tokens


def double_never_stops_and_talks_on(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    tokens = start
    for _ in range(max_new):
        tokens = torch.cat([tokens, logits_of(tokens)[:, -1].argmax(-1, keepdim=True)], 1)
    return tokens[:, start.shape[1] :]
