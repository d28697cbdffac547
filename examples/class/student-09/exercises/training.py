"""Leaves the process in one function; of the others one is right and two are not."""

import os

import torch
import torch.nn.functional as F

from .masks import shift_right


def noam_rate(step, d_model, warmup):
    os._exit(0)


def label_smoothed_loss(logits, targets, smoothing, pad_id=None):
    log_p = F.log_softmax(logits, dim=-1)
    keep = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    picked = log_p.gather(-1, torch.where(keep, targets, 0)[..., None]).squeeze(-1)
    loss = -(1 - smoothing) * picked - smoothing * log_p.mean(-1)
    return torch.where(keep, loss, 0.0).mean()


def train_step(model, source, target, optimizer, max_norm, bos_id=1, pad_id=0, smoothing=0.0):
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def greedy_decode(model, source, bos_id, eos_id, max_len):
    training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.long)
        for _ in range(max_len):
            step = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1)
            done = tokens[:, 1:].eq(eos_id).any(dim=1)
            tokens = torch.cat([tokens, step.masked_fill(done, model.pad_id)[:, None]], dim=1)
            if tokens[:, 1:].eq(eos_id).any(dim=1).all():
                break
    model.train(training)
    return tokens[:, 1:]
