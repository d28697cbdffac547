"""nbgrader's gradebook within one transaction: who sees what, when, and what is left afterwards."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    from tfm_quiz.teach.nbgrader.gradebook import create

    return create(tmp_path_factory.mktemp("books"))


@pytest.fixture
def path(empty, tmp_path):
    return shutil.copy(empty, tmp_path / "gradebook.db")


@pytest.fixture
def books():
    from tfm_quiz.teach.nbgrader.books import Books

    with closing(Books()) as books:
        yield books


def add(path, *names):
    """As nbgrader does: a gradebook of its own for each."""
    from nbgrader.api import Gradebook

    for name in names:
        with Gradebook(f"sqlite:///{path}") as book:
            book.add_student(name)


def seen(path):
    """What another process sees."""
    with sqlite3.connect(path) as database:
        return [name for (name,) in database.execute("SELECT id FROM student ORDER BY id")]


def test_what_many_gradebooks_enter_is_there_for_others_after_one_commit(books, path):
    from nbgrader.api import Gradebook

    with books.joined():
        add(path, "ada", "bob")
        with Gradebook(f"sqlite:///{path}") as book:
            assert {student.id for student in book.students} == {"ada", "bob"}
        assert seen(path) == []
        books.commit()
        assert seen(path) == ["ada", "bob"]


def test_a_rollback_forgets_what_came_after_the_last_commit_and_locks_nothing(books, path):
    with books.joined():
        add(path, "ada")
        books.commit()
        add(path, "bob")
        books.rollback()
        with sqlite3.connect(path, timeout=0) as database:
            database.execute("INSERT INTO student (id) VALUES ('eve')")
        add(path, "cleo")
        books.commit()
    assert seen(path) == ["ada", "cleo", "eve"]


def test_a_block_that_ends_early_keeps_what_was_committed(books, path):
    from nbgrader.api import Gradebook

    def interrupted():
        with books.joined():
            add(path, "ada")
            books.commit()
            add(path, "bob")
            raise KeyboardInterrupt

    before = Gradebook.__init__
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert Gradebook.__init__ is before
    add(path, "cleo")
    assert seen(path) == ["ada", "cleo"]


def test_between_two_blocks_gradebooks_are_nbgraders_own(books, path):
    with books.joined():
        add(path, "ada")
        books.commit()
        add(path, "bob")
    add(path, "cleo")
    assert seen(path) == ["ada", "cleo"]
    with books.joined():
        add(path, "dan")
        books.commit()
    assert seen(path) == ["ada", "cleo", "dan"]


def test_a_gradebook_within_a_gradebook_is_a_session_of_its_own(books, path):
    """As in a policy for late submissions that looks something up."""
    from nbgrader.api import Gradebook

    with books.joined():
        with Gradebook(f"sqlite:///{path}", "another course") as outer:
            student = outer.add_student("ada")
            with Gradebook(f"sqlite:///{path}") as inner:
                assert inner.find_student("ada") is not student
            student.first_name = "Ada"
            outer.db.commit()
        books.commit()
    with Gradebook(f"sqlite:///{path}") as book:
        assert book.find_student("ada").first_name == "Ada"
        assert book.db.execute(_courses()).scalars().all() == ["another course", "default_course"]


def _courses():
    from sqlalchemy import text

    return text("SELECT id FROM course ORDER BY id")


def test_an_error_of_the_database_costs_what_was_not_committed_and_no_more(books, path):
    from nbgrader.api import InvalidEntry

    with books.joined():
        add(path, "ada")
        books.commit()
        add(path, "bob")
        with pytest.raises(InvalidEntry):
            add(path, "ada")
        add(path, "cleo")
        books.commit()
    assert seen(path) == ["ada", "cleo"]


def test_a_gradebook_that_another_version_makes_otherwise_is_left_as_it_is(books, path, monkeypatch):
    from nbgrader.api import Gradebook

    monkeypatch.setattr(Gradebook, "__init__", lambda book, url: setattr(book, "db", url))
    with books.joined():
        assert Gradebook("somewhere").db == "somewhere"
        books.commit()
