"""What an instructor sees of a lab: a line that moves in a terminal, nothing in a pipe, and the curve in the end."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from tfm_quiz.cli.teach.bars import MOST, bars, lab_line
from tfm_quiz.course import Course
from tfm_quiz.grading.messages import OVER, Training
from tfm_quiz.outcome import CheckResult, ExerciseResult, Outcome, Report
from tfm_quiz.teach.feedback import feedback
from tfm_quiz.teach.overview import LabRow, overview

FALLING = Training(lab="Lab C: reversal", step=120, of=300, losses=(4.1, 3.2, 2.31, 1.2))
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def screen(width: int = 100, encoding: str = "utf-8") -> Console:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", write_through=True)
    return Console(file=stream, width=width, markup=False, force_terminal=True, no_color=True)


def test_a_line_says_who_what_how_far_and_how_well():
    line = lab_line("student-03", FALLING, screen()).plain
    assert line == "  student-03  Lab C: reversal  step 120/300  loss 1.20 █▇▅▃"


def test_a_stream_without_blocks_gets_ascii():
    target = screen(encoding="ascii")
    target.print(lab_line("student-03", FALLING, target))  # strict: another mark would raise
    assert lab_line("student-03", FALLING, target).plain.endswith("loss 1.20 #*=-")


@pytest.mark.parametrize(
    "name", ["s" * 300, "学生" * 60, "\x1b[2J\x1b[31m", "[red]bold[/red]", "\u202e\u2066", "a\nb\rc"]
)
@pytest.mark.parametrize("width", [20, 60, 80, 100])
def test_no_name_breaks_the_line_or_steers_the_terminal(name, width):
    target = screen(width)
    message = Training(lab="Lab C: reversal", step=300, of=300, losses=(None, -1e300, 1e300, *[0.5] * 13))
    line = lab_line(name, message, target)
    assert line.cell_len <= width
    assert line.plain.isprintable()
    assert not line.spans
    if width >= 80:
        assert line.plain.endswith("loss 0.50 !▁█▁▁▁▁▁▁▁▁▁▁▁▁▁")


def test_each_submission_has_a_line_until_its_lab_is_over():
    with bars() as progress:

        def rows() -> list[str]:
            return [row.plain for row in progress.get_renderables() if isinstance(row, Text)]

        progress.lab("student-01", FALLING)
        progress.lab("student-02", FALLING)
        progress.lab("student-01", Training(lab="Lab C: reversal", step=300, of=300, losses=(4.0, 0.1)))
        assert ["student-01" in row for row in rows()] == [True, False]
        assert "step 300/300" in rows()[0]
        progress.lab("student-01", OVER)
        progress.lab("student-03", OVER)
        assert ["student-02" in row for row in rows()] == [True]
        for number in range(64):
            progress.lab(f"more-{number}", FALLING)
        assert len(rows()) == MOST


def test_in_a_pipe_nothing_moves(capsys):
    with bars() as progress:
        progress.add_task("Grading", total=2)
        progress.lab("student-01", FALLING)
        progress.refresh()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def graded(losses: tuple[float | None, ...], outcome: Outcome = "passed") -> Report:
    check = CheckResult(name="it is trained", outcome=outcome, points=1, out_of=1, hidden=True, lab=True, losses=losses)
    result = ExerciseResult(points=1, out_of=1, outcome=outcome, checks=(check,))
    return Report(
        submission="s", points=1, out_of=1, isolation="full", versions={}, key="k", seconds=1,
        exercises={"gain": result},
    )  # fmt: skip


def test_feedback_shows_the_curve_under_its_check(tiny: Course):
    lines = feedback(tiny, graded((4.0, 2.0, None, 0.5))).splitlines()
    assert lines[lines.index("  + it is trained") + 1] == "      loss 4.00 █▅!▂ 0.50"
    assert "loss" not in feedback(tiny, graded(()))


def test_the_class_has_the_median_of_its_curves(tiny: Course):
    reports = [graded((4.0, 1.0)), graded((3.0, None)), graded((2.0, 3.0), "wrong"), graded((5.0,), "died"), graded(())]
    assert overview(tiny, reports).labs == [LabRow("gain", trained=4, passed=2, losses=[3.5, 2.0])]
    assert overview(tiny, [graded(())]).labs == []


def lesson(lab_course: Course, sources: dict[str, str], tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """The command that grades a class of one, whose lab takes a second, and its environment."""
    folder = tmp_path / "class" / "student-01" / "exercises"
    folder.mkdir(parents=True)
    slow = "\n\nclass Gain(Gain):\n    def forward(self, x):\n        import time\n        time.sleep(0.02)\n"
    for module, text in sources.items():
        (folder / f"{module}.py").write_text(text)
    with (folder / "gains.py").open("a") as stream:
        stream.write(slow + "        return 2 * x * self.weight\n")
    command = [str(Path(sys.executable).with_name("tfm-quiz")), "teach", "grade", "class", "--out", "results"]
    environment = {**os.environ, "TFM_QUIZ_COURSE": str(lab_course.root), "TERM": "xterm", "COLUMNS": "100"}
    return [*command, "--jobs", "1", "--no-sandbox", "--only", "gain"], environment


def test_in_a_terminal_the_line_moves_and_the_report_keeps_the_curve(lab_course: Course, tiny_sources, tmp_path):
    command, environment = lesson(lab_course, tiny_sources, tmp_path)
    ours, theirs = pytest.importorskip("pty").openpty()
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=theirs, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 1 << 16):
            shown += chunk
    except OSError:  # how Linux says that the other end was closed
        pass
    os.close(ours)
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0
    steps = re.findall(
        r"student-01  Lab: a gain  step ([ \d]\d)/48  loss [\d.]+ [▁-█]+", ESCAPE.sub("", shown.decode())
    )
    assert len(set(steps)) >= 3
    assert steps == sorted(steps)
    assert re.search(r"gain  1 of 1 passed   loss [\d.]+ █[▁-█]{15} [\d.e-]+\n", said)
    assert re.search(
        r"      loss [\d.]+ █[▁-█]{15} ", (tmp_path / "results/feedback/student-01.txt").read_text("utf-8")
    )


@pytest.mark.slow
def test_without_a_terminal_grading_says_nothing_of_a_lab_before_its_end(lab_course: Course, tiny_sources, tmp_path):
    command, environment = lesson(lab_course, tiny_sources, tmp_path)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "step" not in done.stdout
    assert "\x1b" not in done.stdout
    assert "1 of 1 passed" in done.stdout
