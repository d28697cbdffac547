"""What goes wrong with shift_right."""

import torch
from torch import Tensor

from solutions.masks import shift_right


def roll_wraps(tokens: Tensor, bos_id: int) -> Tensor:
    """Your last token wraps round to the front: the decoder is shown the end of the sentence before it begins.

    Hint: what does the model see before it has said anything?
    """
    return tokens.roll(1, dims=1)


def roll_flattened(tokens: Tensor, bos_id: int) -> Tensor:
    """Your last token reappears at the front of the next row: without an axis the batch is rolled as one long row.

    Hint: where does column 0 of row 1 come from?
    """
    return tokens.roll(1)


def shift_left(tokens: Tensor, bos_id: int) -> Tensor:
    """You shift to the left: each position is fed the token after the one it must predict, and BOS comes last.

    Hint: at position 1, which token does the decoder see, and which one is it asked for?
    """
    return torch.cat([tokens[:, 1:], torch.full_like(tokens[:, :1], bos_id)], dim=1)


def roll_left(tokens: Tensor, bos_id: int) -> Tensor:
    """You roll to the left: each position is fed the next token, and the first one comes last.

    Hint: at position 1, which token does the decoder see, and which one is it asked for?
    """
    return tokens.roll(-1, dims=1)


def first_dropped(tokens: Tensor, bos_id: int) -> Tensor:
    """You drop the first token: that makes labels out of a text, where the decoder's input was asked for.

    Hint: is your result as long as the target?
    """
    return tokens[:, 1:].clone()


def first_overwritten(tokens: Tensor, bos_id: int) -> Tensor:
    """You put BOS over the first token without moving any: all other positions are fed their own answer.

    Hint: where has the first token gone?
    """
    out = tokens.clone()
    out[:, 0] = bos_id
    return out


def bos_prepended_longer(tokens: Tensor, bos_id: int) -> Tensor:
    """You put BOS in front and drop nothing: the input is one longer than the target, so the two do not line up.

    Hint: how many tokens go in, and how many come out?
    """
    return torch.cat([torch.full_like(tokens[:, :1], bos_id), tokens], dim=1)


def last_dropped_no_bos(tokens: Tensor, bos_id: int) -> Tensor:
    """You drop the last token and put nothing in front: every position is still fed its own answer.

    Hint: what does the model see before it has said anything?
    """
    return tokens[:, :-1].clone()


def identity(tokens: Tensor, bos_id: int) -> Tensor:
    """You shift nothing: every position is fed the very token that it must predict, and learns to copy.

    Hint: what does the model see before it has said anything?
    """
    return tokens.clone()


def batch_axis(tokens: Tensor, bos_id: int) -> Tensor:
    """You shift along the batch: each sentence is fed the sentence before it. The length is axis 1.

    Hint: which row does your row 1 come from?
    """
    return torch.cat([torch.full_like(tokens[:1], bos_id), tokens[:-1]], dim=0)


def zero_instead_of_bos(tokens: Tensor, bos_id: int) -> Tensor:
    """You put 0 in front whatever bos_id says: the first position is fed an ordinary token, or padding.

    Hint: where in your code does bos_id appear?
    """
    return shift_right(tokens, 0)


def shift_by_two(tokens: Tensor, bos_id: int) -> Tensor:
    """You shift by two: each position is fed the token before the last one, as if the labels moved as well.

    Hint: at position 1, which token was said just before?
    Seen: jadore801120/attention-is-all-you-need-pytorch 123, 8; IBM/pytorch-seq2seq 136; tensor2tensor 1510
    """
    return shift_right(shift_right(tokens, bos_id), bos_id)


def changes_argument(tokens: Tensor, bos_id: int) -> Tensor:
    """You shift the caller's own tensor: the target is still needed as it was, to be compared with the predictions.

    Hint: print tokens before and after the call.
    """
    tokens.copy_(shift_right(tokens, bos_id))
    return tokens


def float_tokens(tokens: Tensor, bos_id: int) -> Tensor:
    """Your tokens come out as floating-point numbers: they are ids, and an embedding looks up integers only.

    Hint: which dtype has a tensor of zeros, if nobody says otherwise?
    """
    return shift_right(tokens, bos_id).float()


def dtype_widened(tokens: Tensor, bos_id: int) -> Tensor:
    """Your result is int64 whatever came in: the column of BOS must have the tokens' own dtype, or it widens them all.

    Hint: pass int32 tokens and look at the dtype of the result.
    """
    return shift_right(tokens, bos_id).long()
