"""Reading the bank: what is right is read, and what is wrong is said all at once, each with its place."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.author.questions import question_schema
from tfm_quiz.errors import CourseError
from tfm_quiz.quiz.answers_file import toml_value
from tfm_quiz.quiz.kinds.choice import Choice
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.quiz.reading import read_prompts, read_questions
from tfm_quiz.toml.places import line_of_places

HEAD = 'source = ["A3"]\nsection = ["3.2.3"]\nask = "Why?"\nwhy = "Because."\n'
RIGHT = '{ text = "yes", correct = true }'
WRONG = '{ text = "no", misconception = "says-no", say = "It is not." }'


def question(id: str, type: str, rest: str) -> str:
    return f'[[question]]\nid = "{id}"\ntype = "{type}"\n{HEAD}{rest}\n\n'


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "masks.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as raised:
        read_questions(path)
    return [str(fault) for fault in raised.value.faults]


def test_a_question_of_each_type_is_read(tmp_path):
    text = (
        question("a", "choice", f"options = [{RIGHT}, {WRONG}]")
        + question("b", "several", f"options = [{RIGHT}, {WRONG}]")
        + question("c", "wrong-line", 'lines = [{ text = "x", say = "Fine." }, { text = "y", correct = true }]')
        + question("d", "number", "answer = 4")
        + question("e", "shape", "answer = [2, 3]")
        + question("f", "order", 'items = ["x", "y", "z"]\nanswer = ["c", "a", "b"]')
        + question("g", "match", 'left = ["x", "y"]\nright = ["p", "q"]\nanswer = ["b", "b"]')
        + question("h", "blank", 'answer = ["teacher forcing"]')
        + question("i", "tensor", "answer = [[1, 0], [1, -inf]]")
        + '[[question]]\nid = "j"\ntype = "prose"\nsource = ["A3"]\nsection = ["3.2.3"]\nask = "Why?"\n'
        + 'model_answer = "Because."\n[[question.key_points]]\ntext = "It hides the future."\n'
    )
    path = tmp_path / "all.toml"
    path.write_text(text, encoding="utf-8")
    questions = read_questions(path)
    assert [q.id for q in questions] == list("abcdefghij")
    assert isinstance(questions[0], Choice)
    assert isinstance(questions[-1], Prose)


def test_every_mistake_of_a_file_is_said_at_once_with_its_line_and_place(tmp_path):
    text = "\n".join(
        [
            "[[question]]",  # 1
            'id = "one"',
            'type = "choice"',
            'source = ["A 99"]',  # 4
            'section = ["3.2.3"]',
            'ask = "Why?"',
            'wy = "Because."',  # 7
            "options = [",
            '  { text = "yes", correct = "true" },',  # 9
            '  { text = "no" },',
            "]",
            "[[question]]",  # 12
            'id = "two"',
            'type = "chioce"',  # 14
            "[[question]]",
            'id = "three"',
            'type = "number"',
            'source = ["A1"]',
            'section = ["3.5"]',
            'ask = "How many?"',
            'why = "So many."',
            'answer = "four"',  # 22
        ]
    )
    found = faults(tmp_path, text)
    assert sorted(int(fault.split(":")[1]) for fault in found) == [1, 4, 7, 9, 14, 22]
    whole = "\n".join(found)
    assert "question one: unknown key `wy`; did you mean `why`?" in whole
    assert "question one: `why` is missing" in whole
    assert "question one, options 1: `correct`" in whole
    assert "did you mean `choice`?" in whole
    assert "question three: `answer`" in whole


@pytest.mark.parametrize(
    ("type", "rest", "said"),
    [
        ("choice", f"options = [{WRONG}, {WRONG.replace('no', 'nay')}]", "0 options are marked correct"),
        ("choice", f"options = [{RIGHT}, {RIGHT.replace('yes', 'aye')}]", "2 options are marked correct"),
        ("choice", f"options = [{RIGHT}]", "write 2 to 9"),
        ("choice", f"options = [{RIGHT}, {WRONG}, {WRONG}]", "2 and 3 are the same"),
        ("choice", f'options = [{RIGHT}, {{ text = "no", misconception = "x" }}]', "has no `say`"),
        ("choice", f'options = [{RIGHT}, {{ text = "no", say = "No." }}]', "names no `misconception`"),
        ("several", f"options = [{RIGHT}, {RIGHT.replace('yes', 'aye')}]", "some must not"),
        ("number", 'answer = 2\nnear = [{ answer = 2, misconception = "x", say = "y" }]', "would count as right"),
        ("shape", 'answer = [2]\nnear = [{ answer = [2], misconception = "x", say = "y" }]', "is the right answer"),
        ("tensor", "answer = [[1, 2], [3]]", "same length"),
        ("order", 'items = ["x", "y", "z"]\nanswer = ["a", "b", "c"]', "already in the right order"),
        ("order", 'items = ["x", "y", "z"]\nanswer = ["a", "a", "c"]', "each of a, b, c once"),
        ("match", 'left = ["x", "y"]\nright = ["p", "q"]\nanswer = ["a"]', "needs 2 letters"),
        ("match", 'left = ["x", "y"]\nright = ["p", "q"]\nanswer = ["a", "c"]', "right side ends at b"),
        (
            "blank",
            'answer = ["layer norm"]\nnear = [{ answer = ["LayerNorm"], misconception = "x", say = "y" }]',
            "is accepted as right",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(tmp_path, type, rest, said):
    found = faults(tmp_path, question("odd", type, rest))
    assert len(found) == 1
    assert said in found[0]
    assert "question odd" in found[0]


def test_an_id_is_used_once(tmp_path):
    twice = question("same", "number", "answer = 1")
    found = faults(tmp_path, twice + twice)
    assert found == ["masks.toml:11: question same: this id is already taken at masks.toml:2"]


@pytest.mark.parametrize("text", ["[[question]\n", "x = 1\n", "question = 3\n", "", "[[question]]\nid = 3\n"])
def test_what_is_no_bank_is_said_in_one_sentence_each(tmp_path, text):
    assert all(fault.startswith("masks.toml") for fault in faults(tmp_path, text))


def test_a_prompt_file_with_a_key_in_it_is_refused(tmp_path):
    path = tmp_path / "prompts.toml"
    path.write_text('[[question]]\nid = "x"\ntype = "number"\nask = "How many?"\nanswer = 3\n')
    with pytest.raises(CourseError, match="unknown key `answer`"):
        read_prompts(path)


def test_a_prompt_has_nothing_of_the_key(tmp_path):
    path = tmp_path / "one.toml"
    near = 'near = [{ answer = 7, misconception = "seven", say = "Not seven." }]'
    path.write_text(question("secret", "number", f"answer = 4711\n{near}"), encoding="utf-8")
    shown = repr(read_questions(path)[0].prompt())
    assert "Why?" in shown
    assert not any(word in shown for word in ("4711", "Because", "seven", "tolerance"))


def test_the_schema_knows_every_type():
    types = [
        d["properties"]["type"] for d in json.loads(question_schema())["$defs"].values() if "type" in d["properties"]
    ]
    tags = {kind.get("const") or kind["enum"][0] for kind in types}
    assert {"choice", "several", "wrong-line", "number", "shape", "order", "match", "blank", "tensor", "prose"} <= tags


KEYS = st.text(min_size=1, max_size=4)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text(max_size=12), st.sampled_from([0.5, -1e-9, float("inf")])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def _paths(value, here=()):
    yield here
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(inner, (*here, key))


@given(st.dictionaries(st.text("abcdef-_", min_size=1, max_size=4), VALUES, max_size=5), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_the_line_of_every_place_of_a_toml_text_is_found(data, gap):
    lines, expected = [], {}
    for key, value in data.items():
        lines += ["# a [[comment]] = 'x'"] * gap
        expected[key] = len(lines) + 1
        lines += f"{key} = {toml_value(value)}".split("\n")
    text = "\n".join(lines)
    assert tomllib.loads(text) == data
    found = line_of_places(text)
    assert set(found) >= {path for path in _paths(data) if path}
    assert {key: found[(key,)] for key in data} == expected
