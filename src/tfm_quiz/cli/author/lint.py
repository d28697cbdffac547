"""`tfm-quiz teach lint`: prove the course."""

from __future__ import annotations

import click

from tfm_quiz.cli.screen import counted, glyphs, say
from tfm_quiz.cli.teach import staff_course
from tfm_quiz.course import Course


@click.command()
@click.argument("names", nargs=-1, metavar="[EXERCISE]...")
@click.option("--seed", default=1, show_default=True, help="Draw other values.")
@click.option("--rubrics", is_flag=True, help="Measure the rubrics of free text on their labelled examples instead.")
@click.option("--coverage", is_flag=True, help="Show how often each source question is asked instead.")
@click.option("--table", is_flag=True, help="Print the figures of each exercise as a Markdown table.")
def lint(names: tuple[str, ...], seed: int, rubrics: bool, coverage: bool, table: bool) -> int:
    """Prove the graders of these exercises (all, if none is named).

    The stub is not attempted, the reference has full marks and agrees with its oracle, every known mistake loses
    points and is named, right answers in other styles keep theirs. Each fault is one sentence; exit code 1 if any.

    \b
    Examples:
      tfm-quiz teach lint
      tfm-quiz teach lint {exercise} {other}
    """
    from tfm_quiz.author.parts import missing_generated, missing_parts

    course = staff_course()
    if rubrics or coverage:
        return _questions(course, rubrics=rubrics, coverage=coverage)
    from tfm_quiz.author.lint import content_faults, proofs, table_of

    exercises = [course.exercise(name) for name in names] or list(course.exercises)
    unfinished = {exercise.id: list(missing_parts(course, exercise)) for exercise in exercises}
    faults = [fault for found in unfinished.values() for fault in found]
    faults += [fault for exercise in exercises for fault in missing_generated(course, exercise)]
    faults += content_faults(course)
    for fault in faults:
        say(f"  {glyphs().wrong} {fault}")
    found = []
    for proof in proofs(course, [exercise for exercise in exercises if not unfinished[exercise.id]], seed):
        found.append(proof)
        mark = glyphs().wrong if proof.faults else glyphs().passed
        say(
            f"  {mark} {proof.exercise.id:<30} mistakes {proof.named}/{proof.variants}"
            f"  second way {proof.second_named}/{proof.second}  styles {proof.accepted}/{proof.styles}"
        )
        for fault in proof.faults:
            say(f"      {fault}")
        if proof.faults:
            say(f"      fix them, then: tfm-quiz teach lint {proof.exercise.id}")
        if proof.only_hidden:
            say(f"      caught by hidden checks only: {', '.join(proof.only_hidden)}")
    if table:
        say("\n" + table_of(found))
    if not names:
        _questions(course, rubrics=False, coverage=True)
    bad = len(faults) + sum(bool(proof.faults) for proof in found)
    of = counted(len(found), "exercise")
    say(f"\n  {of}, {bad} with something to fix" if bad else f"\n  {of} {'holds' if len(found) == 1 else 'hold'}")
    return 1 if bad else 0


def _questions(course: Course, *, rubrics: bool, coverage: bool) -> int:
    """Return the questions' own tables, without any grader."""
    from tfm_quiz.quiz.lint import coverage as coverage_rows
    from tfm_quiz.quiz.lint import coverage_table
    from tfm_quiz.quiz.rubric_measure import lint_rubrics

    failures: list[str] = []
    if coverage:
        say("\n" + coverage_table(coverage_rows(course.root)))
    if rubrics:
        table, failures = lint_rubrics(course.root)
        say("\n" + table)
        for failure in failures:
            say(f"  {glyphs().wrong} {failure}")
    return 1 if failures else 0
