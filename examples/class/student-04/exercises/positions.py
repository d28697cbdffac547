"""Three mistakes: no scale, sine and cosine swapped, the offset forgotten."""

import torch
from torch import nn


class TokenEmbedding(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        nn.init.normal_(self.embedding.weight, mean=0.0, std=d_model**-0.5)

    def forward(self, tokens):
        return self.embedding(tokens)


def positional_encoding(length, d_model):
    position = torch.arange(length).unsqueeze(1)
    rate = torch.pow(10000.0, -torch.arange(0, d_model, 2) / d_model)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.cos(position * rate)
    table[:, 1::2] = torch.sin(position * rate)[:, : d_model // 2]
    return table


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len, dropout=0.0):
        super().__init__()
        self.register_buffer("table", positional_encoding(max_len, d_model))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, offset=0):
        if offset + x.shape[1] > self.table.shape[0]:
            raise ValueError("the sequence is longer than the table")
        return self.dropout(x + self.table[: x.shape[1]].to(x.dtype))
