"""Proof that the grader of greedy_decode can be trusted."""

from typing import Any

import torch
from torch import Tensor


def oracle(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """Lists of Python numbers; a row that has ended is simply not appended to any more."""
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        memory = model.encode(source)
        rows: list[list[int]] = [[] for _ in range(len(source))]
        steps = 0
        while steps < max_len and not all(eos_id in row for row in rows):
            fed = [[bos_id, *row, *[model.pad_id] * (steps - len(row))] for row in rows]
            scores = model.decode(torch.tensor(fed), memory, source).tolist()
            for row, said in zip(rows, scores, strict=True):
                if eos_id not in row:
                    row.append(said[-1].index(max(said[-1])))
            steps += 1
    model.train(was_training)
    return torch.tensor([row + [model.pad_id] * (steps - len(row)) for row in rows])


def right_pads_at_the_end(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """Lets rows talk on after their EOS and wipes that out afterwards."""
    mode = model.training
    model.eval()
    tokens = source.new_full((source.size(0), 1), bos_id)
    with torch.no_grad():
        memory = model.encode(source)
        while tokens.size(1) <= max_len and not (tokens[:, 1:] == eos_id).any(dim=1).all():
            best = model.decode(tokens, memory, source)[:, -1, :].max(dim=-1).indices
            tokens = torch.hstack([tokens, best[:, None]])
    model.train(mode)
    said = tokens[:, 1:]
    after = (said == eos_id).cumsum(dim=1) - (said == eos_id).long() > 0
    return torch.where(after, torch.full_like(said, model.pad_id), said)


def right_buffer(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """Writes into a buffer of pads; restores the mode whatever happens."""
    mode = model.training
    model.eval()
    try:
        with torch.inference_mode():
            memory = model.encode(source)
            buffer = torch.full((source.shape[0], max_len + 1), model.pad_id, dtype=torch.long)
            buffer[:, 0] = bos_id
            open_rows = torch.ones(source.shape[0], dtype=torch.bool)
            step = 0
            while step < max_len and open_rows.any():
                scores = model.decode(buffer[:, : step + 1].clone(), memory, source)
                best = scores[:, step].argmax(-1)
                step += 1
                buffer[open_rows, step] = best[open_rows]
                open_rows &= best != eos_id
        return buffer[:, 1 : step + 1].clone()
    finally:
        model.train(mode)


@torch.no_grad()
def right_decorated(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """Softmax first, top-k for the argmax, and a list of columns."""
    training = model.training
    model.train(False)
    memory = model.encode(source)
    columns = [torch.full((len(source),), bos_id)]
    alive = torch.ones(len(source), dtype=torch.bool)
    for _ in range(max_len):
        probabilities = model.decode(torch.stack(columns, dim=1), memory, source)[:, -1].double().softmax(dim=-1)
        best = probabilities.topk(1, dim=-1).indices[:, 0]
        columns.append(torch.where(alive, best, torch.tensor(model.pad_id)))
        alive = alive & (best != eos_id)
        if not alive.any():
            break
    if training:
        model.train()
    return torch.stack(columns[1:], dim=1)


def right_recursive(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()

    def go_on(tokens: Tensor, ended: Tensor, left: int) -> Tensor:
        if left == 0 or bool(ended.all()):
            return tokens
        best = model.decode(tokens, memory, source).argmax(dim=-1)[:, -1]
        best[ended] = model.pad_id
        return go_on(torch.cat((tokens, best.view(-1, 1)), 1), ended | best.eq(eos_id), left - 1)

    with torch.set_grad_enabled(False):
        memory = model.encode(source)
        start = torch.tensor([[bos_id]] * source.shape[0])
        written = go_on(start, torch.zeros(source.shape[0], dtype=torch.bool), max_len)
    model.train(mode)
    return written[:, 1:]


def second_global_stop(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    with torch.no_grad():
        memory = model.encode(source)
        while said.shape[1] <= max_len and eos_id not in said[:, 1:]:
            best = model.decode(said, memory, source)[:, -1].topk(1).indices
            said = torch.cat([said, best], dim=1)
    model.train(mode)
    return said[:, 1:]


def second_first_position(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    alive = torch.ones(source.shape[0], dtype=torch.bool)
    with torch.no_grad():
        memory = model.encode(source)
        for _ in range(max_len):
            best = model.decode(said, memory, source).argmax(-1)[:, 0]
            said = torch.cat([said, torch.where(alive, best, model.pad_id)[:, None]], dim=1)
            alive &= best != eos_id
            if not alive.any():
                break
    model.train(mode)
    return said[:, 1:]


def second_returns_prompt_twice(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    alive = torch.ones(source.shape[0], dtype=torch.bool)
    with torch.inference_mode():
        memory = model.encode(source)
        while alive.any() and said.shape[1] <= max_len:
            best = model.decode(said, memory, source)[:, -1].argmax(-1)
            said = torch.cat([said, torch.where(alive, best, model.pad_id)[:, None]], dim=1)
            alive = alive & (best != eos_id)
    model.train(mode)
    return said.clone()


def second_encoder_every_step(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    alive = torch.ones(source.shape[0], dtype=torch.bool)
    with torch.no_grad():
        while alive.any() and said.shape[1] <= max_len:
            memory = model.encode(source)
            best = model.decode(said, memory, source)[:, -1].argmax(-1)
            said = torch.cat([said, torch.where(alive, best, model.pad_id)[:, None]], dim=1)
            alive = alive & (best != eos_id)
    model.train(mode)
    return said[:, 1:]


def second_ended_rows_keep_talking(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    with torch.no_grad():
        memory = model.encode(source)
        while said.shape[1] <= max_len and not (said[:, 1:] == eos_id).any(1).all():
            best = model.decode(said, memory, source)[:, -1].argmax(-1, keepdim=True)
            said = torch.cat([said, best], dim=1)
    model.train(mode)
    return said[:, 1:]


def double_global_stop_and_prompt(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    with torch.no_grad():
        memory = model.encode(source)
        for _ in range(max_len):
            best = model.decode(said, memory, source)[:, -1].argmax(-1, keepdim=True)
            said = torch.cat([said, best], dim=1)
            if (best == eos_id).any():
                break
    model.train(mode)
    return said


def double_no_eval_and_first_position(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    said = torch.full((source.shape[0], 1), bos_id)
    with torch.no_grad():
        memory = model.encode(source)
        for _ in range(max_len):
            best = model.decode(said, memory, source)[:, 0].argmax(-1, keepdim=True)
            said = torch.cat([said, best], dim=1)
    return said[:, 1:]


def double_pads_with_zero_and_runs_on(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    mode = model.training
    model.eval()
    said = torch.full((source.shape[0], 1), bos_id)
    alive = torch.ones(source.shape[0], dtype=torch.bool)
    with torch.no_grad():
        memory = model.encode(source)
        for _ in range(max_len):
            best = model.decode(said, memory, source)[:, -1].argmax(-1)
            said = torch.cat([said, torch.where(alive, best, 0)[:, None]], dim=1)
            alive = alive & (best != eos_id)
    model.train(mode)
    return said[:, 1:]
