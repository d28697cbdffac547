"""Proof that the grader of EncoderTransformer can be trusted."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from solutions.layers import EncoderLayer
from solutions.masks import padding_mask
from solutions.models import EncoderTransformer
from solutions.positions import PositionalEncoding, TokenEmbedding


def _torch_weights(layer: Any) -> dict[str, Tensor]:
    """The weights of an encoder layer under the names that torch gives them."""
    attention = layer.self_attn
    linears = attention.query_linear, attention.key_linear, attention.value_linear
    weights = {
        "self_attn.in_proj_weight": torch.cat([linear.weight for linear in linears]),
        "self_attn.in_proj_bias": torch.cat([linear.bias for linear in linears]),
    }
    for theirs, ours in [
        ("self_attn.out_proj", attention.output_linear),
        ("linear1", layer.feed_forward.fc1),
        ("linear2", layer.feed_forward.fc2),
        ("norm1", layer.norm1),
        ("norm2", layer.norm2),
    ]:
        weights |= {f"{theirs}.weight": ours.weight, f"{theirs}.bias": ours.bias}
    return weights


def _torch_layer(layer: Any, x: Tensor, padded: Tensor) -> Tensor:
    """torch's own layer with our weights; `padded` (B, T) is True at padding."""
    heads, d_ff = layer.self_attn.num_heads, layer.feed_forward.fc1.out_features
    dropout = layer.dropout.p if layer.training else 0.0
    theirs = nn.TransformerEncoderLayer(x.size(2), heads, d_ff, dropout, batch_first=True, dtype=x.dtype)
    return functional_call(theirs, _torch_weights(layer), (x, None, padded))


def _positions(length: int, d_model: int) -> Tensor:
    """Section 3.5, number by number, in float64."""

    def entry(position: int, column: int) -> float:
        angle = position / 10000 ** (2 * (column // 2) / d_model)
        return math.cos(angle) if column % 2 else math.sin(angle)

    return torch.tensor([[entry(p, c) for c in range(d_model)] for p in range(length)], dtype=torch.float64)


def oracle(module, tokens):
    """torch's own encoder layers in a row, and a mean that only ever sees the real tokens."""
    table = module.token_embedding.embedding.weight
    d_model = table.size(1)
    x = table[tokens] * math.sqrt(d_model) + _positions(tokens.size(1), d_model).to(table.dtype)
    for layer in module.layers:
        x = _torch_layer(layer, x, tokens == module.pad_id)
    answers = []
    for row, hidden in zip(tokens, x, strict=True):
        real = [vector for token, vector in zip(row, hidden, strict=True) if token != module.pad_id]
        mean = torch.stack(real).mean(0) if real else torch.zeros(d_model, dtype=x.dtype)
        answers.append(module.head.weight @ mean + module.head.bias)
    return torch.stack(answers)


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, vocab_size: int, num_classes: int, d_model: int, num_heads: int, num_layers: int,
                 d_ff: int, max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))
        self.head = nn.Linear(d_model, num_classes)


class right_sample_by_sample(_Given):
    """Without any padding: each sample alone, cut out at its first and last real token, the gaps masked."""

    def forward(self, tokens: Tensor) -> Tensor:
        answers = []
        for row in tokens:
            real = row != self.pad_id
            x = self.positional_encoding(self.token_embedding(row.unsqueeze(0)))
            for layer in self.layers:
                x = layer(x, real.view(1, 1, -1))
            kept = x[0][real]
            answers.append(kept.mean(dim=0) if len(kept) else x.new_zeros(x.size(2)))
        return self.head(torch.stack(answers))


class right_masks_queries_too(_Given):
    """Padded queries attend to nothing here. What comes out at padding is nobody's business."""

    def forward(self, tokens: Tensor) -> Tensor:
        real = tokens != self.pad_id  # (B, T)
        mask = real.unsqueeze(1) & real.unsqueeze(2)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        weights = real / real.sum(dim=1, keepdim=True).clamp(min=1)
        return self.head(torch.einsum("bt,btd->bd", weights.to(x.dtype), x))


class right_torch_layers(_Given):
    """torch's own layers."""

    def forward(self, tokens: Tensor) -> Tensor:
        padded = tokens == self.pad_id
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = _torch_layer(layer, x, padded)
        x = x.masked_fill(padded.unsqueeze(2), 0.0)
        count = (~padded).sum(dim=1, keepdim=True)
        return self.head(x.sum(dim=1) / torch.where(count > 0, count, 1))


class right_averages_the_answers(_Given):
    """The head is linear: the mean of the answers is the answer to the mean, but for the bias of an empty row."""

    def forward(self, tokens: Tensor) -> Tensor:
        mask = padding_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        scores = x @ self.head.weight.T
        real = mask.squeeze(1).unsqueeze(2)
        total = torch.where(real, scores, torch.zeros_like(scores)).sum(1)
        return total / real.sum(1).clamp_min(1) + self.head.bias


class right_garbage_at_padding(_Given):
    """Nonsense at padded positions after every layer: no answer may depend on it."""

    def forward(self, tokens: Tensor) -> Tensor:
        mask = padding_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask).masked_fill(~mask.transpose(1, 2), 1e3)
        real = mask.transpose(1, 2)
        return self.head(x.masked_fill(~real, 0).sum(1) / real.sum(1).clamp(min=1))


class second_pools_padding(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        mask = padding_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x.sum(1) / tokens.shape[1])


class second_softmax_in_forward(EncoderTransformer):
    def forward(self, tokens: Tensor) -> Tensor:
        logits = super().forward(tokens)
        exponentials = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
        return exponentials / exponentials.sum(dim=1, keepdim=True)


class second_mask_only_first_layer(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        mask = padding_mask(tokens, self.pad_id)
        first, *others = self.layers
        x = first(self.positional_encoding(self.token_embedding(tokens)), mask)
        x = nn.Sequential(*others)(x)  # passes x along, and nothing else
        real = mask.transpose(1, 2)
        return self.head((x * real).sum(1) / real.sum(1).clamp(min=1))


class second_no_position(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        mask = padding_mask(tokens, self.pad_id)
        x = self.token_embedding(tokens)
        self.positional_encoding(x)  # the result is thrown away
        for layer in self.layers:
            x = layer(x, mask)
        real = mask.transpose(1, 2)
        return self.head((x * real).sum(1) / real.sum(1).clamp(min=1))


class second_mask_dropped(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x)
        real = (tokens != self.pad_id).unsqueeze(-1)
        return self.head((x * real).sum(1) / real.sum(1).clamp(min=1))


class second_layers_shared(EncoderTransformer):
    def __init__(self, *sizes: Any, **options: Any) -> None:
        super().__init__(*sizes, **options)
        first = self.layers[0]
        self.layers = nn.ModuleList(first for _ in self.layers)


class double_pools_padding_without_mask(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x)
        return self.head(x.mean(dim=1))


class double_no_position_and_softmax(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        mask = padding_mask(tokens, self.pad_id)
        x = self.token_embedding(tokens)
        for layer in self.layers:
            x = layer(x, mask)
        real = mask.transpose(1, 2)
        return self.head((x * real).sum(1) / real.sum(1).clamp(min=1)).softmax(-1)


class double_last_position_and_causal(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.size(1)
        mask = padding_mask(tokens, self.pad_id) & torch.ones(1, length, length, dtype=torch.bool).tril()
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x[:, -1])
