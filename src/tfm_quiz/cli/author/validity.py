"""`tfm-quiz teach validity`: the figures of all graders, as a page."""

from __future__ import annotations

import click

from tfm_quiz.cli.screen import say
from tfm_quiz.cli.teach import staff_course


@click.command()
@click.option("--seed", default=1, show_default=True, help="Draw other values.")
def validity(seed: int) -> int:
    """Prove every grader, test the mutants of every reference, and write docs/validity.md.

    It takes some minutes. Exit code 1 if anything does not hold; the page is written anyway, and says so.

    \b
    Examples:
      tfm-quiz teach validity
    """
    from tfm_quiz.author.lint import proofs
    from tfm_quiz.author.mutants import hunt
    from tfm_quiz.author.validity import page, validity_path
    from tfm_quiz.files import write_whole
    from tfm_quiz.wall.host.workers import Workers

    course = staff_course()
    exercises = list(course.exercises)
    proved = []
    for proof in proofs(course, exercises, seed):
        say(f"  proved {proof.exercise.id}{': ' + '; '.join(proof.faults) if proof.faults else ''}")
        proved.append(proof)
    hunted = []
    with Workers() as workers:
        for found in hunt(course, exercises, workers, seed):
            say(f"  hunted {found.exercise.id}{f': {len(found.survivors)} survive' if found.survivors else ''}")
            hunted.append(found)
    path = validity_path(course)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, page(course, proved, hunted, seed))
    say(f"\n  wrote {path.relative_to(course.root).as_posix()}")
    return 1 if any(proof.faults for proof in proved) or any(found.survivors for found in hunted) else 0
