"""Grader processes, from outside."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.grading.messages import GradeRequest, Settings
from tfm_quiz.grading.pool import START, Pool
from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.tuning.scheduling import core_shares

ALONE = """

def test_no_plugin_that_is_installed_has_a_say(check, randn, request):
    installed = [name for _, name in request.config.pluginmanager.list_plugin_distinfo()]
    assert not installed, installed
    check(randn(2))
"""


def of_double(root: Path) -> Settings:
    return Settings(course=str(root), exercises=("double",), seed=7)


@pytest.fixture
def strict(tiny: Course, tmp_path: Path) -> Course:
    """The tiny course with a check that fails where pytest has loaded what other packages brought."""
    shutil.copytree(tiny.root, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "course" / "graders" / "test_double.py").open("a") as grader:
        grader.write(ALONE)
    return load_course(tmp_path / "course")


def test_processes_that_were_started_before_their_settings_grade_as_all_do(strict, tiny_sources):
    with Pool(None, 1) as pool:
        pool.tell(of_double(strict.root))
        pool.start()
        (report,) = pool.grade([GradeRequest(work=Submission(name="student-01", modules=tiny_sources), key="k")])
    assert isinstance(report, Report)
    assert report.exercises["double"].outcome == "passed"
    assert report.exercises["double"].checks[-1].name == "no plugin that is installed has a say"


def test_processes_that_get_no_settings_end_with_their_pool():
    with Pool(None, 2) as pool:
        processes = [grader.process for grader in pool.graders]
        assert all(process.poll() is None for process in processes)
    assert all(process.poll() is not None for process in processes)
    pool.close()  # once more does no harm


def test_a_process_whose_starter_is_gone_ends_without_a_word():
    done = subprocess.run([*START, "--settings-later"], input=b"", capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_settings_that_cannot_be_met_are_told_by_a_process_that_waited_for_them(tmp_path):
    with Pool(None, 1) as pool:
        pool.tell(of_double(tmp_path / "nowhere"))
        with pytest.raises(CouldNotCheck):
            pool.start()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system chooses the cores itself")
def test_each_of_several_graders_keeps_to_cores_of_its_own(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 5})
    assert core_shares(2) == [{0, 2}, {1, 5}]
    assert core_shares(4) == [{0}, {1}, {2}, {5}]
    assert core_shares(1) == core_shares(5) == [set()]  # one may use all, and more than there are cores must share
