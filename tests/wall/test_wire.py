"""The wire carries data exactly, and only WireError leaves the decoder, whatever the bytes are."""

import json
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.wall.wire import frames as wire
from tfm_quiz.wall.wire.frames import PREFIX, Handle, Name, Tensor, WireError, pack, unpack, unpack_prefix


def through(value):
    frame = pack(value)
    data = frame.numbered(7)
    assert len(data) == len(frame)
    number, header, payload = unpack_prefix(data[: PREFIX.size])
    assert (number, header, payload) == (7, len(frame.header), len(frame.payload))
    return unpack(frame.header, frame.payload)


tensors = st.builds(
    lambda dtype, shape, seed: Tensor(
        dtype, tuple(shape), bytes((seed + i) % 2 for i in range(wire.ITEM_SIZE[dtype] * math.prod(shape)))
    ),
    st.sampled_from(sorted(wire.ITEM_SIZE)),
    st.lists(st.integers(0, 4), max_size=4),
    st.integers(0, 255),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.builds(Handle, st.integers(0, 100))
    | st.builds(Name, st.text("abc", max_size=5), st.text("xyz", max_size=5))
    | tensors
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abcdef", max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def plain(value):
    """A value with the bytes of its tensors as bytes, so that two can be compared."""
    if isinstance(value, Tensor):
        return Tensor(value.dtype, value.shape, bytes(value.data), value.order)
    if isinstance(value, list | tuple):
        return type(value)(plain(item) for item in value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


@given(values)
@settings(max_examples=150, deadline=None)
def test_every_value_arrives_as_it_was_sent(value):
    assert plain(through(value)) == plain(value)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_json_lacks_arrive_too(number):
    assert repr(through([number])[0]) == repr(number)


def test_a_transposed_tensor_keeps_the_order_of_its_axes():
    tensor = Tensor("float32", (2, 3), bytes(24), (1, 0))
    assert through(tensor).order == (1, 0)


@given(st.binary(max_size=200), st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_garbage_is_a_wire_error(header, payload):
    with pytest.raises(WireError):
        unpack(header, payload)


words = st.text(max_size=8) | st.sampled_from(["T", "float32", "nan"])
tags = st.sampled_from([*"tvTfhldnx"])
json_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(tags, inner, max_size=3),
    max_leaves=20,
)


@given(json_documents, json_documents, st.binary(max_size=64))
@settings(max_examples=400, deadline=None)
def test_no_json_of_our_own_shape_raises_anything_else(table, value, payload):
    header = json.dumps({"t": table, "v": value}).encode()
    try:
        unpack(header, payload)
    except WireError:
        return


def frame(table, value, payload=b""):
    return json.dumps({"t": table, "v": value}).encode(), payload


HOSTILE = {
    "deep": (b'{"t":[],"v":' + b'{"l":[' * 900 + b"]}" * 900 + b"}", b""),
    "very deep": (b'{"t":[],"v":' + b"[" * 200_000 + b"]" * 200_000 + b"}", b""),
    "big integer": (b'{"t":[],"v":' + b"9" * 900_000 + b"}", b""),
    "65 bits": frame([], 1 << 64),
    "infinite literal": (b'{"t":[],"v":1e999}', b""),
    "bare NaN": (b'{"t":[],"v":NaN}', b""),
    "no tag": frame([], []),
    "two tags": frame([], {"l": [], "t": []}),
    "unknown tag": frame([], {"q": []}),
    "tensor that is not there": frame([], {"T": 0}),
    "negative index": frame([], {"T": -1}),
    "true as index": frame([["uint8", [1], None]], {"T": True}, b"x"),
    "unknown dtype": frame([["object", [1], None]], {"T": 0}, b"12345678"),
    "negative length": frame([["uint8", [-1], None]], {"T": 0}),
    "huge empty shape": frame([["uint8", [0, *[1 << 26] * 8], None]], {"T": 0}),
    "shape larger than payload": frame([["float32", [1 << 39], None]], {"T": 0}, b"1234"),
    "payload larger than shape": frame([["uint8", [1], None]], {"T": 0}, b"12"),
    "too many dimensions": frame([["uint8", [1] * 17, None]], {"T": 0}, b"1"),
    "axes twice": frame([["uint8", [1, 1], [0, 0]]], {"T": 0}, b"1"),
    "axes of other types": frame([["uint8", [1, 1], ["0", 1]]], {"T": 0}, b"1"),
    "handle too large": frame([], {"h": 1 << 40}),
    "keys that are no text": frame([], {"d": [[1, 2]]}),
    "many nodes": frame([], {"l": [0] * 30_000}),
    "many tensors": frame([["uint8", [0], None]] * 5000, None),
    "half a surrogate, escaped": (b'{"t":[],"v":{"l":["\\ud800"]}}', b""),
    "half a surrogate as a key": (b'{"t":[],"v":{"d":[["\\udfff",1]]}}', b""),
    "half a surrogate": (b'{"t":[],"v":"' + b"\xed\xa0\x80" + b'"}', b""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_frames_are_wire_errors(name):
    with pytest.raises(WireError):
        unpack(*HOSTILE[name])


def test_a_frame_that_claims_too_much_is_refused_before_memory_is_asked_for():
    with pytest.raises(WireError, match="allowed"):
        unpack_prefix(struct.pack("<4sQIQ", b"TFMQ", 0, 10, 1 << 60))
    with pytest.raises(WireError, match="not a frame"):
        unpack_prefix(struct.pack("<4sQIQ", b"HTTP", 0, 10, 10))


@pytest.mark.parametrize("value", [object(), {1: 2}, 1 << 64, {"a": {1, 2}}, "\ud800", b"bytes"])
def test_what_is_no_data_is_not_sent(value):
    with pytest.raises(WireError):
        pack(value)


def test_what_is_too_large_is_not_sent():
    with pytest.raises(WireError, match="parts"):
        pack([0] * 30_000)
    with pytest.raises(WireError, match="allowed"):
        pack("x" * (2 << 20))
    with pytest.raises(WireError, match="allowed"):
        pack(Tensor("uint8", (65 << 20,), bytes(65 << 20)))


@pytest.mark.slow
@given(values, st.data())
@settings(max_examples=5_000, deadline=None)
def test_frames_with_a_few_bytes_changed_are_values_or_wire_errors(value, data):
    """What is close to a frame of ours comes furthest into the decoder. fuzz_wire.py goes on from here."""
    frame = pack(value)
    header = frame.header
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(header) - 1))
        until = at + data.draw(st.integers(0, 3))
        header = header[:at] + data.draw(st.sampled_from(PIECES)) + header[until:]
    try:
        decoded = unpack(header, frame.payload)
    except WireError:
        return
    assert plain(through(decoded)) == plain(decoded) or "nan" in repr(decoded)


PIECES = [b"", b"[", b"]", b"{", b"}", b'"', b",", b"0", b"-1", b"1e9", b"null", b'{"T":0}', b'"bool"', b"\xff", b"\\u"]
