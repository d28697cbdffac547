"""Proof that the grader of train_step can be trusted."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from solutions.masks import shift_right
from solutions.training import label_smoothed_loss


def oracle(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """Gradients from autograd.grad, clipped number by number, handed to the optimizer; no other function of ours."""
    model.train()
    shifted = torch.tensor([[bos_id, *row[:-1]] for row in target.tolist()])
    logits = model(source, shifted)
    loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=pad_id, label_smoothing=smoothing)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    squares = sum(float(number) ** 2 for g in gradients if g is not None for number in g.flatten())
    factor = min(1.0, max_norm / math.sqrt(squares))
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = None if gradient is None else gradient * factor
    optimizer.step()
    return float(loss.detach())


def right_zeroes_through_the_model(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train(True)
    decoder_input = torch.cat([torch.full_like(target[:, :1], bos_id), target[:, :-1]], dim=1)
    loss = label_smoothed_loss(model(source, decoder_input), target, smoothing=smoothing, pad_id=pad_id)
    model.zero_grad(set_to_none=False)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], max_norm=max_norm)
    optimizer.step()
    return float(loss.detach())


def right_clips_by_hand(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    optimizer.zero_grad()
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in gradients]).norm()
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    optimizer.step()
    return loss.item()


def right_norm_in_float64_over_the_groups(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    for p in model.parameters():
        p.grad = None
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    held = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    norm = math.sqrt(sum(p.grad.double().square().sum().item() for p in held))
    for p in held:
        p.grad.mul_(min(1.0, max_norm / (norm + 1e-6)))
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def right_step_with_a_closure(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()

    def closure() -> float:
        optimizer.zero_grad()
        loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm, foreach=False)
        return loss.item()

    return optimizer.step(closure)


def second_no_zero_grad(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    shifted = torch.full_like(target, bos_id)
    shifted[:, 1:] = target[:, :-1]
    loss = label_smoothed_loss(model(source, shifted), target, smoothing, pad_id)
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([g.norm() for g in gradients]).norm()
    for g in gradients:
        g.mul_(torch.clamp(max_norm / norm, max=1.0))
    optimizer.step()
    return loss.item()


def second_no_clip(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    for p in model.parameters():
        if p.grad is not None and p.grad.norm() > max_norm:
            p.grad.mul(max_norm / p.grad.norm())  # not in place: nothing is scaled
    optimizer.step()
    return loss.item()


def second_no_step__detached(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.detach().requires_grad_().backward()
    optimizer.step()
    return loss.item()


def second_per_parameter(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    for p in model.parameters():
        if p.grad is not None and p.grad.norm() > max_norm:
            p.grad.mul_(max_norm / p.grad.norm())
    optimizer.step()
    return loss.item()


def second_unshifted_input(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    logits = model(source, target.clone())
    loss = F.cross_entropy(logits.transpose(1, 2), target, ignore_index=pad_id, label_smoothing=smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def second_pads_in_loss(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    logits = model(source, shift_right(target, bos_id))
    loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), label_smoothing=smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def double_no_zero_grad_and_no_clip(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    optimizer.step()
    return loss.item()


def double_eval_mode_and_unshifted(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    model.eval()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, target), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def double_loss_tensor_and_pads(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> Tensor:
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.detach()
