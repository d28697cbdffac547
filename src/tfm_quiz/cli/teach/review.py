"""`tfm-quiz teach review`: free text in the terminal, one key a decision."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tfm_quiz.cli.screen import columns, counted, say
from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.untrusted import for_terminal

from . import staff_course

if TYPE_CHECKING:
    from tfm_quiz.course import Course
    from tfm_quiz.quiz.judge.opinion import Opinions
    from tfm_quiz.quiz.prose import Rubrics
    from tfm_quiz.teach.review import Awaiting, Walk

KEYS = "a accept   c change   m comment   s skip   u undo   e add the last decision to the examples   q stop"
WHY = {
    "abstained": "not judged",
    "flagged": "reads like a misconception",
    "disagreement": "the judge and the patterns differ",
    "ordinary": "drawn at random",
}
MARKS = {"found": "[found]", "unsure": "[unsure]", "not_found": "[not found]"}


@click.command()
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every answer, not only a tenth of those that need no look.")
@click.option("--judge", "judged", is_flag=True, help="Ask the model at TFM_JUDGE_URL for a second opinion.")
def review(results: Path, everything: bool, judged: bool) -> int:
    """Give points to the answers of free text in RESULTS, which count only from here.

    First those that the rubric does not judge, then those with a sentence that reads like a misconception, then those
    on which a judge disagrees, then a random tenth of the rest. Every key is saved at once, in RESULTS/review.jsonl,
    and outlives regrading; when you stop, the points go into grades.csv and feedback/. In a pipe, each line is a key
    with what belongs to it, such as `c 1 3`.

    \b
    Examples:
      tfm-quiz teach review results/
      tfm-quiz teach review results/ --all
      TFM_JUDGE_URL=http://127.0.0.1:8080/v1 TFM_JUDGE_MODEL=small tfm-quiz teach review results/ --judge
    """
    from tfm_quiz.quiz.prose import load_rubrics
    from tfm_quiz.teach.review import Walk, queue, tally
    from tfm_quiz.teach.review_decisions import Decisions

    course = staff_course()
    rubrics = load_rubrics(course.root)
    opinions = _opinions(results) if judged else None
    waiting = queue(results, rubrics, everything=everything, opinions=opinions, tell=_progress)
    decisions = Decisions(results)
    if decisions.unreadable:
        say(f"  {decisions.path.name}: {counted(decisions.unreadable, 'line')} passed over, not readable.", err=True)
    counts = [f"{count} {WHY[need]}" for need, count in tally(waiting).items() if count]
    wait = "waits" if len(waiting) == 1 else "wait"
    say(f"\n  {counted(len(waiting), 'answer')} {wait}" + (f": {', '.join(counts)}" if counts else ".") + "\n")
    walk = Walk(waiting, decisions)
    try:
        _walk(walk, rubrics, course.root)
    finally:  # Ctrl-C too
        written = _write(course, results)
    return 0 if written else 3


def _walk(walk: Walk, rubrics: Rubrics, root: Path) -> None:
    """Show an answer and obey keys, until all are looked at or the reviewer stops."""
    while walk.here is not None:
        _show(walk.here, rubrics, walk)
        while True:
            typed = _typed()
            if typed is None or typed[:1] == "q":
                left = len(walk.waiting) - walk.place
                say(f"\n  Stopped; {counted(left, 'answer')} still {'waits' if left == 1 else 'wait'}.\n")
                return
            try:
                moved = _obey(typed, walk, root)
            except UsageProblem as problem:
                say(f"  {problem.message}")
                continue
            if moved:
                break
    say("  All looked at.\n" if walk.waiting else "")


def _write(course: Course, folder: Path) -> bool:
    """Bring the points to grades.csv and feedback, and say how many answers have none; false if that fails."""
    from tfm_quiz.teach.results import open_results
    from tfm_quiz.teach.summaries import write_summaries

    try:
        with open_results(folder) as results:
            write_summaries(course, results, list(results.reports))
            left = sum(len(report.questions.awaiting_review) for report in results.reports.values() if report.questions)
    except CouldNotCheck as problem:
        say(f"  grades.csv and feedback/ do not hold these points yet: {problem.message}", err=True)
        say("  They do after the next teach review or teach grade with this folder.", err=True)
        return False
    say(f"  grades.csv and feedback/ in {for_terminal(str(folder))} hold the points given so far.")
    if left:
        none = "has" if left == 1 else "have"
        say(
            f"  {counted(left, 'answer')} {none} no points yet: tfm-quiz teach review {for_terminal(str(folder))} --all"
        )
    return True


def _obey(typed: str, walk: Walk, root: Path) -> bool:
    """Do what a key says; whether another answer is to be shown. Raises UsageProblem."""
    from tfm_quiz.teach.review import add_example

    key, wish = typed[:1].lower(), typed[1:].strip()
    match key:
        case "a":
            decision = walk.accept()
            say(f"  accepted: {decision.points:g} of {decision.out_of:g}")
        case "c":
            decision = walk.change(wish or _line("key points that are there, or =points: "))
            say(f"  changed: {decision.points:g} of {decision.out_of:g}")
        case "m":
            walk.comment(wish or _line("comment: "))
            say("  noted")
            return False
        case "s":
            walk.skip()
            say("  skipped")
        case "u":
            walk.undo()
            say("  taken back")
        case "e":
            last = walk.last_decided()
            if last is None:
                raise UsageProblem("There is no decision yet: accept or change first, then press e.")
            say(f"  added to {add_example(root, *last).name}")
            return False
        case _:
            raise UsageProblem(KEYS)
    return True


def _show(one: Awaiting, rubrics: Rubrics, walk: Walk) -> None:
    """One answer with what is suggested for it. The student's words go through `for_terminal`."""
    found = rubrics.find(one.question)
    say(
        f"\n  {walk.place + 1} of {len(walk.waiting)}   {for_terminal(one.submission, lines=False)}   {WHY[one.need]}\n"
    )
    if found is not None:
        _paragraph(" ".join(found.question.ask.split()))
    say()
    for line in for_terminal(one.text).splitlines() or [""]:
        _paragraph(line, "  | ")
    say()
    for number, point in enumerate(one.suggestion.key_points, start=1):
        _paragraph(f"{number} {MARKS[point.state]} {point.text}", "  ", "      ")
        for sentence in point.evidence:
            _paragraph(f"“{for_terminal(' '.join(sentence.split()), lines=False)}”", "      ")
        if point.reason:
            _paragraph(point.reason, "      ")
    for reason in (*one.suggestion.reasons, *one.remarks):
        _paragraph(f"! {for_terminal(' '.join(reason.split()), lines=False)}", "  ", "    ")
    for comment in walk.decisions.comments(one.key):
        _paragraph(f"Comment: {for_terminal(comment, lines=False)}", "  ", "    ")
    say(f"\n  Suggested: {one.suggestion.points:g} of {one.suggestion.out_of:g}")
    say(f"  {KEYS}")


def _paragraph(text: str, first: str = "  ", rest: str | None = None) -> None:
    say(textwrap.fill(text, columns(), initial_indent=first, subsequent_indent=rest or first) or first.rstrip())


def _typed() -> str | None:
    """Return a key on a terminal, a line in a pipe; None at its end."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return (line.strip() or "?") if line else None
    try:
        return click.getchar()
    except EOFError:
        return None


def _line(prompt: str) -> str:
    """Ask on the terminal for the line that belongs to a key."""
    if not sys.stdin.isatty():
        return ""
    return click.prompt(f"  {prompt}", default="", show_default=False, prompt_suffix="")


def _opinions(results: Path) -> Opinions:
    """Return the judge that the environment names, and what it has said before."""
    from tfm_quiz.quiz.judge.client import endpoint_from
    from tfm_quiz.quiz.judge.opinion import HttpJudge, Opinions

    endpoint = endpoint_from()
    away = "" if endpoint.local else ", which is not on this machine"
    say(f"  The answers, without names, go to {endpoint.model} at {endpoint.url}{away}.", err=True)
    return Opinions(HttpJudge(endpoint), results)


def _progress(done: int, of: int) -> None:
    say(f"  judged {done} of {of}", err=True)
