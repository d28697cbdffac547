"""Unit 6: from a model to a trained model, and from a trained model to text (sections 5.3, 5.4 and 3.1).

Shapes: B sentences of length T (the source: S), a vocabulary of V tokens. Targets are written `[y1, ..., yn, EOS, PAD,
...]`; the decoder reads them shifted right, `[BOS, y1, ..., yn, EOS, ...]`, and predicts target t at position t.

Padding matters in three places, and forgetting one of them still trains: the self-attention of the encoder, the
cross-attention of the decoder, and the loss, which must not count what nobody asked the model to say.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from .masks import shift_right

if TYPE_CHECKING:  # only named: this unit can be worked on while models.py is unfinished
    from .models import Transformer


def noam_rate(step: int, d_model: int, warmup: int) -> float:
    """Give the learning rate of training step `step`, as the paper schedules it. (section 5.3, equation 3)

    The rate rises in a straight line from the first step to step `warmup`, and from there falls with the inverse square
    root of the step; the two parts meet at step `warmup`. All of it is scaled by the inverse square root of `d_model`,
    so that the peak is 1 / sqrt(d_model * warmup): 6.99e-4 for the paper's 512 and 4000.

    This is the rate itself, not a factor for some base rate, and it changes at every step, not at every epoch.

    Args:
        step: number of the training step, counted from 1.
        d_model: width of the model, at least 1.
        warmup: number of warm-up steps, at least 1.

    Returns:
        A Python float.

    Raises:
        ValueError: `step` is below 1.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def label_smoothed_loss(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """Average the cross-entropy with smoothed targets over the targets that are not padding. (section 5.4)

    The distribution that the model should predict is `(1 - smoothing) * onehot(target) + smoothing / V` over all V
    classes: the true class gets `1 - smoothing + smoothing / V`, and the class `pad_id` gets `smoothing / V` like any
    other. (The paper fixes only smoothing = 0.1; others spread the smoothing over the V - 1 wrong classes, or spare
    the padding class. Both are reasonable; this exercise does neither.) With smoothing 0 it is the cross-entropy.

    Positions whose *target* is `pad_id` count neither in the sum nor in the number that it is divided by.

    Args:
        logits: (B, T, V), float32 or float64, before any softmax. Large ones (1e4) are fine: no infinity, no NaN.
        targets: (B, T), int64, classes in 0..V-1, or `pad_id`.
        smoothing: at least 0 and below 1.
        pad_id: the target that marks padding: any integer, also one outside 0..V-1 such as -100. None: there is no
            padding.

    Returns:
        A scalar of the dtype of `logits`, differentiable. If every target is padding it is 0 (where torch's own
        cross-entropy gives NaN), and the gradient of `logits` is zeros.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def train_step(
    model: nn.Module,
    source: Tensor,
    target: Tensor,
    optimizer: Optimizer,
    max_norm: float,
    bos_id: int = 1,
    pad_id: int = 0,
    smoothing: float = 0.0,
) -> float:
    """Teach the model one batch: one forward pass, one backward pass, one step of the optimizer. (section 5)

    The model is put into training mode (and left there). Gradients left over from before must not count. The decoder
    reads the target shifted right behind `bos_id` (teacher forcing: the true prefix, whatever the model would have
    said), its logits are judged by `label_smoothed_loss` against the target as it is, and the gradients are clipped
    before the optimizer steps: if their *global* norm, over all parameters of the model taken together as one long
    vector, exceeds `max_norm`, all are scaled down by one factor to that norm; if not, they are left alone. Frozen or
    unused parameters have no gradient (None) and are no obstacle.

    Clipping is common practice and older than the paper, which does not mention it.

    Args:
        model: called as `model(source, target_input)`, gives logits (B, T, V).
        source: (B, S), int64.
        target: (B, T), int64: the labels, with EOS at the end of each sentence and padding after it.
        optimizer: holds the parameters of `model`.
        max_norm: largest allowed norm of all gradients together, above 0.
        bos_id: the token that starts the decoder's input.
        pad_id: the target that marks padding, which does not count in the loss.
        smoothing: of the labels, as in `label_smoothed_loss`.

    Returns:
        The loss of this batch before the step, as a Python float (a tensor would keep the whole graph in memory).
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def greedy_decode(model: "Transformer", source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """Write the target one token at a time, always taking the most likely one. (section 3.1)

    Generation is auto-regressive: the decoder reads `bos_id` and all that it has written so far, and the logits of the
    *last* position say what comes next. `model.encode(source)` is called once, `model.decode(tokens, memory, source)`
    once a step with tokens (B, t), int64, that begin with `bos_id` (in a row that has ended, what it reads after its
    EOS is of no interest). Generation stops as soon as every row has ended, or after `max_len` steps.

    The model is in evaluation mode while it writes (no dropout) and no gradient is recorded; afterwards
    `model.training` is what the caller had.

    The paper searches with a beam of 4 and a length penalty of 0.6, with averaged checkpoints (section 6.1); greedy
    decoding is a beam of 1.

    Args:
        model: anything with `encode(source)`, `decode(tokens, memory, source)` giving logits (B, t, V), and `pad_id`.
        source: (B, S), int64.
        bos_id: the token that starts the decoder's input.
        eos_id: the token that ends a row; another one than `model.pad_id`.
        max_len: the largest number of tokens to write, at least 1.

    Returns:
        (B, n), int64: the written tokens without BOS, with EOS where a row ended, and with `model.pad_id` after it.
        n <= max_len is the number of steps that were run.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
