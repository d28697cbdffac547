"""One exercise of one submission: a fresh worker, every test of its grader, the outcome of each, the named mistake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from tfm_quiz.course import Course, Exercise
from tfm_quiz.outcome import CheckResult, ExerciseResult, Outcome, overall
from tfm_quiz.submission.untouched import same_as_stub
from tfm_quiz.wall.host.reply import StudentError, WallError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.host.workers import Zygote
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Name

from . import wording
from .check import Observed, Stage, Watch
from .content import Content, Misconception
from .diagnose import name_mistake
from .messages import OVER, Training
from .oracle import Oracle, ReferenceFault, Trial
from .plugin import GraderPlugin, Mismatch, Scene, Test
from .remote import RemoteWorld, open_world
from .supply import runnable

CPU_SECONDS = 60.0  # of one worker; a limit of a single call is kept from outside
MAX_DEATHS = 3  # of workers in one exercise; then the rest is skipped
MAX_IMPORTS = 2  # of one module that end in a time-out or a death: the second, because a machine may have been busy


@dataclass(frozen=True)
class Graders:
    """What grading needs and what outlives every submission: the course's content, the oracles, the zygote."""

    course: Course
    content: Content
    plugin: GraderPlugin
    oracles: Mapping[str, Oracle]
    zygote: Zygote
    stubs: Mapping[str, str]  # by module
    time_factor: float = 1.0
    labs: bool = True
    training: Callable[[Training], None] = lambda message: None  # is told how a lab gets on

    def tests(self, exercise: Exercise) -> list[Test]:
        """The checks of an exercise that this run makes."""
        return [test for test in self.plugin.tests.get(exercise.id, []) if self.labs or not test.lab]


class Imports:
    """What importing one submission's modules has come to, where it cost a worker.

    A module that loops while it is imported would otherwise be waited for once in each of its exercises.
    """

    def __init__(self) -> None:
        self.failed: dict[str, list[tuple[float, WallError]]] = {}

    def add(self, module: str, seconds: float, error: WorkerTimedOut | WorkerDied) -> None:
        """Importing this module within `seconds` came to this."""
        self.failed.setdefault(module, []).append((seconds, error))

    def known(self, module: str, seconds: float) -> WallError | None:
        """What another try would come to, once that is clear. A longer limit is worth a try of its own."""
        tried = [error for limit, error in self.failed.get(module, []) if limit >= seconds]
        return tried[-1].with_traceback(None) if len(tried) >= MAX_IMPORTS else None


@dataclass
class Bench:
    """The worker of one exercise, made anew when it has died."""

    graders: Graders
    exercise: Exercise
    sources: Mapping[str, str]  # what sentences speak of
    running: Mapping[str, str]  # what is sent
    mb: int
    imports: Imports
    open: RemoteWorld | None = None
    deaths: int = 0

    def world(self, seconds: float) -> RemoteWorld:
        """The student's side for a test. Raises WallError if the module cannot be imported or lacks the name."""
        seconds *= self.graders.time_factor
        if self.open is None or self.open.worker.ended is not None:
            self.open = self._opened(seconds)
        self.open.built.clear()  # modules live as long as the test that built them
        self.open.seconds = seconds
        return self.open

    def close(self) -> None:
        """End the worker."""
        if self.open is not None:
            self.open.worker.close()

    def _opened(self, seconds: float) -> RemoteWorld:
        known = self.imports.known(self.exercise.module, seconds)
        if known is not None:
            raise known
        cpu = max(CPU_SECONDS * self.graders.time_factor, 2 * seconds)
        try:
            return open_world(
                self.graders.zygote,
                Name(self.exercise.module, self.exercise.name),
                self.running,
                self.graders.content.staged_text(self.exercise),
                Limits(cpu_seconds=cpu, memory_mb=self.mb),
                seconds,
            )
        except (WorkerTimedOut, WorkerDied) as error:
            self.imports.add(self.exercise.module, seconds, error)
            raise


@dataclass
class Diary:
    """What has been seen of one exercise so far."""

    results: dict[str, CheckResult] = field(default_factory=dict)
    observed: list[Observed] = field(default_factory=list)
    stopped: str = ""  # why the rest is skipped

    def passed(self, test_name: str) -> bool:
        """Whether this check of the same grader passed."""
        return test_name in self.results and self.results[test_name].outcome == "passed"


def grade_exercise(
    graders: Graders,
    exercise: Exercise,
    sources: Mapping[str, str],
    running: Mapping[str, str] | None = None,
    imports: Imports | None = None,
) -> ExerciseResult:
    """Judge one exercise of a submission, in a worker of its own.

    `sources` are the student's; `running` is what runs, if that is not `supply.runnable` of them; `imports` is what
    the submission's other exercises have shown.
    """
    tests = graders.tests(exercise)
    text = sources.get(exercise.module)
    if text is None or same_as_stub(text, graders.stubs[exercise.module], exercise.name):
        message = wording.not_attempted(exercise, graders.stubs[exercise.module], missing=text is None)
        checks = tuple(result(test, "not_attempted", message) for test in tests)
        return _summary(exercise, checks, "not_attempted", message, None)
    running = runnable(graders.course, sources, graders.stubs, exercise) if running is None else running
    mb = max((test.mb for test in tests), default=512)
    bench = Bench(graders, exercise, sources, running, mb, imports or Imports())
    diary = Diary()
    try:
        for test in tests:
            diary.results[test.name] = _run(graders, exercise, test, bench, diary)
    finally:
        bench.close()
    checks = tuple(diary.results.values())
    named = name_mistake(diary.observed, graders.oracles[exercise.id].variants)
    message = wording.summary(checks, named.sentence if named else None)
    return _summary(exercise, checks, overall(checks), message, named)


def _summary(
    exercise: Exercise, checks: tuple[CheckResult, ...], outcome: Outcome, message: str, named: Misconception | None
) -> ExerciseResult:
    return ExerciseResult(
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        outcome=outcome,
        misconception=named.id if named else None,
        message=message,
        hint=named.hint if named else "",
        checks=checks,
    )


def result(test: Test, outcome: Outcome, message: str = "", detail: str = "") -> CheckResult:
    """The result of a check: all of its points or none."""
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


def _run(graders: Graders, exercise: Exercise, test: Test, bench: Bench, diary: Diary) -> CheckResult:
    if diary.stopped:
        return result(test, "skipped", diary.stopped)
    unmet = [name for name in test.needs if not diary.passed(name)]
    if unmet:
        sentences = [diary.results[name].name if name in diary.results else name for name in unmet]
        return result(test, "skipped", f"needs: {sentences[0]}")
    oracle = graders.oracles[exercise.id]
    try:
        world = bench.world(test.seconds)
    except WallError as error:
        return _failed(graders, exercise, test, bench, diary, error, [])
    stage = Stage(world, None, Trial(oracle, test.name), watch=_watch(graders, test))
    if test.only_asks:
        raised = _asked(stage)
    else:
        scene = Scene(exercise, stage, graders.content.solutions, lambda name: oracle.generator(name))
        raised = graders.plugin.run(test, scene)
    if test.lab:
        graders.training(OVER)
    diary.observed += stage.observed
    if raised is None:
        found = result(test, "passed")
    else:
        found = _failed(graders, exercise, test, bench, diary, raised, stage.failures)
    return msgspec.structs.replace(found, losses=tuple(stage.losses)) if stage.losses else found


def _asked(stage: Stage) -> BaseException | None:
    """What a test that only asks would raise."""
    try:
        stage.ask_all()
    except WallError as error:
        return error
    return Mismatch() if stage.failures else None


def _watch(graders: Graders, test: Test) -> Watch:
    return lambda step, of, losses: graders.training(Training(lab=test.title, step=step, of=of, losses=losses))


def _failed(
    graders: Graders,
    exercise: Exercise,
    test: Test,
    bench: Bench,
    diary: Diary,
    raised: BaseException,
    failures: list[Observed],
) -> CheckResult:
    """The result of a check that did not pass, and what it means for those after it."""
    found = [(type(o.answer.question).__name__, o.wrong, o.seen) for o in failures if o.wrong is not None]
    detail = wording.detail(None if isinstance(raised, Mismatch) else raised, found)
    if isinstance(raised, ReferenceFault | KeyboardInterrupt | MemoryError):
        raise raised
    if isinstance(raised, WorkerTimedOut):
        diary.stopped = "skipped after the time-out before it"
        return result(test, "timed_out", wording.timed_out(bench.graders.time_factor * test.seconds), detail)
    if isinstance(raised, WorkerDied):
        bench.deaths += 1
        if bench.deaths >= MAX_DEATHS:
            diary.stopped = f"skipped: the process has died {MAX_DEATHS} times"
        return result(test, "died", wording.died(raised, hidden=test.hidden), detail)
    failure = raised.failure if isinstance(raised, StudentError) else None
    if failure is None and failures:
        first = failures[0]
        crashed = first.seen.raised and not first.answer.expected.raised
        failure = first.seen.failure if crashed else None
    if failure is None:
        first_wrong = found[0][1] if found else None
        message = wording.LAB if test.lab else wording.wrong(first_wrong, hidden=test.hidden)
        return result(test, "wrong", message, detail)
    needed = wording.open_stub(failure, graders.course, bench.running, graders.stubs)
    if needed is not None and needed.id != exercise.id:
        return result(test, "skipped", f"needs {needed.id}, which is still the stub", detail)
    again = test.hidden and any(r.hidden and r.outcome == "crashed" for r in diary.results.values())
    own = needed is not None
    message = wording.crashed(failure, exercise, bench.sources, own_stub=own, place=not again)
    return result(test, "crashed", message, detail)
