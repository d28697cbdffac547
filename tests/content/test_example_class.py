"""The example class: what was planted in it is found, and what is right is right."""

from pathlib import Path

import pytest

from tfm_quiz.course import Course
from tfm_quiz.grading.messages import GradeRequest, Settings
from tfm_quiz.grading.pool import Pool
from tfm_quiz.outcome import Report
from tfm_quiz.submission.entries import entries, load
from tfm_quiz.submission.submission import Submission
from tfm_quiz.teach.feedback import feedback

CLASS = Path(__file__).parents[2] / "examples" / "class"

PLANTED = {
    "student-04": {
        "token_embedding": "no_scale",
        "positional_encoding": "sincos_swapped",
        "positional_encoding_module": "offset_ignored",
    },
    "student-05": {
        "scaled_dot_product_attention": "no_scale",
        "split_heads": "view_without_transpose",
        "merge_heads": "merge_view",
        "multi_head_attention": "no_output_projection",
    },
    "student-06": {
        "padding_mask": "inverted",
        "causal_mask": "future_allowed",
        "decoder_mask": "or_instead_of_and",
        "cross_mask": "target_rows",
        "shift_right": "roll_wraps",
    },
    "student-07": {"layer_norm": "unbiased", "feed_forward": "no_relu", "add_and_norm": "norm_before_add"},
    "student-09": {"label_smoothed_loss": "pads_counted_in_mean", "train_step": "no_zero_grad"},
}


@pytest.fixture(scope="module")
def reports(course: Course) -> dict[str, Report]:
    """The class, graded as `make demo` does, without the labs."""
    settings = Settings(course=str(course.root), exercises=tuple(e.id for e in course.exercises), seed=3, labs=False)
    works = [load(entry, course) for entry in entries(CLASS, course)]
    solution = {module: course.solution_path(module).read_text("utf-8") for module in course.modules}
    works.append(Submission(name="reference", modules=solution))
    stubs = {module: course.stub_path(module).read_text("utf-8") for module in course.modules}
    works.append(Submission(name="stubs", modules=stubs))
    with Pool(settings, 1) as pool:
        pool.start()
        found = list(pool.grade([GradeRequest(work=work, key=work.name) for work in works]))
    return {report.submission: report for report in found if isinstance(report, Report)}


def test_the_reference_has_full_marks_and_the_stubs_none(reports):
    assert reports["reference"].points == reports["reference"].out_of
    assert reports["reference"].bonus.points == 22
    assert {result.outcome for result in reports["stubs"].exercises.values()} == {"not_attempted"}


def test_right_answers_in_another_style_have_full_marks(reports):
    report = reports["student-01"]
    assert report.points == report.out_of


def test_every_outcome_and_every_unit_is_in_the_class(reports, course):
    results = [(e, r.exercises[e.id]) for n, r in reports.items() if n.startswith("student") for e in course.exercises]
    outcomes = {result.outcome for _, result in results} | {c.outcome for _, r in results for c in r.checks}
    assert outcomes == {"passed", "wrong", "not_attempted", "crashed", "timed_out", "died", "skipped"}
    assert {e.module for e, result in results if result.outcome not in ("passed", "not_attempted")} >= {
        "positions",
        "attention",
        "masks",
        "layers",
        "training",
        "bonus",
    }


@pytest.mark.parametrize(("student", "exercise"), [(s, e) for s, planted in PLANTED.items() for e in planted])
def test_a_planted_mistake_is_named(reports, student, exercise):
    result = reports[student].exercises[exercise]
    assert result.misconception == PLANTED[student][exercise]
    assert result.points < result.out_of


def test_a_loop_and_an_exit_cost_their_own_exercise_only(reports):
    loop = reports["student-08"].exercises
    assert loop["causal_mask"].outcome == "timed_out"
    assert all(loop[name].outcome == "passed" for name in ("padding_mask", "decoder_mask", "cross_mask", "shift_right"))
    leaves = reports["student-09"].exercises
    assert leaves["noam_rate"].outcome == "died"
    assert leaves["greedy_decode"].outcome == "passed"


def test_a_file_that_does_not_load_costs_itself(reports):
    report = reports["student-07"].exercises
    assert report["token_embedding"].outcome == "crashed"
    assert "SyntaxError in positions.py, line 13" in report["token_embedding"].message


def test_a_zip_is_read_like_a_folder(reports):
    assert reports["student-10"].exercises["shift_right"].outcome == "passed"
    assert reports["student-10"].exercises["early_stopping"].outcome == "crashed"


def test_feedback_is_what_a_student_may_read(reports, course):
    text = feedback(course, reports["student-06"])
    assert "Your triangle is the upper one" in text
    for name, report in reports.items():
        for line in feedback(course, report).splitlines():
            assert line.isprintable(), name
