"""Work that is handed in oddly comes to the points of the same work handed in plainly, or the loss is said."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.outcome import Report
from tfm_quiz.teach.results import read_reports

ROOT = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("tfm-quiz"))
SUFFIXES = (".zip", ".tar.gz", ".tgz", ".7z", ".py", ".ipynb")


def _strangers(module: str) -> Any:
    if "strangers" not in sys.modules:
        folder = Path(__file__).with_name("strangers")
        spec = importlib.util.spec_from_file_location(
            "strangers", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules["strangers"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["strangers"])
    return importlib.import_module(f"strangers.{module}")


work, forms = _strangers("work"), _strangers("forms")
_strangers("forms_text")  # registers more
FORMS, WORKS = forms.FORMS, work.WORKS
PLAIN = {name: f"plain-{name}" for name in WORKS}
FEW = (
    *PLAIN.values(),
    "Doe Jane_4411_assignsubmission_file_",
    "zip-in-zip.zip",
    "alone.tar.gz",
    "tar-xz",
    "mac.zip",
    "windows.zip",
    "locked.zip",
    "attempts",
    "browser-copy",
    "jupyter-copy",
    "notebook-alone.ipynb",
    "one-file-alone.py",
    "beside",
    "html-export",
    "same-ids",
    "empty-ids",
    "answer-as-markdown",
    "magics",
    "writefile",
    "nan-output",
    "nbconvert-script",
    "colab-script",
    "utf-16",
    "cp1252-without-header",
    "one-tab",
    "one-broken",
    "missing-packages",
    "jaxtyping",
    "hints-not-imported",
    "opens-a-file",
    "exit-in-the-middle",
    "no-imports",
    "merge-conflict",
    "circular",
    "json-in-py",
    "py-in-ipynb",
    "everything-at-once",
)


def graded(folder: Path, names: tuple[str, ...], exercises: tuple[str, ...]) -> dict[str, Report]:
    """Write these hand-ins as one class and grade it by the command; the reports are by the hand-in's name."""
    for name in names:
        FORMS[name].write(folder / "class" / name, WORKS.get(FORMS[name].work, {}))
    command = [COMMAND, "teach", "grade", "class", "--out", "out", "--seed", "1", "--no-labs", "--no-sandbox"]
    command += [f"--only={exercise}" for exercise in exercises]
    environment = {**os.environ, "TFM_QUIZ_COURSE": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    reports = read_reports(folder / "out")
    return {name: reports[_stem(name)] for name in names}


def _stem(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def told(report: Report) -> str:
    """Return all that is said of a hand-in as a whole, and of its exercises."""
    return "\n".join([*report.problems, *report.notes, *(result.message for result in report.exercises.values())])


def faults(reports: dict[str, Report]) -> dict[str, str]:
    """Return the hand-ins with other points than the same work plainly, but for what they are known to lose."""
    found = {}
    for name, report in reports.items():
        form = FORMS[name]
        plain = reports[PLAIN[form.work]].exercises if form.work in PLAIN else {}
        for exercise, result in report.exercises.items():
            if exercise in form.lost:
                if result.points:
                    found[name] = f"{exercise}: has points that were thought lost"
            elif result.points != plain[exercise].points:
                found[name] = f"{exercise}: {result.points} and not {plain[exercise].points}; {told(report)}"
        for words in form.says:
            if words not in told(report):
                found[name] = f"does not say {words!r}: {told(report)}"
    return found


def test_a_hand_in_comes_to_the_points_of_the_same_work_or_says_what_is_missing(tmp_path: Path):
    reports = graded(tmp_path, FEW, ("padding_mask", "causal_mask", "noam_rate"))
    plain = {name: tuple(result.points for result in reports[PLAIN[name]].exercises.values()) for name in WORKS}
    assert plain == {"ada": (2, 3, 2), "bob": (0, 3, 1.5), "cyd": (0, 3, 2)}  # nobody's points pass for another's
    assert faults(reports) == {}


@pytest.mark.slow
def test_every_hand_in_comes_to_the_points_of_the_same_work_or_says_what_is_missing(tmp_path: Path):
    assert faults(graded(tmp_path, tuple(FORMS), work.EXERCISES)) == {}
