"""What goes wrong with causal_mask."""

import torch
from torch import Tensor

from solutions.masks import causal_mask


def _ones(length: int, device: torch.device | str | None) -> Tensor:
    return torch.ones(1, length, length, dtype=torch.bool, device=device)


def strict_diagonal_hidden(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your diagonal is hidden: a position may look at itself, or the first one has nothing at all to look at.

    Hint: which keys are left for the first query?
    Seen: pbloem/former 10; pytorch/tutorials 2250; TransformerLens 284; nanoGPT 170
    """
    return _ones(length, device).tril(-1)


def one_step_leak(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask shows each position the next one: that is the very token that it must predict.

    Hint: which keys may the first query look at?
    """
    return _ones(length, device).tril(1)


def future_allowed(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your triangle is the upper one: each position sees itself and what comes after it, instead of what came before.

    Hint: rows are queries, columns are keys. What may the last query look at?
    """
    return _ones(length, device).triu()


def inverted(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask is inverted: True means "may attend" here, so yours allows exactly the future.

    Hint: read row 0 of your mask aloud. Which positions may be looked at?
    """
    return _ones(length, device).triu(1)


def anti_diagonal(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your triangle stands on the other diagonal: the first query sees one key, but it is the last one.

    Hint: where in row 0 is your one True?
    """
    return _ones(length, device).tril().flip(2)


def all_true(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask hides nothing: every position sees the future, so the model copies its answers in training.

    Hint: how many entries of a causal mask for three positions are False?
    """
    return _ones(length, device)


def diagonal_only(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask allows each position itself alone: the past must stay visible, or no word has any context.

    Hint: what may the last query look at?
    """
    return torch.eye(length, dtype=torch.bool, device=device).unsqueeze(0)


def float_additive(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask is one to add to the scores, 0 and minus infinity: here masks are bool, True where one may attend.

    Hint: what is the dtype of your mask?
    """
    return torch.zeros(1, length, length, device=device).masked_fill(~causal_mask(length, device), -torch.inf)


def float_ones(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask holds the numbers 0.0 and 1.0: it must be bool, or it is taken for something to add to the scores.

    Hint: what is the dtype of your mask?
    """
    return causal_mask(length, device).float()


def int_dtype(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask holds the integers 0 and 1: it must be bool, or ~ turns 1 into -2 and hides nothing.

    Hint: what is the dtype of your mask?
    """
    return causal_mask(length, device).long()


def no_batch_axis(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask lacks the axis of the batch: it is (1, T, T), so that it has as many axes as every other mask.

    Hint: how many axes do the masks of this course have?
    """
    return causal_mask(length, device)[0]


def head_axis(length: int, device: torch.device | str | None = None) -> Tensor:
    """Your mask has an axis for the heads: here heads are folded into the batch, so the shape is (1, T, T).

    Hint: how many axes do the masks of this course have?
    """
    return causal_mask(length, device).unsqueeze(0)
