"""Proof that the grader of DecoderLayer can be trusted."""

import torch
from torch import Tensor, nn
from torch.func import functional_call

from solutions.attention import MultiHeadAttention
from solutions.layers import DecoderLayer, FeedForward, add_and_norm

Mask = Tensor | None


def _attention_weights(attention: MultiHeadAttention, prefix: str) -> dict[str, Tensor]:
    """The four linear maps under the names that torch's attention gives them."""
    linears = attention.query_linear, attention.key_linear, attention.value_linear
    return {
        prefix + "in_proj_weight": torch.cat([linear.weight for linear in linears]),
        prefix + "in_proj_bias": torch.cat([linear.bias for linear in linears]),
        prefix + "out_proj.weight": attention.output_linear.weight,
        prefix + "out_proj.bias": attention.output_linear.bias,
    }


def _hidden(mask: Mask, batch: int, queries: int, heads: int) -> Mask:
    """Our mask as torch's modules read it: True is hidden, one matrix a sample and head."""
    return None if mask is None else ~mask.expand(batch, queries, mask.size(2)).repeat_interleave(heads, dim=0)


def oracle(module, x, causal_mask, encoder_output, cross_mask):
    """torch's own decoder layer with the same weights."""
    batch, length, d_model = x.shape
    heads, d_ff = module.self_attn.num_heads, module.feed_forward.fc1.out_features
    dropout = module.dropout.p if module.training else 0.0
    layer = nn.TransformerDecoderLayer(d_model, heads, d_ff, dropout, batch_first=True, dtype=x.dtype)
    weights = _attention_weights(module.self_attn, "self_attn.")
    weights |= _attention_weights(module.cross_attn, "multihead_attn.")
    for theirs, ours in [
        ("linear1", module.feed_forward.fc1),
        ("linear2", module.feed_forward.fc2),
        ("norm1", module.norm1),
        ("norm2", module.norm2),
        ("norm3", module.norm3),
    ]:
        weights |= {f"{theirs}.weight": ours.weight, f"{theirs}.bias": ours.bias}
    masks = _hidden(causal_mask, batch, length, heads), _hidden(cross_mask, batch, length, heads)
    return functional_call(layer, weights, (x, encoder_output, *masks))


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads)
        self.cross_attn = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)


class right_torch_attention(_Given):
    """torch's attention function on our weights."""

    def _attend(self, attention: MultiHeadAttention, x: Tensor, memory: Tensor, mask: Mask) -> Tensor:
        weights = _attention_weights(attention, "")
        keys = memory.transpose(0, 1)
        out, _ = nn.functional.multi_head_attention_forward(
            x.transpose(0, 1), keys, keys, x.size(2), attention.num_heads, weights["in_proj_weight"],
            weights["in_proj_bias"], None, None, False, 0.0, weights["out_proj.weight"], weights["out_proj.bias"],
            need_weights=False, attn_mask=_hidden(mask, x.size(0), x.size(1), attention.num_heads),
        )  # fmt: skip
        return out.transpose(0, 1)

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(x + self.dropout(self._attend(self.self_attn, x, x, causal_mask)))
        x = self.norm2(x + self.dropout(self._attend(self.cross_attn, x, encoder_output, cross_mask)))
        return self.norm3(x + self.dropout(self.feed_forward(x)))


class right_one_line_a_step(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        attended = self.self_attn(x, x, x, causal_mask)
        attended = self.dropout(attended)
        written = self.norm1(x + attended)
        crossed = self.cross_attn(query=written, key=encoder_output, value=encoder_output, mask=cross_mask)
        crossed = self.dropout(crossed)
        read = self.norm2(written + crossed)
        transformed = self.dropout(self.feed_forward(read))
        return self.norm3(read + transformed)


class right_einsum(_Given):
    """Attention without the course's functions."""

    def _attend(self, attention: MultiHeadAttention, x: Tensor, memory: Tensor, mask: Mask) -> Tensor:
        q = attention.query_linear(x).unflatten(2, (attention.num_heads, -1))  # (B, T, H, d / H)
        k = attention.key_linear(memory).unflatten(2, (attention.num_heads, -1))
        v = attention.value_linear(memory).unflatten(2, (attention.num_heads, -1))
        scores = torch.einsum("bqhe,bkhe->bhqk", q, k) / q.size(3) ** 0.5
        if mask is not None:
            scores = torch.where(mask.unsqueeze(1), scores, torch.tensor(-1e30, dtype=scores.dtype))
        return attention.output_linear(torch.einsum("bhqk,bkhe->bqhe", scores.softmax(dim=3), v).flatten(2))

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(self.dropout(self._attend(self.self_attn, x, x, causal_mask)) + x)
        x = self.norm2(self.dropout(self._attend(self.cross_attn, x, encoder_output, cross_mask)) + x)
        return self.norm3(self.dropout(self.feed_forward(x)) + x)


class right_word_by_word(_Given):
    """One target position at a time: each is its own query, under its own row of the masks."""

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        def row(mask: Mask, t: int) -> Mask:
            return mask if mask is None or mask.size(1) == 1 else mask[:, t : t + 1]

        words = []
        for t in range(x.size(1)):
            word = x[:, t : t + 1]
            word = self.norm1(word + self.dropout(self.self_attn(word, x, x, row(causal_mask, t))))
            cross = self.cross_attn(word, encoder_output, encoder_output, row(cross_mask, t))
            word = self.norm2(word + self.dropout(cross))
            words.append(self.norm3(word + self.dropout(self.feed_forward(word))))
        return torch.cat(words, dim=1)


class right_loop_over_sublayers(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        def drop(y: Tensor) -> Tensor:
            return nn.functional.dropout(y, self.dropout.p, self.training)

        for sublayer, norm in [
            (lambda y: self.self_attn(y, y, y, causal_mask), self.norm1),
            (lambda y: self.cross_attn(y, encoder_output, encoder_output, cross_mask), self.norm2),
            (self.feed_forward, self.norm3),
        ]:
            x = add_and_norm(x, sublayer, norm, drop)
        return x


class second_kv_from_decoder(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(x + self.dropout(self.cross_attn(x, x, x, cross_mask)))
        return self.norm3(x + self.dropout(self.feed_forward(x)))


class second_query_from_encoder(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x, causal_mask)))
        cross = self.cross_attn(query=encoder_output, key=x, value=x, mask=cross_mask)
        x = self.norm2(self.dropout(cross) + x)
        return self.norm3(x + self.dropout(self.feed_forward(x)))


class second_causal_mask_in_cross(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(x + self.dropout(self.cross_attn(x, encoder_output, encoder_output, causal_mask)))
        return self.norm3(x + self.dropout(self.feed_forward(x)))


class second_norm_before_add(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        y = self.norm1(self.dropout(self.self_attn(x, x, x, causal_mask))) + x
        z = self.norm2(self.dropout(self.cross_attn(y, encoder_output, encoder_output, cross_mask))) + y
        return self.norm3(self.dropout(self.feed_forward(z))) + z


class second_residual_from_input(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        residual = x
        x = self.norm1(residual + self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(residual + self.dropout(self.cross_attn(x, encoder_output, encoder_output, cross_mask)))
        return self.norm3(residual + self.dropout(self.feed_forward(x)))


class second_causal_dropped(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x)))
        x = self.norm2(x + self.dropout(self.cross_attn(x, encoder_output, encoder_output, cross_mask)))
        return self.norm3(x + self.dropout(self.feed_forward(x)))


class double_kv_from_decoder_and_no_residual(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(self.dropout(self.cross_attn(x, x, x, cross_mask)))
        return self.norm3(self.dropout(self.feed_forward(x)))


class double_masks_swapped_and_pre_norm(_Given):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attn(y, y, y, cross_mask))
        x = x + self.dropout(self.cross_attn(self.norm2(x), encoder_output, encoder_output, causal_mask))
        return x + self.dropout(self.feed_forward(self.norm3(x)))


class double_cross_mask_dropped_and_norm_shared(DecoderLayer):
    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, encoder_output, encoder_output), self.norm1, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm1, self.dropout)
