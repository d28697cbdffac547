"""A course by `nbgrader quickstart`, with assignments of ours: students' code runs in the sandbox or not at all."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, and SQLAlchemy's of it
]

BUILD = ("build", "--name", "week1", "--only", "causal_mask", "--questions", "none")
BUTTON = (
    "from nbgrader.apps import NbGraderAPI, AutogradeApp\n"
    "app = AutogradeApp(); app.initialize([])\n"
    "print(NbGraderAPI(app.coursedir, parent=app).autograde('week1', 'student-01'))\n"
)


def first(work, source):
    """Put a cell above all others."""
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "execution_count": None}
    work["cells"].insert(0, cell | {"source": source})


@pytest.fixture(scope="module")
def stock(quickstart):
    """A course folder as nbgrader makes it."""
    return quickstart("stock")


@pytest.fixture(scope="module")
def adopted(quickstart, right):
    """An adopted course folder with an assignment; a student's cells leave a marker wherever they are run."""
    room = quickstart("adopted")
    room.tfm("adopt", ".", "--yes")
    room.tfm(*BUILD)
    room.nbgrader("generate_assignment", "week1")
    room.nbgrader("generate_assignment", "ps1")
    marker = room.folder.parent / "was-here"
    for student, kernel in (("student-01", "tfm-quiz"), ("student-02", "python3")):
        work = room.released("week1")
        first(work, f"open({str(marker)!r}, 'a').write('ran')\ncheck = lambda *names: None")
        work["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        room.hand_in(student, "week1", work)
    room.marker = marker
    return room


@pytest.fixture
def unadopted(adopted):
    """The same, with nbgrader's own configuration put back while a test runs."""
    config = adopted.folder / "nbgrader_config.py"
    kept = config.read_bytes()
    shutil.copy(adopted.folder / "nbgrader_config.py.before-adopt", config)
    yield adopted
    config.write_bytes(kept)


def marks(room):
    return [
        score
        for cells in (room.grades("week1") if (room.folder / "gradebook.db").exists() else {}).values()
        for cell in cells.values()
        for score in (cell.get("auto_score"), cell.get("manual_score"))
        if score is not None
    ]


def test_build_refuses_a_course_that_would_run_students_code_and_writes_nothing(stock):
    done = stock.tfm(*BUILD, check=False)
    assert done.returncode == 3
    assert "runs student code in a kernel" in done.stderr
    assert "tfm-quiz teach nbgrader adopt" in done.stderr
    assert not (stock.folder / "source" / "week1").exists()


def test_adopt_shows_the_change_asks_and_takes_no_for_an_answer(stock):
    before = (stock.folder / "nbgrader_config.py").read_bytes()
    done = stock.tfm("adopt", ".", check=False)  # nobody answers
    assert done.returncode
    assert "+c.Autograde.exporter_class" in done.stdout
    assert (stock.folder / "nbgrader_config.py").read_bytes() == before


def test_adopt_says_what_becomes_of_other_assignments(stock):
    done = stock.tfm("adopt", ".", check=False)
    assert "ps1: problem1, problem2" in done.stdout
    assert "nbgrader cannot autograde them" in done.stdout


def test_our_autograde_refuses_and_names_no_isolation(unadopted):
    done = unadopted.tfm("autograde", "week1", check=False)
    assert done.returncode == 3
    assert "tfm-quiz teach nbgrader adopt" in done.stderr
    assert "isolation" not in done.stdout + done.stderr
    assert not unadopted.marker.exists()
    assert not marks(unadopted)


def test_nbgraders_own_autograde_runs_no_cell_gives_no_mark_and_says_why(unadopted):
    done = unadopted.nbgrader("autograde", "week1", check=False)
    assert done.returncode
    assert "no cell was run and no mark was given" in done.stderr
    assert "tfm-quiz teach nbgrader adopt" in done.stderr
    assert not unadopted.marker.exists()
    assert not marks(unadopted)
    assert not list((unadopted.folder / "autograded").rglob("*.ipynb"))


def test_the_formgraders_button_runs_no_cell_either(unadopted):
    done = unadopted.run(sys.executable, "-P", "-c", BUTTON)
    assert "'success': False" in done.stdout
    assert not unadopted.marker.exists()
    assert not marks(unadopted)


def test_a_gradebook_that_names_the_kernel_of_an_older_version_is_put_right(unadopted, quickstart):
    """As `generate_assignment` left it before notebooks named a kernel of their own; then nbgrader never changes it."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{unadopted.folder / 'gradebook.db'}") as gradebook:
        old = {"name": "python3", "display_name": "Python 3", "language": "python"}
        gradebook.find_notebook("week1", "week1").kernelspec = json.dumps(old)
        gradebook.db.commit()
    unadopted.tfm("adopt", ".", "--yes")
    shutil.copy(unadopted.folder / "nbgrader_config.py.before-adopt", unadopted.folder / "nbgrader_config.py")
    assert unadopted.nbgrader("autograde", "week1", check=False).returncode
    assert not unadopted.marker.exists()


def test_with_a_part_of_our_lines_only_no_mark_is_given(adopted):
    """Without grading, and without a kernel, nbgrader would take an empty output for full marks."""
    config = adopted.folder / "nbgrader_config.py"
    kept = config.read_text()
    config.write_text(f"{kept}\nc.Autograde.autograde_preprocessors.pop(0)\n")
    try:
        done = adopted.nbgrader("autograde", "week1", check=False)
    finally:
        config.write_text(kept)
    assert done.returncode
    assert "would not grade in the sandbox" in done.stderr
    assert not adopted.marker.exists()
    assert not marks(adopted)


def test_another_graders_assignment_is_refused_there_without_a_mark(adopted):
    release = adopted.folder / "release" / "ps1"
    shutil.copytree(release, adopted.folder / "submitted" / "student-01" / "ps1")
    done = adopted.nbgrader("autograde", "ps1", check=False)
    assert done.returncode
    assert "was not made by tfm-quiz" in done.stderr
    grades = adopted.grades("ps1").get("student-01", {})
    assert all(cell.get("auto_score") is None for cell in grades.values())


def test_once_adopted_it_is_graded_in_the_sandbox_and_says_so(adopted):
    done = adopted.tfm("autograde", "week1")
    assert "2 graded, 2 recorded   isolation: " in done.stdout
    assert not adopted.marker.exists()
    assert set(marks(adopted)) == {0.0}


def test_a_build_that_nbgrader_could_not_release_any_more_is_refused_before_it_does_harm(adopted):
    """Somebody has handed in: generate_assignment would remove the release, and then fail."""
    before = (adopted.folder / "source" / "week1" / "week1.ipynb").read_bytes()
    adopted.tfm("autograde", "week1")
    more = adopted.tfm(*BUILD, "--only", "shift_right", check=False)
    assert more.returncode == 2
    assert "week1 has 2 submissions in the gradebook" in more.stderr
    assert "would add `shift_right`, `shift_right-marks`" in more.stderr
    other = adopted.tfm("build", "--name", "week1", "--units", "masks", check=False)
    assert "would add the notebook masks and would take away the notebook week1" in other.stderr
    assert (adopted.folder / "source" / "week1" / "week1.ipynb").read_bytes() == before
    adopted.tfm(*BUILD)
    adopted.nbgrader("generate_assignment", "week1", "--force")
    assert "2 submissions" in adopted.tfm("autograde", "week1").stdout


def test_a_student_can_work_in_the_notebook_and_validate_it(adopted, right):
    work = adopted.released("week1")
    for cell in work["cells"]:
        if cell["id"] == "causal_mask":
            cell["source"] = right["causal_mask"]
    path = adopted.hand_in("student-03", "week1", work)
    done = adopted.nbgrader("validate", str(path))
    assert "Success! Your notebook passes all the tests." in done.stdout
    executed = adopted.run(
        sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout", str(path)
    )
    assert "causal_mask" in executed.stdout
