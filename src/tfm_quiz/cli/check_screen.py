"""The screen of `check`: what passed, the first thing that went wrong, and the named mistake.

Everything that the student's code printed or raised is hostile text even here: a pasted solution may carry escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tfm_quiz.outcome import WORDS
from tfm_quiz.student.workspace import Workspace
from tfm_quiz.untrusted import for_terminal

from .screen import columns, glyphs, say

if TYPE_CHECKING:
    from tfm_quiz.course import Legend
    from tfm_quiz.student.check import Checked, Failing
    from tfm_quiz.wall.host.reply import Failure
    from tfm_quiz.wall.wire.frames import Tensor

LARGEST_PICTURE = 12
MAX_OUTPUT_LINES = 20


def show_checked(
    checked: Checked, workspace: Workspace, *, brief: bool = False, traceback: bool = False, plain: bool = False
) -> None:
    """Print one exercise. `brief` (several are checked) shows a right one as one line."""
    result, marks = checked.result, glyphs()
    path = workspace.shown(workspace.path(checked.exercise.module))
    passed = sum(check.outcome == "passed" for check in result.checks)
    count = f"{passed} of {len(result.checks)} public checks"
    if result.outcome == "not_attempted":
        say(f"\n  {marks.untouched} {checked.exercise.id}: {result.message}")
        return
    if brief and result.outcome == "passed":
        say(f"  {click.style(marks.passed, fg='green')} {checked.exercise.id}   {count}")
        return
    say(f"\n  {click.style(checked.exercise.id, bold=True)}   {checked.exercise.title}\n")
    if checked.not_loaded:
        say(f"  {click.style(marks.wrong, fg='red')} {checked.not_loaded}")
    for check in () if checked.not_loaded else result.checks:
        mark, colour = _mark(check.outcome)
        words = "" if check.outcome in ("passed", "wrong") else f"  ({WORDS[check.outcome]})"
        say(f"  {click.style(mark, fg=colour)} {check.name}{words}")
        if check.message and check.outcome != "passed":
            say(f"      {for_terminal(check.message, lines=False)}")
    _output(checked)
    if checked.failure is not None:
        _failure(checked.failure, traceback=traceback)
    elif checked.failing is not None:
        _failing(checked, checked.failing, plain=plain)
    if result.misconception is not None:
        say(f"\n  {marks.here} {click.style(result.message, bold=True)}")
        if result.hint:
            say(f"    {result.hint}")
    if result.outcome == "passed":
        say(f"\n  Worth knowing: {checked.exercise.success}")
    say(f"\n  {path}   {count}{_hidden(checked.hidden)}")
    if result.outcome != "passed":
        say("  Stuck? tfm-quiz hint" + ("" if brief else f" {checked.exercise.id}"))


def _mark(outcome: str) -> tuple[str, str]:
    marks = glyphs()
    if outcome == "passed":
        return marks.passed, "green"
    return (marks.skipped, "yellow") if outcome == "skipped" else (marks.wrong, "red")


def _hidden(count: int) -> str:
    if not count:
        return ""
    return f"; your instructor has {count} more" if count > 1 else "; your instructor has one more"


def _output(checked: Checked) -> None:
    """Print what the student's own code printed."""
    if not checked.output.strip():
        return
    lines = for_terminal(checked.output).rstrip("\n").split("\n")
    say("\n  Your code printed:")
    for line in lines[:MAX_OUTPUT_LINES]:
        say(f"    {line[:200]}")
    if len(lines) > MAX_OUTPUT_LINES or checked.output_cut:
        say(f"    {glyphs().dash} and more, which is not shown")


def _failure(failure: Failure, *, traceback: bool) -> None:
    """An exception: the student's last line, the shapes of the tensors on it, the message."""
    say(f"\n  {for_terminal(failure.type, lines=False)}: {for_terminal(failure.message)}".replace("\n", "\n    "))
    for frame in failure.frames if traceback else failure.frames[-1:]:
        place = f"{for_terminal(frame['file'], lines=False)}, line {frame['line']}"
        say(f"\n    {place}\n      {for_terminal(frame['text'], lines=False)}")
    for name, shape, dtype in failure.shapes:
        say(f"        {for_terminal(name)}  {for_terminal(shape)}  {for_terminal(dtype)}")


def _failing(checked: Checked, failing: Failing, *, plain: bool) -> None:
    """The first wrong probe: how to rebuild its input, and expected beside own."""
    from tfm_quiz.wall.wire.frames import Tensor, leaves

    say("\n  The input, to try it yourself:")
    say(f"    from tfm_quiz import probe; case = probe({checked.exercise.id!r}, {failing.number})")
    expected = dict(leaves(failing.case.expected.value)).get(failing.wrong.where)
    own = dict(leaves(failing.observed.value)).get(failing.wrong.where)
    if failing.wrong.kind in ("gradient", "structure", "raised", "changed") or not isinstance(expected, Tensor):
        return
    if not isinstance(own, Tensor):
        return
    if plain:
        say(f"    expected shape {list(expected.shape)}, yours {list(own.shape)}")
        return
    _table(failing, expected, own)
    if expected.dtype == own.dtype == "bool" and expected.shape == own.shape:
        _picture(failing, expected, own, checked.exercise.legend)


def _table(failing: Failing, expected: Tensor, own: Tensor) -> None:
    from tfm_quiz.grading.compare import array

    rows = [("shape", str(tuple(expected.shape)), str(tuple(own.shape))), ("dtype", expected.dtype, own.dtype)]
    if failing.wrong.index is not None:
        at = f"first at {list(failing.wrong.index)}"
        rows.append((at, _number(array(expected)[failing.wrong.index]), _number(array(own)[failing.wrong.index])))
    left = max(len(label) for label, _, _ in rows)
    middle = max(len("expected"), *(len(text) for _, text, _ in rows))
    say(f"\n    {'':<{left}}  {'expected':<{middle}}  yours")
    for label, ours, theirs in rows:
        say(f"    {label:>{left}}  {ours:<{middle}}  {theirs}")
    if failing.wrong.entries:
        say(f"    {'wrong':>{left}}  {failing.wrong.wrong} of {failing.wrong.entries} entries")


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _picture(failing: Failing, expected: Tensor, own: Tensor, says: Legend) -> None:
    """A boolean matrix: its last two dimensions, side by side, at the first sample that is wrong."""
    from tfm_quiz.grading.compare import array

    index = failing.wrong.index or ()
    ours, theirs = array(expected)[index[:-2]], array(own)[index[:-2]]
    if ours.ndim != 2 or max(ours.shape) > LARGEST_PICTURE or columns() < 4 * ours.shape[1] + 12:
        return
    marks = glyphs()
    title = f"expected of [{index[0]}]" if len(index) > 2 and expected.shape[0] > 1 else "expected"
    width = max(2 * ours.shape[1], len(title)) + 4
    say(f"\n    {title:<{width}}yours")
    legend = [f"{marks.seen} {says.true}   {marks.unseen} {says.false}", f"xx {says.extra}", f"-- {says.missing}"]
    for row in range(max(len(ours), len(legend))):
        left, right = "", ""
        if row < len(ours):
            left = "".join(marks.seen if cell else marks.unseen for cell in ours[row])
            right = "".join(_cell(bool(a), bool(b)) for a, b in zip(ours[row], theirs[row], strict=True))
        note = f"    {legend[row]}" if row < len(legend) else ""
        say(f"    {left:<{width}}{right:<{2 * ours.shape[1]}}{note}".rstrip())


def _cell(expected: bool, own: bool) -> str:
    marks = glyphs()
    if expected == own:
        return marks.seen if own else marks.unseen
    return "xx" if own else "--"
