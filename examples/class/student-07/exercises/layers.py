"""The norm is shared, the decoder's keys and values come from itself, the layer norm is unbiased."""

import torch
from torch import nn

from .attention import MultiHeadAttention


def layer_norm(x, weight, bias, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    return weight * (x - mean) / torch.sqrt(x.var(-1, keepdim=True) + eps) + bias


class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.fc1 = nn.Linear(d_model, d_ff)
        self.fc2 = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.fc2(self.fc1(x))


def add_and_norm(x, sublayer, norm, dropout, pre_norm=False):
    if pre_norm:
        return x + dropout(sublayer(norm(x)))
    return x + norm(dropout(sublayer(x)))


class EncoderLayer(nn.Module):
    def __init__(self, d_model, num_heads, d_ff, dropout=0.0, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        # YOUR CODE HERE
        raise NotImplementedError()


class DecoderLayer(nn.Module):
    def __init__(self, d_model, num_heads, d_ff, dropout=0.0):
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads)
        self.cross_attn = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, causal_mask, encoder_output, cross_mask):
        relu = nn.functional.relu
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(x + self.dropout(self.cross_attn(encoder_output, x, x)))
        return self.norm3(x + self.dropout(self.feed_forward.fc2(relu(self.feed_forward.fc1(x)))))
