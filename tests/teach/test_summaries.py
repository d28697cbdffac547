"""grades.csv and feedback: one row and one file for each submission, and nothing in them that nobody confirmed."""

from __future__ import annotations

import csv
import io
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm_quiz.course import Course
from tfm_quiz.outcome import Bonus, CheckResult, ExerciseResult, ItemOutcome, ItemScore, QuestionScore, Report
from tfm_quiz.teach.feedback import feedback
from tfm_quiz.teach.overview import overview
from tfm_quiz.teach.summaries import LONGEST_STEM, file_stem, file_stems, grades_csv, student_id


def report(name: str = "student-01", *, points: float = 1.0, questions: QuestionScore | None = None, **more) -> Report:
    return Report(
        submission=name, points=points, out_of=9.0, isolation="full", versions={}, key="k", seconds=0.1,
        questions=questions, **more,
    )  # fmt: skip


def rows(course: Course, *reports: Report, not_graded: dict[str, str] | None = None) -> list[dict[str, str]]:
    text = grades_csv(course, {one.submission: one for one in reports}, not_graded or {})
    return list(csv.DictReader(io.StringIO(text)))


# Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("student-01", "student-01"),
        ("Zoë Müller", "Zoë Müller"),
        ("Смирнова", "Смирнова"),
        ("山田 太郎", "山田 太郎"),
        ("محمد", "محمد"),
        ("प्रिया", "प्रिया"),
        ("a/b", "a%2Fb"),
        ("a\\b:c*d?", "a%5Cb%3Ac%2Ad%3F"),
        ("50%", "50%25"),
        (".hidden", "%2Ehidden"),
        ("-rf", "%2Drf"),
        ("x\x1b[31m\u202e", "x%1B%5B31m%E2%80%AE"),
        ("two\nlines", "two%0Alines"),
    ],
)
def test_a_file_keeps_the_letters_of_a_name_and_escapes_what_is_unsafe(name, stem):
    assert file_stem(name) == stem
    assert unquote(stem) == name


NAMES = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("aAé%~/._- 2F")), min_size=1)


@given(NAMES)
def test_a_short_name_can_be_had_back_from_its_file(name):
    stem = file_stem(name)
    if "%~" not in stem:
        assert unquote(stem) == name
    assert len(stem.encode()) <= LONGEST_STEM
    assert stem.isprintable()
    assert "/" not in stem
    assert not stem.startswith((".", "-"))


@given(st.lists(st.one_of(NAMES, NAMES.map(lambda name: name * 40), NAMES.map(file_stem)), unique=True, max_size=30))
def test_no_two_submissions_share_a_file(names):
    assert len({file_stem(name) for name in names}) == len(names)


def seen_by_a_disk(stem: str) -> str:
    """Two ways in which disks take other names for the same: without case, and with letters and accents joined."""
    return unicodedata.normalize("NFC", stem.upper().lower())


SPELLINGS = st.lists(st.text(st.sampled_from("aAéÉßſsSKk\u212a\u0301%~"), min_size=1, max_size=4), max_size=20)


@given(SPELLINGS)
def test_no_two_submissions_share_a_file_on_a_disk_that_ignores_case(names):
    stems = file_stems(names)
    assert len({seen_by_a_disk(stem) for stem in stems.values()}) == len(set(names))


def test_names_that_differ_by_case_have_files_of_their_own_and_no_other_name_is_changed():
    stems = file_stems(["Bob", "bob", "Zoë", "Zoe\u0308", "Ann"])
    assert stems["Ann"] == "Ann"
    assert stems["Bob"].startswith("Bob%~")
    assert stems["bob"].startswith("bob%~")
    assert len({seen_by_a_disk(stem) for stem in stems.values()}) == 5


def test_long_names_that_begin_alike_have_files_of_their_own_and_none_is_that_of_another():
    names = ["/" * 150, "/" * 149 + "x", "a" * 300, "a" * 301]
    stems = [file_stem(name) for name in names]
    assert len({*stems, *(file_stem(stem) for stem in stems)}) == 8


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("student-01", "student-01"),
        ("Ann B_1234567_assignsubmission_file_", "1234567"),
        ("Ann B_1234567_assignsubmission_file", "1234567"),
        ("annb_98765_4321_work", "98765"),
        ("annb_LATE_98765_4321_masks", "98765"),
        ("annb_98765", "98765"),
        ("Ann B_1234567_assignsubmission_file_my work", "1234567"),
        ("Ann B_1234567_assignsubmission_file_my work_7654321", "1234567"),
        ("Ann B_1234567_assignsubmission_file_C D_7654321_assignsubmission_file_", "1234567"),
        ("annb_98765_4321_work_76543", "98765"),
        ("annb_98765_4321_B_76543_assignsubmission_file_", "98765"),
        ("week_1", "week_1"),
        ("ann_2026", "ann_2026"),
    ],
)
def test_an_id_is_the_platform_s_number_or_the_name(name, number, tiny):
    assert student_id(name) == number
    (row,) = rows(tiny, report(name))
    assert (row["submission"], row["id"]) == (name, number)


# Grades ----------------------------------------------------------------------------------------------------------


def test_who_was_not_graded_has_an_empty_row_even_if_an_older_report_is_there(tiny):
    first, second, third = rows(tiny, report("b"), report("c"), not_graded={"a": "Two of a name.", "c": "It ended."})
    assert [row["submission"] for row in (first, second, third)] == ["a", "b", "c"]
    assert (first["points"], first["isolation"], first["problems"]) == ("", "", "Not graded: Two of a name.")
    assert (second["points"], second["isolation"], second["problems"]) == ("1", "full", "")
    assert (third["points"], third["problems"]) == ("", "Not graded: It ended.")


def test_every_exercise_that_anybody_was_graded_in_has_a_column(tiny):
    result = ExerciseResult(points=1.5, out_of=2.0, outcome="wrong")
    with_it, without = rows(
        tiny,
        report("a", exercises={"double": result}, bonus=Bonus(points=1, out_of=2)),
        report("b", problems=("P.", "Q.")),
    )
    assert (with_it["double"], with_it["bonus"], without["double"], without["problems"]) == ("1.5", "1", "", "P. Q.")
    assert "gain" not in with_it


def test_no_cell_is_a_formula(tiny):
    (row,) = rows(tiny, report("=1+1", problems=("@x",)))
    assert (row["submission"], row["id"], row["problems"]) == ("'=1+1", "'=1+1", "'@x")


# Feedback --------------------------------------------------------------------------------------------------------


def item(outcome: ItemOutcome, points: float, out_of: float, message: str = "", **more) -> ItemScore:
    return ItemScore(
        type=more.pop("type", "choice"), source=("A1",), outcome=outcome, points=points, out_of=out_of, message=message,
        **more,
    )  # fmt: skip


SCORE = QuestionScore(
    points=3.0,
    out_of=9.0,
    items={
        "right-one": item("right", 2.0, 2.0),
        "partly-one": item("partly", 1.0, 2.0, "One is missing."),
        "wrong-one": item("wrong", 0.0, 2.0, "Rows, not columns.\x1b[2J"),
        "odd-one": item("unreadable", 0.0, 1.0, "answers.toml line 3: no number."),
        "open-one": item("unanswered", 0.0, 2.0),
        "read-one": item("reviewed", 2.5, 4.0, type="prose", answer="My words."),
        "unread-one": item("awaiting_review", 0.0, 4.0, type="prose", answer="Other words."),
    },
    awaiting_review=("unread-one",),
)


def test_feedback_says_which_questions_lost_points_and_what_was_wrong(tiny):
    text = feedback(tiny, report(questions=SCORE))
    assert "Questions: 3 of 9 points, 4 answered\n" in text
    assert "  ~ partly-one   1 of 2: One is missing.\n" in text
    assert "  x wrong-one   0 of 2: Rows, not columns.\\x1b[2J\n" in text
    assert "  x odd-one   0 of 1: could not be read, see the notes above\n" in text
    assert "  . Not answered: open-one\n" in text
    assert "right-one" not in text


def test_feedback_on_free_text_is_the_points_of_a_person_and_nothing_before(tiny):
    text = feedback(tiny, report(questions=SCORE))
    assert "In your own words: 2.5 of 4 points\n" in text
    assert "In your own words: 1 waiting to be read\n" in text
    assert "  ~ read-one   2.5 of 4\n" in text
    assert "unread-one" not in text


def test_who_answered_nothing_reads_nothing_of_questions(tiny):
    items = {"a": item("unanswered", 0.0, 2.0), "b": item("unanswered", 0.0, 4.0, type="prose")}
    text = feedback(tiny, report(questions=QuestionScore(points=0.0, out_of=2.0, items=items)))
    assert "uestion" not in text
    assert "own words" not in text


def test_feedback_shows_labs_bonus_and_what_was_not_attempted(tiny):
    check = CheckResult(name="it learns", outcome="passed", points=1, out_of=1, lab=True, losses=(2.0, 1.0))
    exercises = {
        "double": ExerciseResult(points=1.0, out_of=2.0, outcome="wrong", checks=(check,), follow_through=("gain",)),
        "row_sums": ExerciseResult(points=0.0, out_of=3.0, outcome="not_attempted"),
    }
    text = feedback(tiny, report(exercises=exercises, bonus=Bonus(points=1, out_of=2), labs=False, problems=("Odd.",)))
    assert text.startswith("student-01   1 of 9 points\nBonus: 1 of 2\nThe training labs were left out of this run.\n")
    assert "\nNote: Odd.\n" in text
    assert "\ndouble   1 of 2   wrong\n  + it learns\n      loss 2" in text
    assert "Graded using our gain: those points were already lost." in text
    assert "Not attempted in rows.py: row_sums" in text


# The class -------------------------------------------------------------------------------------------------------


def test_the_class_has_a_mean_and_a_median(tiny):
    found = overview(tiny, [report("a", points=9.0), report("b", points=2.0, questions=SCORE), report("c", points=1.0)])
    code, questions = found.points
    assert (code.mean, code.median, code.out_of) == (4.0, 2.0, 9.0)
    assert (questions.mean, questions.median, questions.out_of) == (3.0, 3.0, 9.0)
    assert found.waiting == 1


def test_a_class_of_nobody_has_neither(tiny):
    assert overview(tiny, []).points == []


def test_a_class_that_answered_nothing_has_points_of_code_alone(tiny):
    open_one = QuestionScore(points=0.0, out_of=2.0, items={"a": item("unanswered", 0.0, 2.0)})
    assert [points.of for points in overview(tiny, [report(questions=open_one)]).points] == ["Points"]
