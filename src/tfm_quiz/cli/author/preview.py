"""`tfm-quiz teach preview`: what students will read."""

from __future__ import annotations

import click

from tfm_quiz.cli.screen import glyphs, say, wrapped
from tfm_quiz.cli.teach import staff_course
from tfm_quiz.course import Course, Exercise


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="EXERCISE...")
def preview(names: tuple[str, ...]) -> int:
    """Print what a student reads: with each known mistake, when they ask for hints, and after success.

    Nothing is run, so this also works while an exercise is only half written.

    \b
    Examples:
      tfm-quiz teach preview {exercise}
    """
    course = staff_course()
    for exercise in [course.exercise(name) for name in names]:
        _show(course, exercise)
    return 0


def _show(course: Course, exercise: Exercise) -> None:
    from tfm_quiz.author.preview import told

    known = told(course, exercise)
    sentences = {one.id: one for one in known}
    say(f"\n  {click.style(exercise.id, bold=True)}   {exercise.title}   {len(known)} known mistakes")
    for one in known:
        read = sentences.get(one.same_as, one)
        alike = f" (shown as {one.same_as})" if one.same_as != one.id else ""
        say(f"\n  {click.style(one.id, dim=True)}{alike}")
        say(wrapped(f"{glyphs().here} {read.sentence or 'no sentence yet: write the docstring'}", 4))
        say(wrapped(read.hint or "no hint yet: write a line that begins with Hint:", 6))
        if one.seen:
            say(wrapped(f"(staff only) seen: {one.seen}", 6))
    say("\n  When they ask for hints, one at a time:")
    for number, hint in enumerate(exercise.hints, start=1):
        say(wrapped(f"{number}. {hint}", 4))
    say("\n  After success:")
    say(wrapped(f"Worth knowing: {exercise.success}", 4))
