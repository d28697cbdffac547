"""Right, the short way."""

import torch
import torch.nn.functional as F


def padding_mask(tokens, pad_id):
    return (tokens != pad_id).unsqueeze(1)


def causal_mask(length, device=None):
    return torch.ones(1, length, length, device=device).tril().bool()


def decoder_mask(tokens, pad_id):
    return padding_mask(tokens, pad_id) & causal_mask(tokens.size(1), tokens.device)


def cross_mask(source, target, pad_id):
    return (source != pad_id).unsqueeze(1).expand(-1, target.size(1), -1).clone()


def shift_right(tokens, bos_id):
    return F.pad(tokens, (1, -1), value=bos_id)
