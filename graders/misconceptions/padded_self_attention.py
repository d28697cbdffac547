"""What goes wrong with PaddedSelfAttention."""

import math

from torch import Tensor

from solutions.bugs import PaddedSelfAttention


def _parts(module: PaddedSelfAttention, x: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (B, H, T, T) and values (B, H, T, head_dim)."""
    batch, length, _ = x.shape
    query, key = module.split(module.query_linear(x)), module.split(module.key_linear(x))
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    value = module.split(module.value_linear(x))
    heads = module.num_heads
    return scores.reshape(batch, heads, length, length), value.reshape(batch, heads, length, -1)


def _joined(module: PaddedSelfAttention, weights: Tensor, value: Tensor) -> Tensor:
    return module.output_linear(module.merge((weights @ value).flatten(0, 1)))


class masks_of_other_samples(PaddedSelfAttention):
    """Samples still get each other's masks: row b * H + h belongs to sample b, but the masks come round in turn.

    Hint: for two samples and three heads, write down whose rows the six are, and then whose mask each of them gets.
    Seen: the notebook family, where a reshape makes the shapes fit; invisible with one sample, one head, equal lengths
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        masks = keep.repeat(self.num_heads, 1).reshape(x.size(0), self.num_heads, 1, -1)
        return _joined(self, scores.masked_fill(~masks, -math.inf).softmax(dim=-1), value)


class mask_per_head(PaddedSelfAttention):
    """Your scores are (B, H, T, T) now, but a mask (B, 1, T) meets them from the right: its samples fall on the heads.

    Hint: write the two shapes under each other, right-aligned. Which axis of the mask meets the axis of the heads?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        shape = scores.shape
        weights = scores.masked_fill(~keep.unsqueeze(1), -math.inf).softmax(dim=-1)
        return _joined(self, weights.reshape(shape), value)  # with one head the mask has made more of them: an error


class only_what_all_keep(PaddedSelfAttention):
    """You made one mask for the whole batch, of what every sample keeps: long sentences are cut to the shortest one.

    Hint: does a sentence come out the same, alone and beside a shorter one?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        return _joined(self, scores.masked_fill(~keep.all(dim=0), -math.inf).softmax(dim=-1), value)


class mask_of_the_first_sample(PaddedSelfAttention):
    """Every sample gets the mask of the first one.

    Hint: change the padding of the second sample alone. Does anything happen?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        return _joined(self, scores.masked_fill(~keep[:1, None, None], -math.inf).softmax(dim=-1), value)


class mask_dropped(PaddedSelfAttention):
    """The shapes fit now because the mask is gone: padding is attended to like a word.

    Hint: change what stands at a padded position. Does the rest of the sentence notice?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        return _joined(self, scores.softmax(dim=-1), value)


class queries_masked(PaddedSelfAttention):
    """You mask the rows of padding, the queries, so that they become NaN; it is as a key that padding must be hidden.

    Hint: which of the two axes of length T is summed over by the softmax?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        return _joined(self, scores.masked_fill(~keep[:, None, :, None], -math.inf).softmax(dim=-1), value)


class masked_after_softmax(PaddedSelfAttention):
    """You take the weights of padding away after the softmax, so that what is left no longer sums to 1.

    Hint: add up a row of the weights.
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        return _joined(self, scores.softmax(dim=-1).masked_fill(~keep[:, None, None], 0.0), value)


class mask_inverted(PaddedSelfAttention):
    """You attend to the padding and to nothing else; where there is none, the softmax has nothing and gives NaN.

    Hint: is True a token here, or padding?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        return _joined(self, scores.masked_fill(keep[:, None, None], -math.inf).softmax(dim=-1), value)


class heads_mixed_up(PaddedSelfAttention):
    """Your masks are right, but you turned the scores without turning them back: heads read each other's values.

    Hint: with no padding at all, does your layer still compute what it did?
    """

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        scores, value = _parts(self, x)
        weights = scores.masked_fill(~keep[:, None, None], -math.inf).softmax(dim=-1)
        batch, heads, length, _ = weights.shape
        turned = weights.transpose(0, 1).reshape(batch, heads, length, length)
        return _joined(self, turned, value)
