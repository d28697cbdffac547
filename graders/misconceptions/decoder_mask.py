"""What goes wrong with decoder_mask."""

import torch
from torch import Tensor

from solutions.masks import causal_mask, decoder_mask, padding_mask


def or_instead_of_and(tokens: Tensor, pad_id: int) -> Tensor:
    """You allow a key that fulfils one of the two conditions: it must be a token and must not be in the future.

    Hint: may the first word look at the last one, if that is no padding?
    """
    return padding_mask(tokens, pad_id) | causal_mask(tokens.size(1))


def causal_only(tokens: Tensor, pad_id: int) -> Tensor:
    """You hide the future only: on the right causality hides the padding from real words, on the left it does not.

    Hint: try a sentence that begins with padding.
    """
    return causal_mask(tokens.size(1)).repeat(tokens.size(0), 1, 1)


def causal_for_all_samples(tokens: Tensor, pad_id: int) -> Tensor:
    """You return one causal mask for the whole batch: each sample has padding of its own, and needs its own mask.

    Hint: which argument does your result depend on?
    """
    return causal_mask(tokens.size(1))


def padding_only(tokens: Tensor, pad_id: int) -> Tensor:
    """You hide the padding only: every position sees the future, so the model copies its answers in training.

    Hint: what may the first query look at?
    """
    return padding_mask(tokens, pad_id).repeat(1, tokens.size(1), 1)


def padding_for_all_queries(tokens: Tensor, pad_id: int) -> Tensor:
    """You return the padding mask as it is, one row for all queries: the future differs from query to query.

    Hint: how many rows must the mask of one sample have?
    """
    return padding_mask(tokens, pad_id)


def padding_on_queries(tokens: Tensor, pad_id: int) -> Tensor:
    """You mask the padded queries too: their outputs are ignored anyway, and it makes rows without any key.

    Hint: which keys may a padded query look at in your mask?
    """
    real = padding_mask(tokens, pad_id)
    return real & real.transpose(1, 2) & causal_mask(tokens.size(1))


def queries_instead_of_keys(tokens: Tensor, pad_id: int) -> Tensor:
    """You mask the rows of padded queries instead of the columns of padded keys: words still look at the padding.

    Hint: try a sentence that begins with padding. What does its first word see?
    """
    return padding_mask(tokens, pad_id).transpose(1, 2) & causal_mask(tokens.size(1))


def float_product(tokens: Tensor, pad_id: int) -> Tensor:
    """You multiply the masks as numbers: the product is right, but it must be bool, and yours is a float.

    Hint: what is the dtype of your mask?
    """
    return padding_mask(tokens, pad_id).float() * causal_mask(tokens.size(1)).float()


def int_product(tokens: Tensor, pad_id: int) -> Tensor:
    """You multiply the masks as integers: the product is right, but it must be bool, or ~ hides nothing.

    Hint: what is the dtype of your mask?
    """
    return decoder_mask(tokens, pad_id).long()


def min_wrong_way(tokens: Tensor, pad_id: int) -> Tensor:
    """Your two masks speak different languages: in one True allows a key, in the other it marks the padding.

    Hint: read both masks aloud before you combine them.
    Seen: keras-team/keras-io PR 1046
    """
    return ~padding_mask(tokens, pad_id) & causal_mask(tokens.size(1))


def inverted(tokens: Tensor, pad_id: int) -> Tensor:
    """Your mask is inverted: True means "may attend" here, and yours says what is hidden.

    Hint: read row 0 of your mask aloud. Which positions may be looked at?
    """
    return ~decoder_mask(tokens, pad_id)


def future_allowed(tokens: Tensor, pad_id: int) -> Tensor:
    """Your causal half is transposed: each position sees itself and what comes after it, not what came before.

    Hint: what may the last query look at?
    """
    return padding_mask(tokens, pad_id) & causal_mask(tokens.size(1)).transpose(1, 2)


def diagonal_rescued(tokens: Tensor, pad_id: int) -> Tensor:
    """You let padded positions look at themselves: rows without a key are meant to stay all False here.

    Hint: may the first query of a sentence that begins with padding look at anything?
    """
    return decoder_mask(tokens, pad_id) | torch.eye(tokens.size(1), dtype=torch.bool)


def zero_not_pad_id(tokens: Tensor, pad_id: int) -> Tensor:
    """You take 0 for padding whatever pad_id says: 0 is an ordinary token where the padding has another id.

    Hint: try pad_id=2.
    """
    return decoder_mask(tokens, 0)
