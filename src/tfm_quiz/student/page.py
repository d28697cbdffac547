"""The screen of `check` as HTML, for a notebook: the same words and the same picture.

Everything that the student's code printed or raised is escaped: a pasted solution may hold a script.
"""

from __future__ import annotations

from tfm_quiz.course import Legend
from tfm_quiz.grading.compare import array
from tfm_quiz.outcome import WORDS, CheckResult
from tfm_quiz.untrusted import for_html
from tfm_quiz.wall.host.reply import Failure
from tfm_quiz.wall.wire.frames import Tensor, leaves

from .check import Checked, Failing

LARGEST_PICTURE = 16
MOST_OUTPUT = 2000  # characters of what the student's code printed
GREEN, RED, GREY, AMBER = "#1a7f37", "#c4320a", "#6e7781", "#8a6100"
MARKS = {"passed": ("✓", GREEN), "skipped": ("·", AMBER), "not_attempted": ("○", GREY)}


def page(checked: Checked) -> str:
    """Render one exercise as a block of HTML with its styles in it."""
    result, exercise = checked.result, checked.exercise
    if result.outcome == "not_attempted":
        return _block(f"○ <b>{for_html(exercise.id)}</b> is as it was given: work on it in its cell and run that cell.")
    passed = sum(check.outcome == "passed" for check in result.checks)
    parts = [f"<div><b>{for_html(exercise.id)}</b> &nbsp; {for_html(exercise.title)}</div>"]
    if checked.not_loaded:
        parts.append(f'<div><b style="color:{RED}">✗</b> {for_html(checked.not_loaded)}</div>')
    else:
        parts += [_check(check) for check in result.checks]
    if checked.output.strip():
        cut = " …" if checked.output_cut or len(checked.output) > MOST_OUTPUT else ""
        parts.append(f"<div>Your code printed:</div>{_pre(checked.output[:MOST_OUTPUT] + cut)}")
    if checked.failure is not None:
        parts.append(_failure(checked.failure))
    elif checked.failing is not None:
        parts.append(_failing(checked, checked.failing))
    if result.misconception is not None:
        parts.append(f'<div style="margin-top:.6em"><b>→ {for_html(result.message)}</b></div>')
        parts.append(f"<div>{for_html(result.hint)}</div>")
    if result.outcome == "passed":
        parts.append(f'<div style="margin-top:.6em">Worth knowing: {for_html(exercise.success)}</div>')
    more = f"; your instructor has {checked.hidden} more" if checked.hidden else ""
    parts.append(f'<div style="color:{GREY}">{passed} of {len(result.checks)} public checks{more}</div>')
    return _block("".join(parts))


def _block(inside: str) -> str:
    return f'<div style="line-height:1.5">{inside}</div>'


def _pre(text: str) -> str:
    return f'<pre style="margin:.2em 0 .2em 1em">{for_html(text)}</pre>'


def _check(check: CheckResult) -> str:
    mark, colour = MARKS.get(check.outcome, ("✗", RED))
    words = "" if check.outcome in ("passed", "wrong") else f" ({WORDS[check.outcome]})"
    message = f"<br>&emsp;{for_html(check.message)}" if check.message and check.outcome != "passed" else ""
    return f'<div><b style="color:{colour}">{mark}</b> {for_html(check.name)}{words}{message}</div>'


def _failure(failure: Failure) -> str:
    """Render an exception: its message, the student's last line, the tensors on it."""
    said = [f"{failure.type}: {failure.message}"]
    for frame in failure.frames[-1:]:
        said += [f"{frame['file']}, line {frame['line']}", f"  {frame['text']}"]
    said += ["    " + "  ".join(shape) for shape in failure.shapes]
    return _pre("\n".join(said))


def _failing(checked: Checked, failing: Failing) -> str:
    """Render the first wrong probe: how to rebuild its input, and expected beside own."""
    call = f"from tfm_quiz import probe; case = probe({checked.exercise.id!r}, {failing.number})"
    said = f"<div>The input, to try it yourself:</div>{_pre(call)}"
    expected = dict(leaves(failing.case.expected.value)).get(failing.wrong.where)
    own = dict(leaves(failing.observed.value)).get(failing.wrong.where)
    compared = failing.wrong.kind not in ("gradient", "structure", "raised", "changed")
    if not compared or not isinstance(expected, Tensor) or not isinstance(own, Tensor):
        return said
    said += _table(failing, expected, own)
    if expected.dtype == own.dtype == "bool" and expected.shape == own.shape:
        said += _picture(failing, expected, own, checked.exercise.legend)
    return said


def _table(failing: Failing, expected: Tensor, own: Tensor) -> str:
    rows = [("shape", str(tuple(expected.shape)), str(tuple(own.shape))), ("dtype", expected.dtype, own.dtype)]
    if failing.wrong.index is not None:
        at = failing.wrong.index
        rows.append((f"first at {list(at)}", _number(array(expected)[at]), _number(array(own)[at])))
    cells = "".join(
        f"<tr><td>{for_html(label)}</td><td>{for_html(ours)}</td><td>{for_html(theirs)}</td></tr>"
        for label, ours, theirs in rows
    )
    counted = f"<div>{failing.wrong.wrong} of {failing.wrong.entries} entries are wrong</div>"
    head = "<tr><th></th><th>expected</th><th>yours</th></tr>"
    return f"<table>{head}{cells}</table>" + (counted if failing.wrong.entries else "")


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _picture(failing: Failing, expected: Tensor, own: Tensor, says: Legend) -> str:
    """Render a boolean matrix: its last two dimensions at the first wrong sample, side by side, wrong places framed."""
    index = failing.wrong.index or ()
    ours, theirs = array(expected)[index[:-2]], array(own)[index[:-2]]
    if ours.ndim != 2 or max(ours.shape) > LARGEST_PICTURE:
        return ""
    grids = [_grid(ours.tolist(), ours.tolist(), "expected"), _grid(theirs.tolist(), ours.tolist(), "yours")]
    legend = for_html(f"dark: {says.true}; light: {says.false}; framed: wrong")
    return f'<div style="display:flex;gap:2em">{"".join(grids)}</div><div style="color:{GREY}">{legend}</div>'


def _grid(rows: list[list[bool]], right: list[list[bool]], title: str) -> str:
    side = "width:14px;height:14px;display:inline-block;box-sizing:border-box"
    lines = []
    for row, wanted in zip(rows, right, strict=True):
        squares = []
        for cell, ought in zip(row, wanted, strict=True):
            frame = f"2px solid {RED}" if cell != ought else "1px solid #d0d7de"
            squares.append(f'<span style="{side};border:{frame};background:{"#0969da" if cell else "#f6f8fa"}"></span>')
        lines.append(f'<div style="height:14px;line-height:0">{"".join(squares)}</div>')
    return f"<div><div>{title}</div>{''.join(lines)}</div>"
