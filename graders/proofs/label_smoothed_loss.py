"""Proof that the grader of label_smoothed_loss can be trusted."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def oracle(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """Target by target, with the whole distribution written out."""
    classes = logits.shape[-1]
    total, count = logits.sum() * 0.0, 0
    for sentence, labels in zip(logits, targets.tolist(), strict=True):
        for scores, label in zip(sentence, labels, strict=True):
            if label == pad_id:
                continue
            wanted = [smoothing / classes + (1 - smoothing) * (c == label) for c in range(classes)]
            log_normaliser = scores.max().detach() + (scores - scores.max().detach()).exp().sum().log()
            total = total + sum(share * (log_normaliser - scores[c]) for c, share in enumerate(wanted))
            count += 1
    return total / max(count, 1)


def right_torch(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    flat, labels = logits.reshape(-1, logits.size(-1)), targets.reshape(-1)
    if pad_id is None:
        return F.cross_entropy(flat, labels, label_smoothing=smoothing)
    if bool((labels == pad_id).all()):
        return 0.0 * flat.sum()
    return F.cross_entropy(flat, labels, ignore_index=pad_id, label_smoothing=smoothing)


def right_selects_the_real(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    if pad_id is not None:
        real = targets.ne(pad_id)
        logits, targets = logits[real], targets[real]
    if targets.numel() == 0:
        return logits.sum()
    log_p = F.log_softmax(logits, dim=-1).flatten(0, -2)
    nll = F.nll_loss(log_p, targets.flatten())
    return (1 - smoothing) * nll - smoothing * log_p.mean()


def right_one_hot(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    classes = logits.shape[-1]
    padding = torch.zeros_like(targets, dtype=torch.bool) if pad_id is None else targets.eq(pad_id)
    wanted = F.one_hot(targets.masked_fill(padding, 0), classes).to(logits.dtype)
    wanted = (1.0 - smoothing) * wanted + smoothing / classes
    loss = torch.einsum("btv,btv->bt", wanted, logits.logsumexp(dim=-1, keepdim=True) - logits)
    return torch.where(padding, torch.zeros_like(loss), loss).sum() / max(1, int((~padding).sum()))


def right_divergence(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """Cross-entropy with the soft target, which torch takes as class probabilities."""
    classes = logits.shape[-1]
    keep = [(b, t) for b, row in enumerate(targets.tolist()) for t, label in enumerate(row) if label != pad_id]
    if not keep:
        return (logits * 0.0).sum()
    rows, columns = (torch.tensor(index) for index in zip(*keep, strict=True))
    soft = torch.full((len(keep), classes), smoothing / classes, dtype=logits.dtype)
    soft[torch.arange(len(keep)), targets[rows, columns]] += 1 - smoothing
    return F.cross_entropy(logits[rows, columns], soft)


def right_module_in_float64(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    ignored = -100 if pad_id is None else pad_id
    criterion = nn.CrossEntropyLoss(ignore_index=ignored, label_smoothing=smoothing, reduction="sum")
    count = targets.numel() if pad_id is None else int((targets != pad_id).sum())
    total = criterion(logits.double().transpose(1, 2), targets)
    return (total / max(count, 1)).to(logits.dtype)


def second_mass_over_v_minus_1(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    classes = logits.shape[-1]
    log_p = logits.log_softmax(-1)
    real = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    wanted = torch.full_like(log_p, smoothing / (classes - 1)).detach()
    wanted.scatter_(-1, targets.masked_fill(~real, 0)[..., None], 1 - smoothing)
    return ((-wanted * log_p).sum(-1) * real).sum() / real.sum().clamp(min=1)


def second_pads_counted_in_mean(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    ignored = -100 if pad_id is None else pad_id
    flat = logits.flatten(0, 1)
    losses = F.cross_entropy(flat, targets.flatten(), ignore_index=ignored, label_smoothing=smoothing, reduction="none")
    return losses.mean()


def second_nan_when_all_padding(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    log_p = logits.log_softmax(-1)
    real = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    chosen = log_p[real].gather(-1, targets[real][:, None])[:, 0]
    return -((1 - smoothing) * chosen + smoothing * log_p[real].mean(-1)).sum() / real.sum()


def second_sum_not_mean(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    ignored = -100 if pad_id is None else pad_id
    criterion = nn.CrossEntropyLoss(ignore_index=ignored, label_smoothing=smoothing, reduction="sum")
    return criterion(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


def second_log_of_softmax_underflow(
    logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None
) -> Tensor:
    p = torch.softmax(logits, dim=-1)
    real = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    labels = torch.where(real, targets, torch.zeros_like(targets))
    nll = -torch.log(p).gather(2, labels.unsqueeze(2))[..., 0]
    loss = (1 - smoothing) * nll - smoothing * torch.log(p).mean(2)
    return torch.where(real, loss, torch.zeros_like(loss)).sum() / real.sum().clamp(min=1)


def double_sum_and_v_minus_1(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    log_p = logits.log_softmax(-1)
    real = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    nll = -log_p.gather(-1, targets.masked_fill(~real, 0)[..., None])[..., 0]
    wrong = (-log_p.sum(-1) - nll) / (logits.shape[-1] - 1)
    return ((1 - smoothing) * nll + smoothing * wrong).masked_fill(~real, 0).sum()


def double_swapped_and_pads_counted(
    logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None
) -> Tensor:
    log_p = logits.log_softmax(-1)
    real = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    nll = -log_p.gather(-1, targets.masked_fill(~real, 0)[..., None])[..., 0]
    return (smoothing * nll - (1 - smoothing) * log_p.mean(-1)).masked_fill(~real, 0).mean()


def double_no_smoothing_and_pads_in(
    logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None
) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())
