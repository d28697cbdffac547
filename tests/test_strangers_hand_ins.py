"""Work that is handed in oddly comes to the points of the same work handed in plainly, or the loss is said."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.course import Course
from tfm_quiz.outcome import Report
from tfm_quiz.submission.entries import read_class
from tfm_quiz.submission.submission import Submission
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
    "notebook-3",
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


def read(folder: Path, files: dict[str, bytes], course: Course) -> dict[str, Submission]:
    for name, data in files.items():
        forms.put(folder / name, data)
    return {one.name: one for one in read_class(folder, course)}


def modules_of(one: Submission) -> set[str]:
    return set(one.modules)


def test_flat_files_of_blackboard_are_one_submission_an_attempt(tmp_path: Path, course: Course):
    start = "Week%201_{}_attempt_2026-11-20-10-11-12"
    files = {f"{start.format('jdoe')}.txt": b"Name: Jane (jdoe)"}
    for who, typed in (("jdoe", work.ADA), ("rroe", work.BOB)):
        files |= forms.files(typed, f"{start.format(who)}_")
    found = read(tmp_path, files, course)
    assert set(found) == {"jdoe_2026-11-20-10-11-12", "rroe_2026-11-20-10-11-12"}
    assert all(modules_of(one) == set(work.MODULES) for one in found.values())
    assert not any(one.problems for one in found.values())


def test_whatever_a_student_has_flat_beside_the_others_is_told(tmp_path: Path, course: Course):
    files = forms.files(work.ADA, "doe_101_9001_") | {
        "doe_101_9005_report.pdf": b"%PDF",
        "poe_102_9006_all.pdf": b"%PDF",
    }
    files |= {"zed_103_9007_a.zip": forms.zipped(forms.files(work.BOB)), "zed_103_9008_notes.txt": b"x"}
    found = read(tmp_path, files, course)
    assert set(found) == {"doe_101", "poe_102", "zed_103"}
    assert any("report.pdf" in note for note in found["doe_101"].notes)
    assert any("all.pdf" in note for note in found["poe_102"].notes)
    assert any(problem.startswith("No exercises were found") for problem in found["poe_102"].problems)
    assert modules_of(found["zed_103"]) == set(work.MODULES)


def test_nobody_is_lost_from_an_archive_of_flat_files_where_some_are_archives(tmp_path: Path, course: Course):
    members = forms.files(work.ADA, "doe_101_9001_") | forms.files(work.ADA, "roe_102_9002_")
    members["zed_103_9007_submission.zip"] = forms.zipped(forms.files(work.BOB, "exercises/"))
    found = read(tmp_path, {"submissions.zip": forms.zipped(members)}, course)
    assert set(found) == {"doe_101", "roe_102", "zed_103_9007_submission"}
    assert all(modules_of(one) == set(work.MODULES) for one in found.values())


def test_a_folder_that_holds_the_class_is_that_class_and_no_student(tmp_path: Path, course: Course):
    files = forms.files(work.ADA, "week1/ada/exercises/") | forms.files(work.BOB, "week1/bob/exercises/")
    assert set(read(tmp_path, files, course)) == {"ada", "bob"}


@pytest.mark.slow
def test_every_hand_in_comes_to_the_points_of_the_same_work_or_says_what_is_missing(tmp_path: Path):
    assert faults(graded(tmp_path, tuple(FORMS), work.EXERCISES)) == {}
