"""Run the tests of one exercise against a student's code: the same for `check` and for the grader. No torch here.

What a test asks comes from outside (`ask`). Here is what the tests of an exercise share: a worker, time-outs, deaths,
modules that do not load, tests that need others, the named mistake and the result.
"""

import contextlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from tfm_quiz.course import Course, Exercise
from tfm_quiz.outcome import CheckResult, ExerciseResult, Outcome, overall
from tfm_quiz.submission.untouched import same_as_stub
from tfm_quiz.wall.host.reply import Failure, StudentError, WallError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.host.workers import load_factor

from . import wording
from .attempt import Comparison, Mismatch, ReferenceFault
from .budget import Share
from .naming import Mistake, name_mistake
from .remote import RemoteSide
from .worker_slot import WorkerSlot

MAX_DEATHS = 3  # of workers in one exercise; then the rest is skipped


@dataclass(frozen=True, kw_only=True)
class Test:
    """One check of an exercise: a test of its grader, or the part of one that is public."""

    __test__ = False  # for pytest, where our own tests import this

    name: str
    sentence: str  # what a student reads
    points: float
    needs: tuple[str, ...] = ()
    hidden: bool = False
    lab: bool = False
    seconds: float  # of one call
    mb: int  # of the worker


@dataclass(frozen=True)
class Work:
    """A student's code for one exercise."""

    course: Course
    exercise: Exercise
    stubs: Mapping[str, str]  # by module
    sources: Mapping[str, str]  # what sentences speak of
    running: Mapping[str, str]  # what is sent to the worker
    holds_reference: bool = False  # parts of it were supplied: then nothing that the worker says is passed on


@dataclass(frozen=True)
class TestAnswers:
    """The answers to one test's questions, and what the test raised in the end."""

    comparisons: Sequence[Comparison]
    raised: BaseException | None
    losses: tuple[float | None, ...] = ()  # of a lab


@dataclass
class ExerciseRun:
    """What has been observed of one exercise so far."""

    work: Work
    slot: WorkerSlot
    results: dict[str, CheckResult] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    crash: Failure | None = None  # the first exception that a check failed with
    not_loaded: str = ""  # why no check can be run, if the module cannot be imported or lacks the name
    stopped: str = ""  # why the rest is skipped
    deaths: int = 0

    def passed(self, test_name: str) -> bool:
        """Return whether this check of the same exercise passed."""
        return test_name in self.results and self.results[test_name].outcome == "passed"


OneTest = TypeVar("OneTest", bound=Test)


def untouched_result(work: Work, tests: Sequence[Test]) -> ExerciseResult | None:
    """Return the result of an exercise that is still its stub, or is not there; None for one that was worked on."""
    text, stub = work.sources.get(work.exercise.module), work.stubs[work.exercise.module]
    if text is not None and not same_as_stub(text, stub, work.exercise.name):
        return None
    message = wording.not_attempted(work.exercise, stub, missing=text is None)
    return _exercise_result([result(test, "not_attempted", message) for test in tests], message, None)


def run_exercise(
    work: Work,
    tests: Sequence[OneTest],
    slot: WorkerSlot,
    ask: Callable[[OneTest, RemoteSide], TestAnswers],
    mistakes: Mapping[str, Mistake],
) -> tuple[ExerciseResult, ExerciseRun]:
    """Run every test in order, each with `ask`, and name the mistake. Raises ReferenceFault."""
    run = ExerciseRun(work, slot)
    try:
        for test in tests:
            run.results[test.name] = _run(run, test, ask)
    finally:
        slot.close()
    checks = list(run.results.values())
    named = name_mistake(run.comparisons, mistakes)
    message = named.sentence if named else run.not_loaded or wording.summary(checks)
    return _exercise_result(checks, message, named), run


def result(test: Test, outcome: Outcome, message: str = "", detail: str = "") -> CheckResult:
    """Return the result of a check: all of its points or none."""
    return CheckResult(
        name=test.sentence,
        outcome=outcome,
        points=test.points if outcome == "passed" else 0.0,
        out_of=test.points,
        hidden=test.hidden,
        message=message,
        detail=detail,
        lab=test.lab,
    )


def _exercise_result(checks: Sequence[CheckResult], message: str, named: Mistake | None) -> ExerciseResult:
    return ExerciseResult(
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        outcome=overall(tuple(checks)),
        misconception=named.id if named else None,
        message=message,
        hint=named.hint if named else "",
        checks=tuple(checks),
    )


def _run(run: ExerciseRun, test: OneTest, ask: Callable[[OneTest, RemoteSide], TestAnswers]) -> CheckResult:
    if run.stopped:
        return result(test, "skipped", run.stopped)
    unmet = [name for name in test.needs if not run.passed(name)]
    if unmet:
        sentences = [run.results[name].name if name in run.results else name for name in unmet]
        return result(test, "skipped", f"needs: {sentences[0]}")
    share = run.slot.calls.share
    if share.left(lab=test.lab) <= 0:
        return _cut(run, test)
    with _host_time_charged(share, lab=test.lab):
        try:
            side = run.slot.side(test.seconds, lab=test.lab)
        except StudentError as error:
            return _not_loaded(run, test, error)
        except WallError as error:
            return _failed(run, test, error, [])
        answers = ask(test, side)
    run.comparisons += answers.comparisons
    if answers.raised is None:
        found = result(test, "passed")
    else:
        found = _failed(run, test, answers.raised, [one for one in answers.comparisons if one.wrong is not None])
    losses = () if run.work.holds_reference else answers.losses
    return msgspec.structs.replace(found, losses=losses) if losses else found


def _failed(run: ExerciseRun, test: Test, raised: BaseException, failures: Sequence[Comparison]) -> CheckResult:
    """Return the result of a check that did not pass, and what it means for those after it."""
    if isinstance(raised, ReferenceFault | KeyboardInterrupt | MemoryError) and not isinstance(raised, StudentError):
        raise raised  # it is ours
    detail = wording.detail(None if isinstance(raised, Mismatch) else raised, failures)
    if isinstance(raised, WorkerTimedOut) and run.slot.calls.is_cut:
        return _cut(run, test, detail)
    if isinstance(raised, WorkerTimedOut):
        run.stopped = "skipped after the timeout before it"
        return result(test, "timed_out", wording.timed_out(run.slot.time_factor * test.seconds), detail)
    if isinstance(raised, WorkerDied):
        run.deaths += 1
        if run.deaths >= MAX_DEATHS:
            run.stopped = f"skipped: the process has died {MAX_DEATHS} times"
        hidden = test.hidden or run.work.holds_reference
        return result(test, "died", wording.died(raised, cpu_seconds=run.slot.cpu_limit, hidden=hidden), detail)
    failure = _failure(raised, failures)
    if failure is None:
        wrong = failures[0].wrong if failures else None
        message = wording.wrong(wrong, hidden=test.hidden, fixed=run.work.holds_reference)
        return result(test, "wrong", wording.LAB if test.lab else message, detail)
    return _crashed(run, test, failure, detail)


def _cut(run: ExerciseRun, test: Test, detail: str = "") -> CheckResult:
    """Return the result of a check that the submission's time did not suffice for. Labs have time of their own."""
    if not test.lab:
        run.slot.calls.share.cut = True
        run.stopped = wording.NOT_REACHED
    return result(test, "skipped", wording.NOT_REACHED, detail)


@contextlib.contextmanager
def _host_time_charged(share: Share, *, lab: bool) -> Generator[None]:
    """Charge what this block takes in this process, too: a worker can make us compare a lot."""
    started, charged = time.monotonic(), share.charged
    try:
        yield
    finally:
        took = (time.monotonic() - started) / load_factor()
        share.charge(max(0.0, took - (share.charged - charged)), lab=lab)


def _failure(raised: BaseException, failures: Sequence[Comparison]) -> Failure | None:
    """Return the student's exception that a check failed with, unless the first wrong answer is of another kind."""
    if isinstance(raised, StudentError):
        return raised.failure
    first = failures[0] if failures else None
    return first.observed.failure if first and first.observed.raised and not first.known.expected.raised else None


def _not_loaded(run: ExerciseRun, test: Test, error: StudentError) -> CheckResult:
    """Return the result of the first check if the module cannot be imported: the rest is skipped."""
    found = _failed(run, test, error, [])
    if found.outcome != "crashed":  # a stub raised, which another exercise should fill
        return found
    work = run.work
    run.not_loaded = wording.not_loaded(error.failure, work.exercise, work.sources, fixed=work.holds_reference)
    run.stopped = f"skipped: {run.not_loaded.partition(':')[0]}"
    return msgspec.structs.replace(found, message=run.not_loaded)


def _crashed(run: ExerciseRun, test: Test, failure: Failure, detail: str) -> CheckResult:
    work = run.work
    needed = wording.open_stub(failure, work.course, work.running)
    if needed is not None and needed.id != work.exercise.id:
        return result(test, "skipped", f"needs {needed.id}, which is still the stub", detail)
    run.crash = run.crash or failure
    again = test.hidden and any(check.hidden and check.outcome == "crashed" for check in run.results.values())
    own = needed is not None
    if work.holds_reference and not own:
        return result(test, "crashed", wording.RAISED, detail)
    message = wording.crashed(failure, work.exercise, work.sources, mb=run.slot.mb, own_stub=own, place=not again)
    return result(test, "crashed", message, detail)
