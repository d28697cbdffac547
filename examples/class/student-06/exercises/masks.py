"""Five mistakes that run without an error."""

import torch


def padding_mask(tokens, pad_id):
    return tokens.eq(pad_id).unsqueeze(1)


def causal_mask(length, device=None):
    return torch.triu(torch.ones(length, length, device=device)).bool()[None]


def decoder_mask(tokens, pad_id):
    keep = (tokens != pad_id)[:, None, :]
    past = torch.tril(torch.ones(tokens.size(1), tokens.size(1), device=tokens.device)).bool()
    return keep | past


def cross_mask(source, target, pad_id):
    return (target != pad_id)[:, :, None].expand(-1, -1, source.size(1)).clone()


def shift_right(tokens, bos_id):
    return torch.roll(tokens, shifts=1, dims=1)
