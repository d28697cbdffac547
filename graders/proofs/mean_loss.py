"""Proof that the grader of mean_loss can be trusted."""

import torch
import torch.nn.functional as F
from torch import Tensor


def oracle(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """One target at a time."""
    pairs = [(row, int(t)) for row, t in zip(logits.flatten(0, 1), targets.flatten(), strict=True) if t != pad_id]
    losses = [torch.logsumexp(row, 0) - row[target] for row, target in pairs]
    return torch.stack(losses).sum() / len(losses) if losses else (logits * 0).sum()


def right_ignore_index(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id, reduction="sum")
    return total / max(1, int((targets != pad_id).sum()))


def right_selected(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    real = targets != pad_id
    if not real.any():
        return logits.sum() * 0.0
    return F.cross_entropy(logits[real], targets[real])


def right_gather(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    surprise = -logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    weights = targets.ne(pad_id).to(surprise.dtype)
    return (surprise * weights).sum() / weights.sum().clamp(min=1)


def right_class_weights(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """A class of weight 0 is neither in the sum nor in the count."""
    weights = torch.ones(logits.size(-1), dtype=logits.dtype)
    weights[pad_id] = 0
    if torch.all(targets == pad_id):
        return 0 * logits.mean()
    return F.cross_entropy(logits.mT, targets, weight=weights)


def right_loops(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    total, count = logits.sum() * 0, 0
    for b in range(targets.shape[0]):
        for t in range(targets.shape[1]):
            if targets[b, t] != pad_id:
                total = total + logits[b, t].logsumexp(-1) - logits[b, t, targets[b, t]]
                count += 1
    return total / max(count, 1)


def second_padding_in_the_count(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id, reduction="sum")
    return total / targets.numel()


def second_nan_for_padding_only(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id)


def second_padding_like_any_target(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    return -logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1)).mean()


def second_divided_by_sentences(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    surprise = -logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return torch.where(targets == pad_id, torch.zeros_like(surprise), surprise).sum() / len(logits)


def double_zero_in_the_count(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0, reduction="sum") / targets.numel()


def double_sentences_of_padding(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / targets.size(0)
