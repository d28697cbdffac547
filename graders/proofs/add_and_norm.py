"""Proof that the grader of add_and_norm can be trusted."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Map = Callable[[Tensor], Tensor]


def oracle(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    """The sum, taken number by number."""
    branch = dropout(sublayer(norm(x) if pre_norm else x))
    pairs = zip(x.flatten(), branch.flatten(), strict=True)
    total = torch.stack([left + right for left, right in pairs]).view(x.shape)
    return total if pre_norm else norm(total)


def right_early_return(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    if not pre_norm:
        residual = x
        y = sublayer(x)
        y = dropout(y)
        return norm(torch.add(y, residual))
    y = norm(x)
    y = sublayer(y)
    return dropout(y).add(x)


def right_identity_norms(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    before, after = (norm, nn.Identity()) if pre_norm else (nn.Identity(), norm)
    return after(x + dropout(sublayer(before(x))))


def right_composed(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    steps = [norm, sublayer, dropout, x.__add__] if pre_norm else [sublayer, dropout, x.__add__, norm]
    out = x
    for step in steps:
        out = step(out)
    return out


def right_stacked_sum(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    inner = norm(x) if pre_norm else x
    total = torch.stack([x, dropout(sublayer(inner))]).sum(dim=0)
    return total if pre_norm else norm(total)


def right_copies_first(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    total = x.clone()
    total += dropout(sublayer(norm(x) if pre_norm else x))
    return total if pre_norm else norm(total)


def second_no_residual(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    if pre_norm:
        x = norm(x)
    x = dropout(sublayer(x))
    return x if pre_norm else norm(x)


def second_pre_for_post(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    residual = x
    x = norm(x)
    x = sublayer(x)
    x = dropout(x)
    return residual + x


def second_residual_from_normed(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    inner = norm(x) if pre_norm else x
    out = inner + dropout(sublayer(inner))
    return out if pre_norm else norm(out)


def second_dropout_on_sum(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    y = sublayer(norm(x)) if pre_norm else sublayer(x)
    y = dropout(x + y)
    return y if pre_norm else norm(y)


def second_adds_in_place(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    if pre_norm:
        return x.add_(dropout(sublayer(norm(x))))
    x.add_(dropout(sublayer(x)))
    return norm(x)


def second_calls_twice(x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False) -> Tensor:
    inner = norm(x) if pre_norm else x
    if sublayer(inner).shape != x.shape:
        raise ValueError("the sub-layer changes the shape")
    out = x + dropout(sublayer(inner))
    return out if pre_norm else norm(out)


def double_no_residual_and_flag_inverted(
    x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False
) -> Tensor:
    return norm(dropout(sublayer(x))) if pre_norm else dropout(sublayer(norm(x)))


def double_dropout_missing_and_norm_before_add(
    x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False
) -> Tensor:
    return x + sublayer(norm(x)) if pre_norm else x + norm(sublayer(x))


def double_pre_for_post_with_residual_from_normed(
    x: Tensor, sublayer: Map, norm: Map, dropout: Map, pre_norm: bool = False
) -> Tensor:
    x = norm(x)
    return x + dropout(sublayer(x))
