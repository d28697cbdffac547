"""Code in order: what an order of lines earns, and what is said to it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.quiz.answers import given_answer, how_to_answer, show_answer, typed_answer
from tfm_quiz.quiz.bank import KINDS
from tfm_quiz.quiz.kinds.base import Unclear
from tfm_quiz.quiz.kinds.code_order import CodeOrder, Line, NearSwap
from tfm_quiz.quiz.kinds.forms import OneOf, Ordering, Pairs

SOURCE = Path(__file__).parents[2] / "src" / "tfm_quiz"
COMMON: dict[str, Any] = {"id": "q", "source": ["A3"], "section": ["3.2.3"], "ask": "?", "why": "So."}
LINES = [
    Line(text="c = a + b", place=3),  # a
    Line(text="a = 1", place=1),  # b
    Line(text="c = a - b", place=3, misconception="minus", say="That subtracts."),  # c
    Line(text="print(c)", place=4, say="Nobody would see it."),  # d
    Line(text="b = 2 * a", place=2),  # e
]
NEAR = [NearSwap(first="e", then="b", misconception="b-first", say="b needs a.")]
QUESTION = CodeOrder(**COMMON, lines=LINES, near=NEAR)


@pytest.mark.parametrize(
    ("letters", "share"),
    [
        ("bead", 1.0),
        ("ebad", 2 / 3),  # two lines swapped
        ("bea", 2 / 3),  # one left out
        ("becd", 1 / 3),  # one left out, and a wrong one in its place
        ("becad", 2 / 3),  # all of them and a wrong one
        ("daeb", 0.0),  # upside down
        ("b", 0.0),
        ("c", 0.0),
    ],
)
def test_the_longest_run_in_order_earns_its_share_and_each_wrong_line_costs_one(letters, share):
    assert QUESTION.mark(list(letters)).share == pytest.approx(share)


def test_wrong_lines_swaps_and_missing_lines_are_told_each():
    def said(letters: str) -> list[str]:
        return [reply.say for reply in QUESTION.mark(list(letters)).replies]

    assert said("bead") == []
    assert said("becd") == ["Not 3: That subtracts."]  # the right variant is not asked for besides
    assert said("ebad") == ["b needs a."]
    assert said("bea") == ["Line 4 belongs to it. Nobody would see it."]
    assert said("beda") == ["Line 1 comes before line 4."]
    assert [reply.misconception for reply in QUESTION.mark(list("ebcd")).replies] == ["minus", "b-first"]


def test_lines_of_one_place_may_be_swapped():
    lines = [Line(text=text, place=place) for text, place in [("x", 2), ("start", 1), ("y", 2), ("end", 3)]]
    question = CodeOrder(**COMMON, lines=lines)
    assert list(question.complaints()) == []
    for letters, share in [("bacd", 1.0), ("bcad", 1.0), ("abcd", 2 / 3), ("bdac", 2 / 3)]:
        assert question.mark(list(letters)).share == pytest.approx(share)
    assert [type(form) for form in question.forms()] == []  # any single order would refuse a right one


def test_a_line_may_stay_out_and_none_may_stand_twice():
    prompt = QUESTION.prompt()
    assert typed_answer(prompt, "2 5 1 4") == list("bead")
    assert given_answer(prompt, ["b", "e"]) == ["b", "e"]
    assert show_answer(prompt, list("bead")) == "2 5 1 4"
    for text in ("2 2 1", "6", "x"):
        with pytest.raises(Unclear, match=how_to_answer(prompt)):
            typed_answer(prompt, text)
    assert not any(word in repr(prompt) for word in ("place", "minus", "subtracts"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({1: Line(text="a = 1", place=5)}, "without a gap"),
        ({0: Line(text="c = a - b", place=3)}, "1 and 3 are the same"),
        ({2: Line(text="c", place=3, misconception="minus")}, "has no `say`"),
        ({2: Line(text="c", place=7, misconception="minus", say="No.")}, "does not have"),
    ],
)
def test_a_program_that_makes_no_sense_is_refused(changed, said):
    lines = [changed.get(i, line) for i, line in enumerate(LINES)]
    assert said in " ".join(message for _, message in CodeOrder(**COMMON, lines=lines).complaints())


def test_each_system_gets_a_form_that_is_right():
    pairs, choice = QUESTION.forms()
    assert isinstance(pairs, Pairs)
    assert [pairs.right[i] for i in pairs.answer] == ["line 3", "line 1", "not used", "line 4", "line 2"]
    assert isinstance(choice, OneOf)
    assert {option.text: option.correct for option in choice.options} == {
        "b e a d": True, "b e c d": False, "e b a d": False,
    }  # fmt: skip
    whole = CodeOrder(**COMMON, lines=[line for line in LINES if not line.misconception])
    (ordering, *_) = whole.forms()
    assert isinstance(ordering, Ordering)
    assert ordering.items == ("a = 1", "b = 2 * a", "c = a + b", "print(c)")


def test_only_the_bank_and_a_kind_itself_name_a_kind():
    """Adding a kind touches its module and one line of the bank: nobody else asks what kind a question is."""
    modules = {kind.__module__.rpartition(".")[2] for kind in KINDS} - {"prose"}  # free text is the other family
    asking = []
    for path in SOURCE.rglob("*.py"):
        if path.parent.name == "kinds" or path == SOURCE / "quiz" / "bank.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            name = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if "kinds." in name and name.rpartition(".")[2] in modules:
                asking.append(f"{path.name} imports {name}")
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "type":
                tags = {c.value for c in ast.walk(node) if isinstance(c, ast.Constant)}
                asking += [f"{path.name}:{node.lineno} asks for {tag}" for tag in tags & {k.tag() for k in KINDS}]
    assert [line for line in asking if "prose" not in line] == []
