"""What goes wrong with DecoderLayer."""

import torch
from torch import Tensor, nn

from solutions.layers import DecoderLayer, add_and_norm

Mask = Tensor | None


def _over_sequence(norm: nn.LayerNorm):
    """The norm with its statistics taken over the positions."""

    def normalise(y: Tensor) -> Tensor:
        variance, mean = torch.var_mean(y, dim=1, correction=0, keepdim=True)
        return norm.weight * (y - mean) / torch.sqrt(variance + norm.eps) + norm.bias

    return normalise


class kv_from_decoder(DecoderLayer):
    """Your cross-attention takes keys and values from the decoder, so what has been read never gets in.

    Hint: change the encoder's output and see who notices.
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, y, y, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class value_from_decoder(DecoderLayer):
    """Your cross-attention compares with the source, but fetches its values from the decoder's own positions.

    Hint: where must the content come from that cross-attention brings in?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, encoder_output, y, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class key_from_decoder(DecoderLayer):
    """Your cross-attention fetches values from the source, but compares queries with the decoder's own positions.

    Hint: which source word is meant when query 1 matches key 2?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, y, encoder_output, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class query_from_encoder(DecoderLayer):
    """The roles are swapped: what has been written must ask, and what has been read must answer.

    Hint: how many rows does the result have, one for each source word or one for each target word?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(encoder_output, y, y, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class cross_mask_dropped(DecoderLayer):
    """Your cross-attention has no mask, so the padding of the source is read like words.

    Hint: change the encoder's output at a padded source position. Does your output change?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        return super().forward(x, causal_mask, encoder_output, None)


class causal_mask_in_cross(DecoderLayer):
    """Your cross-attention is under the causal mask, but nothing of the source lies in the future.

    Hint: may the first target word look at the last source word?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        return super().forward(x, causal_mask, encoder_output, causal_mask)


class masks_swapped(DecoderLayer):
    """Each attention of yours is under the other one's mask.

    Hint: which mask has a column for each source word?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        return super().forward(x, cross_mask, encoder_output, causal_mask)


class causal_dropped(DecoderLayer):
    """Your self-attention has no mask, so every position sees the words that it should predict.

    Hint: change the last word of the target. Which rows of your output change?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        return super().forward(x, None, encoder_output, cross_mask)


class self_attn_reused(DecoderLayer):
    """You use self_attn for both attentions; looking at oneself and looking at the source need their own weights.

    Hint: which parameters of yours never get a gradient?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.self_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class attentions_swapped(DecoderLayer):
    """You look at the decoder with cross_attn and at the source with self_attn; saved weights then do not fit.

    Hint: which module did you name for which task?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.cross_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.self_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class cross_before_self(DecoderLayer):
    """You look at the source before you look at what has been written; the paper has self-attention first.

    Hint: which box of figure 1 does the decoder's input meet first?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class cross_skipped(DecoderLayer):
    """Your layer has no cross-attention, so it writes without having read anything.

    Hint: change the encoder's output and see who notices.
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class self_attention_skipped(DecoderLayer):
    """Your layer has no self-attention, so no target word knows of those before it.

    Hint: change the first word of the target. How many rows of the output change?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class norm_shared(DecoderLayer):
    """You use norm1 for all three sub-layers; each has its own norm, with its own weight and bias.

    Hint: which parameters of yours never get a gradient?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm1, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm1, self.dropout)


class norm2_used_twice(DecoderLayer):
    """You use norm2 for the feed-forward network as well, as an encoder layer does; here it has norm3.

    Hint: which parameters of yours never get a gradient?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout)


class norm_before_add(DecoderLayer):
    """You normalise the sub-layers' outputs and then add; the paper normalises the sums.

    Hint: with sub-layers that return zeros, what must come out?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = x + self.norm1(self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = x + self.norm2(self.dropout(self.cross_attn(x, encoder_output, encoder_output, cross_mask)))
        return x + self.norm3(self.dropout(self.feed_forward(x)))


class pre_norm(DecoderLayer):
    """You normalise what enters the sub-layers, as later models do; this layer is the paper's: it normalises the sums.

    Hint: with norms of weight 1 and bias 0, what is the mean of a row of your output?
    Seen: harvardnlp/harvardnlp.github.io 6: paper and code differ
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout, True)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout, True)
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout, True)


class encoder_output_normed(DecoderLayer):
    """You normalise the encoder's output before you attend to it; it is used as it comes.

    Hint: double the encoder's output. Does your output change?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        return super().forward(x, causal_mask, self.norm2(encoder_output), cross_mask)


class no_residual(DecoderLayer):
    """There are no residual connections in your layer, so each sub-layer must carry everything through its weights.

    Hint: with sub-layers that return zeros, what must come out?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(self.dropout(self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(self.dropout(self.cross_attn(x, encoder_output, encoder_output, cross_mask)))
        return self.norm3(self.dropout(self.feed_forward(x)))


class cross_without_residual(DecoderLayer):
    """Around cross-attention the residual connection is missing, so what has been written survives only as a question.

    Hint: with a cross-attention that returns zeros, what must be left?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = self.norm2(self.dropout(self.cross_attn(x, encoder_output, encoder_output, cross_mask)))
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class residual_from_input(DecoderLayer):
    """Every residual connection adds the layer's input; each must add what entered its own sub-layer.

    Hint: with a feed-forward network that returns zeros, is anything left of the attentions?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        first = self.norm1(x + self.dropout(self.self_attn(x, x, x, causal_mask)))
        second = self.norm2(x + self.dropout(self.cross_attn(first, encoder_output, encoder_output, cross_mask)))
        return self.norm3(x + self.dropout(self.feed_forward(second)))


class residual_from_encoder(DecoderLayer):
    """After cross-attention you add the encoder's output; the residual connection belongs to the decoder's own path.

    Hint: does the sum have a row for each source word or one for each target word?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = self.norm2(memory + self.dropout(self.cross_attn(x, memory, memory, cross_mask)))
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class norm_over_sequence(DecoderLayer):
    """Your norms take mean and variance over the positions: early words then depend on later ones, mask or not.

    Hint: change the last word of the target. Which rows of your output change?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        norm1, norm2, norm3 = (_over_sequence(norm) for norm in (self.norm1, self.norm2, self.norm3))
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, norm3, self.dropout)


class ff_without_relu(DecoderLayer):
    """You apply fc1 and fc2 yourself and lose the ReLU between them.

    Hint: what would two linear maps be without anything between them?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory, ff = encoder_output, self.feed_forward
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, lambda y: ff.fc2(ff.fc1(y)), self.norm3, self.dropout)


class ff_skipped(DecoderLayer):
    """Your layer ends after cross-attention; the feed-forward network is missing.

    Hint: which parameters of yours never get a gradient?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        return add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)


class last_norm_missing(DecoderLayer):
    """The last norm is missing: the sum that leaves your layer is not normalised.

    Hint: with norms of weight 1 and bias 0, what is the mean of a row of your output?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return x + self.dropout(self.feed_forward(x))


class dropout_always(DecoderLayer):
    """Your dropout is active in eval() as well, so the same input gives different answers.

    Hint: call it twice in eval() with the same x and a large dropout.
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        def dropout(y: Tensor) -> Tensor:
            return nn.functional.dropout(y, self.dropout.p)

        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, dropout)


class dropout_missing(DecoderLayer):
    """You never apply dropout, not even in training.

    Hint: in train(), with a dropout of 1, what should be left of the sub-layers?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory, keep = encoder_output, nn.Identity()
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, keep)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, keep)
        return add_and_norm(x, self.feed_forward, self.norm3, keep)


class dropout_not_after_cross_attention(DecoderLayer):
    """Cross-attention's output gets no dropout; all three sub-layers' outputs do.

    Hint: in train(), with a dropout of 1, what should be left of the sub-layers?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, nn.Identity())
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)


class dropout_not_after_feed_forward(DecoderLayer):
    """The feed-forward network's output gets no dropout; all three sub-layers' outputs do.

    Hint: in train(), with a dropout of 1, what should be left of the sub-layers?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        memory = encoder_output
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(x, lambda y: self.cross_attn(y, memory, memory, cross_mask), self.norm2, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm3, nn.Identity())


class dropout_on_sum(DecoderLayer):
    """Your dropout falls on the sums, so it also drops x; it belongs on the sub-layers' outputs.

    Hint: in train(), with a dropout of 1, what should be left: nothing, or x?
    """

    def forward(self, x: Tensor, causal_mask: Mask, encoder_output: Tensor, cross_mask: Mask) -> Tensor:
        x = self.norm1(self.dropout(x + self.self_attn(x, x, x, causal_mask)))
        x = self.norm2(self.dropout(x + self.cross_attn(x, encoder_output, encoder_output, cross_mask)))
        return self.norm3(self.dropout(x + self.feed_forward(x)))
