"""`tfm-quiz init`: the first command that a student runs."""

from __future__ import annotations

from pathlib import Path

import click

from tfm_quiz.manifest import load_course
from tfm_quiz.student.workspace import count_questions, folder_to_make, make_workspace
from tfm_quiz.untrusted import for_terminal

from .screen import counted, say


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--notebooks", is_flag=True, help="Write the lessons too: each unit as a Jupyter notebook.")
def init(folder: Path | None, notebooks: bool) -> None:
    """Copy the exercises into DIR (a folder named after the course if not given).

    Files that are there stay as they are, so it is safe to run it again.

    \b
    Examples:
      tfm-quiz init
      tfm-quiz init ~/courses/{course}
      tfm-quiz init --notebooks            lessons to run, in exercises/notebooks/
    """
    course = load_course()
    made = make_workspace(course, folder or folder_to_make(course), notebooks=notebooks)
    shown = for_terminal(str(made.root), lines=False)
    say()
    if made.written:
        questions = count_questions(course)
        asked = f", {counted(questions, 'question')}" if questions else ""
        say(f"  Wrote {shown}/: {counted(len(course.exercises), 'exercise')}{asked}.")
    if made.kept:
        were = (
            "was there already and stays as it is" if len(made.kept) == 1 else "were there already and stay as they are"
        )
        say(f"  {counted(len(made.kept), 'file')} {were}.")
    say()
    if made.root.resolve() != Path.cwd():
        say(f"  cd {shown}")
    say("  tfm-quiz")
