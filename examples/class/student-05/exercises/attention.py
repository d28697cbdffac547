"""The heads are viewed where they should be transposed, and the scores are not scaled."""

import torch
from torch import nn


def masked_softmax(scores, mask=None):
    if mask is None:
        return scores.softmax(-1)
    weights = scores.masked_fill(~mask, -float("inf")).softmax(-1)
    return torch.nan_to_num(weights)


def scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ key.mT
    if mask is None:
        weights = scores.softmax(-1)
    else:
        bottom = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(~mask, bottom).softmax(-1).masked_fill(~mask, 0)
    return weights @ value, weights


def split_heads(x, num_heads):
    batch, length, d_model = x.shape
    if d_model % num_heads:
        raise ValueError("d_model must be divisible by num_heads")
    return x.contiguous().view(batch * num_heads, length, d_model // num_heads)


def merge_heads(x, num_heads):
    rows, length, head_dim = x.shape
    if rows % num_heads:
        raise ValueError("the rows must be a multiple of num_heads")
    return x.reshape(rows // num_heads, length, num_heads * head_dim)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.query_linear = nn.Linear(d_model, d_model)
        self.key_linear = nn.Linear(d_model, d_model)
        self.value_linear = nn.Linear(d_model, d_model)
        self.output_linear = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.query_linear(query), self.num_heads)
        k = split_heads(self.key_linear(key), self.num_heads)
        v = split_heads(self.value_linear(value), self.num_heads)
        if mask is not None and mask.shape[0] > 1:
            mask = mask.repeat_interleave(self.num_heads, dim=0)
        out, _ = scaled_dot_product_attention(q, k, v, mask)
        return merge_heads(out, self.num_heads)
