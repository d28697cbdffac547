"""A student's own check: the public probes of an exercise, asked of their code in a worker. numpy only, no torch here.

Nothing is a secret on a student's own machine: the exception's text, what was printed, expected and own values are all
there for the screen to show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tfm_quiz.course import Course, Exercise
from tfm_quiz.grading.attempt import Attempt
from tfm_quiz.grading.compare import Difference
from tfm_quiz.grading.observation import Observation
from tfm_quiz.grading.probes import Probe, Probes, read_probes
from tfm_quiz.grading.remote import RemoteSide
from tfm_quiz.grading.runner import ExerciseRun, Test, TestAnswers, Work, run_exercise, untouched_result
from tfm_quiz.grading.supply import runnable
from tfm_quiz.grading.worker_slot import WorkerSlot
from tfm_quiz.outcome import ExerciseResult
from tfm_quiz.wall.host.reply import Failure
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.wire.frames import Name

SECONDS = 10.0  # of one call
CPU_SECONDS = 120.0
MEGABYTES = 2048


@dataclass(frozen=True)
class Failing:
    """The first probe that went wrong: `number` (from 1) names it for `tfm_quiz.probe`."""

    number: int
    case: Probe
    observed: Observation
    wrong: Difference


@dataclass(frozen=True)
class Checked:
    """An exercise, checked: the result, and what only the student's own screen shows."""

    exercise: Exercise
    result: ExerciseResult
    hidden: int = 0  # checks that only the instructor has
    not_loaded: str = ""  # why no check could be run, if the module does not load
    failing: Failing | None = None
    failure: Failure | None = None
    output: str = ""
    output_cut: bool = False


def check_exercise(course: Course, exercise: Exercise, sources: Mapping[str, str], workers: Workers) -> Checked:
    """Ask the public probes of an exercise. Raises CouldNotCheck if it has none, or the wall does not stand."""
    probes = read_probes(course, exercise)
    stubs = {module: course.stub_path(module).read_text("utf-8") for module in course.modules}
    work = Work(course, exercise, stubs, sources, runnable(course, sources, stubs, exercise))
    tests = _tests(probes.cases)
    if (untouched := untouched_result(work, tests)) is not None:
        return Checked(exercise, untouched, probes.hidden)
    target = Name(exercise.module, exercise.name)
    slot = WorkerSlot(workers, target, work.running, probes.staged, MEGABYTES, CPU_SECONDS)

    def ask(test: Test, side: RemoteSide) -> TestAnswers:
        attempt = Attempt([case for case in probes.cases if case.test == test.name], side)
        raised = attempt.run()
        return TestAnswers(attempt.comparisons, raised)

    result, run = run_exercise(work, tests, slot, ask, probes.known)
    output, is_cut = _output(run)
    crash, not_loaded = run.crash, run.not_loaded
    if crash is not None and not_loaded and crash.frames:
        not_loaded = not_loaded.partition(":")[0]  # the exception says the rest
    elif not_loaded:
        crash = None  # the name is missing: that is all there is to say
    return Checked(exercise, result, probes.hidden, not_loaded, _failing(probes, run), crash, output, is_cut)


def _tests(cases: Sequence[Probe]) -> list[Test]:
    first: dict[str, Probe] = {}
    for case in cases:
        first.setdefault(case.test, case)
    return [
        Test(name=name, sentence=case.sentence, points=case.points, needs=case.needs, seconds=SECONDS, mb=MEGABYTES)
        for name, case in first.items()
    ]


def _failing(probes: Probes, run: ExerciseRun) -> Failing | None:
    """Return the first wrong answer, for the screen."""
    for comparison in run.comparisons:
        if comparison.wrong is not None:
            cases = enumerate(probes.cases, start=1)
            number, case = next((number, case) for number, case in cases if case is comparison.known)
            return Failing(number, case, comparison.observed, comparison.wrong)
    return None


def _output(run: ExerciseRun) -> tuple[str, bool]:
    """Return what the student's code printed, and whether some of it is missing."""
    printed = [one.observed.output for one in run.comparisons]
    if run.crash is not None and not run.comparisons:  # while the module was imported
        printed.append(run.crash.output)
    return "".join(printed), any(one.observed.output_cut for one in run.comparisons)
