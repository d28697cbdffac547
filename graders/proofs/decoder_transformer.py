"""Proof that the grader of DecoderTransformer can be trusted."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from solutions.layers import EncoderLayer
from solutions.masks import causal_mask, decoder_mask, padding_mask
from solutions.models import DecoderTransformer
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


def _torch_layer(layer: Any, x: Tensor, hidden: Tensor) -> Tensor:
    """torch's own layer with our weights; `hidden` (B, T, T) is True where a query may not attend."""
    heads, d_ff = layer.self_attn.num_heads, layer.feed_forward.fc1.out_features
    dropout = layer.dropout.p if layer.training else 0.0
    theirs = nn.TransformerEncoderLayer(
        x.size(2), heads, d_ff, dropout, batch_first=True, norm_first=layer.pre_norm, dtype=x.dtype
    )
    return functional_call(theirs, _torch_weights(layer), (x, hidden.repeat_interleave(heads, dim=0)))


def _positions(length: int, d_model: int) -> Tensor:
    """Section 3.5, number by number, in float64."""

    def entry(position: int, column: int) -> float:
        angle = position / 10000 ** (2 * (column // 2) / d_model)
        return math.cos(angle) if column % 2 else math.sin(angle)

    return torch.tensor([[entry(p, c) for c in range(d_model)] for p in range(length)], dtype=torch.float64)


def oracle(module, tokens):
    """torch's own layers, run on every prefix alone: of each run only the last position is kept."""
    table = module.token_embedding.embedding.weight
    length, d_model = tokens.size(1), table.size(1)
    guesses = []
    for stop in range(1, length + 1):
        prefix = tokens[:, :stop]
        x = table[prefix] * math.sqrt(d_model) + _positions(stop, d_model).to(table.dtype)
        padded = (prefix == module.pad_id).unsqueeze(1).expand(-1, stop, -1)
        for layer in module.layers:
            future = torch.ones(stop, stop, dtype=torch.bool).triu(1)
            x = _torch_layer(layer, x, padded | future)
        last = x[:, -1]
        if isinstance(module.final_norm, nn.LayerNorm):
            norm = module.final_norm
            last = nn.functional.layer_norm(last, (d_model,), norm.weight, norm.bias)
        guesses.append(torch.stack([last @ row for row in table], dim=-1))
    return torch.stack(guesses, dim=1)


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0, pre_norm: bool = False) -> None:  # fmt: skip
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.layers = nn.ModuleList(
            EncoderLayer(d_model, num_heads, d_ff, dropout, pre_norm) for _ in range(num_layers)
        )
        self.final_norm = nn.LayerNorm(d_model) if pre_norm else nn.Identity()


class right_functional_linear(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        mask = decoder_mask(tokens, self.pad_id)
        hidden = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            hidden = layer(hidden, mask=mask)
        return nn.functional.linear(self.final_norm(hidden), self.token_embedding.embedding.weight)


class right_einsum_and_own_mask(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        place = torch.arange(tokens.size(1))
        mask = (place[:, None] >= place[None, :]) & (tokens != self.pad_id)[:, None, :]
        x = self.token_embedding(tokens)
        x = self.positional_encoding(x)
        for layer in self.layers:
            x = layer(x, mask)
        return torch.einsum("btd,vd->btv", self.final_norm(x), self.token_embedding.embedding.weight)


class right_torch_layers(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        hidden = ~decoder_mask(tokens, self.pad_id)
        for layer in self.layers:
            x = _torch_layer(layer, x, hidden)
        return self.final_norm(x).matmul(self.token_embedding.embedding.weight.t())


class right_prefix_by_prefix(_Given):
    """Slow, and honest about causality: the answer at t is computed from the first t tokens alone."""

    def _last(self, prefix: Tensor) -> Tensor:
        mask = decoder_mask(prefix, self.pad_id)
        x = self.positional_encoding(self.token_embedding(prefix))
        for layer in self.layers:
            x = layer(x, mask)
        return self.final_norm(x[:, -1]) @ self.token_embedding.embedding.weight.T

    def forward(self, tokens: Tensor) -> Tensor:
        return torch.stack([self._last(tokens[:, : t + 1]) for t in range(tokens.size(1))], dim=1)


class right_masks_queries_too(_Given):
    """Padded queries attend to nothing here, and their logits are thrown far off: nobody may mind."""

    def forward(self, tokens: Tensor) -> Tensor:
        real = tokens != self.pad_id
        mask = decoder_mask(tokens, self.pad_id) & real.unsqueeze(2)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        logits = self.final_norm(x) @ self.token_embedding.embedding.weight.T
        return logits.masked_fill(~real.unsqueeze(2), 1e4)


class right_longest_mask_kept(_Given):
    """A causal mask that is kept, and made anew when a longer batch comes."""

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.size(1)
        if getattr(self, "kept", None) is None or self.kept.size(1) < length:
            self.kept = causal_mask(length)
        mask = self.kept[:, :length, :length] & padding_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        return self.final_norm(x) @ self.token_embedding.embedding.weight.T


class second_no_causal(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        real = (tokens != self.pad_id)[:, None, :]
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, real)
        return self.final_norm(x) @ self.token_embedding.embedding.weight.T


class second_tied_by_copy(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, decoder_mask(tokens, self.pad_id))
        head = nn.Linear(x.size(2), self.token_embedding.embedding.num_embeddings, bias=False, dtype=x.dtype)
        head.weight.data = self.token_embedding.embedding.weight.data.clone()
        return head(self.final_norm(x))


class second_head_tied_and_scaled(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, decoder_mask(tokens, self.pad_id))
        vocabulary = torch.arange(self.token_embedding.embedding.num_embeddings)
        return self.final_norm(x) @ self.token_embedding(vocabulary).T


class second_logits_softmaxed(DecoderTransformer):
    def forward(self, tokens: Tensor) -> Tensor:
        return torch.exp(torch.log_softmax(super().forward(tokens), dim=-1))


class second_mask_cached_wrong_length(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        if not hasattr(self, "mask"):
            self.mask = decoder_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, self.mask[:, : x.size(1), : x.size(1)])
        return self.final_norm(x) @ self.token_embedding.embedding.weight.T


class second_final_norm_missing(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, decoder_mask(tokens, self.pad_id))
        return x @ self.token_embedding.embedding.weight.T


class second_head_not_tied(DecoderTransformer):
    def __init__(self, vocab_size: int, d_model: int, *sizes: Any, **options: Any) -> None:
        super().__init__(vocab_size, d_model, *sizes, **options)
        self.head = nn.Linear(d_model, vocab_size, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, decoder_mask(tokens, self.pad_id))
        return self.head(self.final_norm(x))


class double_no_causal_and_scaled(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, padding_mask(tokens, self.pad_id))
        table = self.token_embedding.embedding.weight
        return self.final_norm(x) @ table.T * table.size(1) ** 0.5


class double_no_position_and_no_final_norm(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token_embedding(tokens)
        for layer in self.layers:
            x = layer(x, decoder_mask(tokens, self.pad_id))
        return x @ self.token_embedding.embedding.weight.T


class double_scale_forgotten_and_softmaxed(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding.embedding(tokens))
        for layer in self.layers:
            x = layer(x, decoder_mask(tokens, self.pad_id))
        return (self.final_norm(x) @ self.token_embedding.embedding.weight.T).softmax(-1)
