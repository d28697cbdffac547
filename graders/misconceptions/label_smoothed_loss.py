"""What goes wrong with label_smoothed_loss."""

import torch
from torch import Tensor
from torch.nn import functional as F


def _real(targets: Tensor, pad_id: int | None) -> Tensor:
    """True where a target is not padding, (B, T)."""
    return torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id


def _mean(loss: Tensor, real: Tensor) -> Tensor:
    """Mean of the losses (B, T) of the real targets, 0 if there are none."""
    return loss.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


def _surprise(log_probabilities: Tensor, targets: Tensor, real: Tensor) -> Tensor:
    """Minus the log-probability of each target, (B, T)."""
    return -log_probabilities.gather(-1, targets.masked_fill(~real, 0).unsqueeze(-1)).squeeze(-1)


def mass_over_v_minus_1(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You spread the smoothing over the V - 1 wrong classes: a valid variant, but here all V classes share it.

    Hint: how much does the true class get in all? It should be 1 - smoothing + smoothing / V.
    Seen: tensorflow/tensor2tensor and many ports
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    surprise = _surprise(log_probabilities, targets, real)
    wrong = (-log_probabilities.sum(dim=-1) - surprise) / (logits.shape[-1] - 1)
    return _mean((1 - smoothing) * surprise + smoothing * wrong, real)


def mass_over_v_minus_2(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You spread the smoothing over V - 2 classes, neither the true one nor padding: a known variant, not this formula.

    Hint: how much does the class pad_id get? Here smoothing / V, like any other.
    Seen: ports of tensor2tensor with a padding class
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    surprise = _surprise(log_probabilities, targets, real)
    others, count = -log_probabilities.sum(dim=-1) - surprise, logits.shape[-1] - 1
    if pad_id is not None and 0 <= pad_id < logits.shape[-1]:
        others, count = others + log_probabilities[..., pad_id], count - 1
    return _mean((1 - smoothing) * surprise + smoothing * others / count, real)


def pad_gets_no_mass(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You leave the padding class out of the smoothing: a reasonable variant, but this formula gives it its share.

    Hint: how much does the class pad_id get? Here smoothing / V, like any other.
    Seen: ports of tensor2tensor with a padding class
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    everything, count = -log_probabilities.sum(dim=-1), logits.shape[-1]
    if pad_id is not None and 0 <= pad_id < logits.shape[-1]:
        everything, count = everything + log_probabilities[..., pad_id], count - 1
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * everything / count, real)


def pad_mass_lost(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You strike the padding class out of the smoothed target, so that what is left no longer adds up to 1.

    Hint: add up the target distribution of one position. And does pad_id, as a class, need a treatment of its own?
    Seen: ports of tensor2tensor with a padding class
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    everything = -log_probabilities.sum(dim=-1)
    if pad_id is not None and 0 <= pad_id < logits.shape[-1]:
        everything = everything + log_probabilities[..., pad_id]
    spread = everything / logits.shape[-1]
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def pads_counted_in_mean(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You divide by the number of all positions: padding is out of the sum but still in the count.

    Hint: append ten columns of padding. What happens to your loss?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    loss = (1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread
    return loss.masked_fill(~real, 0.0).mean()


def pads_not_ignored(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You count positions whose target is padding: the model is then rewarded for predicting padding.

    Hint: change the logits where the target is padding. Does your loss change?
    Seen: teaching
    """
    flat = logits.reshape(-1, logits.shape[-1])
    return F.cross_entropy(flat, targets.reshape(-1), label_smoothing=smoothing)


def pads_keep_the_smoothing(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You take padding out of the true-class part only: the smoothing part still counts padded positions.

    Hint: change the logits where the target is padding. Does your loss change when smoothing is not 0?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    surprise = _surprise(log_probabilities, targets, real).masked_fill(~real, 0.0)
    loss = (1 - smoothing) * surprise - smoothing * log_probabilities.mean(dim=-1)
    return loss.sum() / real.sum().clamp(min=1)


def zero_is_padding(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You take 0 for padding whatever pad_id says: another id stays in the loss, and real zeros fall out of it.

    Hint: try pad_id = 2, and try None.
    Seen: teaching
    """
    real = targets != 0
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    surprise = -log_probabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return _mean((1 - smoothing) * surprise + smoothing * spread, real)


def nan_when_all_padding(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You divide by the number of real targets, also when there are none: 0 / 0 is NaN, which ruins a model at once.

    Hint: give it a batch of padding only.
    Seen: pytorch/pytorch cross_entropy with ignore_index, by design
    """
    flat = logits.reshape(-1, logits.shape[-1])
    ignored = -100 if pad_id is None else pad_id
    return F.cross_entropy(flat, targets.reshape(-1), ignore_index=ignored, label_smoothing=smoothing)


def detached_when_all_padding(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """With nothing but padding you return a bare zero, which has no graph: the backward pass of that batch crashes.

    Hint: call backward() on the loss of a batch of padding only.
    Seen: teaching
    """
    real = _real(targets, pad_id)
    if not real.any():
        return torch.zeros((), dtype=logits.dtype)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def sum_not_mean(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You return the sum over the targets, so that longer batches give larger losses and larger gradients.

    Hint: repeat the batch twice. What happens to your loss?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    loss = (1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread
    return loss.masked_fill(~real, 0.0).sum()


def divided_by_batch(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You divide by the number of sentences, not by the number of targets: long sentences then weigh more.

    Hint: how many targets that are not padding are there in the batch?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    loss = (1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread
    return loss.masked_fill(~real, 0.0).sum() / targets.shape[0]


def mean_of_sentence_means(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You average each sentence first and then the sentences: words of short sentences then weigh more than others.

    Hint: take one sentence with one word and one with nine. How much of the loss is the lonely word's?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    loss = (1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread
    return (loss.masked_fill(~real, 0.0).sum(dim=-1) / real.sum(dim=-1).clamp(min=1)).mean()


def log_of_softmax_underflow(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You take the log of a softmax: a probability that underflows to 0 gives minus infinity, then NaN gradients.

    Hint: try logits of 0 and 1000. Which function computes both steps at once?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.softmax(dim=-1).log()
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def epsilon_in_the_log(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You add a small number before taking the log, which caps the loss and kills the gradient of the worst mistakes.

    Hint: try logits of 0 and 1000. The loss of the less likely class should be near 1000.
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = (logits.softmax(dim=-1) + 1e-9).log()
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def no_log_softmax(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You use the logits as if they were log-probabilities: nothing normalises them, and the loss has no lower bound.

    Hint: add 5 to all logits. A cross-entropy would not notice.
    Seen: teaching
    """
    real = _real(targets, pad_id)
    spread = -logits.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(logits, targets, real) + smoothing * spread, real)


def double_softmax(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You apply a softmax before a function that applies its own: probabilities are taken for logits.

    Hint: what is your loss for a model that is right and very sure? It should be near 0.
    Seen: the notebook family behind this course
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.softmax(dim=-1).log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def smoothing_on_logits(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You smooth the logits, but it is the target distribution that is smoothed; shrunk logits are something else.

    Hint: which of the two, prediction or label, does the word "label smoothing" speak of?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = ((1 - smoothing) * logits + smoothing / logits.shape[-1]).log_softmax(dim=-1)
    return _mean(_surprise(log_probabilities, targets, real), real)


def smoothing_ignored(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You return the plain cross-entropy: smoothing has no effect, and the model is still pushed to be infinitely sure.

    Hint: try smoothing 0.1 and 0.5 on the same logits.
    Seen: teaching
    """
    real = _real(targets, pad_id)
    return _mean(_surprise(logits.log_softmax(dim=-1), targets, real), real)


def smoothing_hard_coded(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You smooth by 0.1 whatever the argument says.

    Hint: try smoothing 0 and 0.5 on the same logits.
    Seen: teaching
    """
    smoothing = 0.1
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def smoothing_swapped(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You took smoothing for the share of the true class; it is what is taken away from it.

    Hint: smoothing 0 must give the cross-entropy. What do you get?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean(smoothing * _surprise(log_probabilities, targets, real) + (1 - smoothing) * spread, real)


def spread_summed(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You give every class the whole smoothing instead of smoothing / V: the target distribution adds up to too much.

    Hint: add up the target distribution of one position. Is it 1?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.sum(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def true_class_not_lowered(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You add the smoothing without taking it from the true class: the target distribution adds up to more than 1.

    Hint: add up the target distribution of one position. Is it 1?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean(_surprise(log_probabilities, targets, real) + smoothing * spread, real)


def entropy_forgotten_sign(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """Your loss is negative: the log-probabilities lack their minus sign, and training would make the model worse.

    Hint: can a cross-entropy be below 0?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return -_mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def shifted_targets(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You shift the targets once more: logits at t are compared with target t + 1, though the shift was already made.

    Hint: the decoder's input is shifted before the model. What do logits at position t speak about?
    Seen: pytorch-seq2seq 136 and teaching
    """
    logits, targets = logits[:, :-1], targets[:, 1:]
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def softmax_over_positions(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You normalise over the positions of the sentence, not over the vocabulary.

    Hint: the probabilities of which V things add up to 1?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def loss_detached(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """Your loss has the right value but is cut off from the logits: no gradient reaches the model.

    Hint: does the result require a gradient?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.detach().log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    return _mean((1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread, real)


def not_reduced(logits: Tensor, targets: Tensor, smoothing: float, pad_id: int | None = None) -> Tensor:
    """You return one loss for every position; a single number is needed, their mean over the real targets.

    Hint: on what shape can backward() be called without an argument?
    Seen: teaching
    """
    real = _real(targets, pad_id)
    log_probabilities = logits.log_softmax(dim=-1)
    spread = -log_probabilities.mean(dim=-1)
    loss = (1 - smoothing) * _surprise(log_probabilities, targets, real) + smoothing * spread
    return loss.masked_fill(~real, 0.0)
