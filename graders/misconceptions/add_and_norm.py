"""What goes wrong with add_and_norm."""

from collections.abc import Callable

from torch import Tensor

from solutions.layers import add_and_norm

Map = Callable[[Tensor], Tensor]


def norm_before_add(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """In post-norm you normalise the sub-layer's output and then add x; the paper normalises the sum.

    Hint: with a sub-layer that returns zeros, what must come out?
    """
    if pre_norm:
        return x + dropout(sublayer(norm(x)))
    return x + norm(dropout(sublayer(x)))


def norm_of_sublayer_input_only(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """In post-norm you normalise x alone and then add the sub-layer's output; the norm must see the sum.

    Hint: what is the mean of a token's features in your output?
    """
    if pre_norm:
        return x + dropout(sublayer(norm(x)))
    return norm(x) + dropout(sublayer(x))


def no_residual(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You never add x back, so every layer must carry everything through its weights, and gradients fade.

    Hint: with a sub-layer that returns zeros, what must come out?
    """
    return dropout(sublayer(norm(x))) if pre_norm else norm(dropout(sublayer(x)))


def pre_for_post(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You always compute pre-norm, as most code does today; without pre_norm the paper's order is asked for.

    Hint: which argument has no influence on your output?
    Seen: harvardnlp/harvardnlp.github.io 6: paper and code differ
    """
    return x + dropout(sublayer(norm(x)))


def post_for_pre(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You always compute the paper's post-norm; with pre_norm=True the norm stands before the sub-layer.

    Hint: which argument has no influence on your output?
    """
    return norm(x + dropout(sublayer(x)))


def flag_inverted(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """Your two orders are swapped: pre_norm=True gives post-norm, and the other way round.

    Hint: where does the norm stand, before the sub-layer or after the sum, when pre_norm is True?
    """
    return add_and_norm(x, sublayer, norm, dropout, not pre_norm)


def calls_twice(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You call the sub-layer twice: that costs double, and a random sub-layer answers differently each time.

    Hint: count the calls.
    """
    entering = norm(x) if pre_norm else x
    sublayer(entering)
    out = x + dropout(sublayer(entering))
    return out if pre_norm else norm(out)


def computes_both(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You compute both orders and choose afterwards: everything is called twice, and half of the work is thrown away.

    Hint: count the calls.
    """
    pre = x + dropout(sublayer(norm(x)))
    post = norm(x + dropout(sublayer(x)))
    return pre if pre_norm else post


def dropout_on_sum(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """Your dropout falls on the sum, so it also drops x; it belongs on the sub-layer's output, before x is added.

    Hint: with dropout 1, what should be left: nothing, or x?
    """
    return dropout(x + sublayer(norm(x))) if pre_norm else norm(dropout(x + sublayer(x)))


def dropout_last(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """Your dropout comes last of all; it belongs on the sub-layer's output, before x is added.

    Hint: with dropout 1, what should be left: nothing, or x?
    """
    return dropout(x + sublayer(norm(x)) if pre_norm else norm(x + sublayer(x)))


def dropout_on_input(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """Your dropout falls on what enters the sub-layer; it belongs on what comes out of it.

    Hint: with dropout 1, what should be left?
    """
    return x + sublayer(dropout(norm(x))) if pre_norm else norm(x + sublayer(dropout(x)))


def dropout_missing(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You never call dropout.

    Hint: which of your arguments have no influence on the output?
    """
    return x + sublayer(norm(x)) if pre_norm else norm(x + sublayer(x))


def norm_missing(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You add, but you never normalise.

    Hint: which of your arguments have no influence on the output?
    """
    return x + dropout(sublayer(x))


def residual_from_normed(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """In pre-norm you add the normalised x; the point of pre-norm is that x itself goes by untouched.

    Hint: in pre-norm, with a sub-layer that returns zeros, what must come out?
    """
    if pre_norm:
        x = norm(x)
        return x + dropout(sublayer(x))
    return norm(x + dropout(sublayer(x)))


def norm_around(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """In pre-norm you normalise before the sub-layer and once more after the sum; it is before only.

    Hint: in pre-norm, with a sub-layer that returns zeros, what must come out?
    """
    out = x + dropout(sublayer(norm(x) if pre_norm else x))
    return norm(out)


def adds_in_place(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """You add into the caller's own tensor, so x is no longer what it was.

    Hint: look at x after the call.
    """
    x += dropout(sublayer(norm(x) if pre_norm else x))
    return x if pre_norm else norm(x)
