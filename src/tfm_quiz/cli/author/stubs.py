"""`tfm-quiz teach stubs`: generate what is generated."""

from __future__ import annotations

import click

from tfm_quiz.cli.screen import glyphs, say
from tfm_quiz.cli.teach import staff_course


@click.command()
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit code 1 if anything is stale.")
@click.option("--no-probes", is_flag=True, help="Leave the recorded probes alone (they take some seconds).")
def stubs(names: tuple[str, ...], only_check: bool, no_probes: bool) -> int:
    """Write exercises/, its public probes and the prompts of graded questions, from solutions/ and graders/.

    \b
    Examples:
      tfm-quiz teach stubs              all that is stale
      tfm-quiz teach stubs {exercise}  record the probes of one exercise only
      tfm-quiz teach stubs --check      what make test asks
    """
    from tfm_quiz.author.generate import refresh

    course = staff_course()
    exercises = [course.exercise(name) for name in names] or list(course.exercises)
    stale = refresh(course, exercises, probes=not no_probes, write=not only_check)
    for path in stale:
        say(f"  {glyphs().wrong + ' stale: ' if only_check else 'wrote '}{path}")
    if not stale:
        say(f"  {glyphs().passed} everything generated is fresh")
    return 1 if stale and only_check else 0
