"""One bad line in `answers.toml` costs one answer, and says which."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.quiz.answers_file import AnswersUnreadable
from tfm_quiz.quiz.salvage import answers_in

GOOD = {"first": "a", "second": ["b", "c"], "third": "a\n# text = 1\n", "fourth": 4}
TEXT = '''\
[answers]
first = "a"
{bad}
second = [
  "b",
  "c",
]
third = """a
# text = 1
"""
fourth = 4
'''

BAD_LINES = {
    "no quotes": ("fifth = b", "`fifth`"),
    "curly quotes": ("fifth = “b”", "`fifth`"),
    "an open list": ('fifth = ["b"', "`fifth`"),
    "an open text": ('fifth = "b', "`fifth`"),
    "an open long text": ('fifth = """b', "`fifth`"),
    "no value": ("fifth =", "`fifth`"),
    "a colon": ('fifth: "b"', "that line"),
    "words": ("I was not sure here", "that line"),
    "a bad date": ("fifth = 9999-99-99", "`fifth`"),
    "a key with a space": ('my fifth = "b"', "that line"),
}


@pytest.mark.parametrize(("bad", "told"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_costs_its_own_answer_and_says_which_and_where(bad, told):
    answers = answers_in(TEXT.replace("{bad}", bad))
    assert answers.values == GOOD
    (remark,) = answers.remarks
    assert remark.startswith("answers.toml line 3: ")
    assert told in remark
    assert remark.endswith("was not read; the others were.")


def test_an_answer_that_is_given_twice_counts_if_both_say_the_same():
    assert answers_in(TEXT.replace("{bad}", "fourth = 4")).values == GOOD
    answers = answers_in(TEXT.replace("{bad}", "fourth = 5"))
    assert answers.values == {key: GOOD[key] for key in ("first", "second", "third")}
    assert "line 3" in answers.remarks[0]
    assert "line 11" in answers.remarks[0]


@pytest.mark.parametrize("header", ["", "[answers", "answers]", "[Answers]", "[answer]"])
def test_a_table_without_its_header_or_with_a_broken_one_is_read(header):
    assert answers_in(TEXT.replace("[answers]", header).replace("{bad}", "")).values == GOOD


def test_a_file_saved_as_utf_16_is_read():
    assert answers_in(TEXT.replace("{bad}", "").encode("utf-16")).values == GOOD


def test_other_tables_stay_outside():
    answers = answers_in('[notes]\nmood = "fine"\nx = \n[answers]\nfirst = "a"\nbad = \n[more]\nfirst = "b"\n')
    assert answers.values == {"first": "a"}


HOSTILE = [
    b"[answers]\n" + b"x = [\n" * 80_000,
    b"[answers]\n" + b"x = [\n" + b"[\n" * 200_000,
    b'[answers]\nx = """\n' + b"a\n" * 200_000,
    b"[answers]\n" + b"x = 1\nx = 2\n" * 40_000,
    b"[answers]\nx = " + b"[" * 400_000 + b"\ny",
    b"[answers]\n" + b"a." * 200_000 + b"b = 1\ny",
    b"[answers]\nz = {a = " * 20_000,
    b"garbage\n" * 60_000,
]


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data[:20]))
def test_a_hostile_file_costs_little_and_a_few_sentences(data):
    begun = time.perf_counter()
    with suppress(AnswersUnreadable):
        assert len(answers_in(data).remarks) <= 21
    assert time.perf_counter() - begun < 10


@given(st.binary(max_size=200) | st.text("[]{}=\"'#answers\n.,\\ 01", max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_file_does_worse_than_to_be_unreadable(data):
    with suppress(AnswersUnreadable):
        answers_in(data)
