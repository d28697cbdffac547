"""What goes wrong with mean_loss."""

import torch.nn.functional as F
from torch import Tensor


def _losses(logits: Tensor, targets: Tensor, pad_id: int) -> tuple[Tensor, Tensor]:
    """The cross-entropy of each target (B, T), 0 where it is padding; and which are not."""
    real = targets != pad_id
    losses = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    return losses.masked_fill(~real, 0.0), real


def padding_in_the_count(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """Padding is out of the sum, but still in the number that you divide by: more padding, lower loss.

    Hint: append ten columns of padding. By how many targets do you divide then?
    """
    losses, _ = _losses(logits, targets, pad_id)
    return losses.mean()


def padding_in_the_sum(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You divide by the number of real targets, but now the losses of padding are in the sum.

    Hint: change the logits where the target is padding. Does the loss move?
    """
    everything = F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum")
    return everything / (targets != pad_id).sum().clamp(min=1)


def padding_like_any_target(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You average over all targets, padding included: most of what such a model learns is to write padding.

    Hint: change the logits where the target is padding. Does the loss move?
    """
    return F.cross_entropy(logits.transpose(1, 2), targets)


def nan_for_padding_only(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """With nothing but padding you divide 0 by 0: one such batch makes every weight NaN.

    Hint: what is the mean of no numbers at all?
    Seen: torch's own cross_entropy with ignore_index, by design
    """
    losses, real = _losses(logits, targets, pad_id)
    return losses.sum() / real.sum()


def count_off_by_one(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You add 1 to the count to avoid dividing by 0: every loss is a little too small, that of a short batch by much.

    Hint: what is the loss of one single target, divided by your count?
    """
    losses, real = _losses(logits, targets, pad_id)
    return losses.sum() / (real.sum() + 1)


def divided_by_sentences(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You divide by the number of sentences: the loss now grows with their length.

    Hint: how many targets that are not padding does the batch have?
    """
    losses, _ = _losses(logits, targets, pad_id)
    return losses.sum() / targets.size(0)


def mean_of_sentence_means(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You average within each sentence first, then over the sentences: words of short ones weigh more than others.

    Hint: take one sentence with one word and one with nine. How much of the loss is the lonely word's?
    """
    losses, real = _losses(logits, targets, pad_id)
    return (losses.sum(dim=1) / real.sum(dim=1).clamp(min=1)).mean()


def zero_is_padding(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You take 0 for padding, whatever pad_id says.

    Hint: try a pad_id of 2.
    """
    losses, real = _losses(logits, targets, 0)
    return losses.sum() / real.sum().clamp(min=1)


def padding_alone(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:
    """You divide by the number of paddings, not by the number of real targets.

    Hint: which of the two does your mask count?
    """
    losses, real = _losses(logits, targets, pad_id)
    return losses.sum() / (~real).sum().clamp(min=1)
