"""Proof that the grader of CachedSelfAttention can be trusted."""

import torch
from torch import nn
from torch.nn import functional as F

from solutions.attention import MultiHeadAttention
from solutions.bonus import CachedSelfAttention
from solutions.masks import causal_mask


class oracle(CachedSelfAttention):
    """Remembers every token and lets torch's own attention read all of them again."""

    def step(self, x_new, cache=None):
        x = x_new if cache is None else torch.cat([cache, x_new], dim=1)
        full = nn.MultiheadAttention(x.shape[-1], self.num_heads, batch_first=True).to(x.dtype)
        three = (self.query_linear, self.key_linear, self.value_linear)
        weights = {
            "in_proj_weight": torch.cat([linear.weight for linear in three]),
            "in_proj_bias": torch.cat([linear.bias for linear in three]),
            "out_proj.weight": self.output_linear.weight,
            "out_proj.bias": self.output_linear.bias,
        }
        hidden = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
        options = {"attn_mask": hidden, "need_weights": False}
        output, _ = torch.func.functional_call(full, weights, (x, x, x), options)
        return output[:, -x_new.shape[1] :], x


class right_recomputes_from_the_tokens(CachedSelfAttention):
    def step(self, x_new, cache=None):
        x = torch.cat([*(cache or ()), x_new], dim=1)
        batch, total, width = x.shape
        shape = (batch, total, self.num_heads, width // self.num_heads)
        q, k, v = (
            linear(x).view(shape).transpose(1, 2) for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(batch, total, width)
        return self.output_linear(out[:, -x_new.shape[1] :]), (*(cache or ()), x_new)


class right_four_dimensions(CachedSelfAttention):
    def step(self, x_new, cache=None):
        b, n, d = x_new.shape
        h = self.num_heads
        q = self.query_linear(x_new).view(b, n, h, d // h)
        k = self.key_linear(x_new).view(b, n, h, d // h)
        v = self.value_linear(x_new).view(b, n, h, d // h)
        if cache is not None:
            k = torch.cat([cache["k"], k], dim=1)
            v = torch.cat([cache["v"], v], dim=1)
        scores = torch.einsum("bnhe,bmhe->bhnm", q, k) * (d // h) ** -0.5
        m = k.shape[1]
        hidden = torch.ones(n, m, dtype=torch.bool).triu(m - n + 1)
        weights = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
        out = torch.einsum("bhnm,bmhe->bnhe", weights, v).reshape(b, n, d)
        return self.output_linear(out), {"k": k, "v": v}


class right_token_by_token(CachedSelfAttention):
    """Reads a piece one token at a time: then no mask is needed."""

    def step(self, x_new, cache=None):
        b, _, d = x_new.shape
        keys, values = ([], []) if cache is None else (list(cache[0]), list(cache[1]))
        outputs = []
        for token in x_new.unbind(dim=1):
            keys.append(self.key_linear(token).view(b, self.num_heads, -1))
            values.append(self.value_linear(token).view(b, self.num_heads, -1))
            query = self.query_linear(token).view(b, self.num_heads, -1)
            scores = torch.stack([(query * key).sum(-1) for key in keys], dim=-1) / query.shape[-1] ** 0.5
            weights = scores.softmax(dim=-1)
            mixed = sum(weights[..., i, None] * value for i, value in enumerate(values))
            outputs.append(self.output_linear(mixed.reshape(b, d)))
        return torch.stack(outputs, dim=1), (keys, values)


class right_whole_attention_of_the_course(CachedSelfAttention):
    """Lends its linears to MultiHeadAttention; the cache is a list that grows by copying."""

    def step(self, x_new, cache=None):
        seen = [*([] if cache is None else cache), x_new]
        whole = torch.cat(seen, dim=1)
        attention = MultiHeadAttention(whole.shape[-1], self.num_heads)
        for name in ("query_linear", "key_linear", "value_linear", "output_linear"):
            setattr(attention, name, getattr(self, name))
        mask = causal_mask(whole.shape[1])[:, -x_new.shape[1] :]
        return attention(x_new, whole, whole, mask), seen


class second_mask_skipped_in_prefill(CachedSelfAttention):
    def step(self, x_new, cache=None):
        b, n, d = x_new.shape
        q, k, v = (
            linear(x_new).view(b, n, self.num_heads, -1).transpose(1, 2)
            for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d)
        return self.output_linear(out), (k, v)


class second_mask_aligned_top_left(CachedSelfAttention):
    def step(self, x_new, cache=None):
        b, n, d = x_new.shape
        q, k, v = (
            linear(x_new).view(b, n, self.num_heads, -1).transpose(1, 2)
            for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # torch aligns it top left
        return self.output_linear(out.transpose(1, 2).reshape(b, n, d)), (k, v)


class second_cache_mutated(CachedSelfAttention):
    def step(self, x_new, cache=None):
        cache = [] if cache is None else cache
        cache.append(x_new)
        whole = torch.cat(cache, dim=1)
        attention = MultiHeadAttention(whole.shape[-1], self.num_heads)
        for name in ("query_linear", "key_linear", "value_linear", "output_linear"):
            setattr(attention, name, getattr(self, name))
        return attention(x_new, whole, whole, causal_mask(whole.shape[1])[:, -x_new.shape[1] :]), cache


class second_cache_ignored(CachedSelfAttention):
    def step(self, x_new, cache=None):
        b, n, d = x_new.shape
        q, k, v = (
            linear(x_new).view(b, n, self.num_heads, -1).transpose(1, 2)
            for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.output_linear(out.transpose(1, 2).reshape(b, n, d)), (k, v)


class second_cache_detached(CachedSelfAttention):
    def step(self, x_new, cache=None):
        seen = x_new[:, :0] if cache is None else cache
        whole = torch.cat([seen, x_new], dim=1)
        attention = MultiHeadAttention(whole.shape[-1], self.num_heads)
        linears = (self.query_linear, nn.Identity(), nn.Identity(), self.output_linear)
        for name, linear in zip(("query_linear", "key_linear", "value_linear", "output_linear"), linears, strict=True):
            setattr(attention, name, linear)
        with torch.no_grad():
            old_key, old_value = self.key_linear(seen), self.value_linear(seen)
        key = torch.cat([old_key, self.key_linear(x_new)], dim=1)
        value = torch.cat([old_value, self.value_linear(x_new)], dim=1)
        mask = causal_mask(whole.shape[1])[:, -x_new.shape[1] :]
        return attention(x_new, key, value, mask), whole.detach()


class double_no_mask_and_no_output_projection(CachedSelfAttention):
    def step(self, x_new, cache=None):
        b, n, d = x_new.shape
        q, k, v = (
            linear(x_new).view(b, n, self.num_heads, -1).transpose(1, 2)
            for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d), (k, v)


class double_detached_and_new_tokens_first(CachedSelfAttention):
    def step(self, x_new, cache=None):
        b, n, d = x_new.shape
        q, k, v = (
            linear(x_new).view(b, n, self.num_heads, -1).transpose(1, 2)
            for linear in (self.query_linear, self.key_linear, self.value_linear)
        )
        if cache is not None:
            k, v = torch.cat([k, cache[0].detach()], dim=2), torch.cat([v, cache[1].detach()], dim=2)
        mask = torch.ones(n, k.shape[2], dtype=torch.bool).tril(k.shape[2] - n)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.output_linear(out.transpose(1, 2).reshape(b, n, d)), (k, v)
