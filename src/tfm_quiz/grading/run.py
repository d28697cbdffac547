"""A grading run: rehearse the graders once, then judge submission after submission."""

import contextlib
import gc
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import msgspec
import torch

from tfm_quiz import __version__
from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CourseError, Fault
from tfm_quiz.outcome import Bonus, ExerciseResult, Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.host.workers import Zygote
from tfm_quiz.wall.tuning import compiler
from tfm_quiz.wall.wire.frames import Name

from .check import Stage
from .content import Content
from .exercise import Graders, Imports, grade_exercise
from .messages import Training
from .oracle import MAX_ROUNDS, Oracle, ReferenceFault, Rehearsal
from .plugin import GraderPlugin, Scene, run_session
from .remote import HELPERS
from .supply import all_needs, runnable, supplied
from .worlds import LocalWorld

Progress = Callable[[int, int], None]


def with_graders(
    course: Course,
    exercises: Sequence[Exercise],
    zygote: Zygote,
    use: Callable[[Graders], None],
    *,
    seed: int,
    time_factor: float = 1.0,
    labs: bool = True,
    progress: Progress = lambda done, of: None,
    training: Callable[[Training], None] = lambda message: None,
) -> None:
    """Collect and rehearse the graders of these exercises, then call `use` inside the resident pytest session.

    Raises CourseError if a grader cannot be collected or the reference does not pass it.
    """
    compiler.leave_out()  # of the reference, too
    torch.set_num_threads(1)  # the tensors are tiny: more threads only wait for each other
    content = Content(course)
    try:

        def loop(plugin: GraderPlugin) -> None:
            oracles = {}
            with _made_to_last():
                for number, exercise in enumerate(exercises, start=1):
                    oracles[exercise.id] = rehearse(course, content, plugin, exercise, seed)
                    progress(number, len(exercises))
            for helper in {HELPERS, *filter(None, map(content.staged_text, exercises))}:
                zygote.prepare(helper)
            stubs = {module: course.stub_path(module).read_text("utf-8") for module in course.modules}
            use(Graders(course, content, plugin, oracles, zygote, stubs, time_factor, labs, training))

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
    """What is made here outlives every submission: searching it for garbage took a third of a rehearsal's time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.collect()
        gc.freeze()
    finally:
        if collects:
            gc.enable()


def rehearse(course: Course, content: Content, plugin: GraderPlugin, exercise: Exercise, seed: int) -> Oracle:
    """What the reference and all variants answer, on values that tell the variants apart (or the last of 5 draws)."""
    reference, staged = content.reference(exercise), content.staged(exercise)
    variants = content.misconceptions(exercise)
    target = Name(exercise.module, exercise.name)
    oracle = Oracle(exercise.id, target, reference, variants, staged, seed)
    for attempt in range(MAX_ROUNDS):
        oracle = replace(oracle, round=attempt, answers={}, blocks={})
        for test in plugin.tests.get(exercise.id, []):
            if test.lab:  # labs train: nothing in them is compared with the reference's own run
                continue
            rehearsal = Rehearsal(oracle, test.name, test.floor, public=not test.hidden)
            stage = Stage(LocalWorld(reference, staged), rehearsal, None)
            raised = plugin.run(test, Scene(exercise, stage, content.solutions, oracle.generator))
            if raised is not None:
                where = course.grader_path(exercise.id).name
                text = f"the reference does not pass {test.name}: {type(raised).__name__}: {raised}"
                raise CourseError([Fault(where, text)]) from raised
        if not oracle.confused():
            break
    return oracle


def grade(graders: Graders, exercises: Sequence[Exercise], work: Submission, *, seed: int, key: str) -> Report:
    """One submission, judged. Never raises for what a submission does."""
    started = time.monotonic()
    sources = {**work.helpers, **work.modules}  # a helper never stands in for a module of the course
    problems = list(work.problems)
    results: dict[str, ExerciseResult] = {}
    imports = Imports()
    solutions = {m: graders.course.solution_path(m).read_text("utf-8") for m in graders.course.modules}
    for exercise in exercises:
        try:
            results[exercise.id] = _with_follow_through(graders, exercise, sources, solutions, results, imports)
        except ReferenceFault as error:
            problems.append(f"{exercise.id} could not be graded, by a fault of the course: {error}")
    core = [results[e.id] for e in exercises if not e.bonus and e.id in results]
    bonus = [results[e.id] for e in exercises if e.bonus and e.id in results]
    return Report(
        submission=work.name,
        points=sum(result.points for result in core),
        out_of=sum(result.out_of for result in core),
        bonus=Bonus(points=sum(r.points for r in bonus), out_of=sum(r.out_of for r in bonus)),
        isolation=graders.zygote.level,
        seed=seed,
        versions=versions(graders.course),
        labs=graders.labs,
        key=key,
        seconds=round(time.monotonic() - started, 3),
        problems=tuple(problems),
        exercises=results,
    )


def _with_follow_through(
    graders: Graders,
    exercise: Exercise,
    sources: Mapping[str, str],
    solutions: Mapping[str, str],
    before: Mapping[str, ExerciseResult],
    imports: Imports,
) -> ExerciseResult:
    """The exercise as it is, or, if that is better, once more with what it needs and had lost points supplied."""
    alone = grade_exercise(graders, exercise, sources, imports=imports)
    needs = all_needs(graders.course, exercise)
    failed = [name for name, result in before.items() if name in needs and result.points < result.out_of]
    if not failed or alone.outcome in ("passed", "not_attempted"):
        return alone
    plain = runnable(graders.course, sources, graders.stubs, exercise)
    patched = supplied(graders.course, plain, solutions, exercise, failed)
    again = grade_exercise(graders, exercise, sources, patched, imports)
    unnamed = alone.misconception is None and again.misconception is not None
    says_more = again.points == alone.points and (unnamed or alone.outcome == "skipped")
    if again.points <= alone.points and not says_more:
        return alone
    return msgspec.structs.replace(again, follow_through=tuple(failed))


def versions(course: Course) -> dict[str, str]:
    """What a mark depends on besides the submission."""
    return {"tfm_quiz": __version__, "torch": version("torch"), "course": course.version}
