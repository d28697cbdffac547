"""Get the graders of a run ready: collect them in a resident pytest session, and record their answer keys."""

import contextlib
import gc
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CourseError, Fault
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.tuning import compiler
from tfm_quiz.wall.wire.frames import Name

from .answer_key import AnswerKey, Recorder
from .content import Content
from .current import CurrentTest
from .exercise import Graders
from .local import LocalSide
from .messages import Training
from .remote import HELPERS
from .session import GraderPlugin, run_session

MAX_DRAWS = 5  # of the values of an exercise, until its variants can be told apart


def with_graders(
    course: Course,
    exercises: Sequence[Exercise],
    workers: Workers,
    use: Callable[[Graders], None],
    *,
    seed: int,
    time_factor: float = 1.0,
    labs: bool = True,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
    on_training: Callable[[Training], None] = lambda message: None,
) -> None:
    """Collect the graders of these exercises, record their keys, then call `use` inside the resident session.

    Raises CourseError if a grader cannot be collected or the reference does not pass it.
    """
    compiler.leave_out()  # of the reference, too
    torch.set_num_threads(1)  # the tensors are tiny: more threads only wait for each other
    content = Content(course)
    try:

        def loop(plugin: GraderPlugin) -> None:
            keys = {}
            with _made_to_last():
                for number, exercise in enumerate(exercises, start=1):
                    keys[exercise.id] = record_key(course, content, plugin, exercise, seed)
                    on_progress(number, len(exercises))
            for helper in {HELPERS, *filter(None, map(content.staged_text, exercises))}:
                workers.prepare(helper)
            stubs = {module: course.stub_path(module).read_text("utf-8") for module in course.modules}
            use(Graders(course, content, plugin, keys, workers, stubs, time_factor, labs, on_training))

        files = [str(course.grader_path(exercise.id)) for exercise in exercises]
        missing = [Fault(file, "is not there") for file in files if not Path(file).is_file()]
        if missing:
            raise CourseError(missing, next_step="tfm-quiz teach lint lists what an exercise needs.")
        run_session(files, str(course.root), loop)
    finally:
        gc.unfreeze()
        content.forget()


@contextlib.contextmanager
def _made_to_last() -> Generator[None]:
    """Keep what is made here out of garbage collection, which took a third of a recording's time: it outlives all."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.collect()
        gc.freeze()
    finally:
        if collects:
            gc.enable()


def record_key(course: Course, content: Content, plugin: GraderPlugin, exercise: Exercise, seed: int) -> AnswerKey:
    """Record the reference's answers, on values that tell all variants apart (or on the last of 5 draws)."""
    reference, staged = content.reference(exercise), content.staged(exercise)
    variants = content.misconceptions(exercise)
    target = Name(exercise.module, exercise.name)
    key = AnswerKey(exercise.id, target, reference, variants, staged, seed)
    for draw in range(MAX_DRAWS):
        key = replace(key, draw=draw, entries={})
        for test in plugin.tests.get(exercise.id, []):
            if test.lab:  # labs train: nothing in them is compared with the reference's own run
                continue
            recorder = Recorder(key, test.name, test.floor)
            side = LocalSide(reference, staged)
            raised = plugin.run(test, CurrentTest(exercise, side, recorder, content.solutions, key.generator))
            if raised is not None:
                where = course.grader_path(exercise.id).name
                text = f"the reference does not pass {test.name}: {type(raised).__name__}: {raised}"
                raise CourseError([Fault(where, text)]) from raised
        if not key.confused():
            break
    return key
