"""`tfm-quiz teach rubric`: how well the rubrics read labelled answers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tfm_quiz.cli.screen import say
from tfm_quiz.cli.teach import staff_course


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts and the summary as JSON on stdout.")
def rubric(file: Path, as_json: bool) -> int:
    """Measure the prose rubrics on labelled answers in FILE, one JSON object per line.

    A line names the question and says of each key point whether the answer states it; a key point that is left out is
    not judged. Precision and recall count `found` alone.

    \b
    Examples:
      tfm-quiz teach rubric answers.jsonl
      tfm-quiz teach rubric answers.jsonl --json

    \b
    A line of FILE:
      {"question": "A3", "text": "...", "key_points": {"A3.1": true, "A3.2": false}}
    """
    import msgspec

    from tfm_quiz.author.rubric import lines_of, measure_file
    from tfm_quiz.quiz.prose import load_rubrics
    from tfm_quiz.untrusted import for_terminal

    measurement = measure_file(load_rubrics(staff_course().root), file)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(measurement), indent=2).decode() + "\n")
    else:
        say("\n".join(f"  {line}" for line in ["", *lines_of(measurement), ""]))
    for problem in measurement.problems:
        say(for_terminal(problem, lines=False), err=True)
    return 1 if measurement.problems else 0
