"""Proof that the grader of MultiHeadAttention can be trusted."""

import math

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from solutions.attention import MultiHeadAttention, merge_heads, scaled_dot_product_attention, split_heads


def oracle(module: MultiHeadAttention, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """torch's own layer with the same weights. It must not be asked for weights: then it gives NaN for dead rows."""
    d_model, heads = module.query_linear.in_features, module.num_heads
    theirs = nn.MultiheadAttention(d_model, heads, batch_first=True, dtype=query.dtype).eval()
    ours = (module.query_linear, module.key_linear, module.value_linear)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([linear.weight for linear in ours]))
        theirs.in_proj_bias.copy_(torch.cat([linear.bias for linear in ours]))
        theirs.out_proj.load_state_dict(module.output_linear.state_dict())
    hidden = None
    if mask is not None:
        hidden = ~mask.expand(query.size(0), query.size(1), key.size(1)).repeat_interleave(heads, 0)
    return theirs(query, key, value, attn_mask=hidden, need_weights=False)[0]


class right_built_in(MultiHeadAttention):
    """Four axes and torch's own attention function."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (
            linear(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            for linear, x in ((self.query_linear, query), (self.key_linear, key), (self.value_linear, value))
        )
        if mask is not None:
            mask = mask.unsqueeze(1)  # (B, 1, Q, K)
        heads = nnf.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.output_linear(heads.transpose(1, 2).flatten(2))


class right_functional_layer(MultiHeadAttention):
    """The function behind torch's own layer, which wants the length first and the mask inverted."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        ours = (self.query_linear, self.key_linear, self.value_linear)
        hidden = None
        if mask is not None:
            mask = mask.expand(query.size(0), query.size(1), key.size(1))
            hidden = mask.logical_not().repeat_interleave(self.num_heads, dim=0)
        output, _ = nnf.multi_head_attention_forward(
            query.transpose(0, 1),
            key.transpose(0, 1),
            value.transpose(0, 1),
            embed_dim_to_check=query.size(-1),
            num_heads=self.num_heads,
            in_proj_weight=torch.cat([linear.weight for linear in ours]),
            in_proj_bias=torch.cat([linear.bias for linear in ours]),
            bias_k=None,
            bias_v=None,
            add_zero_attn=False,
            dropout_p=0.0,
            out_proj_weight=self.output_linear.weight,
            out_proj_bias=self.output_linear.bias,
            training=self.training,
            need_weights=False,
            attn_mask=hidden,
        )
        return output.transpose(0, 1)


class right_einsum(MultiHeadAttention):
    """No head is ever cut out: the letter h does it."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        h, d = self.num_heads, query.size(-1) // self.num_heads

        def project(linear: nn.Linear, x: Tensor) -> Tensor:
            return torch.einsum("btf,hdf->bhtd", x, linear.weight.view(h, d, -1)) + linear.bias.view(1, h, 1, d)

        q, k, v = (
            project(self.query_linear, query),
            project(self.key_linear, key),
            project(self.value_linear, value),
        )
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / math.sqrt(d)
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None], -torch.inf)
        weights = scores.softmax(-1).nan_to_num(0.0)
        mixed = torch.einsum("bhqk,bhkd,fhd->bqf", weights, v, self.output_linear.weight.view(-1, h, d))
        return mixed + self.output_linear.bias


class right_loop_over_heads(nn.Module):
    """Written out in full, with its maps made in another order; one head after the other."""

    def __init__(self, d_model: int, num_heads: int):
        super().__init__()
        self.output_linear = nn.Linear(d_model, d_model)
        self.value_linear = nn.Linear(d_model, d_model)
        self.key_linear = nn.Linear(d_model, d_model)
        self.query_linear = nn.Linear(d_model, d_model)
        self.num_heads = num_heads
        self.head_dim = d_model // num_heads

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = self.query_linear(query), self.key_linear(key), self.value_linear(value)
        heads = []
        for h in range(self.num_heads):
            part = slice(h * self.head_dim, (h + 1) * self.head_dim)
            head, _ = scaled_dot_product_attention(q[..., part], k[..., part], v[..., part], mask)
            heads.append(head)
        return self.output_linear(torch.cat(heads, dim=-1))


class right_loop_over_samples(MultiHeadAttention):
    """One sample after the other, so no mask is ever repeated."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        outputs = []
        for b in range(query.shape[0]):
            q = split_heads(self.query_linear(query[b : b + 1]), self.num_heads)
            k = split_heads(self.key_linear(key[b : b + 1]), self.num_heads)
            v = split_heads(self.value_linear(value[b : b + 1]), self.num_heads)
            own = None if mask is None else mask[min(b, mask.shape[0] - 1)]
            heads, _ = scaled_dot_product_attention(q, k, v, own)
            outputs.append(merge_heads(heads, self.num_heads))
        return self.output_linear(torch.cat(outputs))


class right_heads_outside(MultiHeadAttention):
    """Rows in the order h * B + b, which is right inside, since the masks are tiled in the same order."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (
            torch.cat(linear(x).chunk(self.num_heads, dim=-1))
            for linear, x in ((self.query_linear, query), (self.key_linear, key), (self.value_linear, value))
        )
        if mask is not None:
            mask = mask.expand(query.size(0), -1, -1).repeat(self.num_heads, 1, 1)
        heads, _ = scaled_dot_product_attention(q, k, v, mask)
        return self.output_linear(torch.cat(heads.chunk(self.num_heads), dim=-1))


class right_in_float64(MultiHeadAttention):
    """Double precision inside."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        def wide(linear: nn.Linear, x: Tensor) -> Tensor:
            return nnf.linear(x.double(), linear.weight.double(), linear.bias.double())

        q, k, v = (
            split_heads(wide(linear, x), self.num_heads)
            for linear, x in ((self.query_linear, query), (self.key_linear, key), (self.value_linear, value))
        )
        if mask is not None:
            mask = mask.expand(query.size(0), query.size(1), key.size(1)).repeat_interleave(self.num_heads, dim=0)
        heads, _ = scaled_dot_product_attention(q, k, v, mask)
        return wide(self.output_linear, merge_heads(heads, self.num_heads)).to(query.dtype)


def _four_axes(linear: nn.Linear, x: Tensor, num_heads: int) -> Tensor:
    """As most codes write it: (B, H, T, d)."""
    return linear(x).view(x.shape[0], -1, num_heads, x.shape[2] // num_heads).transpose(1, 2)


class second_no_output_projection(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = _four_axes(self.query_linear, query, self.num_heads)
        k = _four_axes(self.key_linear, key, self.num_heads)
        v = _four_axes(self.value_linear, value, self.num_heads)
        out = nnf.scaled_dot_product_attention(q, k, v, attn_mask=None if mask is None else mask[:, None])
        return out.transpose(1, 2).contiguous().view(query.shape)


class second_scale_d_model(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = _four_axes(self.query_linear, query, self.num_heads)
        k = _four_axes(self.key_linear, key, self.num_heads)
        v = _four_axes(self.value_linear, value, self.num_heads)
        mask = None if mask is None else mask[:, None]
        out = nnf.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=query.size(-1) ** -0.5)
        return self.output_linear(out.transpose(1, 2).flatten(2))


class second_mask_repeat__cat(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = split_heads(self.query_linear(query), self.num_heads)
        k = split_heads(self.key_linear(key), self.num_heads)
        v = split_heads(self.value_linear(value), self.num_heads)
        if mask is not None:
            mask = torch.cat([mask] * self.num_heads, dim=0)
        out, _ = scaled_dot_product_attention(q, k, v, mask)
        return self.output_linear(merge_heads(out, self.num_heads))


class second_mask_view__notebook(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = split_heads(self.query_linear(query), self.num_heads)
        k = split_heads(self.key_linear(key), self.num_heads)
        v = split_heads(self.value_linear(value), self.num_heads)
        scores = torch.matmul(q, k.transpose(1, 2)) / q.size(-1) ** 0.5
        if mask is not None:
            rows, queries, keys = scores.shape
            lowest = torch.finfo(scores.dtype).min
            scores = scores.view(-1, query.size(0), queries, keys).masked_fill(mask == 0, lowest)
            weights = (scores.softmax(-1) * mask).reshape(rows, queries, keys)
        else:
            weights = scores.softmax(-1)
        return self.output_linear(merge_heads(torch.matmul(weights, v), self.num_heads))


class second_kv_swapped(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = _four_axes(self.query_linear, query, self.num_heads)
        k = _four_axes(self.key_linear, key, self.num_heads)
        v = _four_axes(self.value_linear, value, self.num_heads)
        out, _ = scaled_dot_product_attention(q, v, k, None if mask is None else mask.unsqueeze(1))
        return self.output_linear(out.transpose(1, 2).reshape(query.shape))


class second_one_projection(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (_four_axes(self.query_linear, x, self.num_heads) for x in (query, key, value))
        out, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        return self.output_linear(out.transpose(1, 2).reshape(query.shape))


class second_raw_values(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = []
        for h in range(self.num_heads):
            d = query.size(-1) // self.num_heads
            part = slice(h * d, h * d + d)
            q, k = self.query_linear(query)[..., part], self.key_linear(key)[..., part]
            heads.append(scaled_dot_product_attention(q, k, value[..., part], mask)[0])
        return self.output_linear(torch.cat(heads, -1))


class second_self_attention_only(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (
            _four_axes(linear, query, self.num_heads)
            for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        out, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        return self.output_linear(out.transpose(1, 2).reshape(query.shape))


class second_dead_row_nan(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = _four_axes(self.query_linear, query, self.num_heads)
        k = _four_axes(self.key_linear, key, self.num_heads)
        v = _four_axes(self.value_linear, value, self.num_heads)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / q.size(-1) ** 0.5
        if mask is not None:
            scores = scores.masked_fill(mask[:, None] == 0, float("-inf"))
        out = torch.einsum("bhqk,bhkd->bqhd", nnf.softmax(scores, dim=-1), v)
        return self.output_linear(out.reshape(query.shape))


class second_split_and_merge_by_view(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        bs, h = query.size(0), self.num_heads
        q = self.query_linear(query).view(bs, h, query.size(1), -1)
        k = self.key_linear(key).view(bs, h, key.size(1), -1)
        v = self.value_linear(value).view(bs, h, value.size(1), -1)
        out, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        return self.output_linear(out.view(bs, query.size(1), -1))


class second_dropout_added(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = _four_axes(self.query_linear, query, self.num_heads)
        k = _four_axes(self.key_linear, key, self.num_heads)
        v = _four_axes(self.value_linear, value, self.num_heads)
        _, weights = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        out = torch.dropout(weights, 0.1, True) @ v
        return self.output_linear(out.transpose(1, 2).flatten(2))


class double_tiled_masks_and_no_scale(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q = split_heads(self.query_linear(query), self.num_heads)
        k = split_heads(self.key_linear(key), self.num_heads)
        v = split_heads(self.value_linear(value), self.num_heads)
        if mask is not None and mask.size(0) > 1:
            mask = mask.repeat(self.num_heads, 1, 1)
        out, _ = scaled_dot_product_attention(q * q.size(-1) ** 0.5, k, v, mask)
        return self.output_linear(merge_heads(out, self.num_heads))


class double_one_projection_unmixed(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (_four_axes(self.query_linear, x, self.num_heads) for x in (query, key, value))
        out, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        return out.transpose(1, 2).reshape(query.shape)


class double_view_and_residual(MultiHeadAttention):
    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        bs, h = query.size(0), self.num_heads
        q, k, v = (
            linear(x).reshape(bs, h, x.size(1), -1)
            for linear, x in ((self.query_linear, query), (self.key_linear, key), (self.value_linear, value))
        )
        out, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        return query + self.output_linear(out.transpose(1, 2).flatten(2))
