"""A module that does not load as a whole is judged by its definitions, and the report says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tfm_quiz.outcome import Report

NOTE = "rows.py does not load as a whole when it is graded, so it was read by its definitions."

TOPS = {
    "a file that is not there": "from pathlib import Path\nDATA = Path('data.txt').read_text()",
    "an assertion": "assert double(1) == 3",
    "an exit": "import sys\nsys.exit(1)",
    "an import of what is not defined": "from .gains import nothing_of_this_name",
    "a name that nobody knows": "print(result)",
    "an end of the process": "import os\nos._exit(0)",
}


@pytest.mark.parametrize("top", TOPS.values(), ids=TOPS.keys())
def test_what_merely_runs_and_fails_costs_nothing_and_is_told(grade_tiny: Callable[..., Report], top: str):
    report = grade_tiny(rows=top)
    assert report.points == report.out_of
    assert NOTE in report.notes


def test_a_module_that_loads_is_taken_as_it_is(grade_tiny: Callable[..., Report]):
    assert grade_tiny(rows="print(double)").notes == ()


def test_a_module_that_never_ends_its_import_is_judged_by_its_definitions_within_the_budget(
    grade_tiny: Callable[..., Report],
):
    report = grade_tiny(gains="while True:\n    pass")
    assert report.points == report.out_of
    assert NOTE.replace("rows", "gains") in report.notes


def test_what_the_definitions_need_and_cannot_have_is_told_as_it_is(grade_tiny: Callable[..., Report]):
    report = grade_tiny(rows="FACTOR = {}['missing']\n\n\ndef double(x):\n    return FACTOR * x\n")
    assert report.exercises["double"].points == 0
    assert "rows.py does not load: KeyError" in report.exercises["double"].message
    assert report.notes == ()
