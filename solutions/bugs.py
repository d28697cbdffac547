"""Bonus: find the bug. Six pieces of working code, from six units, each wrong in one thing.

What a docstring says is right and is what is graded; "Reported" is what somebody noticed. The code below
`# FIND THE BUG` runs, trains and looks fine: that is how such faults get into real programs. Mend it with as few or as
many changes as you like, or rewrite it. Nothing here calls your other modules.

Conventions are those of the course: tensors are `(batch, length, d_model)`, written (B, T, d); H heads live in the
batch, head h of sample b in row b * H + h; masks are `torch.bool` and True means "may attend".
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PositionRows(nn.Module):
    """Hand out the first rows of a table of positions (section 3.5).

    Reported: "One of our layers scales the positions it gets in place. Since it was added, every batch after the first
    has wrong positions, in all layers."

    Args:
        max_len: number of rows of the table.
        d_model: number of columns, even.
    """

    table: Tensor

    def __init__(self, max_len: int, d_model: int) -> None:
        super().__init__()
        angle = torch.arange(max_len)[:, None] / 10000 ** (torch.arange(0, d_model, 2) / d_model)  # (max_len, d / 2)
        self.register_buffer("table", torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1))

    def forward(self, length: int) -> Tensor:
        """The first `length` rows, (length, d_model): a tensor of its own, which the caller may change at will.

        Raises:
            ValueError: if `length` is greater than `max_len`.
        """
        ### BEGIN FAULT
        # max_len = self.table.size(0)
        # if length > max_len:
        #     raise ValueError(f"the table has {max_len} rows, not {length}")
        # return self.table[:length]
        ### END FAULT
        ### BEGIN SOLUTION
        max_len = self.table.size(0)
        if length > max_len:
            raise ValueError(f"the table has {max_len} rows, not {length}")
        return self.table[:length].clone()  # a slice alone is a window onto the table itself
        ### END SOLUTION


class PaddedSelfAttention(nn.Module):
    """Multi-head self-attention that keeps away from padding (sections 3.2.2 and 3.2.3).

    Reported: "With batches of one sentence all is well, and with sentences of equal length too. In a mixed batch a
    sentence comes out differently, depending on its neighbours."

    Args:
        d_model: width of input and output.
        num_heads: H, a divisor of d_model.
    """

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query_linear = nn.Linear(d_model, d_model)
        self.key_linear = nn.Linear(d_model, d_model)
        self.value_linear = nn.Linear(d_model, d_model)
        self.output_linear = nn.Linear(d_model, d_model)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, d_model) to (B * H, T, head_dim). This method is right."""
        batch, length, d_model = x.shape
        heads = x.reshape(batch, length, self.num_heads, d_model // self.num_heads).transpose(1, 2)
        return heads.reshape(batch * self.num_heads, length, d_model // self.num_heads)

    def merge(self, x: Tensor) -> Tensor:
        """(B * H, T, head_dim) to (B, T, d_model). This method is right."""
        rows, length, head_dim = x.shape
        heads = x.reshape(rows // self.num_heads, self.num_heads, length, head_dim).transpose(1, 2)
        return heads.reshape(rows // self.num_heads, length, self.num_heads * head_dim)

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        """Attend from every position to the tokens of the same sample that are kept.

        Args:
            x: (B, T, d_model).
            keep: bool (B, T), True where there is a token, False where there is padding; at least one True in a row.

        Returns:
            (B, T, d_model); positions of padding are computed like all others.
        """
        ### BEGIN FAULT
        # batch, length, _ = x.shape
        # query, key = self.split(self.query_linear(x)), self.split(self.key_linear(x))
        # value = self.split(self.value_linear(x))
        # scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))  # (B * H, T, T)
        # scores = scores.reshape(self.num_heads, batch, length, length)  # so that the mask fits
        # scores = scores.masked_fill(~keep.unsqueeze(1), -math.inf)
        # weights = scores.softmax(dim=-1).reshape(batch * self.num_heads, length, length)
        # return self.output_linear(self.merge(weights @ value))
        ### END FAULT
        ### BEGIN SOLUTION
        batch, length, _ = x.shape
        query, key = self.split(self.query_linear(x)), self.split(self.key_linear(x))
        value = self.split(self.value_linear(x))
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))  # (B * H, T, T)
        scores = scores.reshape(batch, self.num_heads, length, length)  # row b * H + h belongs to sample b
        scores = scores.masked_fill(~keep[:, None, None, :], -math.inf)
        weights = scores.softmax(dim=-1).reshape(batch * self.num_heads, length, length)
        return self.output_linear(self.merge(weights @ value))
        ### END SOLUTION


def standardise(x: Tensor, eps: float) -> Tensor:
    """Bring the last dimension to mean 0 and variance 1: (x - μ) / √(σ² + eps), a layer norm without its weights.

    σ² is the biased variance, as in `torch.nn.LayerNorm`.

    Reported: "For inputs of normal size it agrees with torch's layer to four places. For very small ones it is far off,
    and a token whose features are all equal turns all gradients into NaN."

    Args:
        x: float32 or float64, (..., d).
        eps: a small positive number.

    Returns:
        (..., d), the dtype of `x`; with finite gradients, also where all features of a token are equal.
    """
    ### BEGIN FAULT
    # centred = x - x.mean(dim=-1, keepdim=True)
    # deviation = centred.square().mean(dim=-1, keepdim=True).sqrt()  # (..., 1)
    # return centred / (deviation + eps)
    ### END FAULT
    ### BEGIN SOLUTION
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)  # (..., 1)
    return centred / (variance + eps).sqrt()  # inside the root eps also keeps its slope finite
    ### END SOLUTION


def mean_loss(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """Average the cross-entropy over all targets of the batch that are not padding (section 5.4, without smoothing).

    Reported: "The loss of the same model on the same sentences is lower if one long sentence is in the batch."

    Args:
        logits: float32 or float64, (B, T, V).
        targets: int64 (B, T), in 0, ..., V - 1.
        pad_id: the class that stands for padding, in 0, ..., V - 1.

    Returns:
        A scalar in the dtype of `logits`; 0 with gradients of 0 if all targets are padding.
    """
    ### BEGIN FAULT
    # losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")  # (B * T)
    # real = targets.flatten() != pad_id
    # return losses.masked_fill(~real, 0.0).mean()
    ### END FAULT
    ### BEGIN SOLUTION
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")  # (B * T)
    real = targets.flatten() != pad_id
    return losses.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)
    ### END SOLUTION


def warmup_rate(step: int, peak: float, warmup: int) -> float:
    """The learning rate of update number `step`: it rises in a straight line, then falls with the root (section 5.3).

    Updates are counted from 0 here, as `torch.optim.lr_scheduler.LambdaLR` counts them. With n = step + 1 the rate is

        peak * min(n / warmup, √(warmup / n))

    so that the very first update has the rate peak / warmup and update number warmup - 1 has the highest, `peak`.

    Reported: "After one update the model is exactly what it was before."

    Args:
        step: 0 or more.
        peak: the highest rate.
        warmup: number of updates until the peak, at least 1.
    """
    ### BEGIN FAULT
    # if step < warmup:
    #     return peak * step / warmup
    # return peak * (warmup / step) ** 0.5
    ### END FAULT
    ### BEGIN SOLUTION
    number = step + 1  # this update included
    if number < warmup:
        return peak * number / warmup
    return peak * (warmup / number) ** 0.5
    ### END SOLUTION


def write_all(logits_of: Callable[[Tensor], Tensor], start: Tensor, eos_id: int, pad_id: int, max_new: int) -> Tensor:
    """Continue every row of a batch greedily until it has said EOS (section 3.1).

    Writing ends when *every* row has said EOS, or after `max_new` tokens. A row that has ended waits for the others: it
    is filled with `pad_id`.

    Reported: "Alone, each sentence is translated to its end. In a batch nearly all of them break off in the middle."

    Args:
        logits_of: maps tokens (B, t) to logits (B, t, V); those of the last position speak about the next token.
        start: int64 (B, t) with t >= 1, what every row begins with.
        eos_id: the token that ends a row; it does not occur in `start`.
        pad_id: what follows it.
        max_new: the largest number of tokens to write, at least 1.

    Returns:
        int64 (B, n), n <= max_new: what was written, without `start`.
    """
    ### BEGIN FAULT
    # tokens = start
    # ended = torch.zeros(start.size(0), dtype=torch.bool, device=start.device)
    # for _ in range(max_new):
    #     token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)  # (B)
    #     tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
    #     ended = ended | (token == eos_id)
    #     if ended.any():
    #         break
    # return tokens[:, start.size(1) :]
    ### END FAULT
    ### BEGIN SOLUTION
    tokens = start
    ended = torch.zeros(start.size(0), dtype=torch.bool, device=start.device)
    for _ in range(max_new):
        token = logits_of(tokens)[:, -1].argmax(dim=-1).masked_fill(ended, pad_id)  # (B)
        tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    return tokens[:, start.size(1) :]
    ### END SOLUTION
