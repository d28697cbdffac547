"""What goes wrong with train_step."""

from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from solutions.masks import shift_right
from solutions.training import label_smoothed_loss

# What the model is left with is the same, so these cannot be told apart: the first of a group speaks for all.
EQUAL = [("no_clip", "clip_before_backward", "clip_after_step"), ("no_step", "zero_grad_after_backward")]


def no_zero_grad(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """Gradients of earlier batches are still there: backward adds to them, and old batches steer every new step.

    Hint: call it twice. Which gradients does the second step follow?
    Seen: teaching
    """
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def zero_grad_after_backward(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You throw the gradients away between the backward pass and the step: nothing is learned.

    Hint: did any parameter change?
    Seen: teaching
    """
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def zero_grad_only_afterwards(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You clear the gradients after the step only, so what was there before the first call goes into the first step.

    Hint: what if somebody has called backward() on this model before you?
    Seen: teaching
    """
    model.train()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def no_step(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """Nothing is learned: your optimizer does not step, or the gradients are thrown away before it does.

    Hint: does any parameter change? Follow one gradient from backward() to step().
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return loss.item()


def clip_before_backward(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You clip before there is anything to clip: the gradients come into being in the backward pass.

    Hint: what is the norm of all gradients when the optimizer steps?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    loss.backward()
    optimizer.step()
    return loss.item()


def clip_after_step(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You clip after the optimizer has stepped, when the damage is done.

    Hint: what is the norm of all gradients when the optimizer steps?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return loss.item()


def no_clip(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """The gradients are not clipped when the optimizer steps: you never clip, or before the backward pass, or too late.

    Hint: what is the norm of all gradients when the optimizer steps?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    optimizer.step()
    return loss.item()


def clip_by_value(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You cut off single entries of the gradient, which changes its direction; the norm of the whole is what counts.

    Hint: is the clipped gradient still parallel to the one before?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def per_parameter(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You clip each parameter by its own norm, which changes the direction of the step; one norm spans all of them.

    Hint: by which factor was the gradient of each parameter scaled? There should be only one factor.
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    for parameter in model.parameters():
        nn.utils.clip_grad_norm_(parameter, max_norm)
    optimizer.step()
    return loss.item()


def norms_added(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You add up the norms of the parameters; the norm of all together is the root of the sum of their squares.

    Hint: how long is a vector with the parts (3) and (4)?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    total = sum(gradient.norm() for gradient in gradients)
    for gradient in gradients:
        gradient.mul_((max_norm / total).clamp(max=1.0))
    optimizer.step()
    return loss.item()


def scales_up_small_gradients(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You scale every gradient to max_norm, also the small ones: a model that is nearly right is thrown about.

    Hint: what does clipping do to a gradient whose norm is below max_norm?
    Seen: solutions of public courses
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    total = sum(gradient.pow(2).sum() for gradient in gradients) ** 0.5
    for gradient in gradients:
        gradient.mul_(max_norm / total)
    optimizer.step()
    return loss.item()


def max_norm_is_one(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You clip to a norm of 1 whatever max_norm says.

    Hint: try max_norm 0.3 and 1000.
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def none_grad_crash(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You read the gradient of every parameter, but a frozen or unused one has none (None), and that crashes.

    Hint: freeze one parameter (requires_grad = False) and try again.
    Seen: stanford-cs336 assignment 1, whose test freezes a parameter
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    gradients: list[Any] = [parameter.grad for parameter in model.parameters()]  # None among them
    total = sum(gradient.pow(2).sum() for gradient in gradients) ** 0.5
    for gradient in gradients:
        gradient.mul_((max_norm / (total + 1e-6)).clamp(max=1.0))
    optimizer.step()
    return loss.item()


def loss_tensor_kept(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> Tensor:
    """You return the loss as a tensor: whoever keeps a list of losses keeps the graph of every batch in memory.

    Hint: what is the type of what you return?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss


def loss_after_step(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You compute the loss a second time after the step: that costs a forward pass, and asked for was the one before.

    Hint: with which parameters was the loss that you return computed?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id).backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id).item()


def unshifted_input(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You feed the decoder the very tokens that it shall predict: it learns to copy, and the loss falls to nothing.

    Hint: what does the decoder read at position t, and what must it say there?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, target), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def labels_shifted_too(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You shift the labels along with the input: the model is asked for the token that it is reading.

    Hint: what does the decoder read at position t, and what must it say there?
    Seen: the notebook family behind this course ("shift the target")
    """
    model.train()
    optimizer.zero_grad()
    shifted = shift_right(target, bos_id)
    loss = label_smoothed_loss(model(source, shifted), shifted, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def rolled_input(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You roll the target instead of shifting it: the last token turns up at the front, where BOS belongs.

    Hint: what does the decoder read before it has said anything?
    Seen: the notebook family behind this course
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, target.roll(1, dims=1)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def bos_hard_coded(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You start the decoder with token 1 whatever bos_id says.

    Hint: try bos_id = 3.
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, 1)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def pads_in_loss(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You do not tell the loss which targets are padding, so the model spends its effort on predicting padding.

    Hint: padding matters in three places; the loss is one of them.
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def pad_hard_coded(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You leave targets 0 out of the loss whatever pad_id says.

    Hint: try pad_id = 2.
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, 0)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def smoothing_not_passed(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You take the smoothing and never use it: the loss is the plain cross-entropy.

    Hint: try smoothing = 0.3. Does your loss change?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, 0.0, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def eval_mode_left_on(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You train in whatever mode the model is in: after an evaluation it trains on without dropout.

    Hint: call model.eval() first, as an evaluation would. Which mode does your step train in?
    Seen: teaching
    """
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def eval_mode_afterwards(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """You leave the model in evaluation mode: it was to be left in training mode.

    Hint: what is model.training after your step?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    model.eval()
    return loss.item()


def two_steps(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """Your optimizer steps twice on one gradient.

    Hint: with plain gradient descent, how far should one call move a parameter?
    Seen: teaching
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothed_loss(model(source, shift_right(target, bos_id)), target, smoothing, pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    optimizer.step()
    return loss.item()
