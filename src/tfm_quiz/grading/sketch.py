"""A short fingerprint of an answer, to recognise a known mistake by without shipping its whole output.

A tensor becomes its shape, its dtype, its largest magnitude and six weighted sums with fixed pseudo-random weights: two
tensors that agree within the tolerance have sums that agree, and others do not. numpy only.
"""

from typing import Any

import numpy as np

from tfm_quiz.wall.wire.frames import Handle, Tensor, Value, leaves

from .compare import REL, array
from .observation import Observation

SUMS = 6


def sketch(observed: Observation) -> dict[str, Any]:
    """Return the fingerprint, as data."""
    if observed.raised:
        return {"raised": observed.raised[0]}
    whole = [observed.value, list(observed.arguments or ()), dict(observed.parameters or {})]
    return {
        "changed": bool(observed.changed),
        "form": _form(observed.value),
        "leaves": [_leaf(leaf) for _, leaf in leaves(whole)],
    }


def matches(observed: Observation, known: Value, floor: float) -> bool:
    """Return whether an answer is the one that this fingerprint was taken of."""
    own = sketch(observed)
    if own.keys() != known.keys():
        return False
    if "raised" in own:
        return own["raised"] == known["raised"]
    if own["changed"] != known["changed"] or own["form"] != known["form"] or len(own["leaves"]) != len(known["leaves"]):
        return False
    return all(_agree(mine, theirs, floor) for mine, theirs in zip(own["leaves"], known["leaves"], strict=True))


def _form(value: Value) -> str:
    """Return the structure of a value without its leaves: a tuple is no list."""
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({','.join(map(_form, value))})"
    if isinstance(value, dict):
        return f"dict({','.join(f'{key}:{_form(item)}' for key, item in value.items())})"
    return ""


def _leaf(leaf: Value) -> Value:
    if isinstance(leaf, Handle):
        return "an object"
    if not isinstance(leaf, Tensor):
        return leaf
    values = array(leaf).astype(np.float64)
    finite = np.where(np.isfinite(values), values, 0.0)
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    sums = _weights(finite.size) @ finite.ravel()
    return [
        leaf.dtype,
        list(leaf.shape),
        largest,
        int((~np.isfinite(values)).sum()),
        *(float(f"{s:.9g}") for s in sums),
    ]


def _weights(size: int) -> np.ndarray:
    """Numbers in [-1, 1) from the raw bits of a fixed generator, which no release of numpy changes."""
    raw = np.random.PCG64(size).random_raw(SUMS * size)
    return ((raw >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0).reshape(SUMS, size)


def _agree(mine: Value, theirs: Value, floor: float) -> bool:
    if not isinstance(mine, list) or not isinstance(theirs, list):
        if isinstance(mine, float) and isinstance(theirs, float):
            return mine == theirs or abs(mine - theirs) <= 1e-5 * abs(theirs) or (mine != mine and theirs != theirs)
        return type(mine) is type(theirs) and mine == theirs
    if mine[:2] != theirs[:2] or mine[3] != theirs[3]:
        return False
    size = int(np.prod(mine[1], dtype=int))
    tolerance = REL.get(mine[0], 1e-9) * max(floor if mine[0] in REL else 0.0, theirs[2]) * max(1.0, size**0.5)
    return all(abs(a - b) <= tolerance for a, b in zip(mine[4:], theirs[4:], strict=True))
