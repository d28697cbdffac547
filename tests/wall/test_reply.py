"""A reply is read as the claim of a stranger: it has the right form, or it is a WireError."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.wall.host.reply import Reply, StudentError, read_reply
from tfm_quiz.wall.wire.frames import Handle, Name, Tensor, Value, WireError

FRAME = {"file": "exercises/m.py", "line": 1, "function": "f", "text": "x"}
GOOD: dict[str, Value] = {
    "status": "error",
    "type": "ValueError",
    "kinds": ["ValueError"],
    "message": "m",
    "frames": [FRAME],
    "shapes": [["x", "(2,)", "float32"]],
    "output": "",
}
things = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just(Tensor("uint8", (1,), b"x"))
    | st.just(Handle(1)) | st.just(Name("m", "f")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from([*GOOD, *FRAME]), inner, max_size=4)
    ),
    max_leaves=8,
)  # fmt: skip


def test_an_exception_is_told_in_full():
    error = read_reply(GOOD)
    assert isinstance(error, StudentError)
    assert error.failure.shapes == (("x", "(2,)", "float32"),)
    assert error.failure.frames == (FRAME,)


@pytest.mark.parametrize("shapes", [[7], ["abc"], [None], [["x"]], [["x", "y", 3]], [Name("x", "y")], "xyz"])
def test_shapes_of_another_form_are_a_wire_error(shapes):
    with pytest.raises(WireError):
        read_reply(GOOD | {"shapes": shapes})


@given(things, st.dictionaries(st.sampled_from([*GOOD, "value", "changed", "arguments", "parameters"]), things))
@settings(max_examples=300, deadline=None)
def test_whatever_a_worker_says_is_a_reply_an_exception_or_a_wire_error(anything, changes):
    for said in (anything, GOOD | changes, {"status": "ok"} | changes):
        try:
            assert isinstance(read_reply(said), Reply | StudentError)
        except WireError:
            continue
