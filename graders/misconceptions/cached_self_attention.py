"""What goes wrong with CachedSelfAttention.

`offset_zero` of other catalogues is `mask_aligned_top_left` here; projecting remembered inputs once more is slow but
right, and no mistake.
"""

import torch
from torch import Tensor

from solutions.attention import merge_heads, scaled_dot_product_attention, split_heads
from solutions.bonus import CachedSelfAttention


def _project(module: CachedSelfAttention, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values of the new tokens, each (B * H, n, head_dim)."""
    linears = (module.query_linear, module.key_linear, module.value_linear)
    query, key, value = (split_heads(linear(x), module.num_heads) for linear in linears)
    return query, key, value


def _extend(cache: tuple[Tensor, Tensor] | None, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Keys and values of all tokens so far."""
    if cache is None:
        return key, value
    return torch.cat([cache[0], key], dim=1), torch.cat([cache[1], value], dim=1)


def _mask(new: int, total: int, offset: int | None = None) -> Tensor:
    """(1, n, total): new token i may attend to 0..i + offset, by default the number of remembered tokens."""
    return torch.ones(1, new, total, dtype=torch.bool).tril(total - new if offset is None else offset)


def _finish(module: CachedSelfAttention, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """The outputs, (B, n, d_model)."""
    heads, _ = scaled_dot_product_attention(query, key, value, mask)
    return module.output_linear(merge_heads(heads, module.num_heads))


class mask_skipped_in_prefill(CachedSelfAttention):
    """You leave the mask out: tokens read in one piece see those after them in the same piece.

    Hint: read six tokens at once, then one by one. Where do the outputs part?
    Seen: Mikyx-1/TinyLLM 17; QwenLM/Qwen 979
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        return _finish(self, query, key, value, None), (key, value)


class mask_aligned_top_left(CachedSelfAttention):
    """Your mask forgets how many tokens came before: the first new token sees only the first token of all.

    Hint: with four tokens remembered, which columns may the first new row see?
    Seen: ml-explore/mlx-lm 93
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        mask = _mask(query.shape[1], key.shape[1], offset=0)
        return _finish(self, query, key, value, mask), (key, value)


class self_hidden(CachedSelfAttention):
    """A new token does not see itself: your mask stops one column too early, and the very first token sees nothing.

    Hint: may a token attend to itself?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        new, total = query.shape[1], key.shape[1]
        return _finish(self, query, key, value, _mask(new, total, total - new - 1)), (key, value)


class one_step_leak(CachedSelfAttention):
    """A new token sees the one after it in the same piece: your mask reaches one column too far.

    Hint: which is the last column that the first new row may see?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        new, total = query.shape[1], key.shape[1]
        return _finish(self, query, key, value, _mask(new, total, total - new + 1)), (key, value)


class blind_to_the_piece(CachedSelfAttention):
    """New tokens see the remembered ones and themselves, but not the tokens before them in the same piece.

    Hint: read three tokens at once. What does the third know about the second?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        new, total = query.shape[1], key.shape[1]
        old = torch.ones(1, new, total - new, dtype=torch.bool)
        mask = torch.cat([old, torch.eye(new, dtype=torch.bool).unsqueeze(0)], dim=-1)
        return _finish(self, query, key, value, mask), (key, value)


class cache_ignored(CachedSelfAttention):
    """Each piece is read as if nothing came before it: the cache is never looked at.

    Hint: change the first token. Does the output of a later piece change?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (key, value)


class cache_not_extended(CachedSelfAttention):
    """The cache that you return holds the new piece only: at the next step everything older is forgotten.

    Hint: after three pieces, how many tokens does your cache remember?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, new_key, new_value = _project(self, x_new)
        key, value = _extend(cache, new_key, new_value)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (new_key, new_value)


class only_the_first_piece_kept(CachedSelfAttention):
    """You go on using the cache of the first piece and never add the later ones to it.

    Hint: after three pieces, how many tokens does your cache remember?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (key, value) if cache is None else cache


class new_tokens_first(CachedSelfAttention):
    """You put new keys and values before the remembered ones, where the mask takes them for the oldest.

    Hint: in which order do keys stand in your cache after two steps?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        if cache is not None:
            key, value = torch.cat([key, cache[0]], dim=1), torch.cat([value, cache[1]], dim=1)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (key, value)


class keys_and_values_swapped(CachedSelfAttention):
    """Remembered keys come back as values and values as keys.

    Hint: in which order do you put the two into the cache, and in which do you take them out?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        if cache is not None:
            key, value = torch.cat([cache[1], key], dim=1), torch.cat([cache[0], value], dim=1)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (key, value)


class keys_for_values(CachedSelfAttention):
    """You remember the keys twice: old tokens are found by their keys and then answer with their keys.

    Hint: what is the second thing in your cache?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        new_key = key
        if cache is not None:
            value = torch.cat([cache[1], value], dim=1)
            key = torch.cat([cache[0], key], dim=1)
        mask = _mask(query.shape[1], key.shape[1])
        kept = new_key if cache is None else torch.cat([cache[1], new_key], dim=1)
        return _finish(self, query, key, value, mask), (key, kept)


class outputs_cached(CachedSelfAttention):
    """You remember the outputs of the layer and project those; keys and values come from the *inputs* of the layer.

    Hint: what are old keys made of: what went into the layer, or what came out?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        if cache is not None:
            _, old_key, old_value = _project(self, cache)
            key, value = torch.cat([old_key, key], dim=1), torch.cat([old_value, value], dim=1)
        output = _finish(self, query, key, value, _mask(query.shape[1], key.shape[1]))
        return output, output if cache is None else torch.cat([cache, output], dim=1)


class unprojected_cache(CachedSelfAttention):
    """You remember the tokens as they came in, and use them as keys and values without projecting them.

    Hint: which linear has touched the old keys?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        if cache is not None:
            old = split_heads(cache, self.num_heads)
            key, value = torch.cat([old, key], dim=1), torch.cat([old, value], dim=1)
        seen = x_new if cache is None else torch.cat([cache, x_new], dim=1)
        return _finish(self, query, key, value, _mask(query.shape[1], key.shape[1])), seen


class cache_shared_between_rows(CachedSelfAttention):
    """All sequences of the batch read the cache of the first one.

    Hint: change the beginning of sequence 0. Whose outputs change?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        if cache is not None:
            batch, heads = x_new.shape[0], self.num_heads
            cache = (cache[0][:heads].repeat(batch, 1, 1), cache[1][:heads].repeat(batch, 1, 1))
        key, value = _extend(cache, key, value)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (key, value)


class cache_mutated(CachedSelfAttention):
    """You change the cache that you were given: whoever goes on from it a second time finds the first way in it.

    Hint: go on from one cache twice, with different tokens. What does the second one see?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        if cache is None:
            cache = {"key": key, "value": value}
        else:
            cache["key"] = torch.cat([cache["key"], key], dim=1)
            cache["value"] = torch.cat([cache["value"], value], dim=1)
        key, value = cache["key"], cache["value"]
        return _finish(self, query, key, value, _mask(query.shape[1], key.shape[1])), cache


class kept_in_the_module(CachedSelfAttention):
    """You keep keys and values in the module instead of the cache: two texts read by one module get mixed up.

    Hint: go on from one cache twice, with different tokens. What does the second one see?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        kept = None if cache is None else self.kept
        self.kept = _extend(kept, key, value)
        key, value = self.kept
        return _finish(self, query, key, value, _mask(query.shape[1], key.shape[1])), True


class cache_detached(CachedSelfAttention):
    """You cut the cache off from the graph: no gradient reaches tokens that were read in an earlier step.

    Hint: does a loss on the last piece give the first token a gradient?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        mask = _mask(query.shape[1], key.shape[1])
        return _finish(self, query, key, value, mask), (key.detach(), value.detach())


class returns_all_outputs(CachedSelfAttention):
    """You return outputs for the old tokens too; asked for were those of the new ones.

    Hint: read one token after four others. How many outputs do you return?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        seen = x_new if cache is None else torch.cat([cache, x_new], dim=1)
        query, key, value = _project(self, seen)
        return _finish(self, query, key, value, _mask(query.shape[1], key.shape[1])), seen


class no_output_projection(CachedSelfAttention):
    """You forgot the last linear: the heads' results stand side by side and are never mixed.

    Hint: which of the four linears does your step not use?
    Seen: teaching
    """

    def step(self, x_new, cache=None):
        query, key, value = _project(self, x_new)
        key, value = _extend(cache, key, value)
        heads, _ = scaled_dot_product_attention(query, key, value, _mask(query.shape[1], key.shape[1]))
        return merge_heads(heads, self.num_heads), (key, value)
