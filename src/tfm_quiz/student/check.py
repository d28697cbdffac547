"""A student's own check: the public probes of an exercise, asked of their code in a worker. numpy only, no torch here.

Nothing is a secret on a student's own machine: the exception's text, what was printed, expected and own values are all
there for the screen to show.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tfm_quiz.course import Course, Exercise
from tfm_quiz.grading import wording
from tfm_quiz.grading.asked import asked
from tfm_quiz.grading.compare import Difference, difference
from tfm_quiz.grading.probes import Case, Known, Probes, load
from tfm_quiz.grading.remote import RemoteWorld, open_world
from tfm_quiz.grading.seen import Seen
from tfm_quiz.grading.supply import runnable
from tfm_quiz.outcome import CheckResult, ExerciseResult, Outcome, overall
from tfm_quiz.submission.untouched import same_as_stub
from tfm_quiz.wall.host.reply import Failure, StudentError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.host.workers import Zygote
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Name

SECONDS = 10.0  # of one call
LIMITS = Limits(cpu_seconds=120, memory_mb=2048)


@dataclass(frozen=True)
class Failing:
    """The first probe that went wrong: `number` (from 1) names it for `tfm_quiz.probe`."""

    number: int
    case: Case
    seen: Seen
    wrong: Difference


@dataclass(frozen=True)
class Checked:
    """An exercise, checked: the result, and what only the student's own screen shows."""

    exercise: Exercise
    result: ExerciseResult
    hidden: int = 0  # checks that only the instructor has
    failing: Failing | None = None
    failure: Failure | None = None
    output: str = ""
    output_cut: bool = False


def check_exercise(course: Course, exercise: Exercise, sources: Mapping[str, str], zygote: Zygote) -> Checked:
    """Ask the public probes of an exercise. Raises CouldNotCheck if it has none, or the wall does not stand."""
    probes = load(course.probes_path(exercise.id))
    stubs = {module: course.stub_path(module).read_text("utf-8") for module in course.modules}
    tests = _tests(probes)
    text = sources.get(exercise.module)
    if text is None or same_as_stub(text, stubs[exercise.module], exercise.name):
        message = wording.not_attempted(exercise, stubs[exercise.module], missing=text is None)
        checks = tuple(_result(cases[0], "not_attempted", message) for cases in tests.values())
        return Checked(exercise, _exercise(checks, message, None), probes.hidden)
    running = runnable(course, sources, stubs, exercise)
    trial = _Trial(course, exercise, probes, sources, stubs, lambda: _world(zygote, exercise, probes, running))
    try:
        for name, cases in tests.items():
            trial.results[name] = trial.run(cases)
    finally:
        trial.close()
    checks = tuple(trial.results.values())
    known = probes.name(trial.answers) if any(wrong for *_, wrong in trial.seen) else None
    message = wording.summary(checks, known.sentence if known else None)
    return Checked(
        exercise,
        _exercise(checks, message, known),
        probes.hidden,
        trial.failing,
        trial.failure,
        trial.output,
        trial.output_cut,
    )


class _Trial:
    """The probes of one exercise, asked in order."""

    def __init__(
        self,
        course: Course,
        exercise: Exercise,
        probes: Probes,
        sources: Mapping[str, str],
        stubs: Mapping[str, str],
        open_: Callable[[], RemoteWorld],
    ) -> None:
        self.course, self.exercise, self.probes = course, exercise, probes
        self.sources, self.stubs, self.open = sources, stubs, open_
        self.world: RemoteWorld | None = None
        self.results: dict[str, CheckResult] = {}
        self.seen: list[tuple[Case, Seen, Difference | None]] = []
        self.failing: Failing | None = None
        self.failure: Failure | None = None
        self.output, self.output_cut = "", False
        self.stopped = ""

    @property
    def answers(self) -> list[tuple[Case, Seen]]:
        return [(case, seen) for case, seen, _ in self.seen]

    def close(self) -> None:
        if self.world is not None:
            self.world.worker.close()

    def run(self, cases: list[Case]) -> CheckResult:
        first = cases[0]
        if self.stopped:
            return _result(first, "skipped", self.stopped)
        unmet = [need for need in first.needs if need not in self.results or self.results[need].outcome != "passed"]
        if unmet:
            return _result(first, "skipped", f"needs: {self.results[unmet[0]].name}")
        try:
            wrong = self._ask(cases)
        except WorkerTimedOut:
            self.stopped = "skipped after the time-out before it"
            return _result(first, "timed_out", wording.timed_out(SECONDS))
        except WorkerDied as error:
            return _result(first, "died", wording.died(error, hidden=False))
        except StudentError as error:  # the module itself cannot be imported
            self.stopped = "skipped: the module does not load"
            return self._crashed(first, error.failure)
        if wrong is None:
            return _result(first, "passed")
        if wrong.seen.failure is not None and not wrong.case.expected.raised:
            return self._crashed(first, wrong.seen.failure)
        return _result(first, "wrong", wording.wrong(wrong.wrong, hidden=False))

    def _ask(self, cases: list[Case]) -> Failing | None:
        """Ask every probe of a test, for the sake of a name; the first wrong one is what the screen shows."""
        if self.world is None or self.world.worker.ended is not None:
            self.world = self.open()
        self.world.built.clear()
        found: Failing | None = None
        questions = [asked(case.question, self.world.target) for case in cases]
        for case, seen in zip(cases, self.world.answers(questions), strict=True):
            self._keep_output(seen)
            wrong = difference(case.expected, case.expected, seen, case.floor)
            self.seen.append((case, seen, wrong))
            if wrong is not None and found is None:
                number = 1 + next(i for i, known in enumerate(self.probes.cases) if known is case)
                found = Failing(number, case, seen, wrong)
        if self.failing is None:
            self.failing = found
        return found

    def _crashed(self, case: Case, failure: Failure) -> CheckResult:
        texts = {**self.stubs, **self.sources}
        needed = wording.open_stub(failure, self.course, texts, self.stubs)
        if needed is not None and needed.id != self.exercise.id:
            return _result(case, "skipped", f"needs {needed.id}, which is still the stub")
        if self.failure is None:
            self.failure = failure
        message = wording.crashed(failure, self.exercise, self.sources, own_stub=needed is not None)
        return _result(case, "crashed", message)

    def _keep_output(self, seen: Seen) -> None:
        last = self.world.last if self.world is not None else None
        text = seen.failure.output if seen.failure is not None else (last.output if last is not None else "")
        self.output += text
        self.output_cut = self.output_cut or bool(last is not None and last.output_cut)


def _world(zygote: Zygote, exercise: Exercise, probes: Probes, sources: Mapping[str, str]) -> RemoteWorld:
    return open_world(zygote, Name(exercise.module, exercise.name), sources, probes.staged, LIMITS, SECONDS)


def _tests(probes: Probes) -> dict[str, list[Case]]:
    tests: dict[str, list[Case]] = {}
    for case in probes.cases:
        tests.setdefault(case.test, []).append(case)
    return tests


def _result(case: Case, outcome: Outcome, message: str = "") -> CheckResult:
    points = case.points if outcome == "passed" else 0.0
    return CheckResult(name=case.sentence, outcome=outcome, points=points, out_of=case.points, message=message)


def _exercise(checks: tuple[CheckResult, ...], message: str, known: Known | None) -> ExerciseResult:
    return ExerciseResult(
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        outcome=overall(checks),
        misconception=known.id if known else None,
        message=message,
        hint=known.hint if known else "",
        checks=checks,
    )
