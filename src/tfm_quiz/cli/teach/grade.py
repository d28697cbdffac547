"""`tfm-quiz teach grade`: a folder of submissions in, results out."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tfm_quiz.cli.screen import columns, glyphs, say
from tfm_quiz.course import Course
from tfm_quiz.outcome import Level, Report
from tfm_quiz.sparkline import curve
from tfm_quiz.untrusted import for_terminal

from . import staff_course

if TYPE_CHECKING:
    from tfm_quiz.teach.overview import Overview


class Factor(click.FloatRange):
    """A number in a range, and a number at all: NaN is neither too small nor too large for click."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raise BadParameter for what is no number in the range."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number in the range {self._describe_range()}.", param, ctx)
        return number


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder for results; made if needed.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Grader processes.  [default: one a core]")
@click.option("--only", "only", multiple=True, metavar="EXERCISE", help="Grade this exercise only; may be repeated.")
@click.option("--seed", type=click.IntRange(0, (1 << 53) - 1), help="Values to draw.  [default: secret, kept in --out]")
@click.option("--time-factor", type=Factor(0.1, 100), default=1.0, help="Stretch every time limit.")
@click.option("--no-labs", is_flag=True, help="Leave the training labs out (the results say so).")
@click.option("--no-sandbox", is_flag=True, help="Grade even where student code cannot be locked in.")
@click.option("--require", type=click.Choice(["full", "strong"]), help="Refuse weaker isolation.  [default: strong]")
@click.option("--at-most", type=click.Choice(["full", "strong", "basic"]), default="full", hidden=True)
def grade(
    submissions: Path,
    out: Path,
    jobs: int | None,
    only: tuple[str, ...],
    seed: int | None,
    time_factor: float,
    no_labs: bool,
    no_sandbox: bool,
    require: Level | None,
    at_most: Level,
) -> int:
    """Grade every submission in a folder with the hidden graders.

    A submission is a folder or a zip; its name is the student's. Results are kept as they are made: stop it at any
    time, the same command goes on, and grades again only what has changed.

    \b
    Examples:
      tfm-quiz teach grade submissions/ --out results/
      tfm-quiz teach grade submissions/ --out results/ --jobs 4 --only {exercise}
    \b
    Writes: results.jsonl (a report a line), grades.csv, feedback/NAME.txt (what a student may read)
    Exit codes: 0 all graded   3 something could not be graded   130 interrupted: what was graded is kept
    """
    from tfm_quiz.submission.entries import entries, load
    from tfm_quiz.teach.grade import Plan, check_level, grade_class, orders, run_key, settings, write_summaries
    from tfm_quiz.teach.results import open_results

    course = staff_course()
    exercises = [course.exercise(name) for name in only] or list(course.exercises)
    found = entries(submissions, course)
    plan = Plan(
        course=course,
        exercises=exercises,
        jobs=min(jobs or os.cpu_count() or 1, max(1, len(found))),
        time_factor=time_factor,
        labs=not no_labs,
        at_least="none" if no_sandbox else require or "strong",
        at_most=at_most,
    )
    from tfm_quiz.grading.pool import Pool

    from .bars import bars

    started = time.monotonic()
    with open_results(out, seed) as results, Pool(settings(plan, results.run.seed), plan.jobs) as pool:
        with bars() as progress:
            warming = progress.add_task("Warming up the graders", total=len(exercises))
            ready = pool.start(lambda done, of: progress.update(warming, completed=done, total=of))
            progress.remove_task(warming)
            check_level(plan, ready)
            if ready.level in ("none", "basic"):
                progress.console.print(
                    f"Warning: student code runs at isolation level `{ready.level}`: "
                    "do not grade strangers' work like this. tfm-quiz doctor says how to get a stronger one."
                )
            task = progress.add_task("Reading", total=len(found))
            todo, skipped, names = [], 0, []
            for order in orders((load(entry, course) for entry in found), run_key(plan, results.run.seed, ready)):
                names.append(order.work.name)
                known = results.reports.get(order.work.name)
                if known is not None and known.key == order.key:
                    skipped += 1
                else:
                    todo.append(order)
                progress.advance(task)
            progress.update(task, description="Grading", total=len(todo), completed=0)
            try:
                lost = grade_class(course, pool, results, todo, lambda report: progress.advance(task), progress.lab)
            finally:  # Ctrl-C too: what there is can be read
                write_summaries(course, results, names)
        reports = [results.reports[name] for name in names if name in results.reports]
    _show(course_overview(course, reports), reports, len(todo), skipped, time.monotonic() - started)
    for one in lost:
        say(f"  {for_terminal(one.work.name, lines=False)} was not graded: {one.why}", err=True)
    say(f"\n  Wrote results.jsonl, grades.csv and feedback/ in {for_terminal(str(out))}")
    return 3 if lost else 0


def course_overview(course: Course, reports: Sequence[Report]) -> Overview:
    """The class in numbers."""
    from tfm_quiz.teach.overview import overview

    return overview(course, reports)


def _show(found: Overview, reports: Sequence[Report], graded: int, skipped: int, seconds: float) -> None:
    level = reports[0].isolation if reports else "none"
    before = f", {skipped} were up to date" if skipped else ""
    say(f"\n  {len(reports)} submissions: {graded} graded in {seconds:.0f} s{before}   isolation: {level}\n")
    width = max((len(row.exercise) for row in found.rows), default=0)
    worst = min(found.rows, key=lambda row: row.share, default=None)
    for row in found.rows:
        full = glyphs().done * round(24 * row.share)
        note = f"  {glyphs().here} fewest points" if row is worst and row.share < 1 else ""
        say(f"  {row.exercise:<{width}}  {row.share:>4.0%}  {full}{note}")
    if found.labs:
        say("\n  Labs")
        for lab in found.labs:
            passed = f"{lab.passed} of {lab.trained} passed"
            say(f"    {lab.exercise:<{width}}  {passed}   loss {curve(lab.losses, glyphs().heights)}")
    if found.mistakes:
        say("\n  Most common mistakes")
        for count, exercise, sentence in found.mistakes:
            text = f"    {count:>3}  {exercise:<{width}}  {for_terminal(sentence, lines=False)}"
            say(text if len(text) <= columns() else text[: columns() - 1] + "…")
    if found.to_look_at:
        say("\n  To look at")
        for name, why in found.to_look_at[:20]:
            say(f"    {for_terminal(name, lines=False)}: {for_terminal(why, lines=False)}")
        if len(found.to_look_at) > 20:
            say(f"    and {len(found.to_look_at) - 20} more: see problems in results.jsonl")
    noted = [report for report in reports if report.notes]
    if noted:
        say("\n  Handed in under other names, or not read")
        for report in noted[:10]:
            for note in report.notes:
                say(f"    {for_terminal(report.submission, lines=False)}: {for_terminal(note, lines=False)}")
        if len(noted) > 10:
            say(f"    and of {len(noted) - 10} more: see notes in results.jsonl")
