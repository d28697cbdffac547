"""What goes wrong with EncoderLayer."""

import torch
from torch import Tensor, nn

from solutions.layers import EncoderLayer, add_and_norm

Mask = Tensor | None


class mask_not_passed(EncoderLayer):
    """Your attention never gets the mask, so tokens attend to padding, and in a decoder to the future.

    Hint: change a position that the mask forbids. Does your output change?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        return super().forward(x)


class mask_inverted(EncoderLayer):
    """You invert the mask: in this course True means "may attend", only torch's own modules mean the opposite.

    Hint: which positions does the first row of the mask allow, and which does your attention use?
    Seen: rasbt/LLMs-from-scratch 1061; hkproj/pytorch-transformer 19
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        return super().forward(x, None if mask is None else ~mask)


class norm_shared(EncoderLayer):
    """You use norm1 for both sub-layers; each has its own norm, with its own weight and bias.

    Hint: which parameters of yours never get a gradient?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm1, self.dropout, self.pre_norm)


class norms_swapped(EncoderLayer):
    """You use norm2 for attention and norm1 for the feed-forward network; saved weights then land in the wrong place.

    Hint: in which order do the two norms come?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm2, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm1, self.dropout, self.pre_norm)


class ff_residual_from_input(EncoderLayer):
    """The second residual adds the layer's input; it must add what entered the second sub-layer.

    Hint: with a feed-forward network that returns zeros, is anything left of attention?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        first = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        entering = self.norm2(first) if self.pre_norm else first
        total = x + self.dropout(self.feed_forward(entering))
        return total if self.pre_norm else self.norm2(total)


class ff_reads_input(EncoderLayer):
    """Your feed-forward network reads the layer's input; it must read what the first sub-layer made of it.

    Hint: does the feed-forward network notice when the mask changes?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        first = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        entering = self.norm2(x) if self.pre_norm else x
        total = first + self.dropout(self.feed_forward(entering))
        return total if self.pre_norm else self.norm2(total)


class ff_skipped(EncoderLayer):
    """Your layer ends after attention; the feed-forward network is missing.

    Hint: which parameters of yours never get a gradient?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        return add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)


class attention_skipped(EncoderLayer):
    """Your layer has no attention, so no position learns anything of another.

    Hint: change one token of x. How many rows of the output change?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, self.pre_norm)


class ff_before_attention(EncoderLayer):
    """You run the feed-forward network before attention; the paper has attention first.

    Hint: which box of figure 1 does the input meet first?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, self.feed_forward, self.norm2, self.dropout, self.pre_norm)
        return add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)


class ff_without_relu(EncoderLayer):
    """You apply fc1 and fc2 yourself and lose the ReLU between them.

    Hint: what would two linear maps be without anything between them?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        ff = self.feed_forward
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, lambda y: ff.fc2(ff.fc1(y)), self.norm2, self.dropout, self.pre_norm)


class last_norm_missing(EncoderLayer):
    """In post-norm the last norm is missing: the sum that leaves your layer is not normalised.

    Hint: with norms of weight 1 and bias 0, what is the mean of a row of your output?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            return super().forward(x, mask)
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout)
        return x + self.dropout(self.feed_forward(x))


class norm_before_add(EncoderLayer):
    """In post-norm you normalise the sub-layers' outputs and then add; the paper normalises the sums.

    Hint: with sub-layers that return zeros, what must come out?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            return super().forward(x, mask)
        x = x + self.norm1(self.dropout(self.self_attn(x, x, x, mask)))
        return x + self.norm2(self.dropout(self.feed_forward(x)))


class pre_norm_ignored(EncoderLayer):
    """You always compute the paper's post-norm, also when pre_norm is True.

    Hint: does the constructor's last argument change anything?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout)


class pre_for_post(EncoderLayer):
    """You always compute pre-norm, as most code does today; without pre_norm the paper's post-norm is asked for.

    Hint: does the constructor's last argument change anything?
    Seen: harvardnlp/harvardnlp.github.io 6: paper and code differ
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, True)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, True)


class qkv_normed_partially(EncoderLayer):
    """In pre-norm only your queries are normalised; self-attention takes all three from the same normalised tensor.

    Hint: what enters the key and value projections?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if not self.pre_norm:
            return super().forward(x, mask)
        x = x + self.dropout(self.self_attn(self.norm1(x), x, x, mask))
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, True)


class value_not_normed(EncoderLayer):
    """In pre-norm your values are not normalised; self-attention takes all three from the same normalised tensor.

    Hint: what enters the value projection?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if not self.pre_norm:
            return super().forward(x, mask)
        normed = self.norm1(x)
        x = x + self.dropout(self.self_attn(normed, normed, x, mask))
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, True)


class residual_from_normed(EncoderLayer):
    """In pre-norm you add the normalised x; the point of pre-norm is that x itself goes by untouched.

    Hint: in pre-norm, with sub-layers that return zeros, what must come out?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if not self.pre_norm:
            return super().forward(x, mask)
        x = self.norm1(x)
        x = self.norm2(x + self.dropout(self.self_attn(x, x, x, mask)))
        return x + self.dropout(self.feed_forward(x))


class no_residual(EncoderLayer):
    """There are no residual connections in your layer, so each one must carry everything through its weights.

    Hint: with sub-layers that return zeros, what must come out?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            y = self.norm1(x)
            return self.dropout(self.feed_forward(self.norm2(self.dropout(self.self_attn(y, y, y, mask)))))
        x = self.norm1(self.dropout(self.self_attn(x, x, x, mask)))
        return self.norm2(self.dropout(self.feed_forward(x)))


class norm_over_sequence(EncoderLayer):
    """Your norms take mean and variance over the positions, so a token depends on the words around it.

    Hint: along which dimension is the mean of a sum taken?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        def over_sequence(norm: nn.LayerNorm):
            def normalise(y: Tensor) -> Tensor:
                variance, mean = torch.var_mean(y, dim=1, correction=0, keepdim=True)
                return norm.weight * (y - mean) / torch.sqrt(variance + norm.eps) + norm.bias

            return normalise

        norm1, norm2 = over_sequence(self.norm1), over_sequence(self.norm2)
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, norm2, self.dropout, self.pre_norm)


class dropout_always(EncoderLayer):
    """Your dropout is active in eval() as well, so the same input gives different answers.

    Hint: call it twice in eval() with the same x and a large dropout.
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        def dropout(y: Tensor) -> Tensor:
            return nn.functional.dropout(y, self.dropout.p)

        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, dropout, self.pre_norm)


class dropout_missing(EncoderLayer):
    """You never apply dropout, not even in training.

    Hint: in train(), with a dropout of 1, what should be left of the sub-layers?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, nn.Identity(), self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, nn.Identity(), self.pre_norm)


class dropout_after_attention_only(EncoderLayer):
    """You drop entries of attention's output only; the feed-forward network's output gets dropout as well.

    Hint: in train(), with a dropout of 1, what should be left of the sub-layers?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, nn.Identity(), self.pre_norm)


class dropout_after_feed_forward_only(EncoderLayer):
    """You drop entries of the feed-forward network's output only; attention's output gets dropout as well.

    Hint: in train(), with a dropout of 1, what should be left of the sub-layers?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, nn.Identity(), self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, self.pre_norm)


class dropout_on_sum(EncoderLayer):
    """Your dropout falls on the sums, so it also drops x; it belongs on the sub-layers' outputs.

    Hint: in train(), with a dropout of 1, what should be left: nothing, or x?
    """

    def forward(self, x: Tensor, mask: Mask = None) -> Tensor:
        if self.pre_norm:
            y = self.norm1(x)
            x = self.dropout(x + self.self_attn(y, y, y, mask))
            return self.dropout(x + self.feed_forward(self.norm2(x)))
        x = self.norm1(self.dropout(x + self.self_attn(x, x, x, mask)))
        return self.norm2(self.dropout(x + self.feed_forward(x)))
