"""Proof that the grader of masked_softmax can be trusted."""

import math

import torch
import torch.nn.functional as nnf
from torch import Tensor


def oracle(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Row by row and key by key, in Python's own floats."""
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.broadcast_to(scores.shape)
    rows = []
    for row, keys in zip(scores.reshape(-1, scores.size(-1)), allowed.reshape(-1, scores.size(-1)), strict=True):
        open_scores = [score for score, key in zip(row.tolist(), keys.tolist(), strict=True) if key]
        top = max(open_scores, default=0.0)
        total = math.fsum(math.exp(score - top) for score in open_scores)
        rows.append(
            [
                math.exp(score - top) / total if key else 0.0
                for score, key in zip(row.tolist(), keys.tolist(), strict=True)
            ]
        )
    return torch.tensor(rows, dtype=torch.float64).reshape(scores.shape).to(scores.dtype)


def right_minus_inf_then_zeros(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A fill (not a sum) with -inf: its backward pass zeroes what is NaN."""
    if mask is not None:
        scores = scores.masked_fill(mask.logical_not(), float("-inf"))
    return scores.softmax(-1).nan_to_num(0.0)


def right_where(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is None:
        mask = torch.ones(1, 1, dtype=torch.bool, device=scores.device)
    some = mask.any(dim=-1, keepdim=True)
    weights = nnf.softmax(torch.where(mask, scores, torch.tensor(-torch.inf, dtype=scores.dtype)), dim=-1)
    return torch.where(some, weights, torch.zeros_like(weights))


def right_in_float64(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    wide = scores.double()
    keep = torch.ones_like(wide) if mask is None else mask.double().expand_as(wide)
    wide = wide * keep + (keep - 1) * 1e30
    exps = torch.exp(wide - wide.max(dim=-1, keepdim=True).values) * keep
    return (exps / exps.sum(-1, keepdim=True).clamp_min(1e-300)).to(scores.dtype)


def right_float_upcast(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    wide = scores.float()
    if mask is not None:
        wide = wide.masked_fill(~mask, -1e30)
    weights = torch.softmax(wide, dim=-1)
    return (weights if mask is None else weights * mask).type_as(scores)


def right_log_sum_exp(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is None:
        return torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
    hidden = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = torch.exp(hidden - torch.logsumexp(hidden, dim=-1, keepdim=True))
    return torch.where(mask, weights, weights.new_zeros(()))


def right_loops(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Only the allowed scores of a row ever meet the softmax."""
    keys = scores.size(-1)
    flat = scores.reshape(-1, keys)
    allowed = torch.ones_like(flat, dtype=torch.bool) if mask is None else mask.expand(scores.shape).reshape(-1, keys)
    rows = []
    for row, keep in zip(flat, allowed, strict=True):
        places = keep.nonzero().flatten()
        weights = torch.softmax(row[places], dim=0)
        rows.append(torch.zeros_like(row).index_add(0, places, weights))
    return torch.stack(rows).reshape(scores.shape)


def second_softmax_over_queries(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    keep = torch.ones_like(scores) if mask is None else mask.to(scores.dtype).expand_as(scores)
    hidden = torch.where(keep > 0, scores, torch.full_like(scores, torch.finfo(scores.dtype).min))
    e = (hidden - hidden.amax(-2, keepdim=True)).exp() * keep
    return e / e.sum(-2, keepdim=True).clamp_min(1e-30 if scores.dtype != torch.float16 else 6e-8)


def second_softmax_over_batch(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is None:
        return nnf.softmax(scores, 0)
    hidden = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    return nnf.softmax(hidden, 0) * mask


def second_mask_inverted(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is None:
        return torch.softmax(scores, -1)
    blocked = mask == 1
    weights = torch.softmax(scores.masked_fill(blocked, -torch.inf), -1)
    return torch.where(blocked, torch.zeros_like(weights), weights)


def second_mask_inverted_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = torch.where(mask, float("-inf"), scores)
    return nnf.softmax(scores, dim=-1)


def second_masked_score_zero(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = scores * mask
    return scores.softmax(dim=-1)


def second_mask_after_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    weights = nnf.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0)
    return weights


def second_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = torch.where(mask, scores, -float("inf"))
    top = scores.max(dim=-1, keepdim=True).values
    e = torch.exp(scores - top)
    return e / e.sum(dim=-1, keepdim=True)


def second_minus_1e9_dead_row_uniform(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    return nnf.softmax(scores, dim=-1)


def second_minus_1e9_added_dead_row_uniform(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = scores + (1.0 - mask.float()) * -1e9
    return nnf.softmax(scores, dim=-1)


def second_changes_scores_and_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores.copy_(torch.where(mask, scores, float("-inf")))
    return nnf.softmax(scores, dim=-1)


def second_minus_inf_added_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is None:
        return nnf.softmax(scores, dim=-1)
    return nnf.softmax(scores + torch.log(mask.to(scores.dtype)), dim=-1)


def second_renormalised_after_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    e = torch.exp(scores - scores.max(dim=-1, keepdim=True)[0])  # the maximum over forbidden keys too
    if mask is not None:
        e = e * mask
    total = e.sum(-1, keepdim=True)
    return e / torch.where(total > 0, total, torch.ones_like(total))


def second_exp_overflows_dead_row_nan(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    e = scores.exp()
    if mask is not None:
        e = torch.where(mask, e, torch.zeros_like(e))
    return e / e.sum(dim=-1, keepdim=True)


def second_nan_gradient(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        bias = torch.zeros_like(mask, dtype=scores.dtype)
        bias[~mask] = float("-inf")
        scores = scores + bias
    weights = nnf.softmax(scores, dim=-1)
    return torch.where(torch.isnan(weights), torch.zeros_like(weights), weights)


def second_mask_added_as_one(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is None:
        mask = torch.zeros_like(scores)
    return nnf.softmax(scores + mask.to(scores.dtype), dim=-1)


def second_fill_too_small(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -100.0)
    return nnf.softmax(scores, dim=-1)


def double_inverted_over_queries(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = scores.masked_fill(mask, torch.finfo(scores.dtype).min)
    return torch.softmax(scores, dim=-2)


def double_over_queries_masked_afterwards(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    weights = torch.softmax(scores, dim=-2)
    return weights if mask is None else weights * mask


def double_zero_fill_where_allowed(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    if mask is not None:
        scores = scores.masked_fill(mask, 0.0)
    return torch.softmax(scores, dim=-1)
