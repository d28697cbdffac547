"""What nbgrader reads off a grade cell. A new nbgrader that reads it differently must not change marks in silence."""

import math
from importlib.util import find_spec

import pytest

from tfm_quiz.outcome import CheckResult, ExerciseResult
from tfm_quiz.teach.nbgrader.words import lines_of, outputs, score

pytestmark = pytest.mark.extra

REAL = (  # asked of nbgrader itself
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),
)


def real(test):
    """A test that needs nbgrader."""
    for mark in REAL:
        test = mark(test)
    return test


def result(points: float, out_of: float = 5.0, **more) -> ExerciseResult:
    return ExerciseResult(points=points, out_of=out_of, outcome="passed" if points == out_of else "wrong", **more)


def graded_cell(result: ExerciseResult | None, points: float = 5):
    from nbformat.notebooknode import from_dict
    from nbformat.v4 import new_code_cell

    cell = new_code_cell('check("split_heads")', id="split_heads-marks")
    cell.metadata["nbgrader"] = from_dict(
        {
            "grade": True,
            "solution": False,
            "locked": True,
            "task": False,
            "schema_version": 3,
            "grade_id": "split_heads-marks",
            "points": points,
            "cell_type": "code",
        }
    )
    cell.outputs = from_dict(outputs(result, points))
    return cell


@real
@pytest.mark.parametrize("earned", [0.0, 1 / 3, 0.5, 1.0, 2.0, 4.999999999999999, 5.0])
def test_nbgrader_reads_exactly_the_points_that_were_earned(earned):
    from nbgrader.utils import determine_grade

    assert determine_grade(graded_cell(result(earned))) == (earned, 5.0)


@real
@pytest.mark.parametrize("earned", [-1.0, math.nan, math.inf, -math.inf])
def test_impossible_points_are_none_and_not_full_marks(earned):
    from nbgrader.utils import determine_grade

    assert determine_grade(graded_cell(result(earned))) == (0.0, 5.0)


@real
def test_more_points_than_the_cell_has_are_cut_since_nbgrader_would_drop_the_student():
    from nbgrader.utils import determine_grade

    cell = graded_cell(result(5.0))
    cell.outputs[-1].data["text/plain"] = "5.5"
    with pytest.raises(ValueError):
        determine_grade(cell)
    assert determine_grade(graded_cell(result(7.0, 7.0))) == (5.0, 5.0)


@real
def test_an_exercise_without_a_result_earns_nothing():
    from nbgrader.utils import determine_grade

    assert determine_grade(graded_cell(None)) == (0.0, 5.0)


@real
def test_a_grade_cell_without_outputs_would_get_full_marks_so_every_one_gets_outputs():
    from nbgrader.utils import determine_grade

    cell = graded_cell(result(0.0))
    assert determine_grade(cell) == (0.0, 5.0)
    cell.outputs = []
    assert determine_grade(cell) == (5.0, 5.0)  # nbgrader's own rule, the reason for ours


@real
def test_the_outputs_are_valid_notebook_format():
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[graded_cell(result(2.0))])
    nbformat.validate(notebook)


def test_no_words_of_a_report_end_up_where_nbgrader_looks_for_the_score():
    told = result(0.0, message="14.0", misconception="any", hint="5.0")
    *_, last = outputs(told, 5)
    assert last["data"] == {"text/plain": "0.0"}
    assert not [output for output in outputs(told, 5) if output["output_type"] in ("stream", "error")]


def test_words_are_escaped_in_the_page_and_neutralised_in_the_text():
    check = CheckResult(name="a check", outcome="crashed", points=0, out_of=5, message="<script>x</script>\x1b[2J")
    shown = outputs(result(0.0, checks=(check,)), 5)[0]["data"]
    assert "<script>" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]
    assert "\x1b" not in shown["text/html"] + shown["text/plain"]


def test_a_student_reads_the_checks_the_mistake_the_hint_and_what_was_supplied():
    checks = (
        CheckResult(name="shapes are right", outcome="passed", points=2, out_of=2),
        CheckResult(name="each head is its own", outcome="wrong", points=0, out_of=3, hidden=True, detail="SECRET"),
    )
    told = result(
        2.0, checks=checks, misconception="m", message="Heads are mixed up.", hint="Where?", follow_through=("other",)
    )
    text = "\n".join(lines_of(told))
    assert text.startswith("2 of 5 points")
    for word in ("+ shapes are right", "x each head is its own", "-> Heads are mixed up.", "Where?", "other"):
        assert word in text
    assert "SECRET" not in text + outputs(told, 5)[0]["data"]["text/html"]


def test_a_score_is_a_plain_float():
    assert type(score(result(2), 5)) is float
    assert repr(score(result(2), 5)) == "2.0"
