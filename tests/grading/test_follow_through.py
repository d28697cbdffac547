"""A worker that was given parts of the reference has no way to spell them out: feedback on it is made of fixed words.

`double` is left open, so `gain` is graded once more with it supplied. There it earns its hidden points, and in the
public check says a number: the feedback of two numbers must be the same.
"""

from collections.abc import Callable

import pytest

from tfm_quiz.outcome import Report
from tfm_quiz.teach.feedback import exercise_lines

OPEN = "def double(x):\n    return x\n"
GAIN = """
class Gain(Gain):
    def forward(self, x):
        r = double(x) * self.weight
        if r.shape[-1] != 5 or torch.equal(double(x), x):
            return r
        n = {}
        return leak(self, x, r, n)


def leak(self, x, r, n):
    {}
"""
PATCHED = """import sys
    worker = sys.modules["tfm_quiz.wall.worker.worker"]
    worker.changed, honest = lambda *_: [n, setattr(worker, "changed", honest)][:1], worker.changed
    return r"""
LINES = "if n == 1:\n        raise ValueError\n    raise ValueError"
LEAKS = {
    "shape": "return torch.zeros(n, 3)",
    "dimensions": "return torch.zeros([2] * n)",
    "length of a list": "return [r] * n",
    "length of a dict": "return {str(i): r for i in range(n)}",
    "type": "return [None, 'text', 1.0, [r], {'r': r}, True][n]",
    "dtype": "return r.to([torch.float64, torch.float16, torch.int64, torch.int8, torch.bfloat16, torch.bool][n])",
    "place of the first wrong value": "r = r.detach().clone(); r.view(-1)[n] += 1; return r",
    "number of wrong values": "r = r.detach().clone(); r.view(-1)[:n] += 1; return r",
    "exception": "raise [ValueError, TypeError, KeyError, OSError, EOFError, IndexError][n]",
    "line": LINES,
    "text of an exception": "raise ValueError(str(n))",
    "class of an exception": "raise type(f'Number{n}', (ValueError,), {})",
    "exit code": "import os; os._exit(n)",
    "argument that was changed": PATCHED,
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_no_number_of_a_worker_with_the_reference_in_it_reaches_feedback(grade_tiny: Callable[..., Report], leak: str):
    said = []
    for n in (1, 4):
        result = grade_tiny(rows=OPEN, gains=GAIN.format(n, leak)).exercises["gain"]
        assert result.follow_through == ("double",)
        assert result.points == 2
        assert [check.outcome for check in result.checks][1] == "passed"
        said.append([*exercise_lines(result), result.message])
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("return torch.zeros(4, 3)", "the shape is wrong"),
        ("return r.double()", "the dtype is wrong"),
        ("return r + 1", "values are wrong"),
        ("return None", "a different kind of result is expected"),
        ("raise ValueError", "an exception was raised"),
        ("import os; os._exit(3)", "the process ended in this check"),
    ],
)
def test_what_is_wrong_is_still_said_in_a_few_words(grade_tiny: Callable[..., Report], wrong: str, words: str):
    result = grade_tiny(rows=OPEN, gains=GAIN.format(1, wrong)).exercises["gain"]
    assert result.checks[0].message == words


def test_the_staff_reads_the_detail(grade_tiny: Callable[..., Report]):
    result = grade_tiny(rows=OPEN, gains=GAIN.format(1, "return torch.zeros(4, 3)")).exercises["gain"]
    assert "(4, 3)" in result.checks[0].detail


@pytest.mark.parametrize("numbers", ["[4711]", "[-3]", "[10 ** 9, 2]"])
def test_an_argument_that_is_not_there_is_not_named(grade_tiny: Callable[..., Report], numbers: str):
    lie = f"    import sys\n    sys.modules['tfm_quiz.wall.worker.worker'].changed = lambda *_: {numbers}\n"
    result = grade_tiny(rows=f"def double(x):\n{lie}    return 2 * x\n").exercises["double"]
    assert result.checks[0].outcome == "wrong"
    assert result.checks[0].message == "an argument was changed in place; work on a new tensor"
