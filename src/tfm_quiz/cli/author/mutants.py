"""`tfm-quiz teach mutants`: are there mistakes that no check sees?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tfm_quiz.cli.screen import glyphs, say
from tfm_quiz.cli.teach import staff_course

if TYPE_CHECKING:
    from tfm_quiz.author.mutants import MutantResults


@click.command()
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@click.option("--seed", default=1, show_default=True, help="Draw other values.")
@click.option("--killed", is_flag=True, help="List what was caught, too.")
def mutants(names: tuple[str, ...], seed: int, killed: bool) -> int:
    """Break each reference in many small ways, and list what no check notices.

    Operators, constants, axes, comparisons and bounds are changed one at a time. What survives is a gap in the probes,
    or the same function in other words: then list it with a reason in graders/equivalent.toml. Exit code 1 if anything
    survives unlisted, or if the list names what does not survive.

    \b
    Examples:
      tfm-quiz teach mutants {exercise}
      tfm-quiz teach mutants
    """
    from tfm_quiz.author.mutants import hunt
    from tfm_quiz.wall.host.workers import Workers

    course = staff_course()
    exercises = [course.exercise(name) for name in names] or list(course.exercises)
    bad = 0
    with Workers() as workers:
        for found in hunt(course, exercises, workers, seed):
            bad += len(found.survivors) + len(found.stale)
            _show(found, killed=killed)
    say(f"\n  {bad} to look at: add a probe, or a reason to graders/equivalent.toml" if bad else "\n  no survivors")
    return 1 if bad else 0


def _show(found: MutantResults, *, killed: bool) -> None:
    mark = glyphs().wrong if found.survivors or found.stale else glyphs().passed
    counts = f"{len(found.killed):>4} caught  {len(found.equivalent):>2} equivalent  {len(found.survivors):>2} survive"
    say(f"  {mark} {found.exercise.id:<30} {counts}")
    groups = [("caught", [mutant[1:] for mutant in found.killed] if killed else [])]
    groups += [("survives", [mutant[1:] for mutant in found.survivors])]
    groups += [("listed, but caught or not there", found.stale)]
    for word, pairs in groups:
        for line, becomes in pairs:
            say(f"      {word}: {line}\n          {glyphs().here} {becomes}")
