"""From what people type, and from what stands in a file, to an answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.quiz.answers import Unclear, given_answer, typed_answer
from tfm_quiz.quiz.prompts import Prompt

ABCD = ["w", "x", "y", "z"]
PROMPTS = {
    "choice": Prompt(id="q", type="choice", ask="?", options=ABCD),
    "several": Prompt(id="q", type="several", ask="?", options=ABCD),
    "wrong-line": Prompt(id="q", type="wrong-line", ask="?", options=ABCD),
    "number": Prompt(id="q", type="number", ask="?"),
    "shape": Prompt(id="q", type="shape", ask="?"),
    "order": Prompt(id="q", type="order", ask="?", options=ABCD[:3]),
    "match": Prompt(id="q", type="match", ask="?", options=ABCD[:3], right=["r", "s"]),
    "blank": Prompt(id="q", type="blank", ask="?"),
    "tensor": Prompt(id="q", type="tensor", ask="?"),
    "prose": Prompt(id="q", type="prose", ask="?"),
}


@pytest.mark.parametrize(
    ("type", "typed", "answer"),
    [
        ("choice", "2", "b"),
        ("choice", " B ", "b"),
        ("choice", "(2)", "b"),
        ("wrong-line", "4.", "d"),
        ("several", "1 3", ["a", "c"]),
        ("several", "3,1", ["a", "c"]),
        ("several", "31", ["a", "c"]),
        ("several", "1 and 3", ["a", "c"]),
        ("several", "a c c", ["a", "c"]),
        ("number", "64", 64.0),
        ("number", "6.4e1", 64.0),
        ("number", "1/8", 0.125),
        ("number", "50 %", 0.5),
        ("number", "65 000 000", 65e6),
        ("number", "25,165,824", 25165824.0),
        ("number", "2^-9", 2**-9),
        ("number", "√64", 8.0),
        ("number", "1/√64", 0.125),
        ("number", "sqrt(2)", math.sqrt(2)),
        ("number", "−inf", -math.inf),
        ("number", "-∞", -math.inf),
        ("number", ".5", 0.5),
        ("shape", "(2, 8, 5, 7)", [2, 8, 5, 7]),
        ("shape", "2 8 5 7", [2, 8, 5, 7]),
        ("number", "2*pi", 2 * math.pi),
        ("number", "2π", 2 * math.pi),
        ("number", "-π/2", -math.pi / 2),
        ("number", "2 · 3^2 × 2", 36.0),
        ("shape", "2x8x5x7", [2, 8, 5, 7]),
        ("shape", "torch.Size([2, 8])", [2, 8]),
        ("shape", "[5]", [5]),
        ("shape", "()", []),
        ("order", "3 1 2", ["c", "a", "b"]),
        ("order", "cab", ["c", "a", "b"]),
        ("match", "b a b", ["b", "a", "b"]),
        ("match", "1b 2a 3b", ["b", "a", "b"]),
        ("match", "3=b, 1=b, 2=a", ["b", "a", "b"]),
        ("blank", "Teacher forcing", "Teacher forcing"),
        ("tensor", "1 0; 1 1", [[1.0, 0.0], [1.0, 1.0]]),
        ("tensor", "[[1, 0], [1, 1]]", [[1.0, 0.0], [1.0, 1.0]]),
        ("tensor", "tensor([[True, False], [True, True]])", [[1.0, 0.0], [1.0, 1.0]]),
        ("tensor", "1/2 1/2 0 -inf", [[0.5, 0.5, 0.0, -math.inf]]),
    ],
)
def test_an_answer_may_be_typed_in_every_usual_way(type, typed, answer):
    assert typed_answer(PROMPTS[type], typed) == answer


@pytest.mark.parametrize(
    ("type", "typed", "said"),
    [
        ("choice", "5", "a number from 1 to 4"),
        ("choice", "1 2", "One answer"),
        ("choice", "", "empty"),
        ("choice", "yes", "“yes” is none of the answers"),
        ("several", "1 9", "none of the answers"),
        ("order", "1 2", "Each of the 3 once"),
        ("order", "1 1 2", "Each of the 3 once"),
        ("match", "a b", "one letter for each of 1 to 3"),
        ("match", "a b c", "one letter for each of 1 to 3"),
        ("match", "1a 1b 2a", "one letter for each of 1 to 3"),
        ("number", "0,5", "with a point, not a comma"),
        ("number", "1/0", "not a number"),
        ("number", "9^9999", "not a number"),
        ("number", "2**(3**4)", "not a number"),
        ("number", "__import__('os')", "not a number"),
        ("shape", "B T d", "not a shape in numbers"),
        ("shape", "-1 2", "not a shape in numbers"),
        ("tensor", "1 0; 1", "Row 2 has 1 entries and row 1 has 2"),
        ("tensor", "[]", "no numbers"),
        ("tensor", "x", "“x” is not a number"),
        ("number", "1" * 500, "500 characters"),
        ("prose", "x" * 5000, "5000 characters"),
    ],
)
def test_what_cannot_be_read_is_asked_for_again_in_words(type, typed, said):
    with pytest.raises(Unclear) as raised:
        typed_answer(PROMPTS[type], typed)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("type", "value", "answer"),
    [
        ("choice", "b", "b"),
        ("choice", 2, "b"),
        ("several", ["c", "a"], ["a", "c"]),
        ("several", "a, c", ["a", "c"]),
        ("number", 64, 64.0),
        ("number", "64", 64.0),
        ("shape", [2, 8], [2, 8]),
        ("shape", 5, [5]),
        ("shape", [], []),
        ("order", ["c", "a", "b"], ["c", "a", "b"]),
        ("order", [3, 1, 2], ["c", "a", "b"]),
        ("match", ["b", "a", "b"], ["b", "a", "b"]),
        ("tensor", [[True, False], [True, True]], [[1.0, 0.0], [1.0, 1.0]]),
        ("tensor", [1, 0.5], [[1.0, 0.5]]),
        ("blank", "teacher forcing", "teacher forcing"),
        ("blank", 6, "6"),
        ("prose", "Because.", "Because."),
    ],
)
def test_a_file_may_hold_the_value_or_its_text(type, value, answer):
    assert given_answer(PROMPTS[type], value) == answer


def test_in_a_file_options_are_asked_for_by_letter():
    with pytest.raises(Unclear, match='write a letter, "a" to "d"'):
        given_answer(PROMPTS["choice"], "nothing of the kind")


TOML_VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.integers(10**300, 10**400),
        st.floats(),
        st.text(max_size=40),
        st.dates(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=10,
)


def sentence_or_none(read, prompt: Prompt, value: object) -> str:
    """What is said of an unclear answer, "" if it was clear. Any other exception is a failure."""
    try:
        read(prompt, value)
    except Unclear as unclear:
        return str(unclear)
    return ""


@given(st.sampled_from(sorted(PROMPTS)), TOML_VALUES)
@settings(max_examples=400, deadline=None)
def test_no_value_of_a_file_does_worse_than_to_be_unclear(type, value):
    assert sentence_or_none(given_answer, PROMPTS[type], value).isprintable()


@given(st.sampled_from(sorted(PROMPTS)), st.text(max_size=60) | st.text("0123456789.e^*/√%()[];,-x ", max_size=40))
@settings(max_examples=400, deadline=None)
def test_no_typed_line_does_worse_than_to_be_unclear(type, typed):
    assert sentence_or_none(typed_answer, PROMPTS[type], typed).isprintable()
