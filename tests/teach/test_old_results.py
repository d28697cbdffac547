"""Results of version 0.1.0: they load, lose the secret seed, keep what a person decided, and are graded again.

results-0.1.0/ was written by that version: a class of three, one regraded, two answers of free text reviewed.
"""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import msgspec
import pytest

from tfm_quiz.quiz.prose import load_rubrics
from tfm_quiz.teach.items import class_scores
from tfm_quiz.teach.results import open_results, read_reports, stored_run
from tfm_quiz.teach.review import queue

OLD = Path(__file__).parent / "results-0.1.0"
PROSE = "why-an-axis-goes"
SEED = msgspec.json.decode((OLD / "run.json").read_bytes())["seed"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder as it lay on the disk: open to all, but for run.json."""
    folder = tmp_path / "results"
    shutil.copytree(OLD, folder)
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o600 if path.name == "run.json" else 0o644)
    return folder


def test_reports_load_with_what_a_person_decided(old):
    reports = read_reports(old)
    assert {name: report.points for name, report in reports.items()} == {
        "student-01": 9.0,
        "student-02": 7.0,
        "student-03": 9.0,
    }
    assert reports["student-02"].exercises["double"].misconception == "halves"
    items = {name: report.questions.items[PROSE] for name, report in reports.items() if report.questions}
    assert {name: (item.outcome, item.points) for name, item in items.items()} == {
        "student-01": ("reviewed", 4.0),
        "student-02": ("reviewed", 1.0),
        "student-03": ("awaiting_review", 0.0),
    }


def test_review_and_item_statistics_go_on_from_there(old, asked_course):
    assert [score.points for score in class_scores(old)] == [5.0, 0.0, 2.0]
    waiting = queue(old, load_rubrics(asked_course.root), everything=True)
    assert [one.submission for one in waiting] == ["student-03"]


def test_the_seed_stays_the_run_s_and_leaves_every_other_file(old):
    assert str(SEED) in (old / "results.jsonl").read_text("utf-8")
    before = {name: report.points for name, report in read_reports(old).items()}
    with open_results(old) as results:
        assert results.run.seed == SEED
        assert {name: report.points for name, report in results.reports.items()} == before
    run = stored_run(old)
    assert run is not None
    assert run.seed == SEED
    for path in old.iterdir():
        assert (str(SEED) in path.read_text("utf-8")) is (path.name == "run.json"), path.name
    assert len((old / "results.previous.jsonl").read_bytes().splitlines()) == 1
    assert stat.S_IMODE(old.stat().st_mode) == 0o700
    for name in ("run.json", "results.jsonl", "results.previous.jsonl"):
        assert stat.S_IMODE((old / name).stat().st_mode) == 0o600, name


def test_a_last_line_that_a_kill_left_half_written_is_passed_over_in_both_files(old):
    for name in ("results.jsonl", "results.previous.jsonl"):
        with (old / name).open("ab") as stream:
            stream.write(b'{"format":1,"submission":"student-0')
    with open_results(old) as results:
        assert len(results.reports) == 3
