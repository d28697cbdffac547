"""Everything right, in a style of its own: loops and numpy-like indexing."""

import math

import torch
from torch import nn


class TokenEmbedding(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        nn.init.normal_(self.embedding.weight, mean=0.0, std=d_model**-0.5)

    def forward(self, tokens):
        weight = self.embedding.weight
        return weight[tokens] * weight.shape[1] ** 0.5


def positional_encoding(length, d_model):
    rows = []
    for position in range(length):
        row = []
        for column in range(d_model):
            angle = position / 10000 ** ((column // 2) * 2 / d_model)
            row.append(math.cos(angle) if column % 2 else math.sin(angle))
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float32).reshape(length, d_model)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len, dropout=0.0):
        super().__init__()
        self.register_buffer("table", positional_encoding(max_len, d_model))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, offset=0):
        end = offset + x.size(1)
        if end > self.table.size(0):
            raise ValueError("too long")
        return self.dropout(x + self.table[None, offset:end].to(x.dtype))
