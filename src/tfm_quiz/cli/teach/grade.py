"""`tfm-quiz teach grade`: a folder of submissions in, results out."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tfm_quiz.cli.screen import columns, counted, glyphs, say
from tfm_quiz.outcome import Level
from tfm_quiz.sparkline import curve
from tfm_quiz.untrusted import for_terminal

from . import isolation, staff_course

if TYPE_CHECKING:
    from tfm_quiz.teach.classroom import ClassResult
    from tfm_quiz.teach.overview import Overview, Points


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
@click.option("--jobs", type=click.IntRange(1, 64), help="Grader processes.  [default: one per core]")
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
    Writes: results.jsonl (one report per line), grades.csv, feedback/NAME.txt (what a student may read)
    Exit codes: 0 all graded   3 something could not be graded   130 interrupted: what was graded is kept
    """
    from tfm_quiz.teach.classroom import Plan, class_source, grade_submissions
    from tfm_quiz.teach.overview import overview
    from tfm_quiz.teach.results import check_target, open_results

    from .bars import watching

    course = staff_course()
    check_target(out, submissions)
    plan = Plan(
        course=course,
        exercises=[course.exercise(name) for name in only] or list(course.exercises),
        jobs=jobs or os.cpu_count() or 1,
        time_factor=time_factor,
        labs=not no_labs,
        at_least="none" if no_sandbox else require or "strong",
        at_most=at_most,
    )
    source = class_source(submissions, course)
    started = time.monotonic()
    with open_results(out, seed) as results, watching() as watch:
        done = grade_submissions(plan, source, results, watch)
    _show(overview(course, done.reports.values()), done, time.monotonic() - started)
    for name, why in done.not_graded.items():
        say(f"  {for_terminal(name, lines=False)} was not graded: {for_terminal(why, lines=False)}", err=True)
    say(f"\n  Wrote results.jsonl, grades.csv and feedback/ in {for_terminal(str(out))}")
    return 3 if done.not_graded else 0


def _show(found: Overview, done: ClassResult, seconds: float) -> None:
    kept = len(done.reports) - len(done.graded)
    before = f", {kept} up to date" if kept else ""
    count = counted(len(done.reports) + len(done.not_graded), "submission")
    levels = isolation(report.isolation for report in done.reports.values())
    say(f"\n  {count}: {len(done.graded)} graded in {seconds:.0f} s{before}{levels}")
    for points in found.points:
        say(f"  {_points(points)}")
    say()
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
    noted = [report for report in done.reports.values() if report.notes]
    if noted:
        say("\n  Handed in under other names, or not read")
        for report in noted[:10]:
            for note in report.notes:
                say(f"    {for_terminal(report.submission, lines=False)}: {for_terminal(note, lines=False)}")
        if len(noted) > 10:
            say(f"    and of {len(noted) - 10} more: see notes in results.jsonl")
    if found.waiting:
        say(f"\n  In their own words: {counted(found.waiting, 'answer')} waiting; tfm-quiz teach review RESULTS")


def _points(points: Points) -> str:
    return f"{points.of}: mean {points.mean:.1f} of {points.out_of:g}, median {points.median:.1f}"
