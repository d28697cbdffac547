"""Scoring a handed-in `answers.toml`: exact, and no worse than the file itself when that is hostile."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.outcome import QuestionScore
from tfm_quiz.quiz.answers_file import toml_value
from tfm_quiz.quiz.bank import Closed
from tfm_quiz.quiz.kinds.choice import Choice
from tfm_quiz.quiz.kinds.fields import Option
from tfm_quiz.quiz.kinds.number import Number
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.quiz.kinds.several import Several
from tfm_quiz.quiz.kinds.shape import Shape
from tfm_quiz.quiz.scoring import graded_questions, score_with

ROOT = Path(__file__).parents[2]
COMMON: dict[str, Any] = {"source": ["A3"], "section": ["3.2.3"], "ask": "?"}
QUESTIONS = (
    Choice(
        **COMMON,
        id="pick",
        why="So.",
        points=2,
        options=[
            Option(text="no", misconception="says-no", say="It is not."),
            Option(text="yes", correct=True),
        ],
    ),
    Number(**COMMON, id="count", why="So.", answer=15.0),
    Shape(**COMMON, id="shape", why="So.", answer=[5, 7]),
    Prose(**COMMON, id="tell", points=4, key_points=[{"text": "It hides the future."}], model_answer="It does."),
)


def score(text: str | bytes | None) -> QuestionScore:
    return score_with(QUESTIONS, text)


def test_closed_questions_earn_points_and_free_text_waits_for_a_person():
    found = score('[answers]\npick = "b"\ncount = 15\nshape = [7, 5]\ntell = "It hides the future."\n')
    assert (found.points, found.out_of) == (3.0, 4.0)
    assert {name: item.outcome for name, item in found.items.items()} == {
        "pick": "right",
        "count": "right",
        "shape": "wrong",
        "tell": "awaiting_review",
    }
    assert found.awaiting_review == ("tell",)
    assert found.items["tell"].answer == "It hides the future."
    assert found.items["tell"].points == 0
    assert found.problems == ()


def test_a_wrong_answer_carries_its_misconception_and_its_reply():
    item = score('[answers]\npick = "a"\n').items["pick"]
    assert item.misconceptions == ("says-no",)
    assert item.message == "It is not."
    assert item.points == 0


def test_a_partly_right_answer_has_its_share_of_the_points():
    wrong = {text: Option(text=text, misconception=f"says-{text}", say=f"Not {text}.") for text in "cd"}
    options = [Option(text="a", correct=True), Option(text="b", correct=True), *wrong.values()]
    question = Several(**COMMON, id="some", why="So.", points=3, options=options)
    found = score_with([question, *QUESTIONS], '[answers]\nsome = ["a"]\ncount = 15\n')
    item = found.items["some"]
    assert (item.outcome, item.points, item.out_of, item.answer) == ("partly", 1.5, 3.0, ["a"])
    assert item.source == ("A3",)
    assert (found.points, found.out_of) == (2.5, 7.0)
    both = score_with([question], '[answers]\nsome = ["c", "d"]\n').items["some"]
    assert (both.outcome, both.points, both.misconceptions) == ("wrong", 0.0, ("says-c", "says-d"))
    assert both.message.endswith("Not 3: Not c. Not 4: Not d.")


def test_no_file_and_open_answers_are_unanswered_and_no_problem():
    for text in (None, "[answers]\n", '[answers]\npick = ""\nshape = []\ntell = " "\n'):
        found = score(text)
        assert {item.outcome for item in found.items.values()} == {"unanswered"}
        assert found.points == 0
        assert found.problems == ()
        assert found.awaiting_review == ()


def test_one_bad_answer_costs_itself_and_says_where():
    found = score('[answers]\npick = "z"\ncount = [1, 2]\nshape = "5 7"\n')
    assert found.points == 1
    assert found.problems == (
        'answers.toml line 2, pick: “z” is none of the answers; write a letter, "a" to "b".',
        "answers.toml line 3, count: A list is not an answer here; write a number, such as 1.75, 2/7 or 3e6.",
    )


def test_an_unknown_question_is_named_with_the_nearest():
    found = score('[answers]\npik = "b"\n')
    assert found.problems == ("answers.toml line 2: there is no question `pik`; did you mean `pick`?",)


def test_a_thousand_unknown_questions_make_a_short_list():
    found = score("[answers]\n" + "".join(f"x{n} = 1\n" for n in range(1000)))
    assert len(found.problems) == 21
    assert found.problems[-1] == "answers.toml: and 980 more of this kind."


@pytest.mark.parametrize(
    "text", [b"\xff", b"[answers]\npick = " + b"[" * 100_000, b"[answers]\n" + b"a." * 100_000 + b"b=1"]
)
def test_a_broken_file_costs_the_questions_and_nothing_else(text):
    begun = time.perf_counter()
    found = score(text)
    assert time.perf_counter() - begun < 3
    assert found.points == 0
    assert found.out_of == 4
    assert len(found.problems) == 1


def test_a_score_survives_json():
    found = score('[answers]\npick = "b"\nshape = [7, 5]\ntell = "x"\n')
    assert msgspec.json.decode(msgspec.json.encode(found), type=QuestionScore) == found


@given(st.text("[]{}=\"'answers pickountshe\n.,01abc", max_size=150))
@settings(max_examples=200, deadline=None)
def test_no_file_earns_more_than_there_is_or_breaks_the_scoring(text):
    found = score("[answers]\n" + text)
    assert 0 <= found.points <= found.out_of
    assert all(problem.isprintable() for problem in found.problems)


def test_the_course_s_own_keys_have_full_marks():
    text = "[answers]\n" + "".join(
        f"{question.id} = {toml_value(question.key())}\n"
        for question in graded_questions(ROOT)
        if isinstance(question, Closed)
    )
    found = score_with(graded_questions(ROOT), text)
    assert found.points == found.out_of >= 80
    assert found.problems == ()


def test_replies_in_a_notebook_count_before_the_file_and_are_told_by_their_question():
    questions = graded_questions(ROOT)
    number = next(question for question in questions if question.prompt().type == "number")
    other = next(question for question in questions if question.prompt().type == "number" and question is not number)
    text = f"[answers]\n{number.id} = 1\n{other.id} = 2\n"
    items = score_with(questions, text, {number.id: "3"}).items
    assert (items[number.id].answer, items[other.id].answer) == (3.0, 2.0)
    assert score_with(questions, None, {number.id: "3"}).items[number.id].answer == 3.0
    wrong = score_with(questions, "no toml", {number.id: "what is asked for?"})
    assert any(problem.startswith(f"question {number.id}: ") for problem in wrong.problems)
