"""What goes wrong with masked_softmax."""

import torch
from torch import Tensor

from solutions.attention import masked_softmax

# exp(0) and exp(1e-9) differ by less than any dtype here can tell.
EQUAL = [("masked_score_zero", "mask_1e_9")]


def _allowed(scores: Tensor, mask: Tensor | None) -> Tensor:
    """The mask in the full shape of the scores."""
    if mask is None:
        return torch.ones_like(scores, dtype=torch.bool)
    return mask.expand_as(scores)


def softmax_over_queries(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your columns sum to 1, not your rows: each query must spread a weight of 1 over the keys.

    Hint: sum your weights along the last axis. What should every row give?
    Seen: labmlai annotated 146; nerdai/llms-from-scratch-rs 30
    """
    allowed = _allowed(scores, mask)
    filled = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    return torch.softmax(filled, dim=-2).masked_fill(~allowed, 0.0)


def softmax_over_queries_dead_column_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your columns sum to 1, not your rows, and a key that no query may see makes a whole column NaN.

    Hint: along which axis do the weights of one query lie?
    Seen: the two mistakes together, as in a plain softmax over the wrong axis of scores filled with minus infinity
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), -torch.inf), dim=-2)


def softmax_over_batch(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your weights sum to 1 over the first axis, so samples compete with each other: only the keys of one row may.

    Hint: change one sample of the batch. Do the weights of the other samples change?
    Seen: softmax called without an axis
    """
    allowed = _allowed(scores, mask)
    filled = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    return torch.softmax(filled, dim=0).masked_fill(~allowed, 0.0)


def one_sum_for_all_rows(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your weights sum to 1 over everything together: each row needs a sum of its own.

    Hint: how many sums do you need for two samples with three queries each?
    Seen: a sum taken without naming an axis
    """
    allowed = _allowed(scores, mask)
    lowest = torch.finfo(scores.dtype).min
    filled = scores.masked_fill(~allowed, lowest)
    top = filled.amax(dim=-1, keepdim=True)
    exps = torch.exp(filled - top).masked_fill(~allowed, 0.0)
    return exps / exps.sum()


def mask_inverted(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your mask works the wrong way round: here True means "may attend", and you hide what is True.

    Hint: which token does row 0 look at, and what does the mask say about it?
    Seen: rasbt/LLMs-from-scratch 1061; hkproj/pytorch-transformer 19; NVIDIA/TransformerEngine 614; pytorch 120488
    """
    return masked_softmax(scores, None if mask is None else ~mask)


def mask_inverted_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your mask works the wrong way round (True means "may attend"), and a row with every key hidden becomes NaN.

    Hint: which token does row 0 look at? And what is the softmax of nothing but minus infinity?
    Seen: the two mistakes together, as in a plain fill with minus infinity where the mask is True
    """
    return torch.softmax(scores if mask is None else scores.masked_fill(mask, -torch.inf), dim=-1)


def mask_inverted_dead_row_uniform(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your mask works the wrong way round (True means "may attend"), and a row with every key hidden is uniform.

    Hint: which token does row 0 look at? And what is the softmax of five equal numbers?
    Seen: the two mistakes together, as in a plain fill with -1e9 where the mask is True
    """
    return torch.softmax(scores if mask is None else scores.masked_fill(mask, -1e9), dim=-1)


def masked_score_zero(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Forbidden keys still get weight: you set their scores to 0, or nearly 0, but the exponential of 0 is 1.

    Hint: what does exp do to the number that you fill in?
    Seen: hyunwoongko/transformer 10
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), 0.0), dim=-1)


def mask_1e_9(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Forbidden keys still get weight: you fill in a tiny positive number, and its exponential is 1.

    Hint: is your number close to zero, or far below it?
    Seen: the notebook family, where 1e-9 was written for -1e9
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), 1e-9), dim=-1)


def mask_added_as_one(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """You add the mask to the scores: that makes an allowed score larger by 1 and leaves a forbidden one as it is.

    Hint: which number would you have to add to a score to erase it?
    Seen: a mask of True and False used where a mask of 0 and minus infinity is expected
    """
    return torch.softmax(scores if mask is None else scores + mask, dim=-1)


def mask_ignored(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your mask changes nothing: forbidden keys get weight like all the others.

    Hint: call it twice, with a mask and without. Where do the results differ?
    Seen: a masked copy of the scores that is made and then not used
    """
    return torch.softmax(scores, dim=-1)


def mask_after_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """You remove forbidden weights after the softmax, so rows sum to less than 1: they had their share already.

    Hint: sum a masked row. Who else was in the denominator?
    Seen: general teaching experience
    """
    return torch.softmax(scores, dim=-1) * _allowed(scores, mask)


def minus_inf_after_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your weights hold minus infinity: you fill it in after the softmax, but it is a score and not a weight.

    Hint: is minus infinity a probability?
    Seen: the two lines in the wrong order
    """
    return torch.softmax(scores, dim=-1).masked_fill(~_allowed(scores, mask), -torch.inf)


def renormalised_after_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Allowed keys vanish when a forbidden score is far above them: you mask after the softmax and divide again.

    Hint: give a forbidden key a score of 1000. What is left of the others before you divide?
    Seen: general teaching experience; right on paper, wrong in floating point
    """
    weights = torch.softmax(scores, dim=-1) * _allowed(scores, mask)
    total = weights.sum(dim=-1, keepdim=True)
    return weights / total.masked_fill(total == 0, 1.0)


def renormalised_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """You mask after the softmax and divide again: that is 0 / 0 where no key is allowed, or a forbidden one towers.

    Hint: which sum do you divide by when every key of a row is forbidden? And when a forbidden score is 1000?
    Seen: general teaching experience
    """
    weights = torch.softmax(scores, dim=-1) * _allowed(scores, mask)
    return weights / weights.sum(dim=-1, keepdim=True)


def dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A row without any allowed key becomes NaN: the softmax of nothing but minus infinity is 0 / 0, we want zeros.

    Hint: what happens to a sentence of padding only?
    Seen: pytorch 103963; pbloem/former 10; burn 4697; mlx 2395
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), -torch.inf), dim=-1)


def minus_inf_added_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A row without any allowed key becomes NaN, gradients included: minus infinity was added to all of its scores.

    Hint: what happens to a sentence of padding only, forwards and backwards?
    Seen: masks turned into numbers and added to the scores
    """
    hidden = torch.zeros_like(scores).masked_fill(~_allowed(scores, mask), -torch.inf)
    return torch.softmax(scores + hidden, dim=-1)


def minus_1e9_dead_row_uniform(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A row without any allowed key becomes uniform over forbidden keys, we want zeros; and -1e9 does not fit float16.

    Hint: what is the softmax of five equal numbers, however low they are?
    Seen: pytorch 103963; most tutorials, which fill in -1e9
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), -1e9), dim=-1)


def minus_1e9_added_dead_row_uniform(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A row without any allowed key becomes uniform, we want zeros: -1e9 added to all of its scores changes nothing.

    Hint: does a softmax change when the same number is added to every score of a row? And what is its dtype?
    Seen: masks turned into numbers and added to the scores
    """
    return torch.softmax(scores + (~_allowed(scores, mask)) * -1e9, dim=-1)


def dead_row_uniform(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A row without any allowed key becomes uniform over the forbidden keys: it must be zeros.

    Hint: what is the softmax of five equal numbers, however low they are?
    Seen: code that fills in the lowest number of the dtype and leaves it at that
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), torch.finfo(scores.dtype).min), dim=-1)


def minus_1e9_does_not_fit_half(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Right, except in half precision: -1e9 is lower than float16 can go, so take the lowest number of the dtype.

    Hint: what is the lowest number that a float16 can hold, and where could you ask for it?
    Seen: codes that were written for float32 and then run in mixed precision
    """
    forbidden = ~_allowed(scores, mask)
    return torch.softmax(scores.masked_fill(forbidden, -1e9), dim=-1).masked_fill(forbidden, 0.0)


def fill_too_small(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Forbidden keys win when all the allowed scores are very low: what you fill in must be below any score.

    Hint: which is lower, the number that you fill in, or a score of -20 000?
    Seen: codes that fill in -100 or -10000, which fits float16
    """
    return torch.softmax(scores.masked_fill(~_allowed(scores, mask), -1e4), dim=-1)


def nan_gradient(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your weights are right but gradients are NaN: you replace the NaN of an empty row after the softmax made it.

    Hint: call backward on a batch with a sentence of padding only. Which gradients do you get?
    Seen: an additive mask of minus infinity, then nan_to_num
    """
    hidden = torch.zeros_like(scores).masked_fill(~_allowed(scores, mask), -torch.inf)
    return torch.softmax(scores + hidden, dim=-1).nan_to_num(0.0)


def query_masked(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your mask lies on its side: you forbid queries (rows) where keys (columns) are forbidden.

    Hint: padding is about keys. Which axis of the scores are the keys?
    Seen: lsdefine keras 16
    """
    return masked_softmax(scores, None if mask is None else mask.transpose(-2, -1))


def exp_overflows(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Large scores give NaN: the exponential of 1000 is infinite, so take the row's largest score away first.

    Hint: does a softmax change when you subtract the same number from every score of a row?
    Seen: a softmax written as the formula says it
    """
    allowed = _allowed(scores, mask)
    exps = torch.exp(scores).masked_fill(~allowed, 0.0)
    return (exps / exps.sum(dim=-1, keepdim=True)).masked_fill(~allowed, 0.0)


def exp_overflows_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Large scores overflow to NaN, and so does a row without any allowed key, where you divide 0 by 0.

    Hint: what are exp(1000) and 0 / 0? Find the row's largest score, and the rows with nothing in them.
    Seen: a softmax written as the formula says it
    """
    exps = torch.exp(scores).masked_fill(~_allowed(scores, mask), 0.0)
    return exps / exps.sum(dim=-1, keepdim=True)


def one_maximum_for_all_rows(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Rows far below the largest score of the batch vanish: each row must be shifted by its own maximum.

    Hint: add 1000 to one row. What happens to the weights of the others?
    Seen: a maximum taken without naming an axis
    """
    allowed = _allowed(scores, mask)
    filled = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    exps = torch.exp(filled - filled.max()).masked_fill(~allowed, 0.0)
    total = exps.sum(dim=-1, keepdim=True)
    return exps / total.masked_fill(total == 0, 1.0)


def not_normalised(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your rows do not sum to 1: the exponentials still have to be divided by their sum.

    Hint: add up a row. What do weights of an average add up to?
    Seen: the denominator forgotten
    """
    allowed = _allowed(scores, mask)
    filled = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    return torch.exp(filled - filled.amax(dim=-1, keepdim=True)).masked_fill(~allowed, 0.0)


def no_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """You return scores and not weights: without the softmax they may be negative and do not sum to 1.

    Hint: can a weight be negative?
    Seen: general teaching experience
    """
    return scores.masked_fill(~_allowed(scores, mask), 0.0)


def changes_scores_in_place(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your weights are right, but the scores that were given to you are changed: the caller may still need them.

    Hint: print the scores before the call and after it.
    Seen: a function of torch whose name ends in an underscore
    """
    if mask is None:
        return torch.softmax(scores, dim=-1)
    scores.masked_fill_(~mask, torch.finfo(scores.dtype).min)
    return torch.softmax(scores, dim=-1).masked_fill(~mask, 0.0)


def changes_scores_and_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """You change the scores that were given to you, and a row without any allowed key becomes NaN.

    Hint: print the scores before the call and after it; and what is the softmax of nothing but minus infinity?
    Seen: the two mistakes together, in a fill with minus infinity that works in place
    """
    if mask is not None:
        scores.masked_fill_(~mask, -torch.inf)
    return torch.softmax(scores, dim=-1)


def detached(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Your weights are right but no gradient flows back to the scores: the model could not learn where to look.

    Hint: does your result still know which scores it was made from?
    Seen: numbers copied out of the graph, with data, item or numpy
    """
    return masked_softmax(scores.detach(), mask)
