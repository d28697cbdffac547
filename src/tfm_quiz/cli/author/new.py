"""`tfm-quiz teach new`: begin an exercise."""

from __future__ import annotations

import click

from tfm_quiz.cli.screen import say
from tfm_quiz.cli.teach import staff_course


@click.command()
@click.argument("name", metavar="EXERCISE")
@click.option("--unit", required=True, help="The module that it belongs to.")
@click.option("--points", default=2, show_default=True, type=click.IntRange(1, 100), help="What it is worth.")
@click.option("--bonus", is_flag=True, help="Outside of the course's points.")
@click.option("--staged", is_flag=True, help="It takes a function or a model: with a file of staged helpers.")
def new(name: str, unit: str, points: int, bonus: bool, staged: bool) -> int:
    """Write the skeleton of all parts of a new exercise, and say what to do next.

    A name in snake_case makes a function, one in CamelCase a class. Nothing is ever overwritten.

    \b
    Examples:
      tfm-quiz teach new rotate_half --unit positions
      tfm-quiz teach new RMSNorm --unit layers --points 3 --bonus
    """
    from tfm_quiz.author.parts import TO_WRITE
    from tfm_quiz.author.scaffold import skeleton, write

    course = staff_course()
    made = skeleton(course, name, unit, points=points, bonus=bonus, staged=staged)
    before = {path for path in made.files if path.exists()}
    write(course, made)
    for path in made.files:
        say(f"  {'changed' if path in before else 'wrote  '} {path.relative_to(course.root).as_posix()}")
    say(f"\n  Write what says {TO_WRITE} in them, in this order: reference, grader, misconceptions, proofs, texts.")
    say(f"  tfm-quiz teach lint {made.id}      what is still missing")
    say(f"  tfm-quiz teach preview {made.id}   what students will read")
    say(f"  tfm-quiz teach stubs {made.id}     stub and public probes, once reference and grader are written")
    return 0
