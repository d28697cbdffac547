"""What a submission comes to, from its text to its report, through the wall."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tfm_quiz.course import Course
from tfm_quiz.grading.messages import GradeRequest
from tfm_quiz.grading.pool import Pool
from tfm_quiz.outcome import CheckResult, Report
from tfm_quiz.submission.submission import Submission

Grade = Callable[..., Report]


def checks(report: Report, exercise: str) -> list[CheckResult]:
    return list(report.exercises[exercise].checks)


def test_the_reference_has_full_marks(grade_tiny: Grade):
    report = grade_tiny()
    assert (report.points, report.out_of) == (9, 9)
    assert (report.bonus.points, report.bonus.out_of) == (1, 1)
    assert {result.outcome for result in report.exercises.values()} == {"passed"}


def test_stubs_are_not_attempted_and_say_where_to_begin(grade_tiny: Grade, tiny: Course):
    report = grade_tiny({module: tiny.stub_path(module).read_text() for module in tiny.modules})
    assert report.points == 0
    assert {result.outcome for result in report.exercises.values()} == {"not_attempted"}
    assert "exercises/rows.py" in report.exercises["double"].message


def test_a_missing_module_is_not_attempted(grade_tiny: Grade):
    report = grade_tiny({"rows": solutions_of_rows})
    assert report.exercises["double"].outcome == "passed"
    assert report.exercises["gain"].outcome == "not_attempted"
    assert "the submission holds no gains.py that can be read" in report.exercises["gain"].message


solutions_of_rows = (Path(__file__).parents[1] / "courses/tiny/solutions/rows.py").read_text()


def test_a_wrong_answer_is_named_with_its_hint(grade_tiny: Grade):
    result = grade_tiny(rows="def double(x):\n    return x / 2\n").exercises["double"]
    assert result.outcome == "wrong"
    assert result.misconception == "halves"
    assert result.message.startswith("You divided by two")
    assert result.hint == "Is your result larger or smaller than x?"


def test_a_mistake_in_the_gradient_alone_is_named_too(grade_tiny: Grade):
    result = grade_tiny(rows="def double(x):\n    return (2 * x).detach()\n").exercises["double"]
    assert result.misconception == "detached"
    assert result.points == 1


def test_an_unknown_mistake_gets_no_name_but_its_first_difference(grade_tiny: Grade):
    result = grade_tiny(rows="def double(x):\n    return 2 * x + 1\n").exercises["double"]
    assert result.misconception is None
    assert "the first at [0, 0]" in result.message


def test_two_mistakes_at_once_are_not_misnamed(grade_tiny: Grade):
    result = grade_tiny(rows="def double(x):\n    return (x / 2).detach()\n").exercises["double"]
    assert result.misconception in (None, "halves")
    assert result.points == 0


def test_an_argument_changed_in_place_is_told_as_that(grade_tiny: Grade):
    result = grade_tiny(rows="def double(x):\n    x *= 2\n    return x\n").exercises["double"]
    assert result.outcome == "wrong"
    assert "changed in place" in result.checks[0].message


def test_another_dtype_and_another_shape_are_sentences(grade_tiny: Grade):
    dtype = grade_tiny(rows="def double(x):\n    return (2 * x).double()\n").exercises["double"]
    assert "float64; it should be float32" in dtype.message
    shape = grade_tiny(rows="def double(x):\n    return (2 * x)[None]\n").exercises["double"]
    assert "the shape is (1, 2, 3); it should be (2, 3)" in shape.message


def test_the_wrong_kind_of_thing_is_a_sentence(grade_tiny: Grade):
    for text, said in [("None", "expected a tensor, got None"), ("[x]", "got a list of 1"), ("double", "no")]:
        result = grade_tiny(rows=f"def double(x):\n    return {text}\n").exercises["double"]
        assert result.outcome == "wrong"
        assert said in result.message


def test_a_crash_shows_the_students_line_and_not_the_exceptions_text(grade_tiny: Grade):
    result = grade_tiny(rows="def double(x):\n    raise RuntimeError(f'secret {x}')\n").exercises["double"]
    assert result.outcome == "crashed"
    assert "RuntimeError in rows.py, line" in result.message
    assert "secret" not in result.message
    assert "secret" in result.checks[0].detail  # the staff's


def test_an_exception_class_that_tells_tales_is_not_shown(grade_tiny: Grade):
    added = (
        "def double(x):\n    if not x.requires_grad:\n        return 2 * x\n"
        "    raise type(f'Value{x.flatten()[0].item()}', (Exception,), {})\n"
    )
    result = grade_tiny(rows=added).exercises["double"]
    hidden = [check for check in result.checks if check.hidden]
    assert [check.outcome for check in hidden] == ["crashed"]
    assert "an exception class of your own" in hidden[0].message
    assert "Value" not in hidden[0].message


def test_a_hidden_check_says_nothing_of_its_values(grade_tiny: Grade):
    added = "def double(x):\n    return 2 * x if not x.requires_grad else 3 * x\n"
    result = grade_tiny(rows=added).exercises["double"]
    hidden = [check for check in result.checks if check.hidden]
    assert [check.message for check in hidden] == [""]


def test_a_loop_costs_its_exercise_only(grade_tiny: Grade):
    report = grade_tiny(rows="def double(x):\n    while True: pass\n")
    assert report.exercises["double"].outcome == "timed_out"
    assert [check.outcome for check in checks(report, "double")] == ["timed_out", "skipped"]
    assert report.exercises["row_sums"].outcome == "passed"
    assert report.exercises["gain"].follow_through == ("double",)
    assert report.exercises["gain"].points == 4


def test_leaving_the_process_costs_the_check_only(grade_tiny: Grade):
    added = (
        "import os\ndef row_sums(x):\n    if x.dim() == 3: os._exit(0)\n"
        "    if x.dim() != 2: raise ValueError\n    return x.sum(-1)\n"
    )
    report = grade_tiny(rows=added)
    assert report.exercises["row_sums"].outcome == "died"
    assert report.exercises["row_sums"].points == 2
    assert report.exercises["double"].outcome == "passed"


def test_a_module_that_does_not_load_costs_itself(grade_tiny: Grade, tiny_sources: dict[str, str]):
    report = grade_tiny({**tiny_sources, "rows": "def (:\n"})
    assert report.exercises["double"].outcome == "crashed"
    assert report.exercises["double"].message == "rows.py does not load: SyntaxError in line 1"
    assert [check.outcome for check in checks(report, "double")] == ["crashed", "skipped"]
    assert checks(report, "double")[1].message == "skipped: rows.py does not load"
    assert report.exercises["gain"].follow_through == ("double",)


def test_a_missing_function_is_said_to_be_missing(grade_tiny: Grade):
    report = grade_tiny({"rows": "x = 1\n", "gains": "y = 2\n"})
    assert "rows.py does not define `double`" in report.exercises["double"].message


def test_what_needs_a_stub_is_skipped_and_then_followed_through(grade_tiny: Grade, tiny: Course, tiny_sources):
    sources = dict(tiny_sources)
    sources["rows"] = tiny.stub_path("rows").read_text()
    report = grade_tiny(sources)
    assert report.exercises["double"].outcome == "not_attempted"
    assert report.exercises["gain"].outcome == "passed"
    assert report.exercises["gain"].follow_through == ("double",)


def test_follow_through_gives_nothing_to_who_is_wrong_himself(grade_tiny: Grade):
    report = grade_tiny(
        rows="def double(x):\n    return x / 2\n",
        gains="class Gain(Gain):\n    def forward(self, x):\n        return double(x) + self.weight\n",
    )
    assert report.exercises["gain"].points == 0
    assert report.points == 3


def test_a_changed_constructor_is_one_clear_message(grade_tiny: Grade):
    added = (
        "class Gain(nn.Module):\n    def __init__(self, d_model):\n        super().__init__()\n"
        "        self.scale = nn.Parameter(torch.ones(d_model))\n"
        "    def forward(self, x):\n        return double(x) * self.scale\n"
    )
    result = grade_tiny(gains=added).exercises["gain"]
    assert "the parameter weight is missing; leave `__init__` as it was given" in result.message


def test_helper_modules_beside_the_exercises_work(grade_tiny: Grade):
    sources = {"rows": solutions_of_rows + "\nfrom tools import two\ndef double(x):\n    return two() * x\n"}
    report = grade_tiny(sources, helpers={"tools": "def two():\n    return 2\n"})
    assert report.exercises["double"].outcome == "passed"


@pytest.mark.parametrize(
    "added",
    [
        "import warnings\ndef double(x):\n    warnings.warn('careful')\n    print(x)\n    assert x is not None\n"
        "    return x + x\n",
        "import torch\ntorch.set_num_threads(2)\ndef double(x):\n    return torch.add(x, x)\n",
        "import time\ndef double(x):\n    time.sleep(0.2)\n    return x * 2\n",
        "double = lambda x: (x.double() * 2).to(x.dtype)\n",
    ],
)
def test_honest_but_untidy_code_keeps_its_marks(grade_tiny: Grade, added):
    assert grade_tiny(rows=added).exercises["double"].outcome == "passed"


def test_state_does_not_pass_from_one_exercise_to_the_next(grade_tiny: Grade):
    added = (
        "calls = []\ndef double(x):\n    calls.append(1)\n    return 2 * x\n"
        "def row_sums(x):\n    if x.dim() != 2 or calls: raise ValueError\n    return x.sum(-1)\n"
    )
    assert grade_tiny(rows=added).exercises["row_sums"].outcome == "passed"


def without_time(report: Report) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(report, seconds=0.0))


def test_a_submission_between_two_others_leaves_nothing_behind(grade_tiny: Grade):
    first = grade_tiny()
    grade_tiny(rows="import torch\ntorch.add = None\nprint('loud')\ndef double(x):\n    raise ValueError('of B')\n")
    assert without_time(grade_tiny()) == without_time(first)


@pytest.mark.slow
def test_two_hundred_submissions_do_not_make_the_grader_grow(tiny: Course, tiny_pool: Pool):
    def order(number: int) -> GradeRequest:
        rows = solutions_of_rows + f"\ndef double(x):\n    raise ValueError('{number}' * 1000)\n"
        submission = Submission(name=f"student-{number}", modules={"rows": rows})
        return GradeRequest(work=submission, key=str(number))

    def resident() -> int:
        status = Path(f"/proc/{tiny_pool.graders[0].process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))

    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc to read another process's memory")
    assert len(list(tiny_pool.grade([order(n) for n in range(50)]))) == 50
    before = resident()
    assert len(list(tiny_pool.grade([order(n) for n in range(50, 250)]))) == 200
    assert resident() - before < 20 << 10  # KiB


UNFINISHED = "def row_sums(x):\n    if x.dim() == 3:\n        # YOUR CODE HERE\n        raise NotImplementedError()\n"


def test_a_finished_function_is_not_called_a_stub_because_torch_raises_what_a_stub_raises(grade_tiny: Grade):
    torch_raises = f"{UNFINISHED}    return x.long().softmax(-1)\n"
    for text in (torch_raises, f"{UNFINISHED}    raise NotImplementedError('float tables')\n"):
        result = grade_tiny(rows=text).exercises["row_sums"]
        assert result.outcome == "crashed"
        assert "stub" not in result.message
        assert "NotImplementedError in rows.py, line" in result.message


def test_a_part_that_is_still_open_is_said_to_be(grade_tiny: Grade):
    result = grade_tiny(rows=f"{UNFINISHED}    raise NotImplementedError()  # later\n").exercises["row_sums"]
    assert result.outcome == "crashed"
    assert "part of `row_sums` is still the stub" in result.message
