"""Everything right, with einsum."""

import torch
from torch import nn


def masked_softmax(scores, mask=None):
    if mask is None:
        mask = torch.ones((), dtype=torch.bool, device=scores.device)
    allowed = mask.expand(torch.broadcast_shapes(mask.shape, scores.shape))
    dead = ~allowed.any(-1, keepdim=True)
    safe = scores.masked_fill(~allowed, float("-inf")).masked_fill(dead, 0.0)
    return torch.softmax(safe, -1).masked_fill(~allowed, 0.0)


def scaled_dot_product_attention(query, key, value, mask=None):
    scores = torch.einsum("...qd,...kd->...qk", query * query.shape[-1] ** -0.5, key)
    weights = masked_softmax(scores, mask)
    return torch.einsum("...qk,...kv->...qv", weights, value), weights


def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError("the heads do not divide the width")
    blocks = torch.stack(x.chunk(num_heads, dim=-1), dim=1)
    return blocks.flatten(0, 1)


def merge_heads(x, num_heads):
    if x.shape[0] % num_heads:
        raise ValueError("rows and heads do not fit")
    return torch.cat(x.unflatten(0, (-1, num_heads)).unbind(1), dim=-1)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.query_linear = nn.Linear(d_model, d_model)
        self.key_linear = nn.Linear(d_model, d_model)
        self.value_linear = nn.Linear(d_model, d_model)
        self.output_linear = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        heads = self.num_heads
        q, k, v = (
            linear(x).unflatten(-1, (heads, -1)).transpose(1, 2)
            for linear, x in (
                (self.query_linear, query),
                (self.key_linear, key),
                (self.value_linear, value),
            )
        )
        out, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask[:, None])
        return self.output_linear(out.transpose(1, 2).flatten(-2))
