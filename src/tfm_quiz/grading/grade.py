"""Grade one submission: every exercise, once more where an error before it would be paid for twice, and the report."""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version

from msgspec.structs import replace

from tfm_quiz import __version__
from tfm_quiz.course import Course, Exercise
from tfm_quiz.outcome import Bonus, ExerciseResult, Report
from tfm_quiz.submission.submission import Submission

from . import wording
from .attempt import ReferenceFault
from .budget import Budget, Share, in_order_of_points
from .exercise import Graders, grade_exercise
from .supply import all_needs, runnable, supplied
from .worker_slot import ImportFailures


def grade(graders: Graders, exercises: Sequence[Exercise], work: Submission, *, key: str) -> Report:
    """Grade one submission. Never raises for what a submission does."""
    started = time.monotonic()
    budget = Budget.of_a_submission(graders.time_factor)
    grading = _Grading(graders, work, budget)
    results = {name: _told(result, budget) for name, result in grading.results(exercises).items()}
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
        problems=(*work.problems, *grading.faults, *_unreached(results, budget)),
        notes=(
            *work.notes,
            *(wording.by_definitions(module) for module, loads in grading.imports.by_definitions.items() if loads),
        ),
        exercises=results,
    )


class _Grading:
    """The work on one submission: two rounds within its budget, then follow-through."""

    def __init__(self, graders: Graders, work: Submission, budget: Budget) -> None:
        self.graders, self.course, self.budget = graders, graders.course, budget
        self.sources = {**work.helpers, **work.modules}  # a helper never stands in for a module of the course
        self.imports = ImportFailures()
        self.done: dict[str, ExerciseResult] = {}
        self.cut: set[str] = set()  # exercises whose share did not suffice
        self.faults: list[str] = []

    def results(self, exercises: Sequence[Exercise]) -> dict[str, ExerciseResult]:
        """Return the result of each exercise, in the order given; none for one whose grader is at fault."""
        turns = in_order_of_points(exercises)
        for exercise in turns:
            self._grade(exercise, self.budget.first_share(exercise.id, len(turns)))
        again = [exercise for exercise in turns if exercise.id in self.cut]
        supplied_already: dict[str, ExerciseResult] = {}
        for exercise in again:
            if failed := self._failed_needs(exercise, self.done):
                supplied_already[exercise.id] = self._follow_through(exercise, failed)
            else:
                self._grade(exercise, self.budget.rest(exercise.id))
        results: dict[str, ExerciseResult] = {}
        for exercise in exercises:
            if exercise.id not in self.done:
                continue
            found = supplied_already.get(exercise.id)
            failed = self._failed_needs(exercise, results)
            if found is None and failed and self.done[exercise.id].outcome not in ("passed", "not_attempted"):
                found = self._follow_through(exercise, failed)
            results[exercise.id] = _with_needs_that_failed(found or self.done[exercise.id], results)
        return results

    @cached_property
    def solutions(self) -> dict[str, str]:
        """The reference by module, where something of it is supplied."""
        return {module: self.course.solution_path(module).read_text("utf-8") for module in self.course.modules}

    def _grade(self, exercise: Exercise, share: Share) -> None:
        """Grade an exercise, and keep the better of this result and one that was cut before."""
        try:
            found = grade_exercise(self.graders, exercise, self.sources, imports=self.imports, share=share)
        except ReferenceFault as error:
            self.faults.append(f"{exercise.id} could not be graded, by a fault of the course: {error}")
            return
        before = self.done.get(exercise.id)
        if before is None or found.points >= before.points:
            self.done[exercise.id] = found
        if share.cut:
            self.cut.add(exercise.id)

    def _failed_needs(self, exercise: Exercise, results: Mapping[str, ExerciseResult]) -> list[str]:
        needs = all_needs(self.course, exercise)
        return [name for name, result in results.items() if name in needs and result.points < result.out_of]

    def _follow_through(self, exercise: Exercise, failed: Sequence[str]) -> ExerciseResult:
        """Grade the exercise as it is or, if that gives more, with the needed exercises that lost points supplied."""
        alone = self.done[exercise.id]
        plain = runnable(self.course, self.sources, self.graders.stubs, exercise)
        patched = supplied(self.course, plain, self.solutions, exercise, failed)
        share = self.budget.rest(exercise.id)
        try:
            again = grade_exercise(self.graders, exercise, self.sources, patched, self.imports, share)
        except ReferenceFault as error:
            self.faults.append(f"{exercise.id} could not be graded once more, by a fault of the course: {error}")
            return alone
        unnamed = alone.misconception is None and again.misconception is not None
        says_more = again.points == alone.points and (unnamed or alone.outcome == "skipped")
        if again.points <= alone.points and not says_more:
            return alone
        return replace(again, follow_through=tuple(failed))


def _with_needs_that_failed(result: ExerciseResult, results: Mapping[str, ExerciseResult]) -> ExerciseResult:
    """Return the result without those supplied exercises that were cut short first, and lost no points in the end."""
    failed = tuple(n for n in result.follow_through if n not in results or results[n].points < results[n].out_of)
    return replace(result, follow_through=failed) if failed != result.follow_through else result


def _told(result: ExerciseResult, budget: Budget) -> ExerciseResult:
    """Return the result with the whole sentence for each check that was not reached."""
    cut = [check for check in result.checks if check.message == wording.NOT_REACHED]
    if not cut:
        return result
    said = {check.lab: budget.sentence(lab=check.lab) for check in cut}
    checks = [replace(check, message=said[check.lab]) if check in cut else check for check in result.checks]
    is_summary = result.message == f"{cut[0].name}: {wording.NOT_REACHED}"
    message = f"{cut[0].name}: {said[cut[0].lab]}" if is_summary else result.message
    return replace(result, checks=tuple(checks), message=message)


def _unreached(results: Mapping[str, ExerciseResult], budget: Budget) -> list[str]:
    """Return a note for each part of the time that did not suffice, with the exercises that it cut short."""
    notes = []
    for lab in (False, True):
        said = budget.sentence(lab=lab)
        names = [name for name, r in results.items() if any(check.message == said for check in r.checks)]
        notes += [f"{', '.join(names)}: {said}"] if names else []
    return notes


def versions(course: Course) -> dict[str, str]:
    """Return what a mark depends on besides the submission."""
    return {"tfm_quiz": __version__, "torch": version("torch"), "course": course.version}
