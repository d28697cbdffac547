"""Grade one submission: every exercise, once more where an error before it would be paid for twice, and the report."""

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import msgspec

from tfm_quiz import __version__
from tfm_quiz.course import Course, Exercise
from tfm_quiz.outcome import Bonus, ExerciseResult, Report
from tfm_quiz.submission.submission import Submission

from . import wording
from .attempt import ReferenceFault
from .exercise import Graders, grade_exercise
from .supply import all_needs, runnable, supplied
from .worker_slot import ImportFailures


def grade(graders: Graders, exercises: Sequence[Exercise], work: Submission, *, key: str) -> Report:
    """Grade one submission. Never raises for what a submission does."""
    started = time.monotonic()
    sources = {**work.helpers, **work.modules}  # a helper never stands in for a module of the course
    problems = list(work.problems)
    results: dict[str, ExerciseResult] = {}
    imports = ImportFailures()
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
        isolation=graders.workers.level,
        versions=versions(graders.course),
        labs=graders.labs,
        key=key,
        seconds=round(time.monotonic() - started, 3),
        problems=tuple(problems),
        notes=(
            *work.notes,
            *(wording.by_definitions(module) for module, loads in imports.by_definitions.items() if loads),
        ),
        exercises=results,
    )


def _with_follow_through(
    graders: Graders,
    exercise: Exercise,
    sources: Mapping[str, str],
    solutions: Mapping[str, str],
    before: Mapping[str, ExerciseResult],
    imports: ImportFailures,
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
