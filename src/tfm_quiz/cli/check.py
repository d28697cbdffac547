"""`tfm-quiz check`: is it right, and if not, which mistake is it?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tfm_quiz import __version__
from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.manifest import load_course
from tfm_quiz.student.progress import LastCheck, read_progress, remember_checks
from tfm_quiz.student.workspace import Workspace, find_workspace
from tfm_quiz.submission.inventory import is_listing
from tfm_quiz.submission.untouched import same_as_stub
from tfm_quiz.untrusted import for_terminal

from .check_screen import show_checked
from .screen import say

if TYPE_CHECKING:
    from tfm_quiz.student.check import Checked
    from tfm_quiz.wall.host.workers import Workers


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Check every exercise that you have begun.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, everything else on stderr.")
@click.option("--traceback", is_flag=True, help="All of your own lines on the way to an exception, not only the last.")
@click.option("--plain", is_flag=True, help="No pictures and no columns, for screen readers.")
def check(names: tuple[str, ...], everything: bool, as_json: bool, traceback: bool, plain: bool) -> int:
    """Check an exercise against its public checks, and name the mistake.

    Without a NAME: the first exercise that has not passed yet. Your code runs in a process of its own with time
    limits, so an endless loop or a crash is reported as one. Your instructor has further checks.

    \b
    Examples:
      tfm-quiz check
      tfm-quiz check {exercise} {other}
      tfm-quiz check --all
    \b
    Exit codes:
      0 all passed   1 something is wrong or unfinished   2 no such exercise
      3 could not check   130 interrupted
    """
    course = load_course()
    workspace = find_workspace(course)
    exercises = _chosen(course, workspace, names, everything)
    if not exercises:
        say("  Nothing to check: no exercise has been begun, or all have passed. Try tfm-quiz check --all")
        return 0
    found: list[Checked] = []
    for checked in _checked(course, workspace, exercises):
        found.append(checked)
        if not as_json:
            show_checked(checked, workspace, brief=len(exercises) > 1, traceback=traceback, plain=plain)
    remember_checks(workspace.root, {one.exercise.id: _remembered(one) for one in found})
    if as_json:
        import msgspec

        document = {
            "format": 1,
            "versions": {"tfm_quiz": __version__, "course": course.version},
            "exercises": {one.exercise.id: one.result for one in found},
        }
        click.echo(msgspec.json.encode(document).decode())
    elif len(exercises) > 1:
        passed = sum(one.result.outcome == "passed" for one in found)
        say(f"\n  {passed} of {len(found)} exercises pass their public checks")
    return 0 if all(one.result.outcome == "passed" for one in found) else 1


def _chosen(course: Course, workspace: Workspace, names: Sequence[str], everything: bool) -> list[Exercise]:
    if names:
        return [course.exercise(name) for name in names]
    if everything:
        modules = workspace.submission().modules
        return [exercise for exercise in course.exercises if _is_begun(course, exercise, modules)]
    current = read_progress(workspace.root).current(course)
    return [current] if current is not None else []


def _is_begun(course: Course, exercise: Exercise, modules: Mapping[str, str]) -> bool:
    text = modules.get(exercise.module)
    return text is not None and not same_as_stub(text, course.stub_path(exercise.module).read_text(), exercise.name)


def _checked(course: Course, workspace: Workspace, exercises: Sequence[Exercise]) -> Iterator[Checked]:
    from tfm_quiz.student.check import check_exercise
    from tfm_quiz.wall.host.workers import Workers

    submission = workspace.submission()
    for problem in submission.problems:
        say(f"  Note: {for_terminal(problem, lines=False)}", err=True)
    for note in submission.notes:
        if not is_listing(note):
            say(f"  Note: {for_terminal(note, lines=False)}", err=True)
    for module in dict.fromkeys(exercise.module for exercise in exercises):
        if module not in submission.modules:
            say(f"  Note: exercises/{module}.py is not here. tfm-quiz init . puts it back.", err=True)
    sources = {**submission.helpers, **submission.modules}
    begun = any(_is_begun(course, exercise, submission.modules) for exercise in exercises)
    with Workers() as workers:  # starts in the background; an untouched stub needs no worker and does not wait for it
        if begun:
            _wait(workers)
        for exercise in exercises:
            try:
                yield check_exercise(course, exercise, sources, workers)
            except CouldNotCheck as error:
                sentence = f"{exercise.id} could not be checked. {error.message}"
                raise CouldNotCheck(sentence, where=error.where, next_step=error.next_step) from error


def _wait(workers: Workers) -> None:
    """Say at once why nothing happens: torch takes seconds to load."""
    shown = sys.stderr.isatty()
    if shown:
        click.echo("  Loading torch ...\r", nl=False, err=True)
    try:
        workers.wait()
    finally:
        if shown:
            click.echo("                   \r", nl=False, err=True)


def _remembered(checked: Checked) -> LastCheck:
    checks = checked.result.checks
    return LastCheck(checked.result.outcome, sum(one.outcome == "passed" for one in checks), len(checks))
