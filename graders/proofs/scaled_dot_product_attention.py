"""Proof that the grader of scaled_dot_product_attention can be trusted."""

import math

import torch
import torch.nn.functional as nnf
from torch import Tensor

from solutions.attention import masked_softmax


def oracle(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """torch's own function; with the identity for values, its output is the weights."""
    identity = torch.eye(key.size(-2), dtype=query.dtype).expand(*key.shape[:-1], key.size(-2))
    output = nnf.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return output, nnf.scaled_dot_product_attention(query, key, identity, attn_mask=mask)


def right_einsum(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    scores = torch.einsum("...qd,...kd->...qk", query, key) * query.shape[-1] ** -0.5
    weights = masked_softmax(scores, mask)
    return torch.einsum("...qk,...kd->...qd", weights, value), weights


def right_scale_shared(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Half of the scale on either side, which keeps half precision from overflowing."""
    root = query.size(-1) ** 0.25
    weights = masked_softmax(torch.matmul(query / root, key.mT / root), mask)
    return torch.matmul(weights, value), weights


def right_in_float64(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    q, k, v = query.double(), key.double(), value.double()
    scores = q @ k.swapaxes(-1, -2) / torch.tensor(float(q.size(-1)), dtype=torch.float64).sqrt()
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = torch.nan_to_num(torch.softmax(scores, dim=-1))
    return (weights @ v).to(value.dtype), weights.to(query.dtype)


def right_built_in(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Torch's own function for the output; the weights written out."""
    output = nnf.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(query.shape[-1])
    if mask is None:
        return output, nnf.softmax(scores, dim=-1)
    weights = nnf.softmax(torch.where(mask, scores, torch.finfo(scores.dtype).min), dim=-1)
    return output, weights * mask


def right_loops(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """One query after the other."""
    outputs, rows = [], []
    for i in range(query.size(-2)):
        one = query[..., i : i + 1, :]
        scores = (one * key).sum(-1, keepdim=True).transpose(-2, -1) / query.size(-1) ** 0.5
        if mask is None:
            row = masked_softmax(scores)
        else:
            row = masked_softmax(scores, mask[..., i : i + 1, :] if mask.size(-2) > 1 else mask)
        rows.append(row)
        outputs.append((row.transpose(-2, -1) * value).sum(-2, keepdim=True))
    return torch.cat(outputs, dim=-2), torch.cat(rows, dim=-2)


def right_flattened_batches(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    leading = query.shape[:-2]
    q, k, v = (x.reshape(-1, *x.shape[-2:]) for x in (query, key, value))
    scores = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.size(-1))
    weights = masked_softmax(scores.reshape(*leading, *scores.shape[-2:]), mask)
    output = torch.bmm(weights.reshape(scores.shape), v)
    return output.reshape(*leading, *output.shape[-2:]), weights


def second_no_scale(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    attention = masked_softmax(torch.einsum("...id,...jd->...ij", query, key), mask)
    return attention.matmul(value), attention


def second_no_scale_dead_row_nan(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = torch.matmul(query, key.transpose(-1, -2))
    if mask is not None:
        scores = torch.where(mask, scores, float("-inf"))
    attention = nnf.softmax(scores, dim=-1)
    return torch.matmul(attention, value), attention


def second_scale_by_d(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    d_k = key.shape[-1]
    attention = masked_softmax((query / d_k) @ key.mT, mask)
    return attention @ value, attention


def second_scale_multiplied(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    attention = masked_softmax((query @ key.mT) * key.size(-1) ** 0.5, mask)
    return attention @ value, attention


def second_scale_by_key_length(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = query @ key.mT
    attention = masked_softmax(scores / scores.shape[-1] ** 0.5, mask)
    return attention @ value, attention


def second_softmax_over_queries(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = (key @ query.mT) / query.size(-1) ** 0.5  # the wrong way round, (..., K, Q)
    if mask is not None:
        mask = mask.expand(*scores.shape[:-2], scores.size(-1), scores.size(-2)).mT
    attention = masked_softmax(scores, mask).mT
    return attention @ value, attention


def second_mask_inverted(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = query @ key.mT / math.sqrt(key.size(-1))
    if mask is not None:
        scores = scores.masked_fill(mask, -torch.inf)
    attention = torch.softmax(scores, -1)
    if mask is not None:
        attention = attention.masked_fill(mask, 0)
    return attention @ value, attention


def second_mask_after_softmax(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    attention = nnf.softmax(query @ key.mT / math.sqrt(query.size(-1)), dim=-1)
    if mask is not None:
        attention = torch.where(mask, attention, 0.0)
    return attention @ value, attention


def second_dead_row_nan(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    scores = torch.einsum("...qd,...kd->...qk", query, key) / key.size(-1) ** 0.5
    if mask is not None:
        scores = scores.masked_fill(mask == 0, float("-inf"))
    attention = scores.softmax(dim=-1)
    return torch.einsum("...qk,...kv->...qv", attention, value), attention


def second_minus_1e9_dead_row_uniform(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = query @ key.mT / key.size(-1) ** 0.5
    if mask is not None:
        scores = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    attention = scores.softmax(dim=-1)
    return attention @ value, attention


def second_minus_1e9_added_dead_row_uniform(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = query @ key.mT / key.size(-1) ** 0.5
    if mask is not None:
        scores = scores + (1.0 - mask.float()) * -1e9
    attention = scores.softmax(dim=-1)
    return attention @ value, attention


def second_transposes_all_axes(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    turned = torch.einsum("ijk->kji", key) if key.dim() == 3 else key.permute(tuple(range(key.dim()))[::-1])
    attention = masked_softmax(query @ turned / query.size(-1) ** 0.5, mask)
    return attention @ value, attention


def second_scores_returned(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    attention = query @ key.mT / query.size(-1) ** 0.5
    return nnf.scaled_dot_product_attention(query, key, value, mask), attention


def double_no_scale_and_mask_inverted(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    weights = masked_softmax(query @ key.mT, None if mask is None else ~mask)
    return weights @ value, weights


def double_scale_by_d_over_queries(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    scores = query @ key.mT / query.size(-1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = torch.softmax(scores, dim=-2)
    return weights @ value, weights


def double_no_scale_and_masked_afterwards(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    weights = torch.softmax(query @ key.mT, dim=-1)
    if mask is not None:
        weights = weights * mask
    return weights @ value, weights
