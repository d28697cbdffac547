"""What goes wrong with cross_mask."""

import torch
from torch import Tensor

from solutions.masks import cross_mask, padding_mask


def from_target(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """You mask the padding of the target: the keys are the source's tokens here, so its padding must be hidden.

    Hint: who asks, who answers? Choose sentences of different length.
    Seen: keras-team/keras-io 1964, 1046; fchollet/deep-learning-with-python-notebooks 209; SeekDeeper 3
    """
    return padding_mask(target, pad_id).repeat(1, target.size(1), 1)


def transposed(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your mask lies on its side: rows are the target's positions (queries), columns the source's tokens (keys).

    Hint: choose S and T different and write down the shape.
    """
    return cross_mask(source, target, pad_id).transpose(1, 2)


def target_rows(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """You mask the rows of padded target positions, and no column: every query still reads the source's padding.

    Hint: which argument holds the keys?
    """
    return (target != pad_id).unsqueeze(2).repeat(1, 1, source.size(1))


def both_sides(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """You mask the padded queries too: their outputs are ignored anyway, and it makes rows without any key.

    Hint: which tokens of the source may a padded query look at in your mask?
    """
    return padding_mask(source, pad_id) & padding_mask(target, pad_id).transpose(1, 2)


def causal_too(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """You hide the future of the source: the whole source is known from the start, only the target has a future.

    Hint: may the first word of a translation depend on the last word of the sentence?
    Seen: zhouhaoyi/Informer2020 38 (the opposite confusion)
    """
    return cross_mask(source, target, pad_id).tril()


def source_square(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your rows are the source's own positions: here the queries come from the target, so there must be T rows.

    Hint: choose S and T different and write down the shape.
    """
    return padding_mask(source, pad_id).repeat(1, source.size(1), 1)


def inverted(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your mask is inverted: True means "may attend" here, so yours reads the padding and nothing else.

    Hint: read row 0 of your mask aloud. Which tokens may be looked at?
    """
    return ~cross_mask(source, target, pad_id)


def all_true(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your mask hides nothing: the padding of short sources is read as if it were words.

    Hint: which of your arguments does the result depend on?
    """
    return torch.ones_like(cross_mask(source, target, pad_id))


def tests_zero(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """You take 0 for padding whatever pad_id says: 0 is an ordinary token where the padding has another id.

    Hint: try pad_id=2.
    """
    return cross_mask(source, target, 0)


def one_row(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """You return one row for all queries: the contract asks for the whole mask, one row for each target position.

    Hint: where in your code does the target appear?
    """
    return padding_mask(source, pad_id)


def head_axis(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your mask has an axis for the heads: here heads are folded into the batch, so the shape is (B, T, S).

    Hint: how many axes do the masks of this course have?
    """
    return cross_mask(source, target, pad_id).unsqueeze(1)


def numbers(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your mask holds the integers 0 and 1: it must be bool, or ~ turns 1 into -2 and hides nothing.

    Hint: what is the dtype of your mask?
    """
    return cross_mask(source, target, pad_id).long()


def float_ones(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Your mask holds the numbers 0.0 and 1.0: it must be bool, or it is taken for something to add to the scores.

    Hint: what is the dtype of your mask?
    """
    return cross_mask(source, target, pad_id).float()
