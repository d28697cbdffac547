"""Graders that start before anything else: only where they will be needed, and never left behind."""

import pytest

from tfm_quiz.teach.nbgrader import head_start as module
from tfm_quiz.teach.nbgrader.head_start import head_start


class Pool:
    """In the place of the real one, which imports torch."""

    def __init__(self, settings, jobs):
        assert settings is None
        self.jobs, self.closed = jobs, False

    def close(self):
        self.closed = True


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course folder with three submissions."""
    monkeypatch.setattr(module, "Pool", Pool)
    (tmp_path / "nbgrader_config.py").write_text("")
    for student in ("one", "two", "three"):
        (tmp_path / "submitted" / student / "week1").mkdir(parents=True)
    (tmp_path / "submitted" / "two" / "week2").mkdir()
    return tmp_path


@pytest.mark.parametrize(("name", "jobs", "expected"), [("week1", 2, 2), ("week1", 8, 3), ("week2", 8, 1)])
def test_there_is_a_grader_a_job_and_none_without_work(folder, name, jobs, expected):
    with head_start(folder, name, jobs) as pool:
        assert (pool.jobs, pool.closed) == (expected, False)
    assert pool.closed


def test_they_end_with_the_block_whatever_ends_it(folder):
    with pytest.raises(KeyboardInterrupt), head_start(folder, "week1", 2) as pool:
        raise KeyboardInterrupt
    assert pool.closed


def test_there_are_none_where_there_are_results_already(folder):
    results = folder / "results" / "week1" / "results.jsonl"
    results.parent.mkdir(parents=True)
    results.write_text("")
    with head_start(folder, "week1", 2) as pool:
        assert pool is None


def test_there_are_none_for_nothing(folder, tmp_path):
    (folder / "nbgrader_config.py").unlink()
    for place, name in ((folder, "week1"), (folder, "week3"), (tmp_path / "nowhere", "week1")):
        with head_start(place, name, 2) as pool:
            assert pool is None
