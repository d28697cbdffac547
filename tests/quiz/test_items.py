"""Item statistics: which questions work, and which key may be wrong."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Report
from tfm_quiz.quiz.answers_file import toml_value
from tfm_quiz.quiz.kinds.choice import Choice
from tfm_quiz.quiz.kinds.fields import Option
from tfm_quiz.quiz.kinds.number import Number
from tfm_quiz.quiz.scoring import QuestionScore, graded_questions, score_with
from tfm_quiz.teach.items import class_scores, item_statistics

ROOT = Path(__file__).parents[2]
COMMON: dict[str, Any] = {"source": ["A3"], "section": ["3.2.3"], "ask": "?", "why": "So."}


def choice(name: str, right: str) -> Choice:
    options = [
        Option(text=c, correct=c == right, misconception="" if c == right else f"{c}-it-is", say="No.") for c in "abcd"
    ]
    return Choice(**COMMON, id=name, options=options)


def class_of(count: int, questions) -> list[QuestionScore]:
    """Students of rising skill; the better, the likelier right."""
    generator = random.Random(7)
    scores = []
    for student in range(count):
        skill = (student + 0.5) / count
        answers = {q.id: "a" if generator.random() < 0.25 + 0.7 * skill else generator.choice("bc") for q in questions}
        text = "[answers]\n" + "".join(f"{name} = {toml_value(value)}\n" for name, value in answers.items())
        scores.append(score_with(questions, text))
    return scores


QUESTIONS = [choice(f"q{n}", "a") for n in range(9)]


def test_a_wrong_key_is_the_only_one_that_tells_the_good_from_the_weak_the_wrong_way_round():
    questions = [*QUESTIONS, choice("bad-key", "c")]
    found = item_statistics(questions, class_of(60, questions))
    assert found[0].id == "bad-key"
    assert [item.id for item in found if item.suspected] == ["bad-key"]
    assert any("is the key right?" in remark for remark in found[0].remarks)
    assert any("the best third chose a most often, and the key is c" in remark for remark in found[0].remarks)


def test_difficulty_shares_and_misconceptions_are_counted():
    scores = [score_with(QUESTIONS[:2], text) for text in ('[answers]\nq0 = "a"\n', '[answers]\nq0 = "b"\nq1 = "a"\n')]
    items = {item.id: item for item in item_statistics(QUESTIONS[:2], scores)}
    assert (items["q0"].students, items["q0"].answered, items["q0"].difficulty) == (2, 2, 0.5)
    assert items["q0"].chosen == {"a": 0.5, "b": 0.5, "c": 0.0, "d": 0.0}
    assert items["q0"].misconceptions == {"b-it-is": 1}
    assert (items["q1"].answered, items["q1"].difficulty) == (1, 0.5)


def test_the_commonest_wrong_numbers_are_listed():
    question = Number(**COMMON, id="count", answer=15.0)
    scores = [score_with([question], f"[answers]\ncount = {n}\n") for n in (15, 10, 10, 7)]
    (item,) = item_statistics([question], scores)
    assert item.chosen == {"10": 0.5, "7": 0.25}


def test_small_classes_are_warned_about_and_large_ones_hear_of_unused_options():
    small = item_statistics(QUESTIONS, class_of(8, QUESTIONS))
    assert all(any("8 answers only" in remark for remark in item.remarks) for item in small)
    large = item_statistics(QUESTIONS, class_of(40, QUESTIONS))
    assert all("nobody chose d: not a mistake that people make" in item.remarks for item in large)


def test_where_all_are_alike_there_is_no_discrimination():
    scores = [score_with(QUESTIONS, '[answers]\nq0 = "a"\n')] * 5
    assert all(item.discrimination is None for item in item_statistics(QUESTIONS, scores))


def results_folder(tmp_path: Path, scores: list[QuestionScore | None]) -> Path:
    lines = []
    for number, score in enumerate(scores, start=1):
        report = Report(
            submission=f"student-{number:02}", points=0, out_of=1, isolation="none", versions={},
            key=str(number), seconds=0.1, questions=score,
        )  # fmt: skip
        lines.append(msgspec.json.encode(report))
    (tmp_path / "results.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return tmp_path


def test_scores_are_read_from_a_results_folder(tmp_path):
    scores = class_of(3, QUESTIONS)
    nothing = score_with(QUESTIONS, None)
    assert class_scores(results_folder(tmp_path, [*scores, nothing, None])) == scores


def test_results_without_answers_are_said_to_be_so(tmp_path):
    with pytest.raises(CouldNotCheck, match="no answered questions"):
        class_scores(results_folder(tmp_path, [None]))


def test_the_command_shows_suspects_first_and_neutralises_what_students_typed(tmp_path, monkeypatch):
    from tfm_quiz.cli.teach.items import items as command

    monkeypatch.setenv("TFM_QUIZ_COURSE", str(ROOT))
    questions = graded_questions(ROOT)
    number = next(question for question in questions if isinstance(question, Number))
    text = f"[answers]\n{number.id} = 123456\n"
    results_folder(tmp_path, [score_with(questions, text), score_with(questions, text.replace("123456", "7"))])
    result = CliRunner().invoke(command, [str(tmp_path), "--all"], standalone_mode=False)
    assert result.exception is None
    assert "2 students answered questions" in result.output
    assert "Below 20 students these figures say little." in result.output
    assert "123456 50%" in result.output
    as_json = CliRunner().invoke(command, [str(tmp_path), "--json"], standalone_mode=False)
    assert msgspec.json.decode(as_json.output)["students"] == 2
