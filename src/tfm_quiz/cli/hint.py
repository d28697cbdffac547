"""`tfm-quiz hint`: three hints, each stronger than the one before."""

from __future__ import annotations

import click

from tfm_quiz.manifest import load_course
from tfm_quiz.student.progress import read_progress, remember_hint
from tfm_quiz.student.workspace import find_workspace

from .screen import say, wrapped


def exercise_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a line with the names of exercises."""
    return [exercise.id for exercise in load_course().exercises if exercise.id.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=exercise_names)
@click.option("--first", is_flag=True, help="Begin with the first hint again.")
def hint(name: str | None, first: bool) -> None:
    """Show the next of three hints for an exercise (the one you are at, if no NAME is given).

    \b
    Examples:
      tfm-quiz hint
      tfm-quiz hint {exercise}
    """
    course = load_course()
    workspace = find_workspace(course)
    progress = read_progress(workspace.root)
    exercise = course.exercise(name) if name else progress.current(course)
    if exercise is None:
        say("\n  All exercises passed. tfm-quiz hint NAME still shows the hints of one.")
        return
    count = len(exercise.hints)
    number = 1 if first else min(progress.hints.get(exercise.id, 0) + 1, count)
    remember_hint(workspace.root, exercise, number)
    say(f"\n  {exercise.id}   hint {number} of {count}\n")
    say(wrapped(exercise.hints[number - 1]))
    if number < count:
        say("\n  tfm-quiz hint" + (f" {name}" if name else "") + "        shows the next one")
    else:
        say("\n  That was the last one. tfm-quiz hint --first" + (f" {name}" if name else "") + " begins again.")
