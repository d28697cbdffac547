"""Proof that the grader of PaddedSelfAttention can be trusted."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.bugs import PaddedSelfAttention


def oracle(module: PaddedSelfAttention, x: Tensor, keep: Tensor) -> Tensor:
    """torch's own layer with the same weights; its mask is True where a key is hidden."""
    layer = nn.MultiheadAttention(x.size(-1), module.num_heads, batch_first=True, dtype=x.dtype)
    inputs = (module.query_linear, module.key_linear, module.value_linear)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.cat([linear.weight for linear in inputs]))
        layer.in_proj_bias.copy_(torch.cat([linear.bias for linear in inputs]))
        layer.out_proj.weight.copy_(module.output_linear.weight)
        layer.out_proj.bias.copy_(module.output_linear.bias)
        return layer(x, x, x, key_padding_mask=~keep, need_weights=False)[0]


class right_interleaved(PaddedSelfAttention):
    """Each sample's mask H times in a row, with the rows left as they are."""

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        scores = q @ k.mT / math.sqrt(q.size(-1))
        mask = keep.repeat_interleave(self.num_heads, dim=0)[:, None]
        weights = torch.where(mask, scores, torch.tensor(-math.inf, dtype=scores.dtype)).softmax(-1)
        return self.output_linear(self.merge(weights @ v))


class right_loops(PaddedSelfAttention):
    """Sample by sample, head by head, over the kept keys alone."""

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        size = x.size(-1) // self.num_heads
        samples = []
        for tokens, kept in zip(x, keep, strict=True):
            q, k, v = self.query_linear(tokens), self.key_linear(tokens[kept]), self.value_linear(tokens[kept])
            cuts = [slice(h * size, (h + 1) * size) for h in range(self.num_heads)]
            heads = [(q[:, cut] @ k[:, cut].T * size**-0.5).softmax(-1) @ v[:, cut] for cut in cuts]
            samples.append(self.output_linear(torch.cat(heads, dim=-1)))
        return torch.stack(samples)


class right_einsum(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        batch, length, width = x.shape
        shape = (batch, length, self.num_heads, width // self.num_heads)
        q = self.query_linear(x).view(shape)
        k = self.key_linear(x).view(shape)
        v = self.value_linear(x).view(shape)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k).double() / shape[-1] ** 0.5
        scores = scores + torch.zeros_like(scores).masked_fill(~keep.view(batch, 1, 1, length), -1e30)
        output = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1).to(v.dtype), v)
        return self.output_linear(output.flatten(2))


class right_torch(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        batch = x.size(0)
        q, k, v = (
            self.split(f(x)).unflatten(0, (batch, self.num_heads))
            for f in (self.query_linear, self.key_linear, self.value_linear)
        )
        output = F.scaled_dot_product_attention(q, k, v, attn_mask=keep[:, None, None, :])
        return self.output_linear(self.merge(output.flatten(0, 1)))


class second_masks_of_other_samples(PaddedSelfAttention):
    """As it came."""

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        scores = (q @ k.transpose(1, 2) / math.sqrt(q.size(-1))).view(self.num_heads, batch, length, length)
        weights = scores.masked_fill(~keep[:, None], float("-inf")).softmax(-1)
        return self.output_linear(self.merge(weights.view(-1, length, length) @ v))


class second_masks_of_other_samples__tiled(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        mask = torch.cat([keep] * self.num_heads).unsqueeze(1)
        weights = (q @ k.mT / q.size(-1) ** 0.5).masked_fill(~mask, -torch.inf).softmax(-1)
        return self.output_linear(self.merge(weights @ v))


class second_mask_per_head(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        scores = (q @ k.mT / q.size(-1) ** 0.5).view(batch, self.num_heads, length, length)
        scores = scores.masked_fill(keep.logical_not().view(batch, 1, length), -torch.inf)
        return self.output_linear(self.merge(scores.softmax(-1).view(len(q), length, length) @ v))


class second_mask_dropped(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        return self.output_linear(self.merge(F.scaled_dot_product_attention(q, k, v)))


class double_first_mask_after_softmax(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        weights = (q @ k.mT / q.size(-1) ** 0.5).softmax(-1) * keep[0]
        return self.output_linear(self.merge(weights @ v))


class double_tiled_and_unscaled(PaddedSelfAttention):
    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        q, k, v = (self.split(f(x)) for f in (self.query_linear, self.key_linear, self.value_linear))
        mask = keep.repeat(self.num_heads, 1).unsqueeze(1)
        weights = (q @ k.mT).masked_fill(~mask, -torch.inf).softmax(-1)
        return self.output_linear(self.merge(weights @ v))
