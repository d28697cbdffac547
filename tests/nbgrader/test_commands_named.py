"""Every command of nbgrader's that we name exists in it: in the docs, in help, and on the screen."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.extra,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
]

ROOT = Path(__file__).parents[2]
PLACES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "src").rglob("*.py"))]
NAMED = re.compile(r"(?:^|`|&& |^      )nbgrader ([a-z_]+)", re.MULTILINE)  # where a command is typed
CODE = re.MULTILINE | re.DOTALL
OURS = re.compile(r"tfm-quiz teach nbgrader ([a-z_]+)")


def named(pattern: re.Pattern[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in PLACES:
        text = path.read_text("utf-8")
        if path.suffix == ".md":  # what is typed is code; the rest are sentences
            text = "\n".join(part[1] or part[2] for part in re.finditer(r"^```\w*\n(.*?)^```|(`[^`\n]+`)", text, CODE))
        elif pattern is NAMED:
            text = "\n".join(line for line in text.splitlines() if not line.startswith("nbgrader "))
        for command in pattern.findall(text):
            found.setdefault(command, set()).add(path.name)
    return found


def test_every_command_of_nbgrader_that_is_named_is_one():
    from nbgrader.apps import NbGraderApp

    found = named(NAMED)
    assert {"generate_assignment", "autograde", "generate_feedback", "export"} <= found.keys()
    assert found.keys() - set(NbGraderApp().subcommands) == set()


def test_every_command_of_ours_that_is_named_is_one():
    from tfm_quiz.cli.teach.nbgrader import nbgrader

    found = named(OURS)
    assert {"init", "adopt", "build", "autograde", "export"} <= found.keys()
    assert found.keys() - nbgrader.commands.keys() == set()


def test_the_way_to_the_formgrader_is_jupyters_menu():
    assert "jupyter lab, menu Nbgrader, Formgrader" in (ROOT / "src/tfm_quiz/cli/teach/nbgrader.py").read_text("utf-8")
    assert "nbgrader formgrader" not in "\n".join(path.read_text("utf-8") for path in PLACES)
