"""What goes wrong with layer_norm."""

import torch
from torch import Tensor


def _normalised(x: Tensor, dim: int | tuple[int, ...], eps: float) -> Tensor:
    """Mean 0 and biased variance 1 over the given dimensions."""
    centred = x - x.mean(dim=dim, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(dim=dim, keepdim=True) + eps)


def _sample_variance(x: Tensor) -> tuple[Tensor, Tensor]:
    """The differences from the mean, and their squares' sum over d - 1: torch's `var`, without its warning at d = 1."""
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred, (centred * centred).sum(dim=-1, keepdim=True) / (x.size(-1) - 1)


def over_sequence(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You take mean and variance over the positions, so a token depends on the words around it, even on later ones.

    Hint: change one token; which rows of your output change?
    Seen: jadore801120/attention-is-all-you-need-pytorch PR 17
    """
    return weight * _normalised(x, -2, eps) + bias


def all_but_first_dim(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You normalise a whole sample at once, positions and features together; each token has its own statistics.

    Hint: what is the mean of one token's features in your output, before weight and bias?
    Seen: GATr PR 8
    """
    return weight * _normalised(x, tuple(range(1, x.dim())) or (0,), eps) + bias


def over_batch(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You take mean and variance over the batch: a sentence then depends on those that it happens to travel with.

    Hint: what does your function do with a batch of one?
    Seen: Kyubyong/transformer 40
    """
    return weight * _normalised(x, 0, eps) + bias


def whole_tensor(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You use one mean and one variance for the whole tensor; each token has statistics of its own.

    Hint: along which dimension did you take the mean?
    """
    return weight * _normalised(x, tuple(range(x.dim())), eps) + bias


def unbiased(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You divide the squares by d - 1, as torch's variance does unless told otherwise; layer norm divides by d.

    Hint: what is the mean square of a token in your output, before weight and bias?
    Seen: hyunwoongko/transformer 7; harvardnlp/annotated-transformer PR 119; hkproj/pytorch-transformer PR 31
    """
    centred, variance = _sample_variance(x)
    return weight * centred / torch.sqrt(variance + eps) + bias


def eps_outside_root(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You add eps to the standard deviation; it belongs to the variance, inside the root.

    Hint: give inputs of size 0.001 and compare with torch's own layer norm.
    Seen: codertimo/BERT-pytorch 30; harvardnlp/annotated-transformer PR 119
    """
    centred = x - x.mean(dim=-1, keepdim=True)
    return weight * centred / (torch.sqrt((centred * centred).mean(dim=-1, keepdim=True)) + eps) + bias


def unbiased_and_eps_outside(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You divide by torch's standard deviation plus eps: that divides by d - 1, and has eps outside the root.

    Hint: which two things does the formula do before it takes the root?
    Seen: harvardnlp/annotated-transformer PR 119; codertimo/BERT-pytorch 30
    """
    centred, variance = _sample_variance(x)
    return weight * centred / (torch.sqrt(variance) + eps) + bias


def eps_hard_coded(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You use the usual eps whatever eps is given.

    Hint: call it with eps = 0.3 and with eps = 0.00001: does anything change?
    """
    return weight * _normalised(x, -1, 1e-5) + bias


def eps_forgotten(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You leave eps out, so a token whose features are all equal is divided by zero.

    Hint: what comes out for a token of equal features?
    """
    return weight * _normalised(x, -1, 0.0) + bias


def no_affine(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You normalise, but leave out weight and bias, with which the model can undo what the norm does.

    Hint: which of your arguments have no influence on the output?
    """
    return _normalised(x, -1, eps)


def bias_forgotten(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You leave out the bias.

    Hint: what should come out for a token whose features are all equal?
    """
    return weight * _normalised(x, -1, eps)


def weight_before_normalising(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You multiply by weight before you normalise, and so the norm removes much of what the weight has done.

    Hint: double the weight: does your output double?
    """
    return _normalised(x * weight, -1, eps) + bias


def bias_inside_weight(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You add the bias before you multiply by the weight; the bias comes last, unscaled.

    Hint: with a weight of zero, what should be left?
    """
    return weight * (_normalised(x, -1, eps) + bias)


def mean_not_removed(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You never take the mean away: this is RMSNorm, which newer models use, and not layer norm.

    Hint: add 5 to every feature of a token: should the output change?
    """
    return weight * x / torch.sqrt((x * x).mean(dim=-1, keepdim=True) + eps) + bias


def mean_kept_in_numerator(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You divide by the standard deviation, but never subtract the mean.

    Hint: what is the mean of one token's features in your output, before weight and bias?
    """
    return weight * x / torch.sqrt(x.var(dim=-1, keepdim=True, correction=0) + eps) + bias


def square_not_centred(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You square the features as they came; the variance is the mean square of their differences from the mean.

    Hint: add 5 to every feature of a token: should the output change?
    """
    return weight * (x - x.mean(dim=-1, keepdim=True)) / torch.sqrt((x * x).mean(dim=-1, keepdim=True) + eps) + bias


def divides_by_variance(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You divide by the variance; without the root, doubling the input halves the output.

    Hint: double x: what should happen to the output, and what does yours do?
    """
    centred = x - x.mean(dim=-1, keepdim=True)
    return weight * centred / ((centred * centred).mean(dim=-1, keepdim=True) + eps) + bias


def keepdim_missing(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You lose the dimension that you took the mean over, so broadcasting lines up tokens with features, or fails.

    Hint: which shape does the mean have, and against which dimension of x is it held?
    """
    return weight * (x - x.mean(dim=-1)) / torch.sqrt(x.var(dim=-1, correction=0) + eps) + bias


def statistics_detached(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """Your values are right, but no gradient goes through mean and variance, which depend on x as well.

    Hint: what is the gradient of the sum of your output with respect to x when weight is 1 everywhere?
    """
    with torch.no_grad():
        mean = x.mean(dim=-1, keepdim=True)
        root = torch.sqrt(x.var(dim=-1, keepdim=True, correction=0) + eps)
    return weight * (x - mean) / root + bias


def changes_x_in_place(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """You change the caller's own tensor; the residual connection still needs it as it was.

    Hint: look at x after the call.
    """
    root = torch.sqrt(x.var(dim=-1, keepdim=True, correction=0) + eps)
    x -= x.mean(dim=-1, keepdim=True)
    return weight * x / root + bias
