"""Everything right, by hand where torch has a function."""

import torch

from .masks import shift_right


def noam_rate(step, d_model, warmup):
    if step < 1:
        raise ValueError("steps are counted from 1")
    rising = step / warmup**1.5
    falling = 1 / step**0.5
    return min(rising, falling) / d_model**0.5


def label_smoothed_loss(logits, targets, smoothing, pad_id=None):
    log_p = logits - logits.logsumexp(-1, keepdim=True)
    real = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    index = targets.masked_fill(~real, 0)
    nll = -log_p.gather(-1, index[..., None])[..., 0]
    spread = -log_p.mean(-1)
    each = (1 - smoothing) * nll + smoothing * spread
    return each.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


def train_step(model, source, target, optimizer, max_norm, bos_id=1, pad_id=0, smoothing=0.0):
    model.train()
    model.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([g.norm() for g in gradients]).norm()
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return float(loss)


@torch.no_grad()
def greedy_decode(model, source, bos_id, eos_id, max_len):
    mode = model.training
    model.eval()
    memory = model.encode(source)
    written = torch.full_like(source[:, :1], bos_id)
    while written.shape[1] <= max_len:
        token = model.decode(written, memory, source)[:, -1].argmax(-1)
        over = (written[:, 1:] == eos_id).any(1)
        written = torch.cat([written, torch.where(over, model.pad_id, token)[:, None]], 1)
        if (written[:, 1:] == eos_id).any(1).all():
            break
    model.train(mode)
    return written[:, 1:]
