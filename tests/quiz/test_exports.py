"""Exports, read back: every question is there, its key is right, and what was lost is said."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from tfm_quiz.manifest import load_course
from tfm_quiz.quiz.answers import typed_answer
from tfm_quiz.quiz.bank import Closed
from tfm_quiz.quiz.kinds.choice import Choice
from tfm_quiz.quiz.kinds.fields import Option
from tfm_quiz.quiz.kinds.forms import OneOf, Pairs, Words, split
from tfm_quiz.quiz.kinds.match import Match
from tfm_quiz.quiz.kinds.number import Number
from tfm_quiz.quiz.kinds.order import Order
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.quiz.kinds.several import Several
from tfm_quiz.quiz.kinds.shape import Shape
from tfm_quiz.quiz.kinds.tensor import Tensor
from tfm_quiz.quiz.reading import Topic, graded_topics, practice_topics
from tfm_quiz.teach.export.formats import export, grouped

pytestmark = pytest.mark.extra

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
TOPICS = practice_topics(COURSE)
GRADED = graded_topics(COURSE)
QUESTIONS = {question.id: question for topic in (*TOPICS, *GRADED) for question in topic.questions}
PRACTICE = [question for topic in TOPICS for question in topic.questions]


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


# --- the forms ------------------------------------------------------------------------------------------------------

CLOSED = [question for question in QUESTIONS.values() if isinstance(question, Closed)]


def forms_of(form: type) -> list[tuple[Closed, Any]]:
    return [(question, made) for question in CLOSED for made in question.forms() if isinstance(made, form)]


def test_every_accepted_text_is_right_here_and_every_near_one_wrong_for_the_reason_given():
    words = forms_of(Words)
    assert len(words) > 12
    for question, form in words:
        for text in form.accepted:
            assert question.mark(typed_answer(question.prompt(), text)).right, (question.id, text)
        for text, say in form.near:
            given = question.mark(typed_answer(question.prompt(), text))
            assert (given.share, [reply.say for reply in given.replies]) == (0, [say])


def test_a_choice_made_of_another_kind_has_one_right_option_and_the_replies():
    made = [(question, form) for question, form in forms_of(OneOf) if not question.choices()]
    assert len(made) > 25
    for question, form in made:
        assert [option.correct for option in form.options].count(True) == 1
        assert len({option.text for option in form.options}) == len(form.options)
        assert {option.say for option in form.options if not option.correct} <= {say for _, say in question.foreseen()}
        for option in form.options:
            given = question.mark(typed_answer(question.prompt(), option.text))
            if isinstance(question, Tensor) and option.correct:
                continue  # shown with four digits
            assert given.right == option.correct, (question.id, option.text)
            said = " ".join(reply.say for reply in given.replies)
            assert option.correct or option.say in said, (question.id, option.text)


def test_pairs_become_one_choice_for_each_item():
    pairs = forms_of(Pairs)
    assert {question.tag() for question, _ in pairs} == {"match", "code-order"}
    for _, form in pairs:
        parts = split(form)
        assert [[o.correct for o in part.options].index(True) for part in parts] == list(form.answer)


def test_what_is_only_said_to_those_who_type_stands_in_no_choice():
    thirds = QUESTIONS["softmax-row-two-keys"]
    assert "as fractions" in thirds.prompt().ask
    for target in ("moodle", "jupyterquiz"):
        assert b"as fractions" not in export(TOPICS, target, "A course").data


# --- Moodle ---------------------------------------------------------------------------------------------------------


def moodle_questions(topics) -> dict[str, ET.Element]:
    root = ET.fromstring(export(topics, "moodle", "A course").data)
    assert root.tag == "quiz"
    return {q.findtext("idnumber", ""): q for q in root.iter("question") if q.get("type") != "category"}


def test_moodle_has_every_question_with_its_text_and_its_points():
    found = moodle_questions(TOPICS)
    assert set(found) == {question.id for question in PRACTICE}
    for question in PRACTICE:
        text = plain(found[question.id].findtext("questiontext/text", ""))
        assert " ".join(question.ask.split()) in text
        assert found[question.id].findtext("defaultgrade") == str(question.points)


def test_moodle_marks_choices_as_we_do():
    found = moodle_questions(TOPICS)
    for question in PRACTICE:
        if not isinstance(question, Choice | Several):
            continue
        answers = found[question.id].findall("answer")
        fractions = [float(answer.get("fraction", "")) / 100 for answer in answers]
        assert [f > 0 for f in fractions] == [option.correct for option in question.options]
        for chosen in range(1, 2 ** len(fractions)):  # every set of options
            letters = [letter for i, letter in enumerate("abcdefghi") if chosen >> i & 1]
            if isinstance(question, Choice) and len(letters) > 1:
                continue
            moodle = max(0.0, sum(fractions["abcdefghi".index(letter)] for letter in letters))
            ours = question.mark(letters if isinstance(question, Several) else letters[0]).share
            assert moodle == pytest.approx(ours, abs=1e-4)


def test_moodle_orders_and_pairs_stand_in_their_right_places():
    found = moodle_questions(TOPICS)
    order = next(q for q in PRACTICE if isinstance(q, Order))
    texts = [plain(answer.findtext("text", "")) for answer in found[order.id].findall("answer")]
    assert texts == [order.items["abcdefghi".index(letter)] for letter in order.answer]
    match = next(q for q in PRACTICE if isinstance(q, Match))
    pairs = [(plain(p.findtext("text", "")), p.findtext("answer/text")) for p in found[match.id].findall("subquestion")]
    assert pairs[: len(match.left)] == [
        (left, match.right["abcdefghi".index(letter)]) for left, letter in zip(match.left, match.answer, strict=True)
    ]


# --- Canvas ---------------------------------------------------------------------------------------------------------

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


@pytest.fixture(scope="module")
def qti() -> dict[str, ET.Element]:
    pytest.importorskip("text2qti")
    data = export(TOPICS, "canvas", "A course: practice & more").data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        manifest = ET.fromstring(package.read("imsmanifest.xml"))
        files = [f.get("href") for f in manifest.iter() if f.tag.endswith("}file") and f.get("href")]
        assert set(files) <= set(package.namelist())
        (name,) = (f for f in files if f and not f.endswith("assessment_meta.xml"))
        assessment = ET.fromstring(package.read(name))
    assert assessment.tag == f"{QTI}questestinterop"
    return {item.get("title", ""): item for item in assessment.iter(f"{QTI}item")}


def _kind(item: ET.Element) -> str:
    fields = {
        f.findtext(f"{QTI}fieldlabel"): f.findtext(f"{QTI}fieldentry") for f in item.iter(f"{QTI}qtimetadatafield")
    }
    return fields["question_type"] or ""


def test_qti_has_every_question(qti):
    expected = set()
    for question in PRACTICE:
        parts = len(question.left) if isinstance(question, Match) else 0
        expected |= {f"{question.id}-{n}" for n in range(1, parts + 1)} or {question.id}
    assert set(qti) == expected


def test_qti_choices_name_the_right_option_and_show_text_unchanged(qti):
    for question in PRACTICE:
        if not isinstance(question, Choice):
            continue
        item = qti[question.id]
        assert _kind(item) == "multiple_choice_question"
        labels = {label.get("ident"): plain("".join(label.itertext())) for label in item.iter(f"{QTI}response_label")}
        assert list(labels.values()) == [" ".join(option.text.split()) for option in question.options]
        right = [c.findtext(f"{QTI}conditionvar/{QTI}varequal") for c in item.iter(f"{QTI}respcondition")
                 if c.find(f"{QTI}setvar") is not None]  # fmt: skip
        assert [labels[ident] for ident in right] == [option.text for option in question.options if option.correct]
        shown = plain(item.findtext(f"{QTI}presentation/{QTI}material/{QTI}mattext", ""))
        assert " ".join(question.ask.split()) in shown
        feedback = {plain("".join(f.itertext())) for f in item.iter(f"{QTI}itemfeedback")}
        assert {" ".join(option.say.split()) for option in question.options if option.say} <= feedback


def test_qti_numbers_hold_the_answer_within_their_bounds(qti):
    checked = 0
    for question in PRACTICE:
        if isinstance(question, Number) and _kind(qti[question.id]) == "numerical_question":
            item = qti[question.id]
            low = float(next(item.iter(f"{QTI}vargte")).text or "nan")
            high = float(next(item.iter(f"{QTI}varlte")).text or "nan")
            assert low <= question.answer <= high
            for near in question.near:
                assert not low <= near.answer <= high
            checked += 1
    assert checked >= 8


def test_code_stays_a_block_of_code_in_qti(qti):
    shown = qti["scores-shape"].findtext(f"{QTI}presentation/{QTI}material/{QTI}mattext", "")
    assert "<pre><code>q.shape == (2, 8, 5, 64)" in shown
    assert "such as 3 6 11" in plain(shown)


# --- JupyterQuiz ----------------------------------------------------------------------------------------------------


def test_jupyterquiz_entries_are_of_its_types_and_each_has_a_right_answer():
    made = json.loads(export(TOPICS, "jupyterquiz", "A course").data)
    assert len(made) >= sum(not isinstance(question, Prose) for question in PRACTICE)  # it knows no free text
    for entry in made:
        assert entry["type"] in ("multiple_choice", "many_choice", "numeric", "string")
        assert any(answer.get("correct") for answer in entry["answers"])
        if entry["type"] == "multiple_choice":
            assert [answer["correct"] for answer in entry["answers"]].count(True) == 1
        if entry["type"] == "numeric":
            assert all(answer["type"] in ("value", "range", "default") for answer in entry["answers"])


# --- Anki -----------------------------------------------------------------------------------------------------------


def test_anki_opens_the_package_and_a_second_import_adds_nothing(tmp_path):
    pytest.importorskip("genanki")
    collection = pytest.importorskip("anki.collection")
    package = tmp_path / "deck.apkg"
    package.write_bytes(export(TOPICS, "anki", "A course").data)
    opened = collection.Collection(str(tmp_path / "collection.anki2"))
    try:
        for _ in range(2):
            options = collection.ImportAnkiPackageOptions()
            opened.import_anki_package(collection.ImportAnkiPackageRequest(package_path=str(package), options=options))
            assert opened.note_count() == len(PRACTICE)
        assert {f"A course::{topic.title}" for topic in TOPICS} <= {d.name for d in opened.decks.all_names_and_ids()}
        (found,) = (n for n in opened.find_notes("tag:B7") if "You forget to divide" in opened.get_note(n).fields[0])
        card = opened.get_note(found).cards()[0]
        assert "Softmax saturates" in card.question()
        assert "<b>4</b>" in card.answer()
        assert "Scaling is not what normalises." in card.answer()
    finally:
        opened.close()


# --- the command ----------------------------------------------------------------------------------------------------


def test_remarks_say_what_could_not_be_carried_and_for_which_questions():
    said = dict(grouped(export(TOPICS, "moodle", "A course")))
    shapes = {question.id for question in PRACTICE if isinstance(question, Shape)}
    assert set(said["shape as a short answer: the usual ways of writing it are accepted, others are not"]) == shapes


def test_a_question_with_markup_in_it_is_shown_as_it_is():
    options = [Option(text="x", correct=True), Option(text="y", misconception="y", say="No.")]
    odd = Choice(
        id="odd", source=["A1"], section=["3.5"], why="So <b>it</b> is.", ask="Is 1 < 2 & *x* _y_ # $z$ `a < b`?",
        options=options,
    )  # fmt: skip
    topics = (Topic("t", "T", (odd,)),)
    root = ET.fromstring(export(topics, "moodle", "A/B").data)
    assert plain(root.findtext("question/questiontext/text") or "") == "Is 1 < 2 & *x* _y_ # $z$ a < b ?"
    pytest.importorskip("text2qti")
    with zipfile.ZipFile(io.BytesIO(export(topics, "canvas", "A/B").data)) as package:
        name = next(n for n in package.namelist() if n.endswith(".xml") and "meta" not in n and "manifest" not in n)
        mattext = next(ET.fromstring(package.read(name)).iter(f"{QTI}mattext")).text or ""
    assert plain(mattext) == "Is 1 < 2 & *x* _y_ # $z$ a < b ?"


def test_the_command_writes_a_file_once_and_says_what_it_did(tmp_path, monkeypatch):
    from tfm_quiz.cli.teach.export import export as command

    monkeypatch.setenv("TFM_QUIZ_COURSE", str(ROOT))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, ["moodle", "--topic", "masks"], standalone_mode=False)
    assert result.exception is None
    count = len(next(topic for topic in TOPICS if topic.id == "masks").questions)
    assert f"Wrote transformer-practice-moodle.xml: {count} of {count} questions" in result.output
    again = CliRunner().invoke(command, ["moodle", "--topic", "masks"], standalone_mode=False)
    assert "is there already" in str(again.exception)
    graded = CliRunner().invoke(command, ["moodle", "--graded", "-o", "keys.xml"], standalone_mode=False)
    assert "keep it from students" in graded.output


def test_without_a_type_another_form_is_written_and_only_moodle_may_lack_one(tmp_path, monkeypatch):
    from tfm_quiz.cli.teach.export import export as command

    monkeypatch.setenv("TFM_QUIZ_COURSE", str(ROOT))
    monkeypatch.chdir(tmp_path)
    plain, lacking = (
        CliRunner().invoke(command, ["moodle", "-o", name, *more], standalone_mode=False)
        for name, more in [("all.xml", []), ("some.xml", ["--without", "ordering"])]
    )
    assert "needs Moodle 4.4" in plain.output
    assert "needs Moodle 4.4" not in lacking.output
    assert 'type="ordering"' not in (tmp_path / "some.xml").read_text("utf-8")
    refused = CliRunner().invoke(command, ["anki", "--without", "ordering"], standalone_mode=False)
    assert "--without is for moodle" in str(refused.exception)
