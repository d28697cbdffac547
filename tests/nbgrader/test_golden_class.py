"""The golden class through nbgrader: no cheat gains, nobody harms another, nobody is left ungraded."""

from __future__ import annotations

import html
import importlib.util
import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, and SQLAlchemy's of it
]


def _golden():
    """The class's module, beside this one."""
    spec = importlib.util.spec_from_file_location("golden_class", Path(__file__).with_name("golden.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


golden = _golden()


@pytest.fixture(scope="module", params=["made by init", "made by nbgrader quickstart, then adopted"])
def week1(request):
    """A course folder whose assignment week1 is released."""
    if request.param == "made by init":
        room = request.getfixturevalue("classroom")("golden")
    else:
        room = request.getfixturevalue("quickstart")("golden-adopted")
        room.tfm("adopt", ".", "--yes")
    chosen = [argument for key in golden.FOUR for argument in ("--only", key)]
    room.tfm("build", "--name", "week1", *chosen, "--questions", "none")
    room.nbgrader("generate_assignment", "week1")
    return room


@pytest.fixture(scope="module")
def everybody(week1, course, tmp_path_factory):
    gradebook = str(week1.folder / "gradebook.db")
    return golden.golden_class(str(course.root), gradebook, str(tmp_path_factory.mktemp("marker") / "was-here"))


@pytest.fixture(scope="module")
def graded(week1, everybody, right):
    """The class, handed in and graded by one command; the command's own words."""
    released = week1.released("week1")
    solved = json.loads(json.dumps(released))
    for cell in solved["cells"]:
        if cell["id"] in right:
            cell["source"] = right[cell["id"]]
    for name, student in everybody.items():
        path = week1.hand_in(name, "week1", golden.work_of(student, solved, released))
        if student.beside:
            student.beside(path.parent)
    with (week1.folder / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Grading.time_factor = 0.2\n")
    return week1.tfm("autograde", "week1", "--jobs", "2")


@pytest.fixture(scope="module")
def grades(week1, graded):
    return week1.grades("week1")


def test_it_has_at_least_twenty_students(everybody):
    assert len(everybody) >= 20


def test_everybody_is_graded_and_nobody_waits_for_a_person(everybody, grades):
    assert set(grades) == set(everybody)
    for name, cells in grades.items():
        for key in golden.FOUR:
            assert cells[f"{key}-marks"]["auto_score"] is not None, name
            assert not cells[f"{key}-marks"]["needs_manual_grade"], name


def test_each_earns_what_their_own_work_is_worth(everybody, grades):
    found = {name: {key: cells[f"{key}-marks"]["auto_score"] for key in golden.FOUR} for name, cells in grades.items()}
    assert found == {name: golden.points_of(student) for name, student in everybody.items()}


def test_nobody_got_a_manual_score_and_no_maximum_was_moved(grades):
    for name, cells in grades.items():
        for key, points in golden.POINTS.items():
            assert cells[f"{key}-marks"]["manual_score"] is None, name
            assert cells[f"{key}-marks"]["max_score"] == points, name


def test_nothing_was_written_outside(everybody, graded, tmp_path_factory):
    assert not list(tmp_path_factory.getbasetemp().glob("marker*/was-here"))


def test_the_results_say_the_same_as_the_gradebook(week1, grades):
    lines = (week1.folder / "results" / "week1" / "results.jsonl").read_text("utf-8").splitlines()
    for report in map(json.loads, lines):
        cells = grades[report["submission"]]
        for key, result in report["exercises"].items():
            assert cells[f"{key}-marks"]["auto_score"] == result["points"]


def test_what_nbgrader_would_have_tripped_over_was_set_aside_and_told(week1, graded):
    aside = week1.folder / "results" / "week1" / "set-aside"
    assert (aside / "links" / "notes.txt").is_symlink()
    assert (aside / "time-is-garbage" / "timestamp.txt").read_text() == "yesterday"
    assert "links: notes.txt is a link; it was set aside" in graded.stdout
    assert "nothing: week1.ipynb was not handed in" in graded.stdout


def test_feedback_holds_the_students_own_code_and_the_checks_and_nothing_else(week1, graded, course):
    week1.nbgrader("generate_feedback", "week1")
    for name in ("prints-the-test", "two-wrong", "loops"):
        page = (week1.folder / "feedback" / name / "week1" / "week1.html").read_text("utf-8")
        text = html.unescape(re.sub(r"<[^>]+>", "", page))
        assert "causal_mask" in text
        assert "Traceback (most recent call last)" not in text
        assert str(course.root) not in text
        assert "def test_" not in text
        assert text.count("LEAK") == (1 if name == "prints-the-test" else 0)  # in the student's own source
    page = (week1.folder / "feedback" / "two-wrong" / "week1" / "week1.html").read_text("utf-8")
    assert "0 of 3 points" in page
    assert "→" in page  # the mistake is named


def test_a_second_run_finds_everything_up_to_date(week1, graded):
    again = week1.tfm("autograde", "week1", "--jobs", "2")
    assert "0 graded, 0 recorded" in again.stdout


def test_plain_nbgrader_gives_the_same_marks(week1, graded, grades):
    week1.nbgrader("autograde", "week1", "--force", "--student", "two-wrong")
    week1.nbgrader("autograde", "week1", "--force", "--student", "no-json")
    assert week1.grades("week1") == grades


def test_interrupted_it_keeps_what_it_has_and_the_same_command_goes_on(classroom, right):
    """Ctrl-C in the middle of a class, as a terminal sends it."""
    import signal
    import subprocess
    import time

    room = classroom("interrupted")
    room.tfm("build", "--name", "week1", "--only", "causal_mask", "--questions", "none")
    room.nbgrader("generate_assignment", "week1")
    for number in range(30):
        work = room.released("week1")
        for cell in work["cells"]:
            if cell["id"] == "causal_mask":
                cell["source"] = f"{right['causal_mask']}\n# {number}"
        room.hand_in(f"student-{number:02}", "week1", work)
    command = [sys.executable, "-P", "-m", "tfm_quiz", "teach", "nbgrader", "autograde", "week1", "--jobs", "2"]
    running = subprocess.Popen(
        command, cwd=room.folder, env=room.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    results = room.folder / "results" / "week1" / "results.jsonl"
    deadline = time.monotonic() + 300
    while not (results.is_file() and results.read_bytes().count(b"\n") >= 3):
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130, said
    kept = [json.loads(line)["submission"] for line in results.read_text("utf-8").splitlines()]
    assert 3 <= len(kept) < 30
    assert (room.folder / "results" / "week1" / "grades.csv").read_text("utf-8").count("\n") == len(kept) + 1
    again = room.tfm("autograde", "week1", "--jobs", "2").stdout
    assert f"{30 - len(kept)} graded" in again
    assert {cells["causal_mask-marks"]["auto_score"] for cells in room.grades("week1").values()} == {3}
    assert len(room.grades("week1")) == 30
