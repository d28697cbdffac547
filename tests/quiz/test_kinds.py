"""Marking: how much an answer earns, and what is said to it."""

from __future__ import annotations

from typing import Any

import pytest

from tfm_quiz.quiz.kinds.blank import Blank, NearText, normal_text
from tfm_quiz.quiz.kinds.fields import Option
from tfm_quiz.quiz.kinds.match import Match, NearPair
from tfm_quiz.quiz.kinds.number import NearNumber, Number
from tfm_quiz.quiz.kinds.order import NearOrder, Order
from tfm_quiz.quiz.kinds.several import Several
from tfm_quiz.quiz.kinds.shape import NearShape, Shape
from tfm_quiz.quiz.kinds.tensor import NearTensor, Tensor

COMMON: dict[str, Any] = {"id": "q", "source": ["A3"], "section": ["3.2.3"], "ask": "?", "why": "So."}


def said(given) -> list[str]:
    return [reply.say for reply in given.replies]


@pytest.mark.parametrize(
    ("chosen", "share"),
    [("ab", 1.0), ("a", 0.5), ("abc", 2 / 3), ("abcde", 0.0), ("c", 0.0), ("ac", 1 / 6), ("cde", 0.0)],
)
def test_several_earns_the_right_share_minus_the_wrong_share_and_never_less_than_nothing(chosen, share):
    options = [
        Option(text=c, correct=c in "ab", say=f"about {c}", misconception="" if c in "ab" else c) for c in "abcde"
    ]
    given = Several(**COMMON, options=options).mark(list(chosen))
    assert given.share == pytest.approx(share)
    assert given.right == (chosen == "ab")
    assert {reply.misconception for reply in given.replies} - {""} == set(chosen) - {"a", "b"}


@pytest.mark.parametrize(
    ("letters", "share"), [("dabc", 1.0), ("abcd", 2 / 3), ("dcba", 0.0), ("dbca", 1 / 3), ("abdc", 1 / 3)]
)
def test_order_earns_the_share_of_right_neighbours(letters, share):
    near = [NearOrder(first="c", then="d", misconception="late-d", say="d comes first")]
    given = Order(**COMMON, items=list("wxyz"), answer=list("dabc"), near=near).mark(list(letters))
    assert given.share == pytest.approx(share)
    if letters == "abcd":
        assert said(given) == ["d comes first"]
    if letters == "dcba":
        assert said(given) == ["“y” does not come right after “z”."]


def test_match_earns_the_share_of_right_pairs_and_answers_each_wrong_one():
    near = [NearPair(item=1, chose="a", misconception="swapped", say="other way round")]
    question = Match(**COMMON, left=["q", "k", "v"], right=["enc", "dec"], answer=["b", "a", "a"], near=near)
    assert question.mark(["b", "a", "a"]).share == 1
    given = question.mark(["a", "a", "b"])
    assert given.share == pytest.approx(1 / 3)
    assert said(given) == ["other way round", "“v” goes with “enc”."]


def test_a_number_is_right_within_its_tolerance_and_near_ones_are_named():
    near = [NearNumber(answer=8, misconception="root", say="That is the root.")]
    question = Number(**COMMON, answer=64, tolerance=0.5, near=near)
    assert question.mark(64.4).right
    assert not question.mark(65.0).right
    assert question.mark(8.2).replies[0].misconception == "root"
    assert not question.mark(9.0).replies


def test_a_rounded_mistake_is_still_recognised_and_the_nearest_one_is_named():
    near = [
        NearNumber(answer=22.627417, misconception="by-d", say="By d."),
        NearNumber(answer=22.7, misconception="other", say="Other."),
    ]
    question = Number(**COMMON, answer=1, tolerance=0.001, near=near)
    assert question.mark(22.63).replies[0].misconception == "by-d"
    assert question.mark(22.7).replies[0].misconception == "other"
    assert not question.mark(23.0).replies
    assert not question.mark(1.004).right


def test_minus_infinity_is_no_large_number():
    question = Number(**COMMON, answer=float("-inf"), tolerance=1.0)
    assert question.mark(float("-inf")).right
    assert not question.mark(-1e300).right
    assert not question.mark(float("inf")).right


def test_a_shape_is_right_or_wrong_as_a_whole():
    near = [NearShape(answer=[7, 5], misconception="swapped", say="Rows are queries.")]
    question = Shape(**COMMON, answer=[5, 7], near=near)
    assert question.mark([5, 7]).right
    assert said(question.mark([7, 5])) == ["Rows are queries."]
    assert question.mark([5, 7, 1]).share == 0


def test_a_tensor_of_another_size_is_told_so():
    near = [NearTensor(answer=[[0, 1]], misconception="inverted", say="Inverted.")]
    question = Tensor(**COMMON, answer=[[1, 0]], tolerance=0.1, near=near)
    assert question.mark([[0.95, 0.05]]).right
    assert said(question.mark([[0.0, 1.0]])) == ["Inverted."]
    assert said(question.mark([[1.0], [0.0]])) == ["Yours is 2 by 1, the answer is 1 by 2."]


def test_words_are_compared_without_case_spacing_and_hyphens():
    near = [NearText(answer=["masking"], misconception="mask", say="That hides.")]
    question = Blank(**COMMON, answer=["teacher forcing"], near=near)
    for words in ("Teacher Forcing", "the teacher-forcing", "“teacherforcing”.", "TEACHER  FORCING"):
        assert question.mark(words).right
    assert said(question.mark("Masking")) == ["That hides."]
    assert not question.mark("forcing").right


def test_signs_that_mean_something_are_not_thrown_away():
    assert normal_text("√d_k") != normal_text("d_k")
    assert normal_text("-inf") != normal_text("inf")
    assert normal_text("a + b") != normal_text("a b")


def test_the_right_answer_is_shown_as_it_would_be_typed():
    assert Shape(**COMMON, answer=[5, 7]).shown_key() == "(5, 7)"
    assert Number(**COMMON, answer=25165824.0).shown_key() == "25165824"
    assert Tensor(**COMMON, answer=[[1, 0], [0.5, float("-inf")]]).shown_key() == "1 0; 0.5 -inf"
    assert Match(**COMMON, left=["x", "y"], right=["p", "q"], answer=["b", "a"]).shown_key() == "1 b, 2 a"
