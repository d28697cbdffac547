"""Compare two observations and say what differs, in one sentence. numpy only: students' `check` uses it.

Tolerance, in one place: a floating tensor agrees if it is nowhere further off than `rel * max(floor, max|expected|)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfm_quiz.wall.wire.frames import ITEM_SIZE, Handle, Tensor, Value, leaves

from .observation import Observation

REL = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 2e-5, "float64": 2e-5}
REL_FLOAT = 1e-5  # Python floats, whose floor is 0
FLOOR = 1.0


@dataclass(frozen=True)
class Difference:
    """The first thing in which a student's answer differs from what was expected. Says nothing of the inputs.

    `kind`: raised, kind, shape, dtype, values, changed, gradient or structure. `where` is the path inside the result.
    """

    kind: str
    sentence: str
    where: str = ""
    index: tuple[int, ...] | None = None
    wrong: int = 0
    entries: int = 0


def difference(expected: Observation, exact: Observation, got: Observation, floor: float = FLOOR) -> Difference | None:
    """Say what is wrong with `got`, or return None.

    Args:
        expected: the reference's answer in the inputs' own dtype: decides exceptions, kinds, shapes and dtypes.
        exact: the same computed in float64: decides values and gradients.
        got: the student's answer.
        floor: the smallest scale that the tolerance is relative to.
    """
    if expected.raised or got.raised:
        return _raised(expected, got)
    found = _values(expected.value, exact.value, got.value, floor, "")
    if found is None and got.changed and not expected.changed:
        names = ", ".join(got.changed)
        found = Difference("changed", f"{names} was changed in place; work on a new tensor")
    return found or _gradients(expected, exact, got, floor)


def is_near(expected: Observation, exact: Observation, floor: float = FLOOR) -> bool:
    """Return whether the expected value is within its own tolerance: only then are equal bytes right without a look."""
    natives, doubles = ([o.value, o.arguments or (), dict(o.parameters or {})] for o in (expected, exact))
    pairs = [(near, far) for (_, near), (_, far) in zip(leaves(natives), leaves(doubles), strict=True)]
    tensors = [(near, far) for near, far in pairs if isinstance(near, Tensor) and isinstance(far, Tensor)]
    return not any(_wrong(far, near, floor, near.dtype).any() for near, far in tensors)


def same(one: Observation, other: Observation, floor: float = FLOOR) -> bool:
    """Return whether two answers could come from one function: values within the tolerance, exceptions by type."""
    if one.raised or other.raised:
        return one.raised[:1] == other.raised[:1]
    if bool(one.changed) != bool(other.changed):
        return False
    return _values(one.value, one.value, other.value, floor, "") is None and _gradients(one, one, other, floor) is None


def array(tensor: Tensor) -> np.ndarray:
    """Return the elements as numpy: float64 for floats (bfloat16 has no numpy type of its own), else their own type."""
    stored = tensor.shape if tensor.order is None else tuple(tensor.shape[axis] for axis in tensor.order)
    if tensor.dtype == "bfloat16":
        flat = (np.frombuffer(tensor.data, np.uint16).astype(np.uint32) << 16).view(np.float32)
    elif tensor.dtype == "bool":
        flat = np.frombuffer(tensor.data, np.uint8) != 0
    else:
        flat = np.frombuffer(tensor.data, tensor.dtype)
    if tensor.is_float:
        flat = flat.astype(np.float64)
    shaped = flat.reshape(stored)
    return shaped if tensor.order is None else shaped.transpose([tensor.order.index(a) for a in range(len(stored))])


def kind_of(value: Value) -> str:
    """Describe what a value is, in a student's words."""
    match value:
        case None:
            return "None"
        case Tensor():
            return "a tensor"
        case Handle():
            return "an object that is not data"
        case list() | tuple():
            return f"a {type(value).__name__} of {len(value)}"
        case dict():
            return f"a dict with {len(value)} keys"
        case _:
            return f"the {type(value).__name__} {value!r}" if isinstance(value, bool) else f"a {type(value).__name__}"


def _raised(expected: Observation, got: Observation) -> Difference | None:
    if not expected.raised:
        return Difference("raised", f"{got.raised[0]} was raised")
    if not got.raised:
        return Difference("raised", f"expected {expected.raised[0]} to be raised, got {kind_of(got.value)}")
    if expected.raised[0] in got.raised:
        return None
    return Difference("raised", f"expected {expected.raised[0]} to be raised, got {got.raised[0]}")


def _values(expected: Value, exact: Value, got: Value, floor: float, where: str) -> Difference | None:
    if isinstance(expected, Tensor):
        if not isinstance(got, Tensor):
            return Difference("kind", f"{_at(where)}expected a tensor, got {kind_of(got)}", where)
        return _tensors(expected, exact, got, floor, where)
    if type(expected) is not type(got):
        return Difference("kind", f"{_at(where)}expected {kind_of(expected)}, got {kind_of(got)}", where)
    if isinstance(expected, list | tuple | dict):
        keys: Sequence[Any] = list(expected) if isinstance(expected, dict) else range(len(expected))
        if len(expected) != len(got) or (isinstance(expected, dict) and expected.keys() != got.keys()):
            return Difference("kind", f"{_at(where)}expected {kind_of(expected)}, got {kind_of(got)}", where)
        parts = (_values(expected[key], exact[key], got[key], floor, f"{where}[{key!r}]") for key in keys)
        return next((part for part in parts if part is not None), None)
    if isinstance(expected, float):
        if got == exact or (np.isnan(got) and np.isnan(exact)) or abs(got - exact) <= REL_FLOAT * abs(exact):
            return None
        return Difference("values", f"{_at(where)}wrong value", where, None, 1, 1)
    if expected != got:
        return Difference("values", f"{_at(where)}wrong {type(expected).__name__}", where, None, 1, 1)
    return None


def _tensors(expected: Tensor, exact: Tensor, got: Tensor, floor: float, where: str) -> Difference | None:
    if expected.shape != got.shape:
        text = f"{_at(where)}the shape is {_shape(got.shape)}; it should be {_shape(expected.shape)}"
        return Difference("shape", text, where)
    if expected.dtype != got.dtype:
        text = f"{_at(where)}the dtype is {got.dtype}; it should be {expected.dtype}"
        return Difference("dtype", text, where)
    if _identical(expected, got):
        return None
    wrong = _wrong(exact, got, floor, expected.dtype)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    count, entries = int(wrong.sum()), int(wrong.size)
    text = f"{_at(where)}{count} of {entries} values differ, the first at {list(index)}"
    return Difference("values", text, where, index, count, entries)


def _identical(expected: Tensor, got: Tensor) -> bool:
    """Return whether a tensor of the expected shape and dtype has the expected bytes, as the same order of steps gives.

    The recorder makes sure that what is expected is within the tolerance (`is_near`).
    """
    return expected.order == got.order and bytes(expected.data) == bytes(got.data)


def _wrong(exact: Tensor, got: Tensor, floor: float, dtype: str) -> np.ndarray:
    """Return which entries of a tensor are outside the tolerance."""
    want, have = array(exact), array(got)
    if dtype not in REL:
        return np.asarray(want != have)
    finite = np.abs(want[np.isfinite(want)])
    scale = max(floor, float(finite.max()) if finite.size else 0.0)
    with np.errstate(invalid="ignore"):  # inf - inf
        near = np.abs(want - have) <= REL[dtype] * scale
    return np.asarray(~(near | (want == have) | (np.isnan(want) & np.isnan(have))))


def _gradients(expected: Observation, exact: Observation, got: Observation, floor: float) -> Difference | None:
    """`expected` decides the precision that is asked for: to claim a lower one would be to claim a looser tolerance."""
    if exact.arguments is None and exact.parameters is None:
        return None
    if got.arguments is None or len(got.arguments) != len(exact.arguments or ()):
        return Difference("gradient", "gradients cannot be taken through the result")
    names = [f"floating argument {number}" for number in range(1, len(got.arguments) + 1)]
    rows = list(zip(names, expected.arguments or (), exact.arguments or (), got.arguments, strict=True))
    natives, ours, theirs = expected.parameters or {}, exact.parameters or {}, got.parameters or {}
    rows += [(name, natives.get(name), ours[name], theirs.get(name)) for name in ours]
    return next((found for row in rows if (found := _gradient(*row, floor)) is not None), None)


def _gradient(name: str, native: Value, exact: Value, got: Value, floor: float) -> Difference | None:
    if not isinstance(exact, Tensor):  # nothing flows in the reference: then zeros are as good as none
        if not isinstance(got, Tensor) or not array(got).any():
            return None
        return Difference("gradient", f"a gradient reaches {name}; none should", name)
    if not isinstance(got, Tensor):
        if not _wrong(exact, _zeros_like(exact), floor, exact.dtype).any():
            return None
        return Difference("gradient", f"no gradient reaches {name}: something detaches it", name)
    if got.shape != exact.shape or not got.is_float:
        return Difference("gradient", f"the gradient of {name} has the wrong shape", name)
    if isinstance(native, Tensor) and native.dtype == got.dtype and _identical(native, got):
        return None
    if not np.isfinite(array(got)).all() and np.isfinite(array(exact)).all():
        return Difference("gradient", f"the gradient of {name} is not finite", name)
    if _wrong(exact, got, floor, native.dtype if isinstance(native, Tensor) else exact.dtype).any():
        return Difference("gradient", f"the gradient of {name} is wrong", name)
    return None


def _zeros_like(tensor: Tensor) -> Tensor:
    return Tensor(tensor.dtype, tensor.shape, bytes(ITEM_SIZE[tensor.dtype] * int(np.prod(tensor.shape, dtype=int))))


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _at(where: str) -> str:
    return f"in result{where}, " if where else ""


def structure(expected: Observation, got: Observation) -> Difference:
    """Name what a changed `__init__` did to the structure of a module, in one message."""
    if got.raised:
        return Difference("structure", f"building it raised {got.raised[0]}; is `__init__` as it was given?")
    ours, theirs = expected.value, got.value
    if not isinstance(theirs, dict) or theirs.keys() != ours.keys():
        return Difference("structure", "building it did not give an nn.Module; is `__init__` as it was given?")
    for part in ("parameters", "buffers"):
        mine, yours = ours[part], theirs[part] if isinstance(theirs[part], dict) else {}
        for name in [*mine, *yours]:
            if mine.get(name) != yours.get(name):
                text = _part(part, name, mine.get(name), yours.get(name))
                return Difference("structure", f"{text}; leave `__init__` as it was given", name)
    if ours["tied"] != theirs["tied"]:
        return Difference("structure", "the wrong parameters are shared; leave `__init__` as it was given")
    return Difference("structure", "the wrong things are saved; leave `__init__` as it was given")


def _part(part: str, name: str, mine: Value, yours: Value) -> str:
    kind = part.removesuffix("s")
    if yours is None:
        return f"the {kind} {name} is missing"
    if mine is None:
        return f"there is a {kind} that should not be there"
    return f"the {kind} {name} has the wrong shape"
