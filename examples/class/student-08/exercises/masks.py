"""One loop that never ends; the other four are right."""

import torch


def padding_mask(tokens, pad_id):
    return (tokens != pad_id).unsqueeze(1)


def causal_mask(length, device=None):
    rows = []
    while len(rows) <= length:
        rows = [[column <= row for column in range(length)] for row in range(length)]
    return torch.tensor(rows, device=device)[None]


def decoder_mask(tokens, pad_id):
    return padding_mask(tokens, pad_id) & causal_mask(tokens.shape[1], tokens.device)


def cross_mask(source, target, pad_id):
    return (source != pad_id)[:, None].repeat(1, target.shape[1], 1)


def shift_right(tokens, bos_id):
    return torch.cat([torch.full_like(tokens[:, :1], bos_id), tokens[:, :-1]], dim=1)
