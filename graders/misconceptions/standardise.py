"""What goes wrong with standardise."""

from torch import Tensor


def _centred(x: Tensor) -> tuple[Tensor, Tensor]:
    """x without its mean, and its biased variance."""
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred, centred.square().mean(dim=-1, keepdim=True)


def eps_outside_the_root(x: Tensor, eps: float) -> Tensor:
    """Your eps still stands outside the root: 0.00001 there is nothing, and the root's slope at 0 is infinite.

    Hint: what is the root of 0.00001, and what is the derivative of the root at 0?
    """
    centred, variance = _centred(x)
    return centred / (variance.sqrt() + eps)


def std_and_eps_outside(x: Tensor, eps: float) -> Tensor:
    """Torch's std has a gradient that stays finite, but your eps still stands outside the root, and the values are off.

    Hint: what is the root of 0.00001, and how much is 0.00001 itself?
    """
    return (x - x.mean(dim=-1, keepdim=True)) / (x.std(dim=-1, correction=0, keepdim=True) + eps)


def eps_on_both_sides(x: Tensor, eps: float) -> Tensor:
    """You put eps inside the root and left the other one outside: one of the two is too much.

    Hint: how often does eps stand in the formula?
    """
    centred, variance = _centred(x)
    return centred / ((variance + eps).sqrt() + eps)


def eps_squared(x: Tensor, eps: float) -> Tensor:
    """You square eps before you add it to the variance: that moves the old mistake inside, it does not mend it.

    Hint: what is added to σ² in the formula?
    """
    centred, variance = _centred(x)
    return centred / (variance + eps**2).sqrt()


def eps_only_where_needed(x: Tensor, eps: float) -> Tensor:
    """You use eps as a lower bound; the formula adds it, to every variance.

    Hint: what does eps do to a variance of 1?
    """
    centred, variance = _centred(x)
    return centred / variance.clamp(min=eps).sqrt()


def deviation_bounded(x: Tensor, eps: float) -> Tensor:
    """You use eps as a lower bound of the deviation; the formula adds it to the variance, before the root.

    Hint: what does eps do to a variance of 1? And does the gradient still pass through a root at 0?
    """
    centred, variance = _centred(x)
    return centred / variance.sqrt().clamp(min=eps)


def eps_dropped(x: Tensor, eps: float) -> Tensor:
    """You took eps away: a token whose features are all equal is now 0 / 0.

    Hint: what comes out for a token of equal features?
    """
    centred, variance = _centred(x)
    return centred / variance.sqrt()


def root_forgotten(x: Tensor, eps: float) -> Tensor:
    """You divide by the variance: the root is gone.

    Hint: double the input. Does the output stay nearly the same?
    """
    centred, variance = _centred(x)
    return centred / (variance + eps)


def unbiased(x: Tensor, eps: float) -> Tensor:
    """You divide the sum of squares by d - 1, which is what torch's var and std do by default; it is d here.

    Hint: with d = 2, what is the variance of (1, 3)?
    """
    return (x - x.mean(dim=-1, keepdim=True)) / (x.var(dim=-1, keepdim=True) + eps).sqrt()


def deviation_detached(x: Tensor, eps: float) -> Tensor:
    """Your gradients are finite because the deviation is cut off from the graph: they are wrong everywhere else.

    Hint: compare your gradients with those of torch's own layer.
    """
    centred, variance = _centred(x)
    return centred / (variance + eps).sqrt().detach()
