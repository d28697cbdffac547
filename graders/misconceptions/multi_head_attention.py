"""What goes wrong with MultiHeadAttention."""

import math

import torch
from torch import Tensor, nn

from solutions.attention import (
    MultiHeadAttention,
    masked_softmax,
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)

# Tiling the masks of a batch, and folding the scores so that a mask meets every sample in turn, are one mistake.
EQUAL = [("mask_repeat", "mask_view")]


def _split(module: MultiHeadAttention, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Three projected tensors, (B * H, length, d)."""
    heads = module.num_heads
    return split_heads(query, heads), split_heads(key, heads), split_heads(value, heads)


def _projected(module: MultiHeadAttention, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The inputs projected, each by its own map, and split."""
    return _split(module, module.query_linear(query), module.key_linear(key), module.value_linear(value))


def _for_heads(module: MultiHeadAttention, mask: Tensor | None) -> Tensor | None:
    """Each sample's mask num_heads times in a row."""
    return mask if mask is None or mask.size(0) == 1 else mask.repeat_interleave(module.num_heads, dim=0)


def _concatenated(module: MultiHeadAttention, heads: tuple[Tensor, Tensor, Tensor], mask: Tensor | None) -> Tensor:
    """Attention in every head, merged: (B, Q, d_model)."""
    output, _ = scaled_dot_product_attention(*heads, _for_heads(module, mask))
    return merge_heads(output, module.num_heads)


class no_output_projection(MultiHeadAttention):
    """The last step is missing: the merged heads go through a linear map of their own, which mixes them.

    Hint: you made four linear maps. Which of them has done nothing?
    Seen: general teaching experience
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        return _concatenated(self, _projected(self, query, key, value), mask)


class kv_swapped(MultiHeadAttention):
    """Keys and values have changed places: weights come from comparing with keys, and values are what is averaged.

    Hint: in which order does your attention function take its arguments?
    Seen: general teaching experience
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        return self.output_linear(_concatenated(self, (q, v, k), mask))


class kv_projections_swapped(MultiHeadAttention):
    """Keys go through the map of the values, and values through that of the keys: each role has its own.

    Hint: which linear map touches which input?
    Seen: general teaching experience
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = _split(self, self.query_linear(query), self.value_linear(key), self.key_linear(value))
        return self.output_linear(_concatenated(self, heads, mask))


class one_projection(MultiHeadAttention):
    """You use the map of the queries for all three: asking, being found and being read each need a map of their own.

    Hint: which linear map touches which input?
    Seen: a line copied three times
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = _split(self, self.query_linear(query), self.query_linear(key), self.query_linear(value))
        return self.output_linear(_concatenated(self, heads, mask))


class raw_values(MultiHeadAttention):
    """You average the values as they came in: the weights belong to the projected values.

    Hint: which of the four linear maps has done nothing?
    Seen: texts that say the weights multiply the original value
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = _split(self, self.query_linear(query), self.key_linear(key), value)
        return self.output_linear(_concatenated(self, heads, mask))


class projects_keys_from_query(MultiHeadAttention):
    """Your keys are made from the query input: they belong to what is read, which may be another sentence.

    Hint: change `key` alone. Does your output change?
    Seen: code for self-attention, used for cross-attention
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = _projected(self, query, query, value)
        return self.output_linear(_concatenated(self, heads, mask))


class self_attention_only(MultiHeadAttention):
    """Your keys and values are made from the query input, so nothing is ever read from another sentence.

    Hint: change `key` and `value`. Does your output change?
    Seen: code for self-attention, used for cross-attention
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.output_linear(_concatenated(self, _projected(self, query, query, query), mask))


class values_from_key(MultiHeadAttention):
    """Your values are made from the key input: that hides as long as key and value are the same tensor.

    Hint: change `value` alone. Does your output change?
    Seen: codes that take one tensor for both
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.output_linear(_concatenated(self, _projected(self, query, key, key), mask))


class weight_not_transposed(MultiHeadAttention):
    """You multiply with the weight matrices as they are stored, but a linear layer stores them transposed.

    Hint: why not call the layer itself?
    Seen: linear layers written out by hand
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        inputs = zip((query, key, value), (self.query_linear, self.key_linear, self.value_linear), strict=True)
        q, k, v = (x @ linear.weight + linear.bias for x, linear in inputs)
        merged = _concatenated(self, _split(self, q, k, v), mask)
        return merged @ self.output_linear.weight + self.output_linear.bias


class biases_forgotten(MultiHeadAttention):
    """Your linear maps have lost their biases: each of the four adds one.

    Hint: why not call the layer itself?
    Seen: linear layers written out by hand
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        inputs = zip((query, key, value), (self.query_linear, self.key_linear, self.value_linear), strict=True)
        q, k, v = (x @ linear.weight.T for x, linear in inputs)
        return _concatenated(self, _split(self, q, k, v), mask) @ self.output_linear.weight.T


class scale_d_model(MultiHeadAttention):
    """You scale by the width of the model: a head sums over its own features only, d_model / num_heads of them.

    Hint: over how many numbers did each head sum?
    Seen: aladdinpersson 65; DL4Proteins 12; ViT-CIFAR 11
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        return self.output_linear(_concatenated(self, (q / math.sqrt(self.num_heads), k, v), mask))


class no_scale(MultiHeadAttention):
    """Your scores are not scaled: their spread grows with the width of a head, and the softmax saturates.

    Hint: what is the variance of the dot product of two vectors with d independent entries of variance 1?
    Seen: the notebook family
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        return self.output_linear(_concatenated(self, (q * math.sqrt(q.size(-1)), k, v), mask))


class heads_ignored(MultiHeadAttention):
    """You attend once, over the full width: the features must be split, so that every head attends for itself.

    Hint: give it another number of heads. Does the output change?
    Seen: general teaching experience
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = self.query_linear(query), self.key_linear(key), self.value_linear(value)
        output, _ = scaled_dot_product_attention(q, k, v, mask)
        return self.output_linear(output)


class mask_repeat(MultiHeadAttention):
    """Samples get each other's masks: the heads of one sample stand next to each other, but your masks alternate.

    Hint: write down which sample each of the batch * heads rows belongs to, and give the samples different lengths.
    Seen: the notebook family; invisible with one sample, one head, or a causal mask
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None and mask.size(0) > 1:
            mask = mask.repeat(self.num_heads, 1, 1)
        output, _ = scaled_dot_product_attention(*_projected(self, query, key, value), mask)
        return self.output_linear(merge_heads(output, self.num_heads))


class mask_view(MultiHeadAttention):
    """Samples get each other's masks: you fold the scores into (heads, batch), but their rows are (batch, heads).

    Hint: write down which sample each of the batch * heads rows belongs to, and give the samples different lengths.
    Seen: the notebook family, where a reshape makes the shapes fit
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        folded = scores.view(self.num_heads, -1, *scores.shape[1:])
        weights = masked_softmax(folded, mask).view(scores.shape)
        return self.output_linear(merge_heads(weights @ v, self.num_heads))


class heads_before_batch(MultiHeadAttention):
    """Samples get each other's masks: your rows go head by head, but each sample's mask is repeated in a row.

    Hint: write down which sample each of the batch * heads rows belongs to, and give the samples different lengths.
    Seen: lsdefine keras 36; gazelle93 1
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        inputs = (self.query_linear(query), self.key_linear(key), self.value_linear(value))
        q, k, v = (torch.cat(x.chunk(self.num_heads, dim=-1)) for x in inputs)
        output, _ = scaled_dot_product_attention(q, k, v, _for_heads(self, mask))
        return self.output_linear(torch.cat(output.chunk(self.num_heads), dim=-1))


class shared_mask_refused(MultiHeadAttention):
    """A mask that is the same for the whole batch makes you fail: its first axis may be 1, then it needs no repeating.

    Hint: how many rows has a causal mask of shape (1, T, T) after you repeat it?
    Seen: general teaching experience
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None:
            mask = mask.repeat_interleave(self.num_heads, dim=0)
        output, _ = scaled_dot_product_attention(*_projected(self, query, key, value), mask)
        return self.output_linear(merge_heads(output, self.num_heads))


class mask_first_head_only(MultiHeadAttention):
    """Only the first head of each sample obeys the mask, the others see everything.

    Hint: how many rows of the attention belong to one sample, and how many of them does your mask reach?
    Seen: general teaching experience
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = _projected(self, query, key, value)
        if mask is not None:
            everything = torch.ones_like(mask).unsqueeze(1).repeat(1, self.num_heads, 1, 1)
            everything[:, 0] = mask
            mask = everything.expand(query.size(0), -1, -1, -1).flatten(0, 1)
        output, _ = scaled_dot_product_attention(*heads, mask)
        return self.output_linear(merge_heads(output, self.num_heads))


class mask_dropped(MultiHeadAttention):
    """Your mask changes nothing: it has to reach the attention of every head.

    Hint: call it twice, with a mask and without. Where do the results differ?
    Seen: a mask that is accepted and never passed on
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        return super().forward(query, key, value)


class mask_inverted(MultiHeadAttention):
    """Your mask works the wrong way round: here True means "may attend", and you hide what is True.

    Hint: which token does row 0 look at, and what does the mask say about it?
    Seen: the convention of torch's own multi-head layer; pytorch 120488, 114083
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        return super().forward(query, key, value, None if mask is None else ~mask)


class dead_row_nan(MultiHeadAttention):
    """A query without any allowed key gets NaN: its heads must find zeros.

    Hint: what happens to a sentence of padding only?
    Seen: pytorch 103963, and torch's own layer when it is asked for its weights
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        mask = _for_heads(self, mask)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        return self.output_linear(merge_heads(torch.softmax(scores, dim=-1) @ v, self.num_heads))


class dead_row_uniform(MultiHeadAttention):
    """A query without any allowed key averages all the forbidden values: its heads must find zeros.

    Hint: what is the softmax of five equal numbers, however low they are?
    Seen: pytorch 103963; most tutorials, which fill in -1e9
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        mask = _for_heads(self, mask)
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        return self.output_linear(merge_heads(torch.softmax(scores, dim=-1) @ v, self.num_heads))


class split_by_view(MultiHeadAttention):
    """Your heads are mixed up: you split by a view alone, so one head holds slices of several tokens.

    Hint: where does token 0 of head 1 come from?
    Seen: reczoo/FuxiCTR 30; 649453932 53; hyunwoongko/transformer 15
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (
            x.reshape(x.size(0) * self.num_heads, x.size(1), -1)
            for x in (self.query_linear(query), self.key_linear(key), self.value_linear(value))
        )
        return self.output_linear(_concatenated(self, (q, k, v), mask))


class merge_by_view(MultiHeadAttention):
    """Positions are mixed up: you merge the heads by a view alone, which also leaks the future past a causal mask.

    Hint: is the merge of a split tensor the tensor itself?
    Seen: jsbaan/transformer-from-scratch 6; 649453932 10; jadore801120 7
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        heads = _projected(self, query, key, value)
        output, _ = scaled_dot_product_attention(*heads, _for_heads(self, mask))
        return self.output_linear(output.reshape(query.shape))


class split_and_merge_by_view(MultiHeadAttention):
    """You split and merge by views alone: the two undo each other, but in between a head holds pieces of tokens.

    Hint: where does token 0 of head 1 come from?
    Seen: reczoo/FuxiCTR 30; 649453932 53
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = (
            x.reshape(x.size(0) * self.num_heads, x.size(1), -1)
            for x in (self.query_linear(query), self.key_linear(key), self.value_linear(value))
        )
        output, _ = scaled_dot_product_attention(q, k, v, _for_heads(self, mask))
        return self.output_linear(output.reshape(query.shape))


class interleaved_features(MultiHeadAttention):
    """Each head takes every num_heads-th feature: here a head owns a block of neighbouring features.

    Hint: which features has head 0? Any fixed choice could learn, but saved weights would not fit this one.
    Seen: the two new axes in the other order
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        def dealt(x: Tensor) -> Tensor:
            return x.unflatten(-1, (-1, self.num_heads)).permute(0, 3, 1, 2)  # (B, H, T, d)

        q, k, v = dealt(self.query_linear(query)), dealt(self.key_linear(key)), dealt(self.value_linear(value))
        output, _ = scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
        return self.output_linear(output.permute(0, 2, 3, 1).flatten(2))


class residual_inside(MultiHeadAttention):
    """You add the input to the result: the residual connection is made around this layer, not inside it.

    Hint: with all weights at 0, what must come out?
    Seen: codes whose attention block is the whole sub-layer
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        return query + super().forward(query, key, value, mask)


class dropout_added(MultiHeadAttention):
    """Your output is random even in evaluation: this layer has no dropout, and the function one is always on.

    Hint: call it twice in eval mode. Why do the results differ?
    Seen: the functional dropout, which takes training=True unless it is told
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        _, weights = scaled_dot_product_attention(q, k, v, _for_heads(self, mask))
        return self.output_linear(merge_heads(nn.functional.dropout(weights, 0.1) @ v, self.num_heads))


class detached(MultiHeadAttention):
    """Your output is right but no gradient reaches queries and keys: their maps could not learn where to look.

    Hint: which parameters have a gradient after backward?
    Seen: weights copied out of the graph for a plot
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = _projected(self, query, key, value)
        _, weights = scaled_dot_product_attention(q, k, v, _for_heads(self, mask))
        return self.output_linear(merge_heads(weights.detach() @ v, self.num_heads))
