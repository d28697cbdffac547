"""What a student may read of a graded submission, as plain text, and the class's grades as a table."""

import csv
import hashlib
import io
import re
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tfm_quiz.course import Course
from tfm_quiz.files import write_whole
from tfm_quiz.outcome import WORDS, CheckResult, ExerciseResult, Report
from tfm_quiz.sparkline import curve
from tfm_quiz.untrusted import for_csv, for_terminal

MARKS = {"passed": "+", "not_attempted": ".", "skipped": "-"}


def feedback(course: Course, report: Report) -> str:
    """The whole text. Nothing in it comes from a hidden check but its name, its outcome and the named mistake."""
    lines = [f"{for_terminal(report.submission, lines=False)}   {report.points:g} of {report.out_of:g} points"]
    if report.bonus.out_of:
        lines.append(f"Bonus: {report.bonus.points:g} of {report.bonus.out_of:g}")
    if report.questions is not None:
        lines += _questions(report.questions)
    if not report.labs:
        lines.append("The training labs were left out of this run.")
    lines += ["", *(f"Note: {for_terminal(problem, lines=False)}" for problem in report.problems)]
    lines += [f"Handed in: {for_terminal(note, lines=False)}" for note in report.notes]
    untouched = []
    for exercise in course.exercises:
        result = report.exercises.get(exercise.id)
        if result is None:
            continue
        if result.outcome == "not_attempted":
            untouched.append(exercise)
            continue
        lines += ["", f"{exercise.id}   {result.points:g} of {result.out_of:g}   {WORDS[result.outcome]}"]
        lines += exercise_lines(result)
    for module in dict.fromkeys(exercise.module for exercise in untouched):
        names = ", ".join(exercise.id for exercise in untouched if exercise.module == module)
        lines += ["", *textwrap.wrap(f"Not attempted in {module}.py: {names}", 100, subsequent_indent="  ")]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _questions(score: Mapping[str, Any]) -> Iterable[str]:
    """The closed questions' points; free text counts once a person has read it."""
    given = [item for item in score["items"].values() if item["outcome"] not in ("unanswered", "awaiting_review")]
    waiting = [name for name in score.get("awaiting_review", ()) if score["items"][name].get("answer")]
    if given or waiting:
        yield f"Questions: {score['points']:g} of {score['out_of']:g} points, {len(given)} answered"
    if waiting:
        yield f"In your own words: {len(waiting)} waiting to be read"


def exercise_lines(result: ExerciseResult) -> Iterable[str]:
    """The checks of one exercise, the named mistake and what was supplied, a line each."""
    if result.outcome == "not_attempted":
        yield f"  {result.message}"
        return
    for check in result.checks:
        yield _check(check)
        if check.losses:
            yield f"      loss {curve(check.losses)}"
    if result.misconception is not None:
        yield f"  -> {result.message}"
        if result.hint:
            yield f"     {result.hint}"
    if result.follow_through:
        yield f"     Judged with {', '.join(result.follow_through)} supplied, whose points are lost already."


def _check(check: CheckResult) -> str:
    words = "" if check.outcome in ("passed", "wrong") else f" ({WORDS[check.outcome]})"
    message = f": {for_terminal(check.message, lines=False)}" if check.message and check.outcome != "passed" else ""
    return f"  {MARKS.get(check.outcome, 'x')} {check.name}{words}{message}"


def write_feedback(course: Course, folder: Path, reports: Iterable[Report]) -> None:
    """One file a student in `folder`, named after the submission."""
    folder.mkdir(exist_ok=True)
    for report in reports:
        write_whole(folder / f"{file_stem(report.submission)}.txt", feedback(course, report))


def file_stem(name: str) -> str:
    """A file name for a submission's name, which is hostile: plain characters, and told apart by a hash if changed."""
    plain = re.sub(r"[^A-Za-z0-9_.\-]", "_", name).lstrip(".")[:80]
    if plain == name:
        return plain
    return f"{plain or 'submission'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def grades_csv(course: Course, reports: Mapping[str, Report]) -> str:
    """One row a submission, one column an exercise, for a spreadsheet or a gradebook."""
    exercises = [e for e in course.exercises if any(e.id in report.exercises for report in reports.values())]
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    heads = ["submission", "points", "out_of", "bonus", "questions", "questions_out_of"]
    rows.writerow([*heads, *(e.id for e in exercises), "isolation", "problems"])
    for name in sorted(reports):
        report = reports[name]
        cells = [report.exercises[e.id].points if e.id in report.exercises else "" for e in exercises]
        rows.writerow(
            [
                for_csv(name),
                f"{report.points:g}",
                f"{report.out_of:g}",
                f"{report.bonus.points:g}",
                *([f"{report.questions[part]:g}" for part in ("points", "out_of")] if report.questions else ["", ""]),
                *(f"{cell:g}" if isinstance(cell, float) else cell for cell in cells),
                report.isolation,
                for_csv(" ".join(report.problems)),
            ]
        )
    return stream.getvalue()
