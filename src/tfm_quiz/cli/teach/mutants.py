"""`tfm-quiz teach mutants`: are there mistakes that no check sees?"""

from __future__ import annotations

import click

from tfm_quiz.cli.screen import glyphs, say
from tfm_quiz.cli.teach import staff_course


@click.command()
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@click.option("--seed", default=1, show_default=True, help="Draw other values.")
@click.option("--killed", is_flag=True, help="List what was caught, too.")
def mutants(names: tuple[str, ...], seed: int, killed: bool) -> int:
    """Breaks each reference in many small ways, and lists what no check notices.

    Operators, constants, axes, comparisons and bounds are changed one at a time. What survives is a gap in the probes,
    or the same function in other words: then list it with a reason in graders/equivalent.toml. Exit code 1 if anything
    survives unlisted, or if the list names what does not survive.

    \b
    Examples:
      tfm-quiz teach mutants split_heads
      tfm-quiz teach mutants
    """
    from tfm_quiz.teach.mutants import hunt

    course = staff_course()
    exercises = [course.exercise(name) for name in names] or list(course.exercises)
    bad = 0
    for found in hunt(course, exercises, seed):
        bad += len(found.survivors) + len(found.stale)
        mark = glyphs().wrong if found.survivors or found.stale else glyphs().passed
        counts = (
            f"{len(found.killed):>4} caught  {len(found.equivalent):>2} equivalent  {len(found.survivors):>2} survive"
        )
        say(f"  {mark} {found.exercise.id:<30} {counts}")
        for mutant in found.killed if killed else ():
            say(f"      caught    {mutant.line}\n          {glyphs().here} {mutant.becomes}")
        for mutant in found.survivors:
            say(f"      survives  {mutant.line}\n          {glyphs().here} {mutant.becomes}")
        for line, becomes in found.stale:
            say(f"      listed, but caught or not there: {line}\n          {glyphs().here} {becomes}")
    say(f"\n  {bad} to look at: add a probe, or a reason to graders/equivalent.toml" if bad else "\n  no survivors")
    return 1 if bad else 0
