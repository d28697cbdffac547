"""What a student may read of a graded submission, as plain text."""

import textwrap
from collections.abc import Iterable

from tfm_quiz.course import Course
from tfm_quiz.outcome import WORDS, CheckResult, ExerciseResult, QuestionScore, Report
from tfm_quiz.sparkline import curve
from tfm_quiz.untrusted import for_terminal

MARKS = {"passed": "+", "not_attempted": ".", "skipped": "-"}


def feedback(course: Course, report: Report) -> str:
    """Write the whole text. A hidden check adds nothing but its name, its outcome and the named mistake."""
    lines = [f"{for_terminal(report.submission, lines=False)}   {report.points:g} of {report.out_of:g} points"]
    if report.bonus.out_of:
        lines.append(f"Bonus: {report.bonus.points:g} of {report.bonus.out_of:g}")
    if report.questions is not None:
        lines += _question_heads(report.questions)
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
        names = [exercise.id for exercise in untouched if exercise.module == module]
        lines += ["", *_listed(f"Not attempted in {module}.py: ", names)]
    if report.questions is not None:
        lines += _question_details(report.questions)
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def not_graded_feedback(name: str) -> str:
    """The text for somebody without a report. The reason is the staff's: it may speak of other submissions."""
    shown = for_terminal(name, lines=False)
    return f"{shown}   not graded\n\nThis submission could not be graded: ask your instructor.\n"


def _question_heads(score: QuestionScore) -> Iterable[str]:
    """Yield the points of the questions; free text counts once a person has read it. Nothing without answers."""
    answered = [item for item in score.items.values() if item.outcome != "unanswered" and item.type != "prose"]
    read = [item for item in score.free_text.values() if item.outcome == "reviewed"]
    if answered or read or score.awaiting_review:
        yield f"Questions: {score.points:g} of {score.out_of:g} points, {len(answered)} answered"
    if read:
        points, out_of = sum(item.points for item in read), sum(item.out_of for item in read)
        yield f"In your own words: {points:g} of {out_of:g} points"
    if score.awaiting_review:
        yield f"In your own words: {len(score.awaiting_review)} waiting to be read"


def _question_details(score: QuestionScore) -> Iterable[str]:
    """List which questions lost points, the reply to each wrong answer, and the points that a person gave to free text.

    Nothing for who answered nothing.
    """
    not_yet = ("unanswered", "awaiting_review")
    answered = {name: item for name, item in score.items.items() if item.outcome not in not_yet}
    lost = {name: item for name, item in answered.items() if item.points < item.out_of or item.type == "prose"}
    if lost:
        yield ""
        yield "Questions with points lost, and those in your own words"
    for name, item in lost.items():
        mark = "+" if item.points == item.out_of else "~" if item.points else "x"
        reply = "could not be read, see the notes above" if item.outcome == "unreadable" else item.message
        told = f": {for_terminal(reply, lines=False)}" if reply else ""
        yield f"  {mark} {name}   {item.points:g} of {item.out_of:g}{told}"
    if answered:
        open_ones = [name for name, item in score.items.items() if item.outcome == "unanswered"]
        yield from _listed("  . Not answered: ", open_ones) if open_ones else ()


def _listed(head: str, names: Iterable[str]) -> Iterable[str]:
    return textwrap.wrap(head + ", ".join(names), 100, subsequent_indent="    ", break_on_hyphens=False)


def exercise_lines(result: ExerciseResult) -> Iterable[str]:
    """Yield the checks of one exercise, the named mistake and what was supplied, a line each."""
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
        yield f"     Graded using our {', '.join(result.follow_through)}: those points were already lost."


def _check(check: CheckResult) -> str:
    words = "" if check.outcome in ("passed", "wrong") else f" ({WORDS[check.outcome]})"
    message = f": {for_terminal(check.message, lines=False)}" if check.message and check.outcome != "passed" else ""
    return f"  {MARKS.get(check.outcome, 'x')} {check.name}{words}{message}"
