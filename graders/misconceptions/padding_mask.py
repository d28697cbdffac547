"""What goes wrong with padding_mask."""

import torch
from torch import Tensor

from solutions.masks import padding_mask


def inverted(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask is inverted: True means "may attend" here, so yours looks at the padding and hides the words.

    Hint: read row 0 of your mask aloud. Which tokens may be looked at?
    """
    return (tokens == pad_id).unsqueeze(1)


def zero_not_pad_id(tokens: Tensor, pad_id: int) -> Tensor:
    """You take 0 for padding whatever pad_id says: 0 is an ordinary token where the padding has another id.

    Hint: try pad_id=2.
    """
    return (tokens != 0).unsqueeze(1)


def wrong_pad(tokens: Tensor, pad_id: int) -> Tensor:
    """You compare with 1, the padding of some tokenizers, whatever pad_id says: each vocabulary has its own.

    Hint: where in your code does pad_id appear?
    Seen: hyunwoongko/transformer 11
    """
    return (tokens != 1).unsqueeze(1)


def greater_than_pad(tokens: Tensor, pad_id: int) -> Tensor:
    """You take every id up to pad_id for padding: that works only where padding has the smallest id of all.

    Hint: try pad_id=2 with the tokens 0 and 1 in a sentence.
    """
    return (tokens > pad_id).unsqueeze(1)


def truthiness(tokens: Tensor, pad_id: int) -> Tensor:
    """You return numbers that are merely not zero at the words: a mask is bool, and only a bool one can be inverted.

    Hint: what is the dtype of your mask, and what does ~ make of it?
    """
    return (tokens - pad_id).unsqueeze(1)


def query_axis(tokens: Tensor, pad_id: int) -> Tensor:
    """You put the tokens on the axis of queries: padding hides keys, so the shape is (batch, 1, keys).

    Hint: who is hidden by padding, the one who asks or the one who is asked?
    """
    return (tokens != pad_id).unsqueeze(2)


def no_axis(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask has no axis for the queries: (batch, keys) broadcasts as if the batch were the queries.

    Hint: line (batch, keys) up with (batch, queries, keys), from the right.
    """
    return tokens != pad_id


def head_axis(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask has an axis for the heads: here heads are folded into the batch, so the shape is (batch, 1, keys).

    Hint: how many axes do the masks of this course have?
    """
    return (tokens != pad_id).unsqueeze(1).unsqueeze(2)


def full_square(tokens: Tensor, pad_id: int) -> Tensor:
    """You repeat the mask for every query: the axis of queries keeps size 1, since how many will ask is not known here.

    Hint: in cross-attention, are there as many queries as keys?
    """
    return (tokens != pad_id).unsqueeze(1).repeat(1, tokens.size(1), 1)


def both_axes(tokens: Tensor, pad_id: int) -> Tensor:
    """You mask the padded queries too: nobody reads what they compute, and rows without a single key come of it.

    Hint: which keys may a padded query look at in your mask?
    """
    real = tokens != pad_id
    return real.unsqueeze(1) & real.unsqueeze(2)


def numbers(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask holds the integers 0 and 1: it must be bool, or ~ turns 1 into -2, and indexing picks rows 0 and 1.

    Hint: what is the dtype of your mask?
    """
    return (tokens != pad_id).long().unsqueeze(1)


def float(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask holds the numbers 0.0 and 1.0: it must be bool, or it is taken for something to add to the scores.

    Hint: what is the dtype of your mask?
    """
    return padding_mask(tokens, pad_id).to(torch.float32)


def float_additive(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask is one to add to the scores, 0 and minus infinity: here masks are bool, True where one may attend.

    Hint: what is the dtype of your mask?
    """
    return torch.zeros(tokens.shape).masked_fill(tokens == pad_id, -torch.inf).unsqueeze(1)


def assumes_right_padding(tokens: Tensor, pad_id: int) -> Tensor:
    """You count the tokens and allow that many from the left: padding may also be on the left or in between.

    Hint: try a sentence that begins with padding.
    """
    length = (tokens != pad_id).sum(1, keepdim=True)
    return (torch.arange(tokens.size(1), device=tokens.device) < length).unsqueeze(1)
