"""What goes wrong with scaled_dot_product_attention."""

import math

import torch
from torch import Tensor

from solutions.attention import masked_softmax

# exp(0) and exp(1e-9) differ by less than any dtype here can tell.
EQUAL = [("masked_score_zero", "mask_1e_9")]


def _scores(query: Tensor, key: Tensor) -> Tensor:
    """Scaled scores (..., Q, K), as they should be."""
    return query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))


def _allowed(scores: Tensor, mask: Tensor | None) -> Tensor:
    """The mask in the full shape of the scores."""
    if mask is None:
        return torch.ones_like(scores, dtype=torch.bool)
    return mask.expand_as(scores)


def _with_scale(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float) -> tuple[Tensor, Tensor]:
    """All as it should be but for the factor of the scores."""
    weights = masked_softmax(query @ key.transpose(-2, -1) * scale, mask)
    return weights @ value, weights


def no_scale(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your scores are not scaled: their spread grows with the width of the keys, and the softmax saturates.

    Hint: what is the variance of the dot product of two vectors with d_k independent entries of variance 1?
    Seen: the notebook family
    """
    return _with_scale(query, key, value, mask, 1.0)


def no_scale_dead_row_nan(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Your scores are not scaled, and a query without any allowed key gets NaN where zeros are wanted.

    Hint: divide by the root of the width of a key; and what is the softmax of nothing but minus infinity?
    Seen: the two mistakes together, in the notebook family
    """
    scores = query @ key.transpose(-2, -1)
    weights = torch.softmax(scores.masked_fill(~_allowed(scores, mask), -torch.inf), dim=-1)
    return weights @ value, weights


def scale_by_d(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You divide by d_k and not by its square root: the scores get too small, and every key nearly the same weight.

    Hint: the standard deviation of your scores should be about 1. What is it for d_k = 64?
    Seen: esceptico/perceiver-io 9
    """
    return _with_scale(query, key, value, mask, 1 / query.size(-1))


def scale_multiplied(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You multiply by the square root of d_k where you had to divide: wide vectors saturate the softmax even more.

    Hint: the standard deviation of your scores should be about 1. What is it for d_k = 64?
    Seen: esceptico/perceiver-io 9
    """
    return _with_scale(query, key, value, mask, math.sqrt(query.size(-1)))


def scale_by_key_length(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You scale by the number of keys and not by their width: a score is a sum over features.

    Hint: which axis was summed over in the product of query and key?
    Seen: general teaching experience; hidden when there are as many keys as features
    """
    return _with_scale(query, key, value, mask, 1 / math.sqrt(key.size(-2)))


def scale_by_query_length(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """You scale by the number of queries and not by their width: a score is a sum over features.

    Hint: which axis was summed over in the product of query and key?
    Seen: a size read from the wrong axis of a tensor with leading dimensions
    """
    return _with_scale(query, key, value, mask, 1 / math.sqrt(query.size(-2)))


def scale_by_value_width(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """You scale by the width of the values: no value takes part in a score, the width of queries and keys counts.

    Hint: which two tensors make the scores?
    Seen: code for one width, used where d_v differs from d_k
    """
    return _with_scale(query, key, value, mask, 1 / math.sqrt(value.size(-1)))


def scale_after_softmax(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You scale after the softmax: the rows no longer sum to 1, and the softmax has saturated already.

    Hint: sum a row of your weights. Which comes first in equation 1?
    Seen: general teaching experience
    """
    weights = masked_softmax(query @ key.transpose(-2, -1), mask) / math.sqrt(query.size(-1))
    return weights @ value, weights


def softmax_over_queries(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Your columns sum to 1, not your rows: each query must spread a weight of 1 over the keys.

    Hint: sum your weights along the last axis. What should every row give?
    Seen: labmlai annotated 146; nerdai/llms-from-scratch-rs 30
    """
    scores = _scores(query, key)
    allowed = _allowed(scores, mask)
    filled = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    weights = torch.softmax(filled, dim=-2).masked_fill(~allowed, 0.0)
    return weights @ value, weights


def softmax_over_batch(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your weights sum to 1 over the first axis, so samples compete with each other: only the keys of one row may.

    Hint: change one sample of the batch. Do the weights of the other samples change?
    Seen: softmax called without an axis
    """
    scores = _scores(query, key)
    allowed = _allowed(scores, mask)
    filled = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    weights = torch.softmax(filled, dim=0).masked_fill(~allowed, 0.0)
    return weights @ value, weights


def mask_inverted(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your mask works the wrong way round: here True means "may attend", and you hide what is True.

    Hint: which token does row 0 look at, and what does the mask say about it?
    Seen: rasbt/LLMs-from-scratch 1061; hkproj/pytorch-transformer 19; x-transformers 164; pytorch 120488, 114083
    """
    weights = masked_softmax(_scores(query, key), None if mask is None else ~mask)
    return weights @ value, weights


def mask_inverted_dead_row_nan(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Your mask works the wrong way round (True means "may attend"), and a query with every key hidden gets NaN.

    Hint: which token does row 0 look at? And what is the softmax of nothing but minus infinity?
    Seen: the two mistakes together, as in a plain fill with minus infinity where the mask is True
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores if mask is None else scores.masked_fill(mask, -torch.inf), dim=-1)
    return weights @ value, weights


def mask_ignored(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your mask changes nothing: forbidden keys get weight like all the others.

    Hint: call it twice, with a mask and without. Where do the results differ?
    Seen: a mask that is accepted and never passed on
    """
    weights = masked_softmax(_scores(query, key))
    return weights @ value, weights


def masked_score_zero(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Forbidden keys still get weight: you set their scores to 0, or nearly 0, but the exponential of 0 is 1.

    Hint: what does exp do to the number that you fill in?
    Seen: hyunwoongko/transformer 10
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores.masked_fill(~_allowed(scores, mask), 0.0), dim=-1)
    return weights @ value, weights


def mask_1e_9(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Forbidden keys still get weight: you fill in a tiny positive number, and its exponential is 1.

    Hint: is your number close to zero, or far below it?
    Seen: the notebook family, where 1e-9 was written for -1e9
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores.masked_fill(~_allowed(scores, mask), 1e-9), dim=-1)
    return weights @ value, weights


def mask_added_as_one(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You add the mask to the scores: that makes an allowed score larger by 1 and leaves a forbidden one as it is.

    Hint: which number would you have to add to a score to erase it?
    Seen: a mask of True and False used where a mask of 0 and minus infinity is expected
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
    return weights @ value, weights


def mask_after_softmax(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You remove forbidden weights after the softmax, so rows sum to less than 1: they had their share already.

    Hint: sum a masked row. Who else was in the denominator?
    Seen: general teaching experience
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores, dim=-1) * _allowed(scores, mask)
    return weights @ value, weights


def minus_inf_after_softmax(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Your weights hold minus infinity: you fill it in after the softmax, but it is a score and not a weight.

    Hint: is minus infinity a probability?
    Seen: the two lines in the wrong order
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores, dim=-1).masked_fill(~_allowed(scores, mask), -torch.inf)
    return weights @ value, weights


def renormalised_after_softmax(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Allowed keys vanish when a forbidden score is far above them: you mask after the softmax and divide again.

    Hint: give a forbidden key a score of 1000. What is left of the others before you divide?
    Seen: general teaching experience; right on paper, wrong in floating point
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores, dim=-1) * _allowed(scores, mask)
    total = weights.sum(dim=-1, keepdim=True)
    weights = weights / total.masked_fill(total == 0, 1.0)
    return weights @ value, weights


def dead_row_nan(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """A query without any allowed key gets NaN: the softmax of nothing but minus infinity is 0 / 0, we want zeros.

    Hint: what happens to a sentence of padding only?
    Seen: pytorch 103963; pbloem/former 10; burn 4697; mlx 2395
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores.masked_fill(~_allowed(scores, mask), -torch.inf), dim=-1)
    return weights @ value, weights


def minus_inf_added_dead_row_nan(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """A query without any allowed key gets NaN, gradients included: minus infinity was added to all of its scores.

    Hint: what happens to a sentence of padding only, forwards and backwards?
    Seen: masks turned into numbers and added to the scores
    """
    scores = _scores(query, key)
    hidden = torch.zeros_like(scores).masked_fill(~_allowed(scores, mask), -torch.inf)
    weights = torch.softmax(scores + hidden, dim=-1)
    return weights @ value, weights


def minus_1e9_dead_row_uniform(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """A query without any allowed key averages all the forbidden values: it must get zeros.

    Hint: what is the softmax of five equal numbers, however low they are?
    Seen: pytorch 103963; most tutorials, which fill in -1e9
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores.masked_fill(~_allowed(scores, mask), -1e9), dim=-1)
    return weights @ value, weights


def minus_1e9_added_dead_row_uniform(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """A query without any allowed key averages the forbidden values: -1e9 added to all its scores changes nothing.

    Hint: does a softmax change when the same number is added to every score of a row?
    Seen: masks turned into numbers and added to the scores
    """
    scores = _scores(query, key)
    weights = torch.softmax(scores + (~_allowed(scores, mask)) * -1e9, dim=-1)
    return weights @ value, weights


def nan_gradient(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your output is right but gradients are NaN: you replace the NaN of an empty row after the softmax made it.

    Hint: call backward on a batch with a sentence of padding only. Which gradients do you get?
    Seen: an additive mask of minus infinity, then nan_to_num
    """
    scores = _scores(query, key)
    hidden = torch.zeros_like(scores).masked_fill(~_allowed(scores, mask), -torch.inf)
    weights = torch.softmax(scores + hidden, dim=-1).nan_to_num(0.0)
    return weights @ value, weights


def query_masked(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your mask lies on its side: you forbid queries (rows) where keys (columns) are forbidden.

    Hint: padding is about keys. Which axis of the scores are the keys?
    Seen: lsdefine keras 16
    """
    weights = masked_softmax(_scores(query, key), None if mask is None else mask.transpose(-2, -1))
    return weights @ value, weights


def no_softmax(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You average with scores and not with weights: without the softmax they may be negative and do not sum to 1.

    Hint: can a weight be negative?
    Seen: general teaching experience
    """
    scores = _scores(query, key)
    weights = scores.masked_fill(~_allowed(scores, mask), 0.0)
    return weights @ value, weights


def transposes_all_axes(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You reverse all the axes of the keys: only the last two may change places, and the batch stays in front.

    Hint: print the shape of what you multiply the queries with, for a batch of two.
    Seen: the transpose of a matrix, used on a tensor with a batch
    """
    scores = query @ key.permute(*reversed(range(key.dim()))) / math.sqrt(query.size(-1))
    weights = masked_softmax(scores, mask)
    return weights @ value, weights


def batch_goes_last(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You move the batch of the keys to the end: only their last two axes may change places.

    Hint: print the shape of what you multiply the queries with, for a batch of two.
    Seen: the notebook family, where it runs only if the length equals batch * heads
    """
    scores = query @ key.permute(1, 2, 0) / math.sqrt(query.size(-1))
    weights = masked_softmax(scores, mask)
    return weights @ value, weights


def keys_averaged(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You average the keys: keys only decide the weights, and what is averaged is the values.

    Hint: change the values. Does your output change?
    Seen: general teaching experience
    """
    weights = masked_softmax(_scores(query, key), mask)
    return weights @ key, weights


def scores_returned(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your output is right, but beside it you return the scores: the second result is the weights, after the softmax.

    Hint: do the rows of your second result sum to 1?
    Seen: a name used twice, or not used
    """
    scores = _scores(query, key)
    return masked_softmax(scores, mask) @ value, scores


def weights_first(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """You return the two results in the other order: first the output, then the weights.

    Hint: which of your two results is as wide as the values?
    Seen: general teaching experience
    """
    weights = masked_softmax(_scores(query, key), mask)
    return weights, weights @ value


def output_alone(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """You return the output alone: the weights are wanted too, as the second of two results.

    Hint: what does the last line of the docstring promise?
    Seen: torch's own function, which returns the output alone
    """
    return masked_softmax(_scores(query, key), mask) @ value


def weights_detached(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Your results are right but no gradient reaches query and key: the model could not learn where to look.

    Hint: do your weights still know which scores they were made from?
    Seen: weights copied out of the graph for a plot
    """
    weights = masked_softmax(_scores(query, key), mask).detach()
    return weights @ value, weights
