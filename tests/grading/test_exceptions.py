"""Whatever a submission raises costs the check, and nothing else."""

import builtins
from collections.abc import Callable

import pytest

from tfm_quiz.grading.proxies import as_builtin
from tfm_quiz.outcome import Report
from tfm_quiz.wall.host.reply import KNOWN_KINDS, Failure, StudentError

RAISES = {
    "MemoryError": "raise MemoryError",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "SystemExit": "raise SystemExit(0)",
    "GeneratorExit": "raise GeneratorExit",
    "StopIteration": "raise StopIteration",
    "a group": "raise ExceptionGroup('two', [MemoryError(), ValueError()])",
    "a group of the gravest": "raise BaseExceptionGroup('two', [KeyboardInterrupt(), SystemExit()])",
    "an exception with five arguments": "raise UnicodeDecodeError('utf-8', b'1', 0, 1, 'no')",
    "a warning as an error": "import warnings; warnings.simplefilter('error'); warnings.warn('old')",
    "AssertionError": "assert False",
    "one that calls itself pytest's": "raise type('Exit', (BaseException,), {'__module__': '_pytest.outcomes'})",
    "and one that pytest skips": "raise type('Skipped', (Exception,), {'__module__': '_pytest.outcomes'})",
    "its own MemoryError": "raise type('Own', (MemoryError, ValueError), {})",
}


@pytest.mark.parametrize("raises", RAISES.values(), ids=RAISES.keys())
def test_a_check_that_calls_the_student_survives_every_kind_of_exception(
    grade_tiny: Callable[..., Report], raises: str
):
    report = grade_tiny(rows=f"def row_sums(x):\n    {raises}\n")
    assert report.exercises["row_sums"].checks[0].outcome == "crashed"
    assert report.exercises["row_sums"].points <= 1  # what is a ValueError passes the check that expects one
    assert report.exercises["double"].outcome == "passed"
    assert report.exercises["gain"].outcome == "passed"


@pytest.mark.parametrize("name", sorted(KNOWN_KINDS))
def test_a_claimed_exception_is_never_one_that_ends_a_test_run(name: str):
    kind = getattr(builtins, name, None)
    is_exception = isinstance(kind, type) and issubclass(kind, BaseException)
    kinds = [base.__name__ for base in kind.__mro__] if isinstance(kind, type) and is_exception else [name]
    error = as_builtin(StudentError(Failure(name, tuple(kinds), "text", (), ())))
    assert isinstance(error, StudentError)
    assert error.failure.type == name
    assert str(error) is not None
    assert not isinstance(error, MemoryError | StopIteration | StopAsyncIteration | BaseExceptionGroup)
    assert isinstance(error, Exception)


@pytest.mark.parametrize("name", ["ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "OSError"])
def test_a_grader_can_expect_the_usual_exceptions(name: str):
    kind = getattr(builtins, name)
    with pytest.raises(kind):
        raise as_builtin(StudentError(Failure(name, tuple(base.__name__ for base in kind.__mro__), "text", (), ())))


@pytest.mark.parametrize("code", ["x.to(torch.complex64)", "x.to_sparse()", "x.to('meta')", "10**5000", "'x' * 2**21"])
def test_an_answer_that_cannot_be_sent_is_told_in_the_student_s_words(grade_tiny: Callable[..., Report], code: str):
    report = grade_tiny(rows=f"import torch\n\ndef double(x):\n    return {code}\n")
    result = report.exercises["double"]
    assert result.points == 0
    assert "the answer cannot be compared" in result.message
    assert not any("WireError" in check.message for check in result.checks)
