"""What `check` finds out, and what its screen says of it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tfm_quiz.cli.check_screen import show_checked
from tfm_quiz.course import Course
from tfm_quiz.student.check import Checked, check_exercise
from tfm_quiz.wall.host.workers import Workers

HEAD = "import torch\n\n\n"
UPPER = f"{HEAD}def causal_mask(length, device=None):\n    return torch.ones(1, length, length).triu().bool()\n"
Check = Callable[[str], tuple[Checked, str]]


@pytest.fixture
def check(course: Course, workers: Workers, capsys: pytest.CaptureFixture[str]) -> Check:
    """Check `causal_mask` in this text of masks.py: the result, and the screen."""
    workspace: Any = SimpleNamespace(path=lambda module: module, shown=lambda module: f"exercises/{module}.py")

    def run(text: str) -> tuple[Checked, str]:
        checked = check_exercise(course, course.exercise("causal_mask"), {"masks": text}, workers)
        show_checked(checked, workspace)
        return checked, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        (f"{HEAD}def causal_mask(length, device=None:\n    return length\n", "SyntaxError", 4),
        (f"{HEAD}def causal_mask(length):\n    x = 1\n        y = 2\n    return x\n", "IndentationError", 6),
        (f"{HEAD}import nothing_of_that_name\n\ndef causal_mask(length):\n    return 1\n", "ModuleNotFoundError", 4),
        (f"{HEAD}1 / 0\n\ndef causal_mask(length):\n    return 1\n", "ZeroDivisionError", 4),
    ],
)
def test_a_module_that_does_not_load_is_said_once_and_under_no_checks_title(
    check: Check, text: str, error: str, line: int
):
    checked, screen = check(text)
    assert "masks.py does not load\n" in screen
    assert screen.count(error) == 1
    assert f"exercises/masks.py, line {line}" in screen
    assert text.splitlines()[line - 1].strip() in screen
    assert "\\n" not in screen
    assert all(one.name not in screen for one in checked.result.checks)
    assert checked.result.outcome == "crashed"
    assert checked.result.message == f"masks.py does not load: {error} in line {line}"


def test_a_name_that_is_missing_is_said_without_an_exception(check: Check):
    checked, screen = check(f"{HEAD}def casual_mask(length):\n    return 1\n")
    assert "masks.py does not define `causal_mask`" in screen
    assert "AttributeError" not in screen
    assert checked.result.points == 0


def test_a_known_mistake_is_named_and_its_first_wrong_probe_can_be_rebuilt(check: Check):
    checked, screen = check(UPPER)
    assert checked.result.misconception is not None
    assert checked.result.message in screen
    assert "probe('causal_mask', 1)" in screen


def test_a_crash_shows_the_line_and_what_was_printed(check: Check):
    checked, screen = check(UPPER.replace("    return", "    print('so far')\n    return undefined +"))
    assert checked.result.outcome == "crashed"
    assert "NameError: name 'undefined' is not defined" in screen
    assert "so far" in screen


def test_a_process_that_ends_is_told_and_costs_its_check(check: Check):
    checked, screen = check(UPPER.replace("    return", "    import os\n    os._exit(3)\n    return"))
    assert checked.result.outcome == "died"
    assert "the process ended in this check" in screen


def test_the_readme_shows_this_screen(check: Check):
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    shown = readme.partition("$ tfm-quiz check causal_mask\n")[2].partition("```")[0]
    assert check(UPPER)[1].strip("\n") == shown.strip("\n")
