"""What is read of a student's folder: only regular files, only what we look at, whatever anybody put into it."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm_quiz.submission.notebook import find_cell, read_cells
from tfm_quiz.teach.nbgrader.assignment import read_assignment
from tfm_quiz.teach.nbgrader.build import notebooks
from tfm_quiz.teach.nbgrader.reading import read_regular
from tfm_quiz.teach.nbgrader.work import read_work, replies

pytestmark = pytest.mark.extra


def cells(*given):
    return json.dumps({"cells": list(given), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def code(source, cell_id=None, grade_id=None):
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    if cell_id:
        cell["id"] = cell_id
    if grade_id:
        cell["metadata"] = {"nbgrader": {"grade_id": grade_id}}
    return cell


@pytest.fixture(scope="module")
def mixed(course, tmp_path_factory):
    """A released notebook of two exercises from two units, with one question."""
    folder = tmp_path_factory.mktemp("release")
    only = [course.exercise("split_heads"), course.exercise("causal_mask")]
    for name, text in notebooks(course, "week1", only=only, topics=["which-one-is-shifted"]).items():
        (folder / f"{name}.ipynb").write_text(text)
    return read_assignment(folder, "week1")


@pytest.fixture
def handed_in(tmp_path, right):
    """A folder with a right notebook of both exercises."""
    work = cells(
        code("import torch", "setup"),
        code(right["split_heads"], "split_heads"),
        code(right["causal_mask"], "causal_mask"),
        {"cell_type": "markdown", "source": "**d**", "id": "a-which-one-is-shifted", "metadata": {}},
    )
    (tmp_path / "week1.ipynb").write_bytes(work)
    return tmp_path


def test_a_cell_is_found_by_its_id_then_by_its_grade_id_and_the_last_one_counts():
    found = read_cells(cells(code("1", "a"), code("2", "b", "x"), code("3", "c", "x"), code("4", "x")))
    assert find_cell(found, "x").source == "4"
    assert find_cell(found[:3], "x").source == "3"
    assert find_cell(found, "y") is None


def test_a_mixed_notebook_stands_for_each_of_its_units(course, mixed, handed_in):
    work = read_work(course, mixed, "student-01", handed_in)
    assert set(work.modules) == {"attention", "masks"}
    assert "def split_heads" in work.modules["attention"]
    assert work.replies == {"which-one-is-shifted": "d"}
    assert not work.problems


def test_replies_are_the_words_of_the_student_without_nbgraders_own(mixed):
    found = read_cells(
        cells(
            {"cell_type": "markdown", "id": "a-one", "source": "YOUR ANSWER HERE\n\n`b`"},
            {"cell_type": "markdown", "id": "a-two", "source": "YOUR ANSWER HERE"},
            {"cell_type": "code", "id": "a-three", "source": ["*[2,", " 3]*"]},
        )
    )
    assert replies(found, ("one", "two", "three", "four")) == {"one": "b", "three": "[2, 3]"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{not json",
        b"[]",
        b'{"cells": 7}',
        b'{"worksheets": []}',
        b'{"cells": ' + b"[" * 100_000,
        b"\xff\xfe",
        json.dumps({"cells": [{}] * 1001}).encode(),
    ],
)
def test_what_is_no_notebook_is_said_and_nothing_is_raised(course, mixed, tmp_path, data):
    (tmp_path / "week1.ipynb").write_bytes(data)
    work = read_work(course, mixed, "student-01", tmp_path)
    assert any(problem.startswith("week1.ipynb ") for problem in work.problems)
    assert not "".join(work.modules.values()).strip()


def test_links_pipes_and_giants_are_not_read(tmp_path):
    (tmp_path / "real").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to("real")
    os.mkfifo(tmp_path / "pipe")
    assert read_regular(tmp_path / "real", 100) == b"x" * 100
    for name, said in (("link", "is a link"), ("pipe", "is not a regular file"), ("none", "is missing")):
        with pytest.raises(ValueError, match=said):
            read_regular(tmp_path / name)
    with pytest.raises(ValueError, match="is larger than"):
        read_regular(tmp_path / "real", 99)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": st.text(max_size=30) | st.lists(st.text(max_size=10), max_size=3) | JSON,
        "id": st.sampled_from(["a-one", "split_heads"]) | JSON,
        "metadata": st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": JSON}) | JSON}) | JSON,
    },
)


@given(st.lists(CELL | JSON, max_size=6))
def test_no_json_makes_reading_fail_otherwise_than_with_a_sentence(document):
    try:
        found = read_cells(json.dumps({"cells": document}).encode())
    except ValueError:
        return  # with a sentence; anything else is a failure
    for cell in found:
        assert isinstance(cell.source, str)
        assert isinstance(cell.id, str)
        assert isinstance(cell.grade_id, str)
        cell.source.encode("utf-8")
    replies(found, ("one",))


def prepare_or_skip():
    pytest.importorskip("dateutil", reason="nbgrader's way of reading times is not installed (the extra)")
    from tfm_quiz.teach.nbgrader.prepare import prepare

    return prepare


def test_what_nbgrader_would_follow_or_trip_over_is_set_aside_and_nothing_is_lost(tmp_path):
    prepare = prepare_or_skip()
    submitted, aside, secret = tmp_path / "work", tmp_path / "aside", tmp_path / "gradebook.db"
    (submitted / "more").mkdir(parents=True)
    secret.write_text("secret")
    (submitted / "week1.ipynb").write_bytes(cells())
    (submitted / "notes.txt").write_text("mine")
    (submitted / "link.txt").symlink_to(secret)
    (submitted / "more" / "all").symlink_to(tmp_path)
    os.mkfifo(submitted / "pipe")
    (submitted / "timestamp.txt").write_text("the day before yesterday")
    told = prepare(submitted, ["week1", "week2"], aside)
    assert sorted(path.name for path in submitted.rglob("*")) == ["more", "notes.txt", "week1.ipynb", "week2.ipynb"]
    assert (aside / "timestamp.txt").read_text() == "the day before yesterday"
    assert (aside / "link.txt").is_symlink()
    assert secret.read_text() == "secret"
    assert any("link.txt is a link; it was set aside" in line for line in told)
    assert any("week2.ipynb was not handed in; an empty one was added" in line for line in told)
    assert prepare(submitted, ["week1", "week2"], aside) == []


def test_a_real_time_stamp_stays(tmp_path):
    prepare = prepare_or_skip()
    for number, text in enumerate(("2026-01-01 12:00:00 UTC", "2026-01-01 12:00:00.123456 +0100", "")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "timestamp.txt").write_text(text)
        prepare(folder, [], tmp_path / "aside")
        assert (folder / "timestamp.txt").read_text() == text


def test_a_folder_that_is_too_deep_costs_its_author_alone(tmp_path):
    """As many nested folders as end a recursion."""
    prepare = prepare_or_skip()
    submitted, aside = tmp_path / "work", tmp_path / "aside"
    submitted.mkdir()
    (submitted / "week1.ipynb").write_bytes(cells())
    for depth in range(1100):
        (submitted / "d/".join([""] * (depth + 1)) / "d").mkdir()
    told = prepare(submitted, ["week1"], aside)
    assert told == [f"{'/'.join(['d'] * 9)} is more than 8 folders deep; it was set aside"]
    assert (submitted / "week1.ipynb").read_bytes() == cells()
    assert len(list(submitted.rglob("*"))) == 9
    assert prepare(submitted, ["week1"], aside) == []
    subprocess.run(["rm", "-rf", str(aside)], check=True)  # pytest's own clean-up would recurse


def test_too_many_files_are_set_aside_but_never_the_work(tmp_path):
    prepare = prepare_or_skip()
    submitted, aside = tmp_path / "work", tmp_path / "aside"
    (submitted / "data").mkdir(parents=True)
    names = ["week1.ipynb", "attention.py", "answers.toml", "timestamp.txt"]
    for name in names:
        (submitted / name).write_bytes(cells() if name == "week1.ipynb" else b"")
    for number in range(600):
        (submitted / f"a{number}.png").touch()
        (submitted / "data" / f"{number}.csv").touch()
    told = prepare(submitted, ["week1"], aside)
    assert len(told) == 21
    assert "85 more files and folders were set aside" in told[-1]
    assert all((submitted / name).is_file() for name in names)
    assert sum(1 for _ in submitted.rglob("*")) == 500
    assert sum(1 for path in [*submitted.rglob("*"), *aside.rglob("*")] if path.is_file()) == 1204
    assert prepare(submitted, ["week1"], aside) == []


def test_a_second_thing_of_the_same_name_does_not_replace_the_first_that_was_set_aside(tmp_path):
    prepare = prepare_or_skip()
    submitted, aside = tmp_path / "work", tmp_path / "aside"
    submitted.mkdir()
    for target in ("first", "second"):
        (submitted / "link").symlink_to(target)
        prepare(submitted, [], aside)
    assert {str(path.readlink()) for path in aside.iterdir()} == {"first", "second"}


def test_a_problem_is_told_in_its_own_notebook_and_a_reply_by_its_question():
    from tfm_quiz.teach.nbgrader.assignment import Assignment, Contents
    from tfm_quiz.teach.nbgrader.words import notes_on, told_to_staff

    contents = {"one": Contents(questions=("which-one",)), "two": Contents()}
    assignment = Assignment(name="week1", contents=contents, notebooks={})
    of_one, of_two = "one.ipynb is not a notebook.", "two.ipynb is too large."
    reply, own = "answers.toml line 13, which-one: write a letter.", "answers.toml line 2, other: write a number."
    problems = [of_one, of_two, reply, own]
    assert notes_on(problems, "one", assignment) == [of_one, own]
    assert notes_on(problems, "two", assignment) == [of_two, own]
    assert told_to_staff(problems, assignment) == [of_one, of_two, "question which-one: write a letter.", own]
