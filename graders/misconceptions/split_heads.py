"""What goes wrong with split_heads."""

import torch
from torch import Tensor

from solutions.attention import split_heads

# Both put head h of sample b into row h * B + b.
EQUAL = [("heads_before_batch", "chunks_stacked_on_batch")]


def _blocks(x: Tensor, num_heads: int) -> Tensor:
    """Each token in blocks, (B, T, H, d), for widths that divide; else the reference's ValueError."""
    split_heads(x, num_heads)
    return x.reshape(*x.shape[:2], num_heads, -1)


def view_without_transpose(x: Tensor, num_heads: int) -> Tensor:
    """Your heads are mixed up: you viewed where you had to transpose, so one head holds slices of several tokens.

    Hint: where does token 0 of head 1 come from?
    Seen: reczoo/FuxiCTR 30; 649453932 53; hyunwoongko/transformer 15
    """
    blocks = _blocks(x, num_heads)
    return blocks.reshape(x.size(0) * num_heads, x.size(1), -1)


def heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    """Your rows are in another order: first come all heads of sample 0, then those of sample 1; yours go head by head.

    Hint: which rows belong to sample 0? A mask that is repeated for each sample must meet exactly those.
    Seen: lsdefine keras 36; gazelle93 1
    """
    blocks = _blocks(x, num_heads)
    return blocks.permute(2, 0, 1, 3).reshape(x.size(0) * num_heads, x.size(1), -1)


def chunks_stacked_on_batch(x: Tensor, num_heads: int) -> Tensor:
    """Your rows are in another order: chunks laid one after the other go head by head, but samples come first.

    Hint: which rows belong to sample 0? A mask that is repeated for each sample must meet exactly those.
    Seen: code that cuts with chunk and joins with cat
    """
    split_heads(x, num_heads)
    return torch.cat(x.chunk(num_heads, dim=-1), dim=0)


def interleaved_features(x: Tensor, num_heads: int) -> Tensor:
    """Each head takes every num_heads-th feature: here a head owns a block of neighbouring features.

    Hint: which features stand in row 0? Any fixed choice could learn, but saved weights would not fit this one.
    Seen: the two new axes in the other order
    """
    split_heads(x, num_heads)
    blocks = x.reshape(*x.shape[:2], -1, num_heads)  # (B, T, d, H)
    return blocks.permute(0, 3, 1, 2).reshape(x.size(0) * num_heads, x.size(1), -1)


def sizes_swapped(x: Tensor, num_heads: int) -> Tensor:
    """You made as many heads as a head should have features: the number of heads and their size are exchanged.

    Hint: for d_model 12 and 3 heads, how many features has one head, and how many rows has one sample?
    Seen: general teaching experience; hidden when both numbers are equal
    """
    split_heads(x, num_heads)
    return split_heads(x, x.size(-1) // num_heads)


def transposed_twice(x: Tensor, num_heads: int) -> Tensor:
    """One transpose too many: your heads lie on their side, with features where the tokens should be.

    Hint: which of the last two axes of your result is the length?
    Seen: the transpose of the keys, done here already
    """
    blocks = _blocks(x, num_heads)
    return blocks.permute(0, 2, 3, 1).reshape(x.size(0) * num_heads, -1, x.size(1))


def heads_after_length(x: Tensor, num_heads: int) -> Tensor:
    """You merged the batch with the tokens and not with the heads: tokens would not see each other any more.

    Hint: a row of the result is one head. How many tokens should it hold?
    Seen: the axes of heads and tokens not exchanged before the merge
    """
    return _blocks(x, num_heads).flatten(0, 1)


def keeps_batch_axis(x: Tensor, num_heads: int) -> Tensor:
    """You kept batch and heads as two axes: here the heads move into the batch, so the result has three axes.

    Hint: how many axes has your result, and how many does the docstring promise?
    Seen: most codes, which work with four axes
    """
    return _blocks(x, num_heads).transpose(1, 2)


def repeats_full_width(x: Tensor, num_heads: int) -> Tensor:
    """Every head got all the features: a head works with its own d_model / num_heads of them.

    Hint: how wide is one head for d_model 12 and 3 heads?
    Seen: general teaching experience
    """
    split_heads(x, num_heads)
    return x.repeat_interleave(num_heads, dim=0)


def splits_length(x: Tensor, num_heads: int) -> Tensor:
    """You cut the sentence into pieces, not the features: every head must see all the tokens.

    Hint: how many tokens does head 0 see?
    Seen: the wrong axis cut
    """
    split_heads(x, num_heads)
    return x.reshape(x.size(0) * num_heads, -1, x.size(2))


def view_on_non_contiguous(x: Tensor, num_heads: int) -> Tensor:
    """A view cannot merge axes that were transposed: memory is in the old order, so the numbers must be copied.

    Hint: which operation is like a view, and copies where it has to?
    Seen: the error message of torch, which says "Use .reshape(...) instead"
    """
    blocks = _blocks(x, num_heads).transpose(1, 2)
    return blocks.view(x.size(0) * num_heads, x.size(1), -1)
