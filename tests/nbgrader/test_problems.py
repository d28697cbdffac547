"""What could not be read is told where its author and the instructor look for it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),
]

CLOSED = "which-one-is-shifted"


@pytest.fixture(scope="module")
def room(classroom):
    """A reply that is none of the letters, and a notebook that is no notebook."""
    room = classroom("problems")
    room.tfm("build", "--name", "week1", "--only", "causal_mask", "--questions", CLOSED)
    room.nbgrader("generate_assignment", "week1")
    work = room.released("week1")
    for cell in work["cells"]:
        if cell["id"] == f"a-{CLOSED}":
            cell["source"] = "it <b>depends</b>"
    room.hand_in("student-01", "week1", work)
    room.hand_in("student-02", "week1", b"{not json")
    room.screen = room.tfm("autograde", "week1").stdout
    return room


def test_the_instructor_reads_whose_work_it_is_and_which_question(room):
    assert "student-02: week1.ipynb is not a notebook" in room.screen
    assert f"student-01: question {CLOSED}: " in room.screen
    assert "answers.toml" not in room.screen


def test_the_student_reads_it_at_the_question_as_text_and_nowhere_else(room):
    from nbconvert.filters import markdown2html

    said = room.grades("week1")["student-01"][f"a-{CLOSED}"]["said"]
    assert "Not understood: " in said
    assert "<b>" not in markdown2html(said)
    graded = (room.folder / "autograded" / "student-01" / "week1" / "week1.ipynb").read_text("utf-8")
    assert "answers.toml" not in graded
