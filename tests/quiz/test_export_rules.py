"""Rules that real Moodles and Canvases hold an import to, learnt from importing: each export is read against them."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tfm_quiz.manifest import load_course
from tfm_quiz.quiz.kinds.code_order import CodeOrder, Line
from tfm_quiz.quiz.reading import Topic, graded_topics, practice_topics
from tfm_quiz.teach.export.formats import export

pytestmark = pytest.mark.extra

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
SETS = {False: practice_topics(COURSE), True: graded_topics(COURSE)}

# --- Moodle ---------------------------------------------------------------------------------------------------------

# The fractions that the importer accepts; any other stops an import whose grades must match.
PARTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20)
ALLOWED = {round(100 / n, 5) for n in PARTS} | {0, 30, 40, 60, 66.66667, 70, 75, 80, 83.33333, 90}
HTML = ("questiontext", "generalfeedback")


def moodle_faults(data: bytes) -> list[str]:
    """Everything for which Moodle would refuse a question, or store another one."""
    root = ET.fromstring(data)
    found = [] if root.tag == "quiz" and root[0].get("type") == "category" else ["no category comes first"]
    questions = [question for question in root if question.get("type") != "category"]
    found += [
        f"idnumber {name!r} stands {count} times"
        for name, count in Counter(question.findtext("idnumber") for question in questions).items()
        if count > 1 or not name or len(name) > 100
    ]
    for question in questions:
        kind = question.get("type", "")
        found += [f"{question.findtext('name/text')}: {fault}" for fault in _question_faults(kind, question)]
    return found


def _question_faults(kind, question):
    if not (question.findtext("name/text") or "").strip():
        yield "has no name"
    yield from (f"{key} is no HTML" for key in HTML if question.find(key).get("format") != "html")
    float(question.findtext("defaultgrade"))
    answers = question.findall("answer")
    fractions = [float(answer.get("fraction")) for answer in answers]
    texts = [(answer.findtext("text") or "").strip() for answer in answers]
    if kind in ("multichoice", "numerical", "shortanswer", "ordering") and not all(texts):
        yield "has an empty answer"
    if kind in ("multichoice", "numerical", "shortanswer"):
        yield from (f"{f} is no grade of Moodle" for f in fractions if abs(round(f, 5)) not in ALLOWED)
        if len(set(texts)) < len(texts):
            yield "has an answer twice"
    if kind == "multichoice":
        single = question.findtext("single") == "true"
        if single and fractions.count(100) != 1:
            yield "is single and has not one right answer"
        if not single and abs(sum(f for f in fractions if f > 0) - 100) > 0.01:
            yield "its right answers do not sum to 100 %"
    elif kind in ("numerical", "shortanswer"):
        if fractions[0] != 100:
            yield "does not begin with a right answer"  # the first that fits counts
        if kind == "numerical" and any(float(answer.findtext("tolerance") or "nan") < 0 for answer in answers):
            yield "has a tolerance below 0"
    elif kind == "ordering":
        if question.find("shownumcorrect") is None:
            yield "lacks shownumcorrect: its importer makes hints up and fails to store them"
        if len(answers) < 2:
            yield "has nothing to put in order"
    elif kind == "matching":
        pairs = question.findall("subquestion")
        if sum(bool((pair.findtext("text") or "").strip()) for pair in pairs) < 2 or len(pairs) < 3:
            yield "needs two things to match and three partners"
        if not all((pair.findtext("answer/text") or "").strip() for pair in pairs):
            yield "has a partner without text"
    elif kind != "essay":
        yield f"is of the type {kind!r}, which not every Moodle has"


@pytest.mark.parametrize(("graded", "without"), [*itertools.product(SETS, [(), ("ordering",)])])
def test_moodle_would_take_every_question(graded, without):
    data = export(SETS[graded], "moodle", "A course", without=without).data
    assert moodle_faults(data) == []
    kinds = Counter(question.get("type") for question in ET.fromstring(data))
    assert sum(kinds.values()) - kinds["category"] == sum(len(topic.questions) for topic in SETS[graded])
    assert ("ordering" in kinds) == (not without)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("    <shownumcorrect />\n", ""), "lacks shownumcorrect"),
        (('fraction="100"', 'fraction="99"'), "is no grade"),
        (("<idnumber>", "<idnumber>x"), None),
        (("<text />", "<text>twice</text>"), None),
        (('type="ordering"', 'type="gapselect"'), "not every Moodle has"),
    ],
)
def test_the_strict_reader_sees_a_broken_export(change, fault):
    text = export(SETS[False], "moodle", "A course").data.decode()
    assert change[0] in text
    found = moodle_faults(text.replace(*change).encode())
    assert any(fault in said for said in found) if fault else found == []


def test_lines_of_code_keep_their_indentation_in_moodle():
    lines = [Line(text="    b", place=2), Line(text="a:", place=1), Line(text="  c", place=3)]
    question = CodeOrder(id="q", source=["A1"], section=["1"], ask="?", why="So.", lines=lines)
    root = ET.fromstring(export([Topic("t", "T", (question,))], "moodle", "A").data)
    assert [answer.findtext("text") for answer in root.iter("answer")] == [
        "<pre>a:</pre>", "<pre>    b</pre>", "<pre>  c</pre>",
    ]  # fmt: skip


# --- Canvas ---------------------------------------------------------------------------------------------------------

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
META = "{http://canvas.instructure.com/xsd/cccv1p0}"


def package(graded: bool) -> tuple[ET.Element, ET.Element]:
    """The settings of the exported quiz, and its questions."""
    pytest.importorskip("text2qti")
    with zipfile.ZipFile(io.BytesIO(export(SETS[graded], "canvas", "A course", graded=graded).data)) as opened:
        files = {name.rpartition("/")[2]: opened.read(name) for name in opened.namelist() if name.endswith(".xml")}
    meta = ET.fromstring(files.pop("assessment_meta.xml"))
    files.pop("imsmanifest.xml")
    (questions,) = files.values()
    return meta, ET.fromstring(questions)


@pytest.mark.parametrize("graded", SETS)
def test_canvas_practice_counts_for_nothing_and_graded_shows_no_answer(graded):
    meta, _ = package(graded)
    said = {element.tag.removeprefix(META): (element.text or "").strip() for element in meta}
    assert said["quiz_type"] == ("assignment" if graded else "practice_quiz")
    assert said["allowed_attempts"] == ("1" if graded else "-1")
    assert said["show_correct_answers"] == str(not graded).lower()
    assert said["hide_results"] == ("always" if graded else "")
    assert ("assignment" in said) == graded  # a line of the gradebook


@pytest.mark.parametrize("graded", SETS)
def test_every_item_names_answers_that_it_has(graded):
    _, questions = package(graded)
    items = list(questions.iter(f"{QTI}item"))
    assert len({item.get("ident") for item in items}) == len(items) > 80
    for item in items:
        fields = dict(_field(field) for field in item.iter(f"{QTI}qtimetadatafield"))
        assert float(fields["points_possible"]) > 0
        labels = [label.get("ident") for label in item.iter(f"{QTI}response_label")]
        assert len(set(labels)) == len(labels)
        named = [(found.text or "").strip() for found in item.iter(f"{QTI}varequal")]
        if fields["question_type"] in ("multiple_choice_question", "multiple_answers_question"):
            assert set(named) <= set(labels)
        elif fields["question_type"] == "short_answer_question":
            assert named
            assert all(named)
        else:
            assert fields["question_type"] in ("numerical_question", "essay_question")


def _field(field: ET.Element) -> tuple[str, str]:
    return field.findtext(f"{QTI}fieldlabel", ""), field.findtext(f"{QTI}fieldentry", "")
