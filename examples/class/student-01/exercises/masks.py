"""Everything right, with comparisons of positions."""

import torch


def padding_mask(tokens, pad_id):
    return tokens.ne(pad_id)[:, None, :]


def causal_mask(length, device=None):
    position = torch.arange(length, device=device)
    return (position[None, :] <= position[:, None])[None]


def decoder_mask(tokens, pad_id):
    return torch.logical_and(padding_mask(tokens, pad_id), causal_mask(tokens.shape[1], tokens.device))


def cross_mask(source, target, pad_id):
    return padding_mask(source, pad_id).repeat(1, target.shape[1], 1)


def shift_right(tokens, bos_id):
    shifted = torch.empty_like(tokens)
    shifted[:, 0] = bos_id
    shifted[:, 1:] = tokens[:, :-1]
    return shifted
