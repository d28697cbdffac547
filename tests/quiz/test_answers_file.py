"""`answers.toml`: one answer is changed and all else stays; a hostile file costs itself."""

from __future__ import annotations

import time
import tomllib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.quiz.answers_file import AnswersUnreadable, read_answers, with_answer

BY_HAND = """\
# my answers
[answers]   # for week 3
first = "a" # sure
# not so sure
second = [
  "b", # this one
  "c",
]
third = '''
a text
'''

[notes]
mood = "fine"
"""


def test_an_answer_is_changed_in_place_and_every_other_character_stays():
    text, kept = with_answer(BY_HAND, "second", ["d"])
    assert kept
    before, _, after = BY_HAND.partition('second = [\n  "b", # this one\n  "c",\n]')
    assert text == f'{before}second = ["d"]{after}'


def test_a_new_answer_goes_to_the_end_of_its_table_with_a_note():
    text, kept = with_answer(BY_HAND, "fourth", 0.5, "How many?")
    assert kept
    assert text == BY_HAND.replace("a text\n'''\n", "a text\n'''\n\n# How many?\nfourth = 0.5\n")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "\ufeff", "x = 1\n"])
def test_a_file_without_answers_gets_its_table(text):
    made, _ = with_answer(text, "first", "b")
    assert tomllib.loads(made)["answers"] == {"first": "b"}
    for line in text.strip("\ufeff\n").splitlines():
        assert line in made


@pytest.mark.parametrize("text", ["answers = { first = 'a' }\n", "answers.first = 'a'\n"])
def test_a_file_in_another_style_is_written_anew_and_says_so(text):
    made, kept = with_answer(text, "second", "b")
    assert not kept
    assert read_answers(made).values == {"first": "a", "second": "b"}


def test_windows_line_ends_do_no_harm():
    made, kept = with_answer(BY_HAND.replace("\n", "\r\n"), "first", "c")
    assert kept
    assert read_answers(made).values["first"] == "c"


ANSWERS = st.one_of(
    st.text(max_size=60),
    st.floats(allow_nan=False),
    st.lists(st.sampled_from("abcd"), max_size=4),
    st.lists(st.integers(0, 99), max_size=4),
    st.lists(st.lists(st.floats(allow_nan=False, width=32), min_size=2, max_size=2), min_size=1, max_size=2),
)


@given(st.lists(st.tuples(st.sampled_from(["one", "two", "three-3"]), ANSWERS, st.text("abc #=[]'\"", max_size=9))))
@settings(max_examples=150, deadline=None)
def test_what_is_saved_is_what_is_read(steps):
    text, wanted = "", {}
    for name, answer, note in steps:
        text, kept = with_answer(text, name, answer, note)
        wanted[name] = answer
        assert kept
    if steps:
        assert read_answers(text).values == wanted


HOSTILE = [
    b"\xff\xfe",
    b"[answers",
    b"answers = 3",
    b"[[answers]]\nx = 1",
    b"x = 1",
    b"[answers]\nx = " + b"[" * 200_000,
    b"[answers]\nx = " + b"{a=" * 100_000,
    b"[answers]\nx = 1" + b"0" * 5_000,
    b"[answers]\nx = 9999-99-99",
    b"[answers]\n" + b"a." * 200_000 + b"b = 1",
    b"[answers]\n" + b'"a".' * 100_000 + b"b = 1",
    b"[answers]\n" + b"'a' . " * 80_000 + b"b = 1",
    b"[" + b"a." * 200_000 + b"b]",
    b"[answers]\nx = '" + b"a" * 600_000,
    b'[answers]\nx = "' + b'\\"' * 200_000,
    b"[answers]\nx = 1\nx = 2",
]


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data[:30]))
def test_a_hostile_file_is_refused_in_a_sentence_and_at_once(data):
    begun = time.perf_counter()
    with pytest.raises(AnswersUnreadable) as raised:
        read_answers(data)
    assert time.perf_counter() - begun < 3
    assert str(raised.value).startswith("answers.toml")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


@given(st.binary(max_size=200) | st.text("[]{}=\"'#answers\n.,\\ 01", max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_file_does_worse_than_to_be_unreadable(data):
    with suppress(AnswersUnreadable):
        read_answers(data)


def test_what_stands_outside_the_table_is_remarked_on_with_its_line():
    answers = read_answers(BY_HAND)
    assert answers.lines == {"first": 3, "second": 5, "third": 9}
    assert answers.remarks == ("answers.toml line 13: `notes` is not in the [answers] table and is not read.",)
