"""`tfm-quiz` alone: where you are, and the one next thing to do."""

from __future__ import annotations

import click

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import NoWorkspace
from tfm_quiz.manifest import load_course
from tfm_quiz.student.progress import Progress, read_progress
from tfm_quiz.student.workspace import Workspace, count_questions, find_workspace

from .screen import bar, glyphs, say


@click.command()
def status() -> int:
    """Show where you are and the next thing to do. The same as tfm-quiz alone.

    \b
    Exit codes:
      0 shown   1 there are no exercises in this folder
    """
    course = load_course()
    try:
        workspace = find_workspace(course)
    except NoWorkspace as nothing:
        say(f"\n  {nothing.message}\n\n  {nothing.next_step}")
        return 1
    progress = read_progress(workspace.root)
    current = progress.current(course)
    say()
    _list(course, progress, current)
    _total(course, progress)
    _next(workspace, current, progress)
    return 0


def _list(course: Course, progress: Progress, current: Exercise | None) -> None:
    marks = glyphs()
    name_width = max((len(exercise.id) for exercise in course.exercises), default=0)
    title_width = max((len(exercise.title) for exercise in course.exercises), default=0)
    for number, unit in enumerate(course.units, start=1):
        say(click.style(f"  {number} {unit.title}", bold=True))
        for exercise in unit.exercises:
            here = marks.here if exercise == current else " "
            mark = _mark(progress, exercise).ljust(marks.width)
            line = f"{exercise.id:<{name_width}}  {exercise.title:<{title_width}}"
            bonus = "  bonus" if exercise.bonus else ""
            say(f"  {here} {_coloured(mark, progress, exercise)}  {line}  {_score(progress, exercise):>5}{bonus}")
    say()


def _mark(progress: Progress, exercise: Exercise) -> str:
    marks = glyphs()
    checked = progress.checks.get(exercise.id)
    if checked is None or checked.outcome == "not_attempted":
        return marks.untouched
    if checked.outcome == "passed":
        return marks.passed
    return marks.partial if checked.passed else marks.wrong


def _coloured(mark: str, progress: Progress, exercise: Exercise) -> str:
    if progress.passed(exercise):
        return click.style(mark, fg="green")
    checked = progress.checks.get(exercise.id)
    return mark if checked is None or checked.outcome == "not_attempted" else click.style(mark, fg="yellow")


def _score(progress: Progress, exercise: Exercise) -> str:
    checked = progress.checks.get(exercise.id)
    return f"{checked.passed}/{checked.checks}" if checked else ""


def _total(course: Course, progress: Progress) -> None:
    core = [exercise for exercise in course.exercises if not exercise.bonus]
    done = sum(progress.passed(exercise) for exercise in core)
    questions = count_questions(course)
    asked = f", {min(progress.right_answers(), questions)} of {questions} questions" if questions else ""
    say(f"  {bar(done, len(core))}  {done} of {len(core)} exercises{asked}\n")


def _next(workspace: Workspace, current: Exercise | None, progress: Progress) -> None:
    if current is None:
        say("  All exercises passed their public checks. Next: tfm-quiz submit")
        return
    path = workspace.shown(workspace.path(current.module))
    if current.bonus:
        say("  All that counts is done: tfm-quiz submit packs it. The rest is optional.")
    if current.id in progress.checks and progress.checks[current.id].outcome != "not_attempted":
        say(f"  Next: fix {current.name} in {path}, then run tfm-quiz check")
    else:
        say(f"  Next: write {current.name} in {path}, then run tfm-quiz check")
