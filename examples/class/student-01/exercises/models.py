"""Everything right."""

import torch
from torch import nn

from .layers import DecoderLayer, EncoderLayer
from .masks import cross_mask, decoder_mask, padding_mask
from .positions import PositionalEncoding, TokenEmbedding


class EncoderTransformer(nn.Module):
    def __init__(
        self, vocab_size, num_classes, d_model, num_heads, num_layers, d_ff, max_len, dropout=0.0, pad_id=0
    ):
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))
        self.head = nn.Linear(d_model, num_classes)

    def forward(self, tokens):
        real = tokens.ne(self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, padding_mask(tokens, self.pad_id))
        total = x.masked_fill(~real[..., None], 0.0).sum(1)
        return self.head(total / real.sum(1, keepdim=True).clamp(min=1))


class DecoderTransformer(nn.Module):
    def __init__(
        self, vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout=0.0, pad_id=0, pre_norm=False
    ):
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.layers = nn.ModuleList(
            EncoderLayer(d_model, num_heads, d_ff, dropout, pre_norm) for _ in range(num_layers)
        )
        self.final_norm = nn.LayerNorm(d_model) if pre_norm else nn.Identity()

    def forward(self, tokens):
        mask = decoder_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        return torch.einsum("btd,vd->btv", self.final_norm(x), self.token_embedding.embedding.weight)


class Transformer(nn.Module):
    def __init__(self, vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout=0.0, pad_id=0):
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.encoder_layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))
        self.decoder_layers = nn.ModuleList(DecoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))

    def encode(self, source):
        x = self.positional_encoding(self.token_embedding(source))
        for layer in self.encoder_layers:
            x = layer(x, padding_mask(source, self.pad_id))
        return x

    def decode(self, target_input, memory, source):
        looks_back = decoder_mask(target_input, self.pad_id)
        looks_across = cross_mask(source, target_input, self.pad_id)
        x = self.positional_encoding(self.token_embedding(target_input))
        for layer in self.decoder_layers:
            x = layer(x, looks_back, memory, looks_across)
        return x @ self.token_embedding.embedding.weight.t()

    def forward(self, source, target_input):
        return self.decode(target_input, self.encode(source), source)
