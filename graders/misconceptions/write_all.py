"""What goes wrong with write_all."""

from collections.abc import Callable

import torch
from torch import Tensor

Model = Callable[[Tensor], Tensor]


def stops_with_the_first(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You still stop as soon as one row has said EOS: all others break off in the middle of their sentence.

    Hint: write down `ended` after each step, for a row that ends at once and one that takes its time.
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = ended | (token == eos_id)
        if ended.any():
            break
    return tokens[:, start.size(1) :]


def only_if_all_end_together(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You stop if all rows say EOS in the same step, which they hardly ever do: you forget who had ended before.

    Hint: when does your loop end if one row says EOS at step 1 and the other at step 3?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = ended | (token == eos_id)
        if (token == eos_id).all():
            break
    return tokens[:, start.size(1) :]


def never_stops(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """Rows are whole now, but you always take max_new steps: when all have ended there is nothing left to write.

    Hint: how many columns do you return when every row ends at its second token?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = ended | (token == eos_id)
    return tokens[:, start.size(1) :]


def ended_rows_forgotten(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You remember only who ended in the last step: after one pad such a row begins to talk again.

    Hint: what is in `ended` two steps after a row's EOS?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = token == eos_id
        if ended.all():
            break
    return tokens[:, start.size(1) :]


def talks_on(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """Rows that have ended go on talking while they wait: nothing is filled with padding any more.

    Hint: what stands after the first EOS of a row?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    return tokens[:, start.size(1) :]


def pads_the_eos(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You pad before EOS is written: the EOS itself is replaced, and nobody sees where a sentence ends.

    Hint: in which step does a row become "ended", and what is written in that step?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1)
        ended = ended | (token == eos_id)
        tokens = torch.cat([tokens, token.masked_fill(ended, pad_id)[:, None]], dim=1)
        if ended.all():
            break
    return tokens[:, start.size(1) :]


def repeats_eos(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You fill the rows that have ended with EOS; it is padding that stands after it.

    Hint: what stands after the first EOS of a row?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, eos_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    return tokens[:, start.size(1) :]


def one_step_late(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You look whether all have ended before you take the last token into account: a column of padding too many.

    Hint: how many columns do you return when every row ends at its second token?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        if ended.all():
            break
        ended = ended | (token == eos_id)
    return tokens[:, start.size(1) :]


def start_returned_too(logits_of: Model, start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """You return what every row began with, too; only what was written is asked for.

    Hint: how many columns do you return when one token was written?
    """
    tokens = start
    ended = torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    return tokens
