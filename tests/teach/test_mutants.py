"""Broken references: which changes are made, and what becomes of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tfm_quiz.author.mutants import equivalents, hunt
from tfm_quiz.author.mutate import mutants
from tfm_quiz.author.prove import Proof
from tfm_quiz.author.validity import page, validity_path
from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError
from tfm_quiz.manifest import load_course
from tfm_quiz.wall.host.workers import Workers

TINY = Path(__file__).parents[1] / "courses" / "tiny"

SOLUTION = '''
def clip(x, low, high=9):
    """Not to be touched: 7."""
    ### BEGIN SOLUTION
    if x < low:
        raise ValueError(f"{x + 1}")
    x = x.clamp(max=high)
    return x[:, 1:-1].mean(dim=-1) * 2.5
    ### END SOLUTION


def other(x):
    ### BEGIN SOLUTION
    return x + 1
    ### END SOLUTION
'''


@pytest.fixture
def changes() -> set[tuple[str, str]]:
    return {(mutant.line, mutant.becomes) for mutant in mutants(SOLUTION, "clip")}


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("if x < low:", "if x <= low:"),  # a bound
        ("if x < low:", "if x >= low:"),  # a comparison
        ("if x < low:", "if False:"),
        ("if x < low:", "if high < low:"),  # another name
        ("raise ValueError(f'{x + 1}')", "pass"),
        ("x = x.clamp(max=high)", "x = x"),  # a call taken away
        ("x = x.clamp(max=high)", "x = x.clamp()"),
        ("return x[:, 1:-1].mean(dim=-1) * 2.5", "return x[:, 1:-1].mean(dim=-1) / 2.5"),
        ("return x[:, 1:-1].mean(dim=-1) * 2.5", "return x[:, 1:-1].mean(dim=-2) * 2.5"),  # an axis
        ("return x[:, 1:-1].mean(dim=-1) * 2.5", "return x[:, 1:-1].sum(dim=-1) * 2.5"),
        ("return x[:, 1:-1].mean(dim=-1) * 2.5", "return x[:, :-1].mean(dim=-1) * 2.5"),  # a slice
        ("return x[:, 1:-1].mean(dim=-1) * 2.5", "return x[:, 1:-1].mean(dim=-1) * 5.0"),  # a constant
    ],
)
def test_one_thing_is_changed_at_a_time(changes, line, becomes):
    assert (line, becomes) in changes


def test_only_what_students_write_is_changed_and_no_mutant_comes_twice(changes):
    sources = [mutant.source for mutant in mutants(SOLUTION, "clip")]
    assert len(sources) == len(set(sources))
    assert all("high=9" in source and "not to be touched: 7" in source.lower() for source in sources)
    assert not [line for line, becomes in changes if "x - 1" in becomes], "the words of an error are not graded"
    assert all("def clip" in source and "def other" not in source for source in sources)


@pytest.fixture
def copy(tmp_path: Path) -> Course:
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return load_course(tmp_path / "course")


def rewrite(course: Course, body: str, test: str) -> None:
    """`double` with this body, judged by this check alone."""
    path = course.solution_path("rows")
    text = path.read_text("utf-8")
    start = text.index("### BEGIN SOLUTION\n") + len("### BEGIN SOLUTION\n")
    path.write_text(text[:start] + body + text[text.index("    ### END SOLUTION") :], "utf-8")
    head = 'import pytest\n\npytestmark = pytest.mark.exercise("double")\n\n\n@pytest.mark.points(2)\n'
    course.grader_path("double").write_text(head + test, "utf-8")


def listed(course: Course, becomes: str, line: str = "return 2 * x") -> None:
    entry = f'[[equivalent]]\nexercise = "double"\nline = "{line}"\nbecomes = ["{becomes}"]\nreason = "a test"\n'
    (course.root / "graders" / "equivalent.toml").write_text(entry, "utf-8")


def test_a_gap_in_the_probes_shows_as_a_survivor_until_it_is_closed_or_listed(copy, workers):
    weak = "def test_zero(check):\n    import torch\n\n    check(torch.zeros(2))\n"
    rewrite(copy, "    return 2 * x\n", weak)
    (found,) = hunt(copy, [copy.exercise("double")], workers, seed=1)
    assert {mutant.becomes for mutant in found.survivors} == {"return 3 * x", "return 1 * x"}  # 2 / 0 is caught
    listed(copy, "return 3 * x")
    (found,) = hunt(copy, [copy.exercise("double")], workers, seed=1)
    assert [mutant.becomes for mutant in found.survivors] == ["return 1 * x"]
    assert [mutant.becomes for mutant in found.equivalent] == ["return 3 * x"]
    rewrite(copy, "    return 2 * x\n", weak.replace("torch.zeros", "3 + torch.zeros"))
    (found,) = hunt(copy, [copy.exercise("double")], workers, seed=1)
    assert (found.survivors, found.stale) == ([], [("return 2 * x", "return 3 * x")])


def test_a_check_without_probes_catches_too_and_compares_with_the_reference_itself(copy, workers):
    test = (
        "def test_it(student, reference, randn):\n    x = randn(3)\n"
        "    assert (student.double(x) == reference.double(x)).all()\n"
    )
    rewrite(copy, "    return 2 * x\n", test)
    (found,) = hunt(copy, [copy.exercise("double")], workers, seed=1)
    assert found.survivors == []
    assert len(found.killed) == 3


def test_a_mutant_that_never_ends_is_caught(copy, workers, monkeypatch):
    monkeypatch.setattr("tfm_quiz.author.mutants.SECONDS", 0.3)
    body = "    n = 0\n    while n < 2:\n        n += 1\n    return n * x\n"
    rewrite(copy, body, "def test_it(check, randn):\n    check(randn(3))\n")
    (found,) = hunt(copy, [copy.exercise("double")], workers, seed=1)
    assert ("n += 1", "pass") in [mutant[1:] for mutant in found.killed]


def test_a_list_that_is_wrong_is_told_with_its_line(copy):
    listed(copy, "return 3 * x")
    path = copy.root / "graders" / "equivalent.toml"
    path.write_text(path.read_text("utf-8").replace('"double"', '"dubble"').replace("reason", "because"), "utf-8")
    with pytest.raises(CourseError) as caught:
        equivalents(copy)
    assert "equivalent.toml" in str(caught.value)
    assert "`reason` is missing" in str(caught.value)


def test_the_page_adds_up_what_was_found(copy, workers):
    rewrite(copy, "    return 2 * x\n", "def test_it(check, randn):\n    check(randn(3))\n")
    found = list(hunt(copy, [copy.exercise("double")], workers, seed=1))
    proof = Proof(
        copy.exercise("double"), variants=3, caught=3, named=2, second=4, second_named=4, styles=5, accepted=5
    )
    text = page(copy, [proof, proof], [*found, *found], 1)
    assert "| `double` | 3 of 3 | 2 of 3 | 4 of 4 | 0 of 0 | 5 of 5 | 3 of 3 | 0 | 0 |" in text
    assert "| **all** | 6 of 6 | 4 of 6 | 8 of 8 | 0 of 0 | 10 of 10 | 6 of 6 | 0 | 0 |" in text
    assert "Beside" not in text
    (copy.root / "graders" / "peers.md").write_text("## Beside\n\n| this course | {caught} | {named} | {rejected} |\n")
    beside = page(copy, [proof, proof], [*found, *found], 1)
    assert beside.endswith("| this course | 6 of 6 | 4 of 6 | 0 of 10 |\n")


def test_the_committed_page_has_a_row_for_every_exercise_and_none_survives_or_is_misnamed(course: Course):
    rows = [line for line in validity_path(course).read_text("utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [e.id for e in course.exercises], "run `tfm-quiz teach validity`"
    assert all(row.endswith("| 0 |") and "| 0 of " in row for row in rows)


@pytest.mark.slow
def test_every_survivor_of_the_course_is_listed_with_a_reason(course: Course, workers: Workers):
    found = list(hunt(course, course.exercises, workers, seed=1))
    survivors = {f"{one.exercise.id}: {m.line} -> {m.becomes}" for one in found for m in one.survivors}
    assert survivors == set(), "add a probe, or a reason to graders/equivalent.toml"
    assert [pair for one in found for pair in one.stale] == []
    assert all(entry.reason.strip() for entry in equivalents(course))
