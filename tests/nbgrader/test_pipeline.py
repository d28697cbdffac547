"""The instructor's own workflow from build to export, with nbgrader's own commands where it has one."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, and SQLAlchemy's of it
]

PROSE = "what-the-causal-mask-is-for"
CLOSED = "which-one-is-shifted"
ANSWER = "It keeps every position from attending to later positions."


def cell(notebook, cell_id):
    return next(one for one in notebook["cells"] if one["id"] == cell_id)


@pytest.fixture(scope="module")
def room(classroom, right):
    """An assignment of one unit with a closed question and one of free text; three students handed in."""
    room = classroom("pipeline")
    room.tfm("build", "--name", "masks", "--units", "masks", "--questions", f"masks,{PROSE}")
    room.nbgrader("generate_assignment", "masks")
    released = room.released("masks")
    questions = room.released("masks", "questions")
    for student, wrong in (("student-01", ()), ("student-02", ("causal_mask",)), ("student-03", tuple(right))):
        work, said = json.loads(json.dumps(released)), json.loads(json.dumps(questions))
        for one in work["cells"]:
            if one["id"] in right and one["id"] not in wrong:
                one["source"] = right[one["id"]]
        if student == "student-01":
            cell(work, f"a-{CLOSED}")["source"] = "**d**\n"
            cell(said, f"a-{PROSE}")["source"] = ANSWER
        if student == "student-02":
            cell(work, "causal_mask")["source"] = right["causal_mask"].replace(".tril()", ".triu()")
            cell(work, f"a-{CLOSED}")["source"] = "a"
        room.hand_in(student, "masks", work)
        room.hand_in(student, "masks", said, "questions")
    return room


@pytest.fixture(scope="module")
def graded(room):
    return room.tfm("autograde", "masks", "--jobs", "2")


def test_nbgrader_validates_the_source(room):
    done = room.nbgrader("validate", "source/masks/masks.ipynb")
    assert "Success! Your notebook passes all the tests." in done.stdout


def test_nbgrader_validates_a_right_answer_and_not_the_untouched_release(room):
    right = room.nbgrader("validate", "submitted/student-01/masks/masks.ipynb").stdout
    assert "check(" not in right  # what is left are questions without an answer
    untouched = room.nbgrader("validate", "release/masks/masks.ipynb").stdout
    for key in _exercises(room):
        assert f'check("{key}")' in untouched
        assert f"NotRightYet: `{key}` is still the stub" in untouched
    assert "tfm_quiz/notebook.py" not in untouched  # no traceback through our code


def test_a_release_is_the_courses_own_stub(room, course):
    from tfm_quiz.submission.definitions import source_of_cells
    from tfm_quiz.submission.notebook import read_cells
    from tfm_quiz.submission.untouched import same_as_stub

    data = (room.folder / "release" / "masks" / "masks.ipynb").read_bytes()
    assert b"SOLUTION" not in data
    names = [exercise.name for exercise in course.unit("masks").exercises]
    source, problems = source_of_cells(read_cells(data), names, course.modules)
    assert not problems
    stub = course.stub_path("masks").read_text("utf-8")
    assert all(same_as_stub(source, stub, name) for name in names)


def test_the_gradebook_holds_no_solution_and_no_key(room):
    data = (room.folder / "gradebook.db").read_bytes()
    assert b".tril()" not in data
    assert b"everything = torch.ones" not in data
    assert b"one place to the right" in data  # the stub's own docstring: the search would find what is there


def test_marks_equal_those_of_teach_grade_to_the_point(room, graded, tmp_path):
    submissions = tmp_path / "submissions"
    for folder in (room.folder / "submitted").iterdir():
        shutil.copytree(folder / "masks", submissions / folder.name)
    only = [argument for key in _exercises(room) for argument in ("--only", key)]
    command = [sys.executable, "-P", "-m", "tfm_quiz", "teach", "grade", str(submissions), "--out", str(tmp_path / "r")]
    room.run(*command, "--jobs", "2", *only)
    grades = room.grades("masks")
    lines = (tmp_path / "r" / "results.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 3
    for report in map(json.loads, lines):
        for key, result in report["exercises"].items():
            assert grades[report["submission"]][f"{key}-marks"]["auto_score"] == result["points"], key


def _exercises(room):
    return room.released("masks")["metadata"]["tfm_quiz"]["exercises"]


def test_closed_questions_are_scored_and_need_no_person(room, graded):
    grades = room.grades("masks")
    assert grades["student-01"][f"a-{CLOSED}"]["auto_score"] == 1
    assert grades["student-02"][f"a-{CLOSED}"]["auto_score"] == 0
    assert grades["student-02"][f"a-{CLOSED}"]["said"]  # what is wrong with the answer
    assert grades["student-03"][f"a-{CLOSED}"]["said"] == "No response."
    assert not any(cells[f"a-{CLOSED}"]["needs_manual_grade"] for cells in grades.values())


def test_free_text_waits_for_a_person_and_its_suggestion_is_no_part_of_the_total(room, graded):
    grades = room.grades("masks")
    said = grades["student-01"][f"a-{PROSE}"]
    assert said["auto_score"] is None
    assert said["needs_manual_grade"]
    assert not said["said"]  # what feedback takes
    suggested = r"Suggested: [\d.]+ of 4 points\. They count once a person has entered a score\."
    assert re.match(suggested, said["suggested"])
    assert grades["student-03"][f"a-{PROSE}"]["auto_score"] == 0


def test_points_given_in_teach_review_reach_the_gradebook(room, graded):
    results = room.folder / "results" / "masks"
    room.run(sys.executable, "-P", "-m", "tfm_quiz", "teach", "review", str(results), "--all", typed="c =1.5\n")
    assert "0 graded, 1 recorded" in room.tfm("autograde", "masks").stdout
    grade = room.grades("masks")["student-01"][f"a-{PROSE}"]
    assert (grade["auto_score"], grade["needs_manual_grade"]) == (1.5, False)
    assert not grade["said"]  # the suggestion stays with the staff
    assert "0 graded, 0 recorded" in room.tfm("autograde", "masks").stdout


def test_scores_and_comments_given_by_hand_survive_a_regrade(room, graded, right):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as gradebook:
        place = ("questions", "masks", "student-01")
        grade = gradebook.find_grade(f"a-{PROSE}", *place)
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.find_comment(f"a-{PROSE}", *place).manual_comment = "Nearly."
        gradebook.db.commit()
    again = room.tfm("autograde", "masks", "--force")
    assert "3 recorded" in again.stdout
    said = room.grades("masks")["student-01"][f"a-{PROSE}"]
    assert (said["manual_score"], said["said"]) == (2.5, "Nearly.")


def test_a_changed_answer_is_graded_anew_and_the_others_are_left_alone(room, graded, right):
    path = room.folder / "submitted" / "student-03" / "masks" / "masks.ipynb"
    work = json.loads(path.read_text("utf-8"))
    cell(work, "shift_right")["source"] = right["shift_right"]
    path.write_text(json.dumps(work))
    again = room.tfm("autograde", "masks")
    assert "1 graded, 1 recorded" in again.stdout
    assert room.grades("masks")["student-03"]["shift_right-marks"]["auto_score"] == 3


def test_the_formgraders_button_gives_the_same_marks(room, graded):
    before = room.grades("masks")
    script = (
        "from nbgrader.apps import NbGraderAPI, AutogradeApp\n"
        "app = AutogradeApp(); app.initialize([])\n"
        "print(NbGraderAPI(app.coursedir, parent=app).autograde('masks', 'student-02')['success'])\n"
    )
    done = room.run(sys.executable, "-P", "-c", script)
    assert done.stdout.strip().endswith("True")
    assert room.grades("masks")["student-02"] == before["student-02"]


def test_late_penalties_are_nbgraders_own(room, graded):
    """A submission that is two hours late, under a policy of one point an hour."""
    (room.folder / "policy.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Hourly(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return total_seconds_late // 3600\n"
    )
    with (room.folder / "nbgrader_config.py").open("a") as config:
        config.write("\nimport sys; sys.path.insert(0, c.CourseDirectory.root)\n")
        config.write("c.AssignLatePenalties.plugin_class = 'policy.Hourly'\n")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("masks", duedate="2026-01-01 10:00:00")
    stamp = room.folder / "submitted" / "student-02" / "masks" / "timestamp.txt"
    stamp.write_text("2026-01-01 12:00:00 UTC")
    room.tfm("autograde", "masks", "--force", "--student", "student-02")
    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission("masks", "student-02").late_submission_penalty == 2


def test_exports_hold_every_question_and_the_totals(room, graded):
    for kind in ("questions", "canvas", "moodle"):
        room.tfm("export", "masks", "--format", kind, "--to", f"{kind}.csv")
    rows = list(csv.reader((room.folder / "questions.csv").open()))
    head = rows[0]
    scores = {row[1]: dict(zip(head, row, strict=True)) for row in rows[2:]}
    assert scores["student-01"]["causal_mask"] == "3"
    assert scores["student-02"]["causal_mask"] == "0"
    assert scores["student-01"][CLOSED] == "1"
    assert sum(float(scores["student-01"][key] or 0) for key in head[6:]) == float(scores["student-01"]["score"])
    canvas = list(csv.reader((room.folder / "canvas.csv").open()))
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "masks"]
    assert canvas[1][0].strip() == "Points Possible"
    assert canvas[2][3] == "student-01"
    moodle = list(csv.reader((room.folder / "moodle.csv").open()))
    assert moodle[0][-1] == "Assignment: masks (Real)"
    assert {row[0]: row[-1] for row in moodle[1:]} == {row[3]: row[-1] for row in canvas[2:]}


def test_nbgraders_own_export_takes_our_exporter(room, graded):
    room.nbgrader("export", "--exporter=tfm_quiz.teach.nbgrader.export.PerQuestion", "--to", "own.csv")
    assert "causal_mask" in (room.folder / "own.csv").read_text()


def test_an_assignment_that_is_not_ours_is_refused_and_not_given_full_marks(room, graded):
    source = room.folder / "source" / "foreign" / "foreign.ipynb"
    source.parent.mkdir(parents=True)
    said = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3, "points": 2}
    marks = {"cell_type": "code", "id": "t", "outputs": [], "execution_count": None, "source": "assert False"}
    marks["metadata"] = {"nbgrader": {**said, "grade_id": "t", "cell_type": "code"}}
    source.write_text(json.dumps({"cells": [marks], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    room.nbgrader("generate_assignment", "foreign")
    room.hand_in("student-01", "foreign", json.loads(source.read_text()))
    done = room.nbgrader("autograde", "foreign", check=False)
    assert done.returncode
    assert "was not made by tfm-quiz" in done.stderr
    assert room.grades("foreign").get("student-01", {}).get("t", {}).get("auto_score") is None
    assert room.tfm("autograde", "foreign", check=False).returncode == 2


def test_commands_say_what_to_do_where_something_is_missing(room, tmp_path):
    outside = Path(tmp_path)
    room.run("true")
    said = type(room)(outside).tfm("autograde", "masks", check=False)
    assert said.returncode == 2
    assert "tfm-quiz teach nbgrader init" in said.stderr
    assert room.tfm("autograde", "nothing", check=False).returncode == 2
    assert room.tfm("autograde", "masks", "--student", "nobody", check=False).returncode == 2


def test_plain_nbgrader_keeps_nothing_that_a_link_leads_to_and_says_what_to_do(room, graded):
    path = room.hand_in("student-04", "masks", room.released("masks"))
    link = path.with_name("notes.txt")
    link.symlink_to(room.folder / "gradebook.db")
    done = room.nbgrader("autograde", "masks", "--student", "student-04", check=False)
    assert done.returncode
    assert "notes.txt is a link, so this submission was not recorded" in done.stderr
    assert not list((room.folder / "autograded" / "student-04").rglob("*.*"))
    link.unlink()
    room.nbgrader("autograde", "masks", "--student", "student-04")
    assert (room.folder / "autograded" / "student-04" / "masks" / "masks.ipynb").exists()
    for step in ("submitted", "autograded"):
        shutil.rmtree(room.folder / step / "student-04")
