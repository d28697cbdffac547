"""Proof that the grader of EncoderLayer can be trusted."""

import torch
from torch import Tensor, nn
from torch.func import functional_call

from solutions.attention import MultiHeadAttention
from solutions.layers import EncoderLayer, FeedForward, add_and_norm

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


def _hidden(mask: Mask, batch: int, heads: int) -> Mask:
    """Our mask as torch's modules read it: True is hidden, one matrix a sample and head."""
    return None if mask is None else ~mask.expand(batch, mask.size(2), mask.size(2)).repeat_interleave(heads, dim=0)


def oracle(module, x, mask=None):
    """torch's own encoder layer with the same weights."""
    heads, d_ff = module.self_attn.num_heads, module.feed_forward.fc1.out_features
    dropout = module.dropout.p if module.training else 0.0
    layer = nn.TransformerEncoderLayer(
        x.size(2), heads, d_ff, dropout, batch_first=True, norm_first=module.pre_norm, dtype=x.dtype
    )  # left in training mode: its fast path for inference does not take these masks
    weights = _attention_weights(module.self_attn, "self_attn.")
    for theirs, ours in [
        ("linear1", module.feed_forward.fc1),
        ("linear2", module.feed_forward.fc2),
        ("norm1", module.norm1),
        ("norm2", module.norm2),
    ]:
        weights |= {f"{theirs}.weight": ours.weight, f"{theirs}.bias": ours.bias}
    return functional_call(layer, weights, (x, _hidden(mask, x.size(0), heads)))


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int, dropout: float = 0.0, pre_norm: bool = False) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.pre_norm = pre_norm


class right_torch_attention(_Given):
    """torch's attention function on our weights."""

    def _attend(self, x: Tensor, mask: Mask) -> Tensor:
        weights = _attention_weights(self.self_attn, "")
        y = x.transpose(0, 1)
        out, _ = nn.functional.multi_head_attention_forward(
            y, y, y, x.size(2), self.self_attn.num_heads, weights["in_proj_weight"], weights["in_proj_bias"],
            None, None, False, 0.0, weights["out_proj.weight"], weights["out_proj.bias"], need_weights=False,
            attn_mask=_hidden(mask, x.size(0), self.self_attn.num_heads),
        )  # fmt: skip
        return out.transpose(0, 1)

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            x = x + self.dropout(self._attend(self.norm1(x), mask))
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self._attend(x, mask)))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


class right_loop_over_samples(_Given):
    def _attend(self, x: Tensor, mask: Mask) -> Tensor:
        samples = []
        for b in range(x.size(0)):
            one = x[b : b + 1]
            own = None if mask is None else mask[min(b, mask.size(0) - 1)].unsqueeze(0)
            samples.append(self.self_attn(one, one, one, own))
        return torch.cat(samples)

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        for sublayer, norm in [(lambda y: self._attend(y, mask), self.norm1), (self.feed_forward, self.norm2)]:
            residual = x
            if self.pre_norm:
                x = norm(x)
            x = residual + self.dropout(sublayer(x))
            if not self.pre_norm:
                x = norm(x)
        return x


class right_functional_dropout(_Given):
    def _drop(self, y: Tensor) -> Tensor:
        return nn.functional.dropout(y, self.dropout.p, training=self.training)

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self._drop, pre_norm=self.pre_norm)
        return add_and_norm(x, lambda y: self.feed_forward(y), self.norm2, self._drop, pre_norm=self.pre_norm)


class right_einsum(_Given):
    """Attention head by head, without the course's functions."""

    def _attend(self, x: Tensor, mask: Mask) -> Tensor:
        attention = self.self_attn
        q, k, v = (
            linear(x).unflatten(2, (attention.num_heads, -1))
            for linear in (attention.query_linear, attention.key_linear, attention.value_linear)
        )  # (B, T, H, d / H)
        scores = torch.einsum("bqhe,bkhe->bhqk", q, k) / q.size(3) ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask.unsqueeze(1), float("-inf"))
        context = torch.einsum("bhqk,bkhe->bqhe", scores.softmax(dim=3), v)
        return attention.output_linear(context.flatten(2))

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            h = x + self.dropout(self._attend(self.norm1(x), mask))
            return h + self.dropout(self.feed_forward(self.norm2(h)))
        h = self.norm1(self.dropout(self._attend(x, mask)) + x)
        return self.norm2(self.dropout(self.feed_forward(h)) + h)


class right_mask_given_in_full(_Given):
    """No mask is a mask of True."""

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        batch, length, _ = x.shape
        if mask is None:
            mask = torch.ones(1, 1, length, dtype=torch.bool, device=x.device)
        mask = mask.expand(batch, length, length)
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, self.pre_norm)


class second_mask_not_passed(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            y = self.norm1(x)
            x = x + self.dropout(self.self_attn(y, y, y))
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x)))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


class second_norm_shared(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        for sublayer in (lambda y: self.self_attn(y, y, y, mask), self.feed_forward):
            x = add_and_norm(x, sublayer, self.norm1, self.dropout, self.pre_norm)
        return x


class second_pre_norm_ignored(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, x, mask)))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


class second_qkv_normed_partially(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        query = self.norm1(x) if self.pre_norm else x
        x = x + self.dropout(self.self_attn(query, x, x, mask))
        if not self.pre_norm:
            x = self.norm1(x)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, self.pre_norm)


class second_dropout_always(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        drop = nn.Dropout(self.dropout.p)  # a new module is in training mode
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, drop, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, drop, self.pre_norm)


class second_ff_residual_from_input(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            y = self.norm1(x)
            h = x + self.dropout(self.self_attn(y, y, y, mask))
            return x + self.dropout(self.feed_forward(self.norm2(h)))
        h = self.norm1(x + self.dropout(self.self_attn(x, x, x, mask)))
        return self.norm2(x + self.dropout(self.feed_forward(h)))


class double_mask_not_passed_and_norm_shared(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y), self.norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm1, self.dropout, self.pre_norm)


class double_pre_for_post_without_relu(_Given):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        ff = self.feed_forward
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, True)
        return add_and_norm(x, lambda y: ff.fc2(ff.fc1(y)), self.norm2, self.dropout, True)


class double_no_last_norm_and_no_dropout(EncoderLayer):
    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            y = self.norm1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm2(x))
        x = self.norm1(x + self.self_attn(x, x, x, mask))
        return x + self.feed_forward(x)
