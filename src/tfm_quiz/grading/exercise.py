"""Grade one exercise of one submission: every test of its grader, asked of the student's code in a worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from tfm_quiz.course import Course, Exercise
from tfm_quiz.outcome import ExerciseResult
from tfm_quiz.submission.alone import each_alone
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.wire.frames import Name

from .answer_key import AnswerKey
from .attempt import Attempt, Side
from .budget import Share
from .content import Content
from .current import CurrentTest
from .messages import OVER, Training
from .remote import RemoteSide
from .runner import TestAnswers, Work, run_exercise, untouched_result
from .session import MEGABYTES, GraderPlugin, GraderTest
from .supply import runnable
from .worker_slot import ImportFailures, WorkerSlot

CPU_SECONDS = 60.0


@dataclass(frozen=True)
class Graders:
    """What outlives every submission: the content of the course, the answer keys, where workers come from."""

    course: Course
    content: Content
    plugin: GraderPlugin
    keys: Mapping[str, AnswerKey]  # by exercise
    workers: Workers
    stubs: Mapping[str, str]  # by module
    time_factor: float = 1.0
    labs: bool = True
    on_training: Callable[[Training], None] = lambda message: None  # is called with the progress of a lab

    def tests(self, exercise: Exercise) -> list[GraderTest]:
        """Return the checks of an exercise that this run makes."""
        return [test for test in self.plugin.tests.get(exercise.id, []) if self.labs or not test.lab]


def grade_exercise(
    graders: Graders,
    exercise: Exercise,
    sources: Mapping[str, str],
    supplied: Mapping[str, str] | None = None,
    imports: ImportFailures | None = None,
    share: Share | None = None,
) -> ExerciseResult:
    """Grade one exercise of a submission, in a worker of its own.

    `sources` are the student's; `supplied` the same with parts of the reference, if they are to run; `imports` is what
    the submission's other exercises have shown. `share` is the time that it may take; without one it is not bounded.
    Checks that it did not suffice for have the message `wording.NOT_REACHED`.
    """
    tests = graders.tests(exercise)
    running = runnable(graders.course, sources, graders.stubs, exercise) if supplied is None else supplied
    work = Work(graders.course, exercise, graders.stubs, sources, running, holds_reference=supplied is not None)
    if (untouched := untouched_result(work, tests)) is not None:
        return untouched
    slot = slot_for(graders, exercise, running, imports or ImportFailures())
    if share is not None:
        slot.calls.share = share
    mistakes = graders.keys[exercise.id].mistakes
    found, _ = run_exercise(work, tests, slot, lambda test, side: _ask(graders, exercise, test, side), mistakes)
    return found


def slot_for(graders: Graders, exercise: Exercise, running: Mapping[str, str], imports: ImportFailures) -> WorkerSlot:
    """Return the place for the workers of an exercise, with what its tests ask for."""
    return WorkerSlot(
        workers=graders.workers,
        target=Name(exercise.module, exercise.name),
        sources=running,
        staged=graders.content.staged_text(exercise),
        mb=max((test.mb for test in graders.tests(exercise)), default=MEGABYTES),
        cpu_seconds=CPU_SECONDS,
        time_factor=graders.time_factor,
        imports=imports,
        by_definitions=partial(_alone, graders.course, running),
    )


def _alone(course: Course, running: Mapping[str, str]) -> dict[str, str]:
    return each_alone(running, {unit.id: [exercise.name for exercise in unit.exercises] for unit in course.units})


def attempt_of(graders: Graders, exercise: Exercise, test: GraderTest, side: Side) -> Attempt:
    """Return a test's questions, asked of this side. A lab has none: what it trains is not recorded."""
    return Attempt(graders.keys[exercise.id].entries.get(test.name, []), side)


def _ask(graders: Graders, exercise: Exercise, test: GraderTest, side: RemoteSide) -> TestAnswers:
    """Ask a test's questions: all at once, if the test learns nothing of the student between them."""
    attempt = attempt_of(graders, exercise, test, side)
    if test.only_asks:
        raised = attempt.run()
        return TestAnswers(attempt.comparisons, raised)

    def on_step(step: int, of: int, losses: tuple[float | None, ...]) -> None:
        graders.on_training(Training(lab=test.title, step=step, of=of, losses=losses))

    generator = graders.keys[exercise.id].generator
    current = CurrentTest(exercise, side, attempt, graders.content.solutions, generator, on_step)
    raised = graders.plugin.run(test, current)
    if test.lab:
        graders.on_training(OVER)
    return TestAnswers(attempt.comparisons, raised, tuple(current.losses))
