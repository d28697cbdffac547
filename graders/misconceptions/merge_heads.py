"""What goes wrong with merge_heads."""

from torch import Tensor

from solutions.attention import merge_heads

# Both read the memory on, without moving a number.
EQUAL = [("merge_view", "sequence_swapped")]


def _by_sample(x: Tensor, num_heads: int) -> Tensor:
    """The heads of each sample, (B, H, T, d), for sizes that divide; else the reference's ValueError."""
    merge_heads(x, num_heads)
    return x.reshape(-1, num_heads, *x.shape[1:])


def merge_view(x: Tensor, num_heads: int) -> Tensor:
    """Positions are mixed up: you merge by reshaping alone, so one token's row holds pieces of several tokens.

    Hint: is the merge of a split tensor the tensor itself? Mixed positions also leak the future past a causal mask.
    Seen: jsbaan/transformer-from-scratch 6; 649453932 10; jadore801120 7
    """
    batch, heads, length, head_dim = _by_sample(x, num_heads).shape
    return x.reshape(batch, length, heads * head_dim)


def sequence_swapped(x: Tensor, num_heads: int) -> Tensor:
    """Positions are mixed up: you call the axes (tokens, heads), but in memory they are (heads, tokens).

    Hint: giving axes other names moves no number. Which operation exchanges two axes?
    Seen: jsbaan/transformer-from-scratch 6
    """
    batch, heads, length, head_dim = _by_sample(x, num_heads).shape
    return x.reshape(batch, length, heads, head_dim).flatten(2)


def heads_before_batch(x: Tensor, num_heads: int) -> Tensor:
    """You read the rows in another order: the first num_heads rows are the heads of sample 0, yours go head by head.

    Hint: which rows belong to sample 0?
    Seen: lsdefine keras 36; gazelle93 1
    """
    batch, heads, length, head_dim = _by_sample(x, num_heads).shape
    return x.reshape(heads, batch, length, head_dim).permute(1, 2, 0, 3).reshape(batch, length, -1)


def interleaved_features(x: Tensor, num_heads: int) -> Tensor:
    """You deal the features out in turn, one of each head: here head 0 comes first as a whole, then head 1.

    Hint: whose features are the first two of a merged token?
    Seen: one transpose too many before the merge
    """
    batch, _, length, _ = _by_sample(x, num_heads).shape
    return _by_sample(x, num_heads).permute(0, 2, 3, 1).reshape(batch, length, -1)


def heads_averaged(x: Tensor, num_heads: int) -> Tensor:
    """You average the heads: they are put side by side, and the output projection does the mixing.

    Hint: how wide must the result be, so that it is the inverse of the split?
    Seen: older graph attention code, which averages in its last layer
    """
    return _by_sample(x, num_heads).mean(dim=1)


def heads_summed(x: Tensor, num_heads: int) -> Tensor:
    """You add the heads up: they are put side by side, and the output projection does the mixing.

    Hint: how wide must the result be, so that it is the inverse of the split?
    Seen: general teaching experience
    """
    return _by_sample(x, num_heads).sum(dim=1)


def heads_after_length(x: Tensor, num_heads: int) -> Tensor:
    """You put the heads below each other, along the tokens: they are joined along the features.

    Hint: how many tokens does your result have, and how many went in?
    Seen: texts that say the heads are concatenated vertically
    """
    return _by_sample(x, num_heads).flatten(1, 2)


def keeps_heads_axis(x: Tensor, num_heads: int) -> Tensor:
    """You kept the heads as an axis of their own: heads and their features must become one axis, d_model wide.

    Hint: how many axes has your result, and how many does the docstring promise?
    Seen: the last reshape forgotten
    """
    return _by_sample(x, num_heads).transpose(1, 2)


def transposed_twice(x: Tensor, num_heads: int) -> Tensor:
    """One transpose too many: your result has the features where the tokens should be.

    Hint: which of the last two axes of your result is the length?
    Seen: general teaching experience
    """
    return merge_heads(x, num_heads).transpose(1, 2)


def length_before_batch(x: Tensor, num_heads: int) -> Tensor:
    """Samples are mixed up: you bring the tokens to the front, and cut batch and tokens out of that.

    Hint: try it with a batch of one, and then with two. Which one comes out right?
    Seen: code for a single sample, used on a batch
    """
    batch, _, length, _ = _by_sample(x, num_heads).shape
    return x.transpose(0, 1).reshape(batch, length, -1)


def view_on_non_contiguous(x: Tensor, num_heads: int) -> Tensor:
    """A view cannot merge axes that were transposed: memory is in the old order, so the numbers must be copied.

    Hint: which operation is like a view, and copies where it has to?
    Seen: the error message of torch, which says "Use .reshape(...) instead"
    """
    batch, _, length, _ = _by_sample(x, num_heads).shape
    return _by_sample(x, num_heads).transpose(1, 2).view(batch, length, -1)
