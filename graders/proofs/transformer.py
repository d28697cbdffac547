"""Proof that the grader of Transformer can be trusted."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from solutions.attention import MultiHeadAttention
from solutions.layers import DecoderLayer, EncoderLayer
from solutions.masks import causal_mask, cross_mask, decoder_mask, padding_mask
from solutions.models import Transformer
from solutions.positions import PositionalEncoding, TokenEmbedding


def _attention_weights(attention: MultiHeadAttention, prefix: str) -> dict[str, Tensor]:
    """The four linear maps under the names that torch's attention gives them."""
    linears = attention.query_linear, attention.key_linear, attention.value_linear
    return {
        prefix + "in_proj_weight": torch.cat([linear.weight for linear in linears]),
        prefix + "in_proj_bias": torch.cat([linear.bias for linear in linears]),
        prefix + "out_proj.weight": attention.output_linear.weight,
        prefix + "out_proj.bias": attention.output_linear.bias,
    }


def _other_weights(layer: Any) -> dict[str, Tensor]:
    """The feed-forward network and the norms under torch's names."""
    pairs = [("linear1", layer.feed_forward.fc1), ("linear2", layer.feed_forward.fc2)]
    pairs += [(name, part) for name, part in layer.named_children() if name.startswith("norm")]
    weights = {f"{name}.weight": part.weight for name, part in pairs}
    return weights | {f"{name}.bias": part.bias for name, part in pairs}


def _torch_encoder_layer(layer: Any, x: Tensor, padded: Tensor) -> Tensor:
    """torch's own encoder layer with our weights; `padded` (B, S) is True at padding."""
    heads, d_ff = layer.self_attn.num_heads, layer.feed_forward.fc1.out_features
    dropout = layer.dropout.p if layer.training else 0.0
    theirs = nn.TransformerEncoderLayer(x.size(2), heads, d_ff, dropout, batch_first=True, dtype=x.dtype)
    weights = _attention_weights(layer.self_attn, "self_attn.") | _other_weights(layer)
    return functional_call(theirs, weights, (x, None, padded))


def _torch_decoder_layer(layer: Any, x: Tensor, hidden: Tensor, memory: Tensor, padded: Tensor) -> Tensor:
    """torch's own decoder layer with our weights; `hidden` (B, T, T) is True where a query may not attend."""
    heads, d_ff = layer.self_attn.num_heads, layer.feed_forward.fc1.out_features
    dropout = layer.dropout.p if layer.training else 0.0
    theirs = nn.TransformerDecoderLayer(x.size(2), heads, d_ff, dropout, batch_first=True, dtype=x.dtype)
    weights = _attention_weights(layer.self_attn, "self_attn.") | _other_weights(layer)
    weights |= _attention_weights(layer.cross_attn, "multihead_attn.")
    tgt_mask = hidden.repeat_interleave(heads, dim=0)
    return functional_call(theirs, weights, (x, memory, tgt_mask, None, None, padded))


def _positions(length: int, d_model: int) -> Tensor:
    """Section 3.5, number by number, in float64."""

    def entry(position: int, column: int) -> float:
        angle = position / 10000 ** (2 * (column // 2) / d_model)
        return math.cos(angle) if column % 2 else math.sin(angle)

    return torch.tensor([[entry(p, c) for c in range(d_model)] for p in range(length)], dtype=torch.float64)


def oracle(module, source, target_input):
    """torch's own layers, one table, and positions number by number."""
    table = module.token_embedding.embedding.weight
    d_model = table.size(1)

    def embedded(tokens: Tensor) -> Tensor:
        rows = nn.functional.embedding(tokens, table) * math.sqrt(d_model)
        return rows + _positions(tokens.size(1), d_model).to(table.dtype)

    memory = embedded(source)
    for layer in module.encoder_layers:
        memory = _torch_encoder_layer(layer, memory, source == module.pad_id)
    x = embedded(target_input)
    future = nn.Transformer.generate_square_subsequent_mask(target_input.size(1)).isinf()
    hidden = future | (target_input == module.pad_id).unsqueeze(1)
    for layer in module.decoder_layers:
        x = _torch_decoder_layer(layer, x, hidden, memory, source == module.pad_id)
    return nn.functional.linear(x, table)


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.encoder_layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))
        self.decoder_layers = nn.ModuleList(DecoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))

    def encode(self, source: Tensor) -> Tensor:
        raise NotImplementedError

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        return self.decode(target_input, self.encode(source), source)


class right_own_masks(_Given):
    def _embed(self, tokens: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(tokens))

    def encode(self, source: Tensor) -> Tensor:
        memory = self._embed(source)
        real = (source != self.pad_id)[:, None, :]
        for layer in self.encoder_layers:
            memory = layer(memory, mask=real)
        return memory

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        length = target_input.shape[1]
        past = torch.ones(length, length, dtype=torch.bool).tril()
        x = self._embed(target_input)
        for layer in self.decoder_layers:
            x = layer(
                x,
                causal_mask=past & (target_input != self.pad_id)[:, None, :],
                encoder_output=memory,
                cross_mask=(source != self.pad_id)[:, None, :],
            )
        return nn.functional.linear(x, self.token_embedding.embedding.weight)


class right_torch_layers(_Given):
    def encode(self, source: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(source))
        for layer in self.encoder_layers:
            x = _torch_encoder_layer(layer, x, source == self.pad_id)
        return x

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        hidden = ~decoder_mask(target_input, self.pad_id)
        x = self.positional_encoding(self.token_embedding(target_input))
        for layer in self.decoder_layers:
            x = _torch_decoder_layer(layer, x, hidden, memory, source == self.pad_id)
        return torch.einsum("btd,vd->btv", x, self.token_embedding.embedding.weight)


class right_pair_by_pair(_Given):
    """One pair of sentences at a time, as if there were no batches."""

    def encode(self, source: Tensor) -> Tensor:
        memories = []
        for row in source.split(1):
            x = self.positional_encoding(self.token_embedding(row))
            for layer in self.encoder_layers:
                x = layer(x, padding_mask(row, self.pad_id))
            memories.append(x)
        return torch.cat(memories)

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        logits = []
        for target_row, memory_row, source_row in zip(
            target_input.split(1), memory.split(1), source.split(1), strict=True
        ):
            x = self.positional_encoding(self.token_embedding(target_row))
            for layer in self.decoder_layers:
                masks = decoder_mask(target_row, self.pad_id), cross_mask(source_row, target_row, self.pad_id)
                x = layer(x, masks[0], memory_row, masks[1])
            logits.append(x @ self.token_embedding.embedding.weight.mT)
        return torch.cat(logits)


class right_word_by_word(_Given):
    """The decoder runs on every prefix alone; only its last position is kept."""

    def encode(self, source: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(source))
        for layer in self.encoder_layers:
            x = layer(x, padding_mask(source, self.pad_id))
        return x

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        words = []
        for stop in range(1, target_input.size(1) + 1):
            prefix = target_input[:, :stop]
            x = self.positional_encoding(self.token_embedding(prefix))
            for layer in self.decoder_layers:
                x = layer(x, decoder_mask(prefix, self.pad_id), memory, padding_mask(source, self.pad_id))
            words.append(x[:, -1])
        return torch.stack(words, dim=1) @ self.token_embedding.embedding.weight.T


class right_nonsense_at_padding(Transformer):
    """Padded positions hold nonsense on both sides: nothing that is asked for may depend on them."""

    def encode(self, source: Tensor) -> Tensor:
        real = source != self.pad_id
        x = self.positional_encoding(self.token_embedding(source))
        for layer in self.encoder_layers:
            x = layer(x, real.unsqueeze(1) & real.unsqueeze(2)).masked_fill(~real.unsqueeze(2), 50.0)
        return x

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        padded = target_input == self.pad_id
        return super().decode(target_input, memory, source).masked_fill(padded.unsqueeze(2), -1e4)


class second_causal_in_encoder(Transformer):
    def encode(self, source: Tensor) -> Tensor:
        mask = causal_mask(source.size(1)) & padding_mask(source, self.pad_id)
        x = self.positional_encoding(self.token_embedding(source))
        for layer in self.encoder_layers:
            x = layer(x, mask)
        return x


class second_target_mask_for_cross(Transformer):
    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        self_mask = decoder_mask(target_input, self.pad_id)
        x = self.positional_encoding(self.token_embedding(target_input))
        for layer in self.decoder_layers:
            x = layer(x, self_mask, memory, cross_mask(target_input, target_input, self.pad_id))
        return x @ self.token_embedding.embedding.weight.T


class second_decoder_gets_source_embedding(Transformer):
    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        embedded = self.positional_encoding(self.token_embedding(source))
        self_mask, memory_mask = decoder_mask(target_input, self.pad_id), padding_mask(source, self.pad_id)
        for layer in self.decoder_layers:
            embedded = layer(embedded, self_mask, memory, memory_mask.expand(-1, target_input.size(1), -1))
        return embedded @ self.token_embedding.embedding.weight.T


class second_memory_from_first_layer(Transformer):
    def encode(self, source: Tensor) -> Tensor:
        mask = padding_mask(source, self.pad_id)
        x = self.positional_encoding(self.token_embedding(source))
        for layer in self.encoder_layers:
            return layer(x, mask)  # inside the loop
        return x


class second_encoder_padding_dropped(Transformer):
    def encode(self, source: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(source))
        return nn.Sequential(*self.encoder_layers)(x)


class second_memory_ignored(Transformer):
    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        memory = self.encode(source)
        self_mask, memory_mask = decoder_mask(target_input, self.pad_id), padding_mask(source, self.pad_id)
        x = self.positional_encoding(self.token_embedding(target_input))
        for layer in self.decoder_layers:
            x = layer(x, self_mask, memory, memory_mask)
        return x @ self.token_embedding.embedding.weight.T


class second_tied_by_copy(Transformer):
    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(target_input))
        masks = decoder_mask(target_input, self.pad_id), cross_mask(source, target_input, self.pad_id)
        for layer in self.decoder_layers:
            x = layer(x, masks[0], memory, masks[1])
        return x @ self.token_embedding.embedding.weight.data.T


class second_sides_swapped(Transformer):
    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        return super().forward(target_input, source)


class double_causal_dropped_and_cross_mask_dropped(Transformer):
    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(target_input))
        for layer in self.decoder_layers:
            x = layer(x, padding_mask(target_input, self.pad_id), memory, None)
        return x @ self.token_embedding.embedding.weight.T


class double_no_position_in_encoder_and_softmax(Transformer):
    def encode(self, source: Tensor) -> Tensor:
        x = self.token_embedding(source)
        for layer in self.encoder_layers:
            x = layer(x, padding_mask(source, self.pad_id))
        return x

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        return super().decode(target_input, memory, source).softmax(-1)


class double_sides_swapped_and_copy(Transformer):
    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        x = self.positional_encoding(self.token_embedding(target_input))
        masks = decoder_mask(target_input, self.pad_id), cross_mask(source, target_input, self.pad_id)
        for layer in self.decoder_layers:
            x = layer(x, masks[0], memory, masks[1])
        return x @ self.token_embedding.embedding.weight.detach().T

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        return self.decode(source, self.encode(target_input), target_input)
