"""Recording a class: whole notebooks or none, each student apart, and nbgrader's own chain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),
]

POLICY = """
from nbgrader.api import Gradebook
from nbgrader.plugins import BasePlugin

class Policy(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        with Gradebook(self.parent.db_url) as book:  # what is recorded so far can be looked up
            assert book.find_submission_notebook("week1", "week1", student_id).score == score == 3
        if student_id == "student-02":
            raise RuntimeError("no policy for student-02")
        return 1
"""


@pytest.fixture(scope="module")
def room(classroom, right):
    """Four students, all right and all late; the policy for late work fails for one."""
    room = classroom("recording")
    room.tfm("build", "--name", "week1", "--only", "causal_mask", "--questions", "none")
    (room.folder / "policy.py").write_text(POLICY)
    with (room.folder / "nbgrader_config.py").open("a") as config:
        config.write("\nimport sys; sys.path.insert(0, c.CourseDirectory.root)\n")
        config.write("c.AssignLatePenalties.plugin_class = 'policy.Policy'\n")
    room.nbgrader("generate_assignment", "week1")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("week1", duedate="2026-01-01 10:00:00")
    for number in (1, 2, 3, 4):
        work = room.released("week1")
        for cell in work["cells"]:
            if cell["id"] == "causal_mask":
                cell["source"] = f"{right['causal_mask']}\n# {number}"
        path = room.hand_in(f"student-0{number}", "week1", work)
        path.with_name("timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    return room


@pytest.fixture(scope="module")
def failed(room):
    return room.tfm("autograde", "week1", "--jobs", "2", check=False)


def test_one_that_goes_wrong_is_named_and_the_others_are_recorded(room, failed):
    assert failed.returncode == 3
    assert "4 graded, 3 recorded" in failed.stdout
    assert "student-02 was not graded: RuntimeError: no policy for student-02" in failed.stderr


def test_of_one_that_goes_wrong_no_score_is_left_behind(room, failed):
    scores = {name: cells["causal_mask-marks"]["auto_score"] for name, cells in room.grades("week1").items()}
    assert scores.pop("student-02", None) is None
    assert scores == {"student-01": 3, "student-03": 3, "student-04": 3}
    assert not (room.folder / "autograded" / "student-02" / "week1").exists()
    assert (room.folder / "autograded" / "student-03" / "week1" / "week1.ipynb").is_file()


def test_penalties_are_taken_off_and_a_policy_may_look_into_the_gradebook(room, failed):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission("week1", "student-03").late_submission_penalty == 1


def test_the_next_run_records_the_one_that_is_missing(room, failed):
    (room.folder / "policy.py").write_text(POLICY.replace("student-02", "nobody"))
    again = room.tfm("autograde", "week1", "--jobs", "2")
    assert "0 graded, 1 recorded" in again.stdout
    assert room.grades("week1")["student-02"]["causal_mask-marks"]["auto_score"] == 3
    assert "0 graded, 0 recorded" in room.tfm("autograde", "week1").stdout


def test_a_later_time_stamp_and_another_due_date_are_recorded(room, failed):
    from nbgrader.api import Gradebook

    stamp = room.folder / "submitted" / "student-03" / "week1" / "timestamp.txt"
    stamp.write_text("2026-01-01 09:00:00 UTC")
    assert "0 graded, 1 recorded" in room.tfm("autograde", "week1").stdout
    book = f"sqlite:///{room.folder / 'gradebook.db'}"
    with Gradebook(book) as gradebook:
        assert not gradebook.find_submission("week1", "student-03").late_submission_penalty
        gradebook.update_or_create_assignment("week1", duedate="2026-01-01 08:00:00")
    assert "0 graded, 4 recorded" in room.tfm("autograde", "week1").stdout
    with Gradebook(book) as gradebook:
        assert gradebook.find_submission("week1", "student-03").late_submission_penalty == 1
    assert "0 graded, 0 recorded" in room.tfm("autograde", "week1").stdout


def test_a_student_is_recorded_when_every_notebook_says_so(room, failed):
    """Killed between two notebooks of a student, it must not take the second for recorded."""
    from tfm_quiz.teach.nbgrader.assignment import KEY, Assignment, Contents
    from tfm_quiz.teach.nbgrader.record import open_course, recorded_stamp

    app = open_course(room.folder, "week1")
    path = room.folder / "autograded" / "student-01" / "week1" / "week1.ipynb"
    key = json.loads(path.read_text("utf-8"))["metadata"][KEY]["report"]
    whole = Assignment(name="week1", contents={"week1": Contents()}, notebooks={})
    more = Assignment(name="week1", contents={"week1": Contents(), "questions": Contents()}, notebooks={})
    assert recorded_stamp(app, whole, "student-01") == key
    assert recorded_stamp(app, more, "student-01") is None
    assert recorded_stamp(app, whole, "nobody") is None


def test_metadata_are_checked_once_for_all_that_are_the_same_and_again_for_others(monkeypatch):
    from nbconvert.exporters import NotebookExporter
    from nbformat.v4 import new_markdown_cell, new_notebook
    from nbgrader.converters import Autograde
    from nbgrader.nbgraderformat import ValidationError
    from nbgrader.preprocessors import CheckCellMetadata

    from tfm_quiz.teach.nbgrader.record import CheckOnce

    said = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False, "points": 1}
    right = new_notebook(cells=[new_markdown_cell("mine", metadata={"nbgrader": {**said, "grade_id": "a"}})])
    same = new_notebook(cells=[new_markdown_cell("yours", metadata={"nbgrader": {**said, "grade_id": "a"}})])
    wrong = new_notebook(cells=[new_markdown_cell("mine", metadata={"nbgrader": {**said, "grade_id": ""}})])
    asked = []
    check = CheckCellMetadata.preprocess
    monkeypatch.setattr(CheckCellMetadata, "preprocess", lambda *all: asked.append(all) or check(*all))
    exporter = NotebookExporter(parent=Autograde())
    for notebook in (right, same):  # each by a preprocessor of its own, as nbgrader makes them
        assert CheckOnce(parent=exporter).preprocess(notebook, {}) == (notebook, {})
    assert len(asked) == 1
    for _ in range(2):
        with pytest.raises(ValidationError):
            CheckOnce(parent=exporter).preprocess(wrong, {})


def test_nbgrader_is_imported_without_what_it_never_needs():
    script = (
        "import gc, sys\n"
        "from tfm_quiz.teach.nbgrader.head_start import quick_import\n"
        "with quick_import():\n    import tfm_quiz.teach.nbgrader.autograde\n"
        "assert 'nbgrader' in sys.modules and 'lark' not in sys.modules\n"
        "import rfc3987_syntax\n"  # whoever wants it gets it
        "assert gc.isenabled()\n"
    )
    subprocess.run([sys.executable, "-P", "-c", script], check=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
