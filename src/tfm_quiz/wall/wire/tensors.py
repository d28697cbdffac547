"""torch tensors to and from the wire: in the worker, and on the trusted side for its own tensors."""

import ctypes
from collections.abc import Callable
from typing import Any

import torch

from .frames import ITEM_SIZE, Handle, Name, Tensor, Value, WireError, leaves

_DTYPES = {getattr(torch, name): name for name in ITEM_SIZE}


def to_wire(tensor: torch.Tensor) -> Tensor:
    """Copy a dense CPU tensor into data. Raises WireError for other kinds (sparse, meta, ...)."""
    name = _DTYPES.get(tensor.dtype)
    if name is None:
        raise WireError(f"a tensor of dtype {str(tensor.dtype).removeprefix('torch.')} cannot be sent")
    if tensor.layout is not torch.strided or tensor.device.type != "cpu":
        raise WireError(f"a {tensor.layout} tensor on the device {tensor.device.type} cannot be sent")
    plain = tensor.detach()
    order = _order_of_axes(plain)
    dense = (plain if order is None else plain.permute(order)).contiguous()
    size = dense.numel() * dense.element_size()
    data = ctypes.string_at(dense.data_ptr(), size) if size else b""
    return Tensor(name, tuple(tensor.shape), data, order)


def from_wire(tensor: Tensor) -> torch.Tensor:
    """Return a tensor with memory of its own, its axes stored in the order that was sent."""
    dtype = getattr(torch, tensor.dtype)
    stored = tensor.shape if tensor.order is None else tuple(tensor.shape[axis] for axis in tensor.order)
    if not len(tensor.data):
        flat = torch.empty(stored, dtype=dtype)
    elif dtype is torch.bool:  # any other byte than 0 and 1 is undefined behaviour in torch
        flat = torch.frombuffer(bytearray(tensor.data), dtype=torch.uint8).ne(0).reshape(stored)
    else:
        flat = torch.frombuffer(bytearray(tensor.data), dtype=dtype).reshape(stored)
    if tensor.order is None:
        return flat
    inverse = [tensor.order.index(axis) for axis in range(len(stored))]
    return flat.permute(inverse)


def tree_to_wire(value: Any, keep: Callable[[Any], Handle] | None = None) -> Value:
    """Convert Python data with tensors in it for `frames.pack`.

    Subclasses of the plain types become those types. Anything that is no data goes through `keep`, which returns a
    handle; without it WireError is raised.
    """
    if value is None or isinstance(value, bool | Handle | Name | Tensor):
        return value
    for kind in (str, int, float):  # bool was before: it is an int
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, torch.Tensor):
        return to_wire(value)
    if isinstance(value, list):
        return [tree_to_wire(item, keep) for item in value]
    if isinstance(value, tuple):
        return tuple(tree_to_wire(item, keep) for item in value)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {str(key): tree_to_wire(item, keep) for key, item in value.items()}
    if keep is None:
        raise WireError(f"a {type(value).__name__} is not data")
    return keep(value)


def tree_from_wire(value: Value, resolve: Callable[[Handle | Name], Any] | None = None) -> Any:
    """Convert back: torch tensors in place of the wire's, `resolve(...)` in place of handles and names."""
    if isinstance(value, Tensor):
        return from_wire(value)
    if isinstance(value, Handle | Name):
        return value if resolve is None else resolve(value)
    if isinstance(value, list):
        return [tree_from_wire(item, resolve) for item in value]
    if isinstance(value, tuple):
        return tuple(tree_from_wire(item, resolve) for item in value)
    if isinstance(value, dict):
        return {key: tree_from_wire(item, resolve) for key, item in value.items()}
    return value


def changed(before: Value, now: Any) -> list[int]:
    """Return which leaves of the arguments (from 1) differ from what was sent; [0] if there are more or fewer."""
    was = [leaf for _, leaf in leaves(before)]
    data = [leaf for _, leaf in leaves(tree_to_wire(now, lambda _: Handle(0)))]
    if len(was) != len(data):
        return [0]
    pairs = enumerate(zip(was, data, strict=True), start=1)
    return [number for number, (old, new) in pairs if isinstance(old, Tensor) and not _same_bytes(old, new)]


def _same_bytes(old: Tensor, new: Value) -> bool:
    return isinstance(new, Tensor) and old.shape == new.shape and old.dtype == new.dtype and old.data == new.data


def _order_of_axes(tensor: torch.Tensor) -> tuple[int, ...] | None:
    """Return the order of the axes in memory, slowest first; None for row-major. Expanded axes become real ones."""
    if tensor.is_contiguous() or tensor.dim() < 2 or 0 in tensor.stride():
        return None
    order = tuple(sorted(range(tensor.dim()), key=lambda axis: (-tensor.stride(axis), axis)))
    return None if order == tuple(range(tensor.dim())) else order
