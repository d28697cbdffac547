"""`tfm-quiz submit`: one file to hand in."""

from __future__ import annotations

from pathlib import Path

import click

from tfm_quiz.manifest import load_course
from tfm_quiz.student.submit import pack
from tfm_quiz.student.workspace import find_workspace
from tfm_quiz.untrusted import for_terminal

from .screen import counted, say, wrapped


@click.command()
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="The zip.  [default: submission.zip]"
)
def submit(output: Path | None) -> int:
    """Pack your exercises, notebooks and answers into one zip to hand in.

    Nothing is sent anywhere, and no result of a check goes with it. An earlier zip of yours is replaced; any other file
    is left alone.

    \b
    Examples:
      tfm-quiz submit
      tfm-quiz submit -o student-01.zip

    \b
    Exit codes:
      0 packed   1 packed, but something in it cannot be read   3 nothing to pack
    """
    course = load_course()
    workspace = find_workspace(course)
    packed = pack(workspace, output or workspace.root / "submission.zip")
    verb = "Replaced" if packed.replaced else "Wrote"
    say(f"\n  {verb} {for_terminal(workspace.shown(packed.file), lines=False)}: {counted(len(packed.names), 'file')}\n")
    for name in packed.names:
        say(f"    {for_terminal(name, lines=False)}")
    if len(packed.untouched) == len(course.exercises):
        say("\n  No exercise is written yet.")
    elif packed.untouched:
        say(f"\n{wrapped('Not written yet: ' + ', '.join(packed.untouched))}")
    for problem in packed.problems:
        say(f"\n{wrapped(for_terminal(problem, lines=False))}")
    for note in packed.notes:
        say(f"\n{wrapped(for_terminal(note, lines=False))}")
    return 1 if packed.problems else 0
