"""Vector-Jacobian products: the gradients of a call's arguments and parameters. Used on both sides."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def floating(value: Any) -> list[Tensor]:
    """Return the floating tensors in a tree of lists, tuples and dicts, in order."""
    if isinstance(value, Tensor):
        return [value] if value.is_floating_point() else []
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in floating(item)]
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in floating(item)]
    return []


def differentiate(
    function: Callable[..., Any], args: Any, kwargs: Any, cotangents: Sequence[Tensor], owner: Any = None
) -> tuple[Any, dict[str, Any]]:
    """Call `function` and pull `cotangents` (one for each floating tensor of its result) back.

    Returns the result and {"arguments": [gradient or None, ...], "parameters": {name: gradient or None}}, the first in
    the order of `floating((args, kwargs))`, the second for `owner` (the module behind the function), where it is one.
    None means no gradient. Both are missing if the shapes of the result's floating tensors differ from those of
    `cotangents`: then the values are wrong already.
    """
    leaves: list[Tensor] = []
    args, kwargs = _with_leaves(args, leaves), _with_leaves(kwargs, leaves)
    parameters = dict(owner.named_parameters()) if isinstance(owner, nn.Module) else {}
    with torch.enable_grad():
        result = function(*args, **kwargs)
    outputs = floating(result)
    if [tuple(t.shape) for t in outputs] != [tuple(t.shape) for t in cotangents]:
        return result, {}
    # The gradient of such a sum is the cotangent itself; to take it as `grad_outputs`, torch imports sympy.
    with torch.enable_grad():
        flowing = [
            (out * cot.to(out.dtype)).sum() for out, cot in zip(outputs, cotangents, strict=True) if out.requires_grad
        ]
    wanted = [*leaves, *(p for p in parameters.values() if p.requires_grad)]
    found: list[Tensor | None] = [None] * len(wanted)
    if flowing and wanted:
        found = list(torch.autograd.grad(flowing, wanted, allow_unused=True))
    by_leaf, rest = found[: len(leaves)], iter(found[len(leaves) :])
    by_name = {name: next(rest) if p.requires_grad else None for name, p in parameters.items()}
    return result, {"arguments": by_leaf, "parameters": by_name}


def _with_leaves(value: Any, leaves: list[Tensor]) -> Any:
    """Return the same tree with a clone of a new leaf in place of each floating tensor.

    A clone, because an in-place change of an argument is a mistake with a message of its own and must not raise here.
    """
    if isinstance(value, Tensor) and value.is_floating_point():
        leaf = value.detach().requires_grad_()
        leaves.append(leaf)
        with torch.enable_grad():
            return leaf.clone()
    if isinstance(value, list | tuple):
        return type(value)(_with_leaves(item, leaves) for item in value)
    if isinstance(value, dict):
        return {key: _with_leaves(item, leaves) for key, item in value.items()}
    return value
