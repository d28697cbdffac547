"""The data-only wire between the trusted side and a worker: length-prefixed JSON and raw tensor bytes.

    frame   = magic "TFMQ" | number, u64 | header length, u32 | payload length, u64 | header | payload
    number  = random, of a request and of its answer; 0 otherwise
    header  = JSON {"t": [[dtype, shape, order], ...], "v": value}
    payload = the bytes of all tensors, one after another

A value is None, a bool, an int of 64 bits, a float, a str, a list, a tuple, a str-keyed dict, a `Tensor`, a `Handle`
(an object that lives in the worker) or a `Name` (a function or class of the submission). There is no pickle, and every
limit is checked before memory is allocated: the other end may be hostile. This module knows neither torch nor numpy.
"""

import json
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAGIC = b"TFMQ"
PREFIX = struct.Struct("<4sQIQ")
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 64 << 20
MAX_TENSORS = 4096
MAX_RANK = 16
MAX_DEPTH = 32
MAX_NODES = 20_000
MAX_ELEMENTS = 1 << 40  # of a shape whose zeros count as ones: [0, 2**26, 2**26] has no bytes, and torch refuses it
ITEM_SIZE = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
}
FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})

Value = Any  # the union above is recursive, and no checker follows it through tagged JSON


class WireError(Exception):
    """A frame or a value that breaks the rules of the wire. The sentence says which."""


class ConnectionClosed(WireError):
    """The other end closed the connection between two frames or inside one."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A dense tensor on its way: `data` holds the elements in the order of the axes `order` (slowest first)."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | bytearray | memoryview
    order: tuple[int, ...] | None = None  # None: row-major. Else a transposed tensor stays one

    @property
    def is_float(self) -> bool:
        """Return whether it can have a gradient."""
        return self.dtype in FLOATS


@dataclass(frozen=True, slots=True)
class Handle:
    """An object that lives in the worker, by number."""

    number: int


@dataclass(frozen=True, slots=True)
class Name:
    """Something defined in the submission's module `module` (or in the staged helper `@0`, `@1`, ...)."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A value as bytes. It can be sent any number of times."""

    header: bytes
    payload: bytes

    def numbered(self, number: int) -> bytes:
        """Return all bytes, with this number in the prefix."""
        return PREFIX.pack(MAGIC, number, len(self.header), len(self.payload)) + self.header + self.payload

    def __len__(self) -> int:
        return PREFIX.size + len(self.header) + len(self.payload)


def pack(value: Value) -> Frame:
    """Encode a value. Raises WireError for a value that is no data or exceeds a limit."""
    tensors: list[Tensor] = []
    tree = _Encoder(tensors).encode(value, 0)
    table = [[t.dtype, list(t.shape), None if t.order is None else list(t.order)] for t in tensors]
    try:
        header = _TO_JSON({"t": table, "v": tree}).encode("utf-8")
    except UnicodeEncodeError as error:
        raise WireError("a text holds half a surrogate pair") from error
    size = sum(len(t.data) for t in tensors)
    if len(header) > MAX_HEADER:
        raise WireError(f"the value has {len(header):,} bytes of structure and text; {MAX_HEADER:,} are allowed")
    if size > MAX_PAYLOAD:
        raise WireError(f"the tensors have {size:,} bytes; {MAX_PAYLOAD:,} are allowed")
    return Frame(header, b"".join(t.data for t in tensors))


def unpack_prefix(prefix: bytes | bytearray) -> tuple[int, int, int]:
    """Return number, header length and payload length of a frame, from its first 24 bytes."""
    magic, number, header, payload = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("not a frame of ours")
    if header > MAX_HEADER or payload > MAX_PAYLOAD:
        raise WireError(f"a frame of {header:,} + {payload:,} bytes; {MAX_HEADER:,} + {MAX_PAYLOAD:,} are allowed")
    return number, header, payload


def unpack(header: bytes | bytearray, payload: bytes | bytearray | memoryview) -> Value:
    """Decode a frame. Raises WireError and nothing else, whatever the bytes are."""
    try:
        document = _FROM_JSON(bytes(header).decode("utf-8"))
    except WireError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise WireError("the header is not the JSON that we write") from error
    if type(document) is not dict or document.keys() != {"t", "v"} or type(document["t"]) is not list:
        raise WireError("the header has other fields than t and v")
    tensors = list(_tensors(document["t"], memoryview(payload)))
    return _Decoder(tensors).decode(document["v"], 0)


def leaves(value: Value) -> Iterator[tuple[str, Value]]:
    """Yield every leaf of a value with its path, as `[1]` or `['weight'][0]`, in a fixed order."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            for path, leaf in leaves(item):
                yield f"[{index}]{path}", leaf
    elif isinstance(value, dict):
        for key, item in value.items():
            for path, leaf in leaves(item):
                yield f"[{key!r}]{path}", leaf
    else:
        yield "", value


class _Encoder:
    """Turns values into tagged JSON, collecting tensors and counting nodes."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.tensors = tensors
        self.nodes = 0

    def encode(self, value: Value, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError(f"the value is nested deeper than {MAX_DEPTH} or has more than {MAX_NODES:,} parts")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            if not -(1 << 63) <= value < 1 << 63:
                raise WireError("an integer of more than 64 bits")
            return value
        if kind is float:
            return value if math.isfinite(value) else {"f": repr(value)}
        if kind is Tensor:
            if len(self.tensors) >= MAX_TENSORS or len(value.shape) > MAX_RANK:
                raise WireError(f"more than {MAX_TENSORS:,} tensors, or one with more than {MAX_RANK} dimensions")
            self.tensors.append(value)
            return {"T": len(self.tensors) - 1}
        if kind is Handle:
            return {"h": value.number}
        if kind is Name:
            return {"n": [value.module, value.name]}
        if kind is list or kind is tuple:
            return {"l" if kind is list else "t": [self.encode(item, depth + 1) for item in value]}
        if kind is dict:
            if not all(type(key) is str for key in value):
                raise WireError("a dict with keys that are not text")
            return {"d": [[key, self.encode(item, depth + 1)] for key, item in value.items()]}
        raise WireError(f"a {kind.__name__} is not data")


class _Decoder:
    """Turns tagged JSON back into values, trusting nothing."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.tensors = tensors
        self.nodes = 0

    def decode(self, tree: Any, depth: int) -> Value:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError(f"a value nested deeper than {MAX_DEPTH} or of more than {MAX_NODES:,} parts")
        kind = type(tree)
        if tree is None or kind is bool:
            return tree
        if kind is str:
            return _text(tree)
        if kind is float:  # 1e999 is valid JSON and reads as infinity
            return _require(tree, math.isfinite(tree), "a number out of range")
        if kind is int:
            return _require(tree, -(1 << 63) <= tree < 1 << 63, "an integer of more than 64 bits")
        if kind is not dict or len(tree) != 1:
            raise WireError("a value without a tag")
        ((tag, content),) = tree.items()
        if tag == "f" and content in ("nan", "inf", "-inf"):
            return float(content)
        if tag == "T" and type(content) is int and 0 <= content < len(self.tensors):
            return self.tensors[content]
        if tag == "h" and type(content) is int and 0 <= content < 1 << 31:
            return Handle(content)
        if tag in ("l", "t", "d", "n") and type(content) is list:
            return self._container(tag, content, depth)
        raise WireError("a value with an unknown tag")

    def _container(self, tag: str, content: list[Any], depth: int) -> Value:
        if tag == "n":
            module, name = _require(content, len(content) == 2, "a name of other than two parts")
            _require(content, type(module) is str and type(name) is str, "a name that is not text")
            return Name(_text(module), _text(name))
        if tag == "d":
            for pair in content:
                _require(pair, type(pair) is list and len(pair) == 2 and type(pair[0]) is str, "a broken dict")
            return {_text(key): self.decode(item, depth + 1) for key, item in content}
        items = [self.decode(item, depth + 1) for item in content]
        return items if tag == "l" else tuple(items)


def _tensors(table: list[Any], payload: memoryview) -> Iterator[Tensor]:
    _require(table, len(table) <= MAX_TENSORS, "too many tensors")
    start = 0
    for row in table:
        _require(row, type(row) is list and len(row) == 3, "a broken row in the table of tensors")
        dtype, shape, order = row
        _require(dtype, type(dtype) is str and dtype in ITEM_SIZE, "a tensor of an unknown dtype")
        _require(shape, type(shape) is list and len(shape) <= MAX_RANK, "a tensor of too many dimensions")
        size, bound = ITEM_SIZE[dtype], 1
        for length in shape:
            _require(length, type(length) is int and 0 <= length < 1 << 40, "a tensor with an impossible length")
            size, bound = size * length, bound * max(1, length)
            _require(bound, bound <= MAX_ELEMENTS, "a tensor with an impossible shape")
        _require(size, size <= len(payload) - start, "tensors larger than the payload")
        if order is not None:
            axes = [axis for axis in order if type(axis) is int] if type(order) is list else []
            complete = sorted(axes) == list(range(len(shape))) and len(axes) == len(order)
            _require(order, complete, "a broken order of axes")
        yield Tensor(dtype, tuple(shape), payload[start : start + size], None if order is None else tuple(order))
        start += size
    _require(start, start == len(payload), "a payload larger than its tensors")


def _text(text: str) -> str:
    """Return the text if every encoding can write it: JSON can spell half a surrogate pair."""
    return _require(text, text.isascii() or _HALF.search(text) is None, "half a character")


def _require(value: Any, holds: bool, otherwise: str) -> Any:
    if not holds:
        raise WireError(otherwise)
    return value


def _refuse_constant(name: str) -> Any:
    raise WireError(f"a bare {name} in JSON")


_HALF = re.compile("[\ud800-\udfff]")
# Made once: `json.dumps` with options makes an encoder for every call, `json.loads` a decoder.
_TO_JSON = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
_FROM_JSON = json.JSONDecoder(parse_constant=_refuse_constant).decode
