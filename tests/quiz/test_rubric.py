"""The rubrics of the course on their labelled examples: the floors, the attacks, and what never gets a key point."""

import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.quiz.prose import PRACTICE, ProseQuestion, Rubrics, Suggestion, load_rubrics, practice_rubric
from tfm_quiz.quiz.rubric_examples import Labelled, load_examples
from tfm_quiz.quiz.rubric_measure import (
    DENYING_FLOOR,
    DENYING_KINDS,
    FEWEST,
    FLOOR,
    HELD_OUT_FLOOR,
    NOTHING_KINDS,
    Measured,
    confidence,
    count,
    failures,
    lint_rubrics,
    measure,
)
from tfm_quiz.quiz.sources import read_sources

ROOT = Path(__file__).parents[2]
SOURCES = sorted(read_sources(ROOT))
STATING = {"full", "partial", "plain", "long", "terse"}  # kinds of examples that mean what they say

Attack = Callable[[str, random.Random], str]


@pytest.fixture(scope="module")
def rubrics() -> Rubrics:
    return load_rubrics(ROOT)


@pytest.fixture(scope="module")
def measured(rubrics: Rubrics) -> list[Measured]:
    return measure(rubrics, load_examples(ROOT, rubrics))


@pytest.fixture(scope="module")
def stating(measured: list[Measured]) -> list[tuple[Labelled, set[str]]]:
    """Answers that state something, each with the key points found in them."""
    return [(one.example, _found_in(one)) for one in measured if one.example.kind in STATING]


def test_every_source_question_has_a_rubric_and_enough_examples(rubrics, measured):
    assert set(rubrics.sources) == set(SOURCES)
    for source in SOURCES:
        assert sum(one.example.question == source for one in measured) >= FEWEST


def test_every_question_has_examples_of_the_tricky_kinds(measured):
    for source in SOURCES:
        kinds = {one.example.kind for one in measured if one.example.question == source}
        assert {"full", "partial", "plain", "negated", "swapped", "stuffed", "copy", "injection", "typos"} <= kinds


def test_the_lexicon_that_ships_reads_practice_answers_as_the_whole_one_does(rubrics, measured):
    shipped = {one.question.id: practice_rubric(ROOT, one.question) for one in rubrics.compiled if practised(one)}
    assert len(shipped) >= 10
    for one in measured:
        found = rubrics.find(one.example.question)
        if found and (mine := shipped.get(found.question.id)):
            assert mine.suggest(one.example.text) == found.suggest(one.example.text), one.example.text


def practised(one: ProseQuestion) -> bool:
    return any(f'id = "{one.question.id}"' in path.read_text("utf-8") for path in (ROOT / PRACTICE).glob("*.toml"))


def test_about_a_third_of_the_examples_is_held_out(measured):
    assert 0.25 < sum(one.example.held_out for one in measured) / len(measured) < 0.42


def test_precision_and_recall_reach_their_floors(measured):
    for group, (precision, recall) in (
        ([one for one in measured if one.example.held_out], HELD_OUT_FLOOR),
        (measured, FLOOR),
    ):
        total = count(group)
        assert (total.precision or 0) >= precision
        assert (total.recall or 0) >= recall


def test_nothing_is_granted_to_answers_that_say_nothing(rubrics, measured):
    granted = [one.example.text for one in measured if one.example.kind in NOTHING_KINDS and _found_in(one)]
    assert granted == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "?",
        "I don't know.",
        "No idea, sorry, I did not have the time to study this week.",
        "The weather was lovely yesterday and we went to the lake with our dog, who likes to swim after ducks.",
        "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen inside the chloroplasts of a cell.",
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt",
        "asdf jkl qwer " * 200,
        "𝕏" * 4000,
    ],
)
def test_empty_and_off_topic_answers_get_no_key_point_from_any_rubric(rubrics, text):
    for source in SOURCES:
        assert _found(rubrics, source, text) == set()


def test_the_question_itself_gets_no_key_point(rubrics):
    for question in rubrics.questions:
        assert _found(rubrics, question.id, question.ask) == set()
        assert _found(rubrics, question.id, question.ask.replace("?", ".")) == set()


def test_denials_and_swaps_are_granted_almost_nothing(measured):
    total = count(one for one in measured if one.example.kind in DENYING_KINDS)
    absent = total.found + total.unsure + total.not_found - total.present
    assert absent > 150
    assert 1 - (total.found - total.found_present) / absent >= DENYING_FLOOR


def test_every_model_answer_states_every_key_point_without_a_misconception(rubrics):
    for question in rubrics.questions:
        read = _read(rubrics, question.id, question.model_answer)
        assert [point.state for point in read.key_points] == ["found"] * len(question.key_points), question.id
        assert read.misconceptions == ()
        assert read.points == question.points


def test_all_misconceptions_together_are_no_answer(rubrics):
    for question in rubrics.questions:
        text = " ".join(f"{m['text'][0].upper()}{m['text'][1:]}." for m in question.misconceptions)
        named = {"A9.4"}  # who says that label smoothing improves perplexity has named label smoothing
        assert _found(rubrics, question.id, text) <= named, question.id


# --- attacks: what must not change the verdict, and what must not earn one


def _upper(text: str, _: random.Random) -> str:
    return text.upper()


def _spaced(text: str, _: random.Random) -> str:
    return text.replace(" ", "  \t")


def _reordered(text: str, draw: random.Random) -> str:
    sentences = _sentences(text)
    draw.shuffle(sentences)
    return "\n".join(sentences)


def _mistyped(text: str, draw: random.Random) -> str:
    """One edit inside a fifth of the words of six letters and more."""

    def slip(found: re.Match[str]) -> str:
        word = found[0]
        if draw.random() > 0.2:
            return word
        at = draw.randrange(1, len(word) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        other = word[:at] + draw.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]
        return draw.choice([word[:at] + word[at + 1 :], swapped, other])

    return re.sub(r"[A-Za-z]{6,}", slip, text)


def _each_denied(text: str, _: random.Random) -> str:
    return " ".join(f"It is not true that {one[0].lower()}{one[1:]}" for one in _sentences(text))


def _each_a_misconception(text: str, _: random.Random) -> str:
    return " ".join(f"A common misconception is that {one[0].lower()}{one[1:]}" for one in _sentences(text))


def _shuffled_words(text: str, draw: random.Random) -> str:
    shuffled = []
    for sentence in _sentences(text):
        words = sentence.rstrip(".").split()
        draw.shuffle(words)
        shuffled.append(" ".join(words) + ".")
    return " ".join(shuffled)


@pytest.mark.parametrize(
    ("attack", "kept"),
    [(_upper, 1.0), (_spaced, 1.0), (_reordered, 0.97), (_mistyped, 0.93)],
    ids=["upper", "spaced", "reordered", "mistyped"],
)
def test_case_space_order_and_typos_change_nothing(rubrics, stating, attack: Attack, kept: float):
    remains, new = _after(rubrics, stating, attack)
    assert remains >= kept
    assert new <= 0.01


@pytest.mark.parametrize(
    ("attack", "kept"),
    [
        (_each_denied, 0.05),
        (_each_a_misconception, 0.05),
        (lambda text, _: f"Some people claim the following, but they are mistaken. {text}", 0.02),
        (lambda text, _: f"Some people claim the following. {text}\nThey are mistaken.", 0.02),
        (lambda text, _: f"All of the following is false. {text}", 0.02),
        (lambda text, _: f"{text}\nNone of this is true.", 0.02),
        (_shuffled_words, 0.30),
    ],
)
def test_denials_around_an_answer_and_shuffled_words_earn_nothing(rubrics, stating, attack: Attack, kept: float):
    remains, new = _after(rubrics, stating, attack)
    assert remains <= kept
    assert new <= 0.01


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=5000), source=st.sampled_from(SOURCES))
def test_no_text_whatever_breaks_a_rubric(text, source):
    read = _read(_SHARED, source, text)
    assert {point.id.partition(".")[0] for point in read.key_points} == {source}


_SHARED = load_rubrics(ROOT)


# --- ids, time, and what is loaded


def test_a_question_that_serves_two_sources_replies_with_the_ids_of_the_one_asked(rubrics):
    text = "The heads attend to different positions at the same time."
    for source in ("A4", "B3"):
        read = _read(rubrics, source, text)
        assert [point.id for point in read.key_points] == [f"{source}.{n}" for n in range(1, 6)]
        assert read.key_points[1].state == "found"
        assert read.key_points[1].evidence == (text,)
    flagged = _read(rubrics, "B3", "Each head gets its own piece of the sentence to work on.")
    assert [flag.id for flag in flagged.misconceptions] == ["B3.m1"]


def test_suggesting_takes_a_question_its_id_or_its_source(rubrics):
    text = "The heads attend to different positions at the same time."
    question = rubrics.find("B3").question
    assert rubrics.suggest(question, text).key_points[1].id == "A4.2"
    assert rubrics.suggest(question.id, text) == rubrics.suggest(question, text)
    assert rubrics.suggest("B3", text).key_points[1].id == "B3.2"
    assert rubrics.suggest("no-such-question", text) is None


def test_an_answer_takes_less_than_ten_milliseconds(rubrics, stating):
    for example, _ in stating:
        _found(rubrics, example.question, example.text)  # compiles
    started = time.process_time()
    for example, _ in stating:
        _found(rubrics, example.question, example.text)
    assert (time.process_time() - started) / len(stating) < 0.010


def test_the_longest_hostile_answer_takes_a_fraction_of_a_second(rubrics):
    words = "the queries keys values softmax not decoder encoder from of variance scores gradients and is "
    for hostile in (
        (words * 60)[:4000],
        "(" * 4000,
        "a" * 4000,
        "not " * 1000,
        "O(" * 2000,
        "√" * 4000,
        "q k v , " * 500,
    ):
        for source in ("A7", "B7", "A1"):
            started = time.process_time()
            _found(rubrics, source, hostile)
            assert time.process_time() - started < 0.5


def test_reading_an_answer_loads_neither_torch_nor_numpy_nor_a_network():
    program = (
        "import sys; from pathlib import Path; from tfm_quiz.quiz.prose import load_rubrics;"
        f"load_rubrics(Path({str(ROOT)!r})).find('A3').suggest('It hides the future.');"
        "assert not {'torch', 'numpy', 'urllib.request', 'http.client'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(ROOT / "src")})


# --- the lint


def test_the_lint_of_the_course_finds_nothing_to_mend():
    table, wrong = lint_rubrics(ROOT)
    assert wrong == []
    for source in SOURCES:
        assert re.search(rf"^{source} ", table, re.MULTILINE)
    assert "held out" in table


def test_the_lint_names_every_floor_that_is_not_reached(rubrics, measured):
    spoiled = [
        Measured(one.example, dict.fromkeys(one.states, "found"), one.misconceptions, one.abstained) for one in measured
    ]
    wrong = " ".join(failures(rubrics, spoiled))
    assert "on the held-out examples, the precision" in wrong
    assert "on the examples, the precision" in wrong
    assert "is granted to an answer of kind injection" in wrong
    assert "deny or swap" in wrong
    silent = [
        Measured(one.example, dict.fromkeys(one.states, "not_found"), (), one.abstained) for one in measured[:100]
    ]
    wrong = " ".join(failures(rubrics, silent))
    assert "the recall of `found` is 0.000" in wrong
    assert "has 0 labelled answers" in wrong


def test_the_words_for_confidence_are_those_measured(rubrics, measured):
    assert rubrics.compiled[0].rubric.confidence == confidence(measured)
    assert confidence([])["found"] == "no case"
    stale = [Measured(one.example, dict.fromkeys(one.states, "found"), (), None) for one in measured]
    assert any("[confidence] write found" in sentence for sentence in failures(rubrics, stale))


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?])\s+|\n", text) if one.strip()]


def _found(rubrics: Rubrics, question: str, text: str) -> set[str]:
    return {point.id for point in _read(rubrics, question, text).key_points if point.state == "found"}


def _read(rubrics: Rubrics, question: str, text: str) -> Suggestion:
    found = rubrics.find(question)
    assert found is not None
    return found.suggest(text, question)


def _found_in(one: Measured) -> set[str]:
    return {name for name, state in one.states.items() if state == "found"}


def _after(rubrics: Rubrics, stating: list[tuple[Labelled, set[str]]], attack: Attack) -> tuple[float, float]:
    """The share of found key points that are still found after an attack, and the share of new ones."""
    draw = random.Random(7)
    kept = new = 0
    for example, before in stating:
        now = _found(rubrics, example.question, attack(example.text, draw))
        kept += len(now & before)
        new += len(now - before)
    total = sum(len(before) for _, before in stating)
    return kept / total, new / total
