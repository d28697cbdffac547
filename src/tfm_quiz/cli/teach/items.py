"""`tfm-quiz teach items`: what the answers of a class say about the questions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tfm_quiz.cli.screen import counted, say

from . import staff_course

if TYPE_CHECKING:
    from tfm_quiz.teach.items import Item


@click.command()
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all", "every", is_flag=True, help="Every question, not only those with a remark.")
@click.option("--json", "as_json", is_flag=True, help="Print the statistics as JSON on stdout.")
def items(results: Path, every: bool, as_json: bool) -> int:
    """Statistics of the graded questions in RESULTS, suspected wrong keys first.

    Difficulty is the mean share of the points; discrimination the correlation with the points in all other
    questions. Both mean little below twenty answers.

    \b
    Examples:
      tfm-quiz teach items results/
      tfm-quiz teach items results/ --json

    \b
    Exit codes:
      0 shown   2 usage   3 no answers in RESULTS
    """
    from tfm_quiz.quiz.scoring import graded_questions
    from tfm_quiz.teach.items import ENOUGH, class_scores, item_statistics

    course = staff_course()
    scores = class_scores(results)
    found = item_statistics(graded_questions(course.root), scores)
    if as_json:
        document = {"format": 1, "students": len(scores), "items": found}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
        return 0
    say(f"\n  {counted(len(scores), 'student')} answered questions\n")
    if len(scores) < ENOUGH:
        say(f"  Below {ENOUGH} students these figures say little.\n")
    shown = [item for item in found if every or _worth_showing(item, len(scores))]
    if shown:
        say("  solved  discr.  question")
    for item in shown:
        _show(item)
    say(f"\n  {len(shown)} of {len(found)} questions shown" + ("" if every else "; --all shows the others") + "\n")
    return 0


def _worth_showing(item: Item, students: int) -> bool:
    few = item.answered < students  # a remark on too few answers is about the class, unless others answered
    return any("answers only" not in remark or few for remark in item.remarks)


def _show(item: Item) -> None:
    from tfm_quiz.untrusted import for_terminal

    discrimination = "   –" if item.discrimination is None else f"{item.discrimination:+.2f}"
    say(f"  {item.difficulty:>5.0%}   {discrimination:>5}  {item.id}")
    chosen = [
        f"{for_terminal(key, lines=False)[:30]}{'*' if key in item.right else ''} {share:.0%}"
        for key, share in item.chosen.items()
    ]
    if chosen:
        label = "chosen" if item.right else "wrong answers"
        say(f"                  {label}: {'   '.join(chosen)}")
    for remark in item.remarks:
        say(f"                  {remark}")
