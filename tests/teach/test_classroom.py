"""One run of a class: what is graded, what is kept, what is refused. The grader processes are stood in for."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck, NotSandboxed, SubmissionProblem
from tfm_quiz.grading.messages import GradeRequest, Ready, Settings, Training
from tfm_quiz.grading.pool import Lost
from tfm_quiz.outcome import ExerciseResult, Level, Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.teach import classroom
from tfm_quiz.teach.classroom import ClassResult, GraderPool, Plan, Watch, grade_submissions
from tfm_quiz.teach.results import Results, open_results, read_reports
from tfm_quiz.teach.review_decisions import Decisions, fingerprint
from tfm_quiz.wall.lockdown import level_here

PROSE = "why-an-axis-goes"


class StandIn:
    """In the place of grader processes: gives every submission a point for each of its modules."""

    level: Level = "full"
    loses: frozenset[str] = frozenset()
    started: list[StandIn]

    def __init__(self, settings: Settings | None, jobs: int) -> None:
        self.settings, self.jobs, self.closed = settings, jobs, False
        self.graded: list[str] = []
        type(self).started.append(self)

    def tell(self, settings: Settings) -> None:
        self.settings = settings

    def start(self, progress: Callable[[int, int], None]) -> Ready:
        progress(1, 2)
        progress(2, 2)
        return Ready(level=self.level)

    def grade(self, orders: list[GradeRequest], training: Callable[[str, Training], None]) -> Iterator[Report | Lost]:
        for order in orders:
            training(order.work.name, Training(lab="Lab", step=1, of=2, losses=(1.0,)))
            self.graded.append(order.work.name)
            if order.work.name in self.loses:
                yield Lost(order.work, "the grader process ended twice while grading it")
                continue
            points = float(len(order.work.modules))
            yield Report(
                submission=order.work.name,
                points=points,
                out_of=2.0,
                isolation=self.level,
                versions={},
                key=order.key,
                seconds=0.1,
                problems=order.work.problems,
                exercises={"double": ExerciseResult(points=points, out_of=2.0, outcome="passed")},
            )

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    """The class of the grader processes; `started` lists those of this test."""
    kind = type("StandIn", (StandIn,), {"started": []})
    monkeypatch.setattr(classroom, "Pool", kind)
    monkeypatch.setattr(classroom, "level_here", lambda at_most: min(kind.level, at_most, key=classroom.LEVELS.index))
    return kind


@pytest.fixture
def plan(asked_course: Course) -> Plan:
    return Plan(course=asked_course, exercises=asked_course.exercises, jobs=8)


def work(name: str, answers: str | None = None, **modules: str) -> Submission:
    return Submission(name=name, modules=modules or {"rows": "x = 1"}, answers=answers)


def source(*works: Submission) -> dict[str, Callable[[], Submission]]:
    return {one.name: partial(msgspec.structs.replace, one) for one in works}


CLASS = (work("student-01"), work("student-02", gains="y"), work("student-03", rows="x", gains="y"))


def run(folder: Path, plan: Plan, *works: Submission, watch: Watch | None = None, **more: Any) -> ClassResult:
    with open_results(folder, 7) as results:
        return grade_submissions(plan, source(*(works or CLASS)), results, watch, **more)


def table(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "grades.csv").open(newline="") as stream:
        return {row["submission"]: row for row in csv.DictReader(stream)}


def test_a_class_is_graded_and_written(tmp_path, plan, pool):
    done = run(tmp_path / "r", plan)
    assert {name: report.points for name, report in done.reports.items()} == {
        "student-01": 1.0,
        "student-02": 1.0,
        "student-03": 2.0,
    }
    assert (done.graded, done.not_graded, done.level) == (("student-01", "student-02", "student-03"), {}, "full")
    assert read_reports(tmp_path / "r") == done.reports
    assert table(tmp_path / "r")["student-03"]["points"] == "2"
    assert sorted(path.name for path in (tmp_path / "r" / "feedback").iterdir()) == [
        "student-01.txt",
        "student-02.txt",
        "student-03.txt",
    ]
    (started,) = pool.started
    assert started.closed
    assert started.jobs == 3  # no more processes than there is work for


def test_a_class_that_is_up_to_date_starts_no_grader(tmp_path, plan, pool):
    first = run(tmp_path / "r", plan)
    pool.started.clear()
    again = run(tmp_path / "r", plan)
    assert pool.started == []
    assert (again.graded, again.reports, again.level) == ((), first.reports, "full")


def test_only_what_changed_is_graded_again_on_as_few_processes(tmp_path, plan, pool):
    run(tmp_path / "r", plan)
    pool.started.clear()
    done = run(tmp_path / "r", plan, *CLASS[:2], work("student-03", rows="z"), work("student-04"))
    assert done.graded == ("student-03", "student-04")
    assert done.reports["student-03"].points == 1.0
    assert pool.started[0].jobs == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: {"time_factor": 2.0},
        lambda plan: {"labs": False},
        lambda plan: {"exercises": plan.exercises[:1]},
        lambda plan: {"at_most": "strong"},
    ],
    ids=["limits", "labs", "exercises", "level"],
)
def test_what_a_mark_depends_on_makes_all_stale(tmp_path, plan, pool, change):
    run(tmp_path / "r", plan)
    if (other := replace(plan, **change(plan))).at_most != plan.at_most:
        pool.level = "strong"
    assert len(run(tmp_path / "r", other).graded) == 3
    assert run(tmp_path / "r", other).graded == ()


def test_another_seed_makes_all_stale_and_how_many_processes_there_are_does_not(tmp_path, plan):
    run(tmp_path / "r", plan)
    assert run(tmp_path / "r", replace(plan, jobs=1, at_least="none")).graded == ()
    with open_results(tmp_path / "r", 8) as results:
        assert len(grade_submissions(plan, source(*CLASS), results).graded) == 3


def test_a_changed_course_makes_all_stale(tmp_path, plan, asked_course):
    run(tmp_path / "r", plan)
    key = asked_course.root / "solutions" / "quiz" / "shapes.toml"
    before = key.read_bytes()
    try:
        key.write_bytes(before + b"\n# looked at again\n")
        assert len(run(tmp_path / "r", plan).graded) == 3
    finally:
        key.write_bytes(before)


def test_a_file_that_changes_while_graders_run_makes_their_marks_stale(tmp_path, plan, monkeypatch):
    digests = iter(["before", "after"])
    monkeypatch.setattr(classroom, "files_digest", lambda course: next(digests))
    run(tmp_path / "r", plan)
    assert len(run(tmp_path / "r", plan).graded) == 3


def test_a_machine_that_isolates_otherwise_now_is_noticed(tmp_path, plan, pool):
    run(tmp_path / "r", plan)
    pool.level = "strong"
    done = run(tmp_path / "r", plan)
    assert len(done.graded) == 3
    assert {report.isolation for report in done.reports.values()} == {done.level} == {"strong"}


def test_a_guess_of_the_level_that_is_wrong_costs_a_start_and_no_mark(tmp_path, plan, pool, monkeypatch):
    run(tmp_path / "r", plan)
    monkeypatch.setattr(classroom, "level_here", lambda at_most: "basic")
    pool.started.clear()
    assert run(tmp_path / "r", plan).graded == ()
    assert len(pool.started) == 1


@pytest.mark.parametrize("known", [False, True], ids=["first run", "up to date"])
def test_less_isolation_than_asked_for_is_refused_before_anything_is_graded(tmp_path, plan, pool, known):
    pool.level = "basic"
    if known:
        run(tmp_path / "r", replace(plan, at_least="none"))
        pool.started.clear()
    with pytest.raises(NotSandboxed, match="level `basic` here; `strong` is asked for"):
        run(tmp_path / "r", plan)
    assert [graders.graded for graders in pool.started] == ([] if known else [[]])
    assert all(graders.closed for graders in pool.started)


def test_who_is_lost_has_no_mark_and_is_tried_again(tmp_path, plan, pool):
    run(tmp_path / "r", plan)
    pool.loses = frozenset({"student-02"})
    done = run(tmp_path / "r", plan, CLASS[0], work("student-02", rows="other"), CLASS[2])
    assert done.not_graded == {"student-02": "the grader process ended twice while grading it."}
    assert list(done.reports) == ["student-01", "student-03"]
    row = table(tmp_path / "r")["student-02"]
    assert {value for key, value in row.items() if key not in ("submission", "id", "problems")} == {""}
    assert row["problems"] == "Not graded: the grader process ended twice while grading it."
    pool.loses = frozenset()
    assert run(tmp_path / "r", plan, CLASS[0], work("student-02", rows="other"), CLASS[2]).graded == ("student-02",)
    assert table(tmp_path / "r")["student-02"]["points"] == "1"


def test_a_run_for_some_leaves_the_others_as_they_were(tmp_path, plan, pool):
    pool.loses = frozenset({"student-02"})
    run(tmp_path / "r", plan)
    pool.loses = frozenset()
    run(tmp_path / "r", plan, CLASS[2])
    rows = table(tmp_path / "r")
    assert {name: row["points"] for name, row in rows.items()} == {
        "student-01": "1",
        "student-02": "",
        "student-03": "2",
    }
    assert rows["student-02"]["problems"].startswith("Not graded: ")


def test_what_cannot_be_read_at_all_is_not_graded_and_nobody_else_suffers(tmp_path, plan):
    def refuse() -> Submission:
        raise SubmissionProblem("Bob and Bob.zip have the same name.")

    with open_results(tmp_path / "r", 7) as results:
        done = grade_submissions(plan, {"Bob": refuse, **source(*CLASS)}, results)
    assert done.not_graded == {"Bob": "Bob and Bob.zip have the same name."}
    assert len(done.graded) == 3
    assert table(tmp_path / "r")["Bob"]["points"] == ""
    assert "Bob" not in read_reports(tmp_path / "r")


def test_who_is_not_graded_any_more_has_no_feedback_of_before(tmp_path, plan):
    def refuse() -> Submission:
        raise SubmissionProblem("Bob and Bob.zip have the same name.")

    bob = Submission(name="Bob", modules=CLASS[0].modules)
    with open_results(tmp_path / "r", 7) as results:
        grade_submissions(plan, source(bob), results)
        text = (tmp_path / "r" / "feedback" / "Bob.txt").read_text("utf-8")
        assert "points" in text
        grade_submissions(plan, {"Bob": refuse}, results)
        text = (tmp_path / "r" / "feedback" / "Bob.txt").read_text("utf-8")
        assert text == "Bob   not graded\n\nThis submission could not be graded: ask your instructor.\n"
        grade_submissions(plan, source(bob), results)
    assert "points" in (tmp_path / "r" / "feedback" / "Bob.txt").read_text("utf-8")


def test_whoever_comes_to_have_nearly_the_name_of_another_leaves_no_file_of_before(tmp_path, plan):
    bob, other = (Submission(name=name, modules=CLASS[0].modules) for name in ("Bob", "bob"))
    with open_results(tmp_path / "r", 7) as results:
        grade_submissions(plan, source(bob), results)
        assert [path.name for path in (tmp_path / "r" / "feedback").iterdir()] == ["Bob.txt"]
        grade_submissions(plan, source(bob, other), results)
    found = sorted(path.name for path in (tmp_path / "r" / "feedback").iterdir())
    assert [name[:5] for name in found] == ["Bob%~", "bob%~"]


def test_two_that_come_by_one_name_in_other_ways_are_not_graded_either(tmp_path, plan, tiny_sources):
    folder = tmp_path / "class"
    (folder / "annb_98765").mkdir(parents=True)
    (folder / "annb_98765" / "rows.py").write_text(tiny_sources["rows"])
    (folder / "annb_98765_4321_rows.py").write_text(tiny_sources["rows"])
    (folder / "student-02").mkdir()
    (folder / "student-02" / "rows.py").write_text(tiny_sources["rows"])
    with open_results(tmp_path / "r", 7) as results:
        done = grade_submissions(plan, classroom.class_source(folder, plan.course), results)
    assert done.graded == ("student-02",)
    assert done.not_graded == {
        "annb_98765": "Two submissions are named annb_98765, so neither was read; keep one of them."
    }


def test_a_class_of_which_nothing_can_be_read_needs_no_grader(tmp_path, plan, pool):
    def refuse() -> Submission:
        raise SubmissionProblem("No.")

    with open_results(tmp_path / "r", 7) as results:
        done = grade_submissions(plan, {"Bob": refuse}, results)
    assert (done.reports, done.level) == ({}, None)
    assert all(graders.closed and not graders.graded for graders in pool.started)


class Interrupted(Watch):
    """Presses Ctrl-C after the first report."""

    def graded(self, report: Report) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_graded_and_the_next_run_does_the_rest(tmp_path, plan, pool):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "r", plan, watch=Interrupted())
    assert list(read_reports(tmp_path / "r")) == list(table(tmp_path / "r")) == ["student-01"]
    assert (tmp_path / "r" / "feedback" / "student-01.txt").is_file()
    assert pool.started[0].closed
    assert run(tmp_path / "r", plan).graded == ("student-02", "student-03")


class FullDisk(Watch):
    """Fills the disk after the first report, for reports and for summaries."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def graded(self, report: Report) -> None:
        self.results._lines.close()
        self.results._lines = Path("/dev/full").open("ab")  # noqa: SIM115 - closed with the results
        (self.results.folder / "feedback").write_text("in the way")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_as_one_even_if_the_summaries_fail_as_well(tmp_path, plan):
    with (
        open_results(tmp_path / "r", 7) as results,
        pytest.raises(CouldNotCheck, match="A result could not be written: No space left on device"),
    ):
        grade_submissions(plan, source(*CLASS), results, FullDisk(results))
    (tmp_path / "r" / "feedback").unlink()
    assert run(tmp_path / "r", plan).graded == ("student-02", "student-03")


def test_summaries_that_cannot_be_written_are_an_error_in_words(tmp_path, plan):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "feedback").write_text("in the way")
    with pytest.raises(CouldNotCheck, match="feedback/ could not be written"):
        run(tmp_path / "r", plan)
    assert len(read_reports(tmp_path / "r")) == 3


class Written(Watch):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []
        self.heard: list[tuple[str, str]] = []

    def step(self, name: str, done: int, of: int) -> None:
        self.steps.append((name, done, of))

    def isolation(self, level: Level) -> None:
        self.heard.append(("isolation", level))

    def up_to_date(self, report: Report) -> None:
        self.heard.append(("up to date", report.submission))

    def graded(self, report: Report) -> None:
        self.heard.append(("graded", report.submission))

    def lab(self, name: str, message: Training) -> None:
        self.heard.append((message.lab, name))


def test_a_watch_hears_of_every_step_in_its_order(tmp_path, plan):
    run(tmp_path / "r", plan, *CLASS[:1])
    watch = Written()
    run(tmp_path / "r", plan, *CLASS[:2], watch=watch)
    assert watch.steps == [
        ("Reading", 1, 2),
        ("Reading", 2, 2),
        ("Warming up the graders", 1, 2),
        ("Warming up the graders", 2, 2),
        ("Grading", 1, 1),
    ]
    assert watch.heard == [
        ("up to date", "student-01"),
        ("isolation", "full"),
        ("Lab", "student-02"),
        ("graded", "student-02"),
    ]


def test_grader_processes_are_started_for_this_plan_and_seed(tmp_path, plan, pool):
    odd = replace(plan, time_factor=1.5, labs=False, exercises=plan.exercises[:2], at_most="strong")
    pool.level = "strong"
    run(tmp_path / "r", odd)
    assert pool.started[0].settings == Settings(
        course=str(plan.course.root),
        exercises=tuple(exercise.id for exercise in plan.exercises[:2]),
        seed=7,
        time_factor=1.5,
        labs=False,
        at_most="strong",
    )


def test_what_was_wrong_with_a_submission_is_told_beside_what_was_wrong_with_its_answers(tmp_path, plan):
    odd = msgspec.structs.replace(work("student-01", ANSWERS), problems=("rows.py is large.",))
    first, second = run(tmp_path / "r", plan, odd).reports["student-01"].problems
    assert first == "rows.py is large."
    assert "which-are-linear" in second


def test_graders_that_are_given_live_on_for_the_next_call(tmp_path, plan, pool):
    graders = GraderPool(plan, 7, pool(None, 2))
    with open_results(tmp_path / "r", 7) as results:
        for one in CLASS:
            assert grade_submissions(plan, source(one), results, graders=graders).graded == (one.name,)
    (started,) = pool.started
    assert not started.closed
    assert started.settings is not None
    assert started.settings.seed == 7
    graders.close()
    assert started.closed


# Questions -------------------------------------------------------------------------------------------------------

ANSWERS = '[answers]\ntwice-a-row = "b"\nhow-many-sums = 4\nwhich-are-linear = "z"\nwhy-an-axis-goes = "One number."\n'


def decide(folder: Path, name: str, text: str, points: float, out_of: float = 4.0) -> None:
    decision = {"submission": name, "question": PROSE, "answer": fingerprint(text), "action": "change"}
    Decisions(folder).add(msgspec.convert({**decision, "points": points, "out_of": out_of}, _decision()))


def _decision() -> Any:
    from tfm_quiz.teach.review_decisions import Decision

    return Decision


def test_questions_are_scored_beside_the_code_and_free_text_waits(tmp_path, plan):
    report = run(tmp_path / "r", plan, work("student-01", ANSWERS)).reports["student-01"]
    assert report.points == 1.0
    score = report.questions
    assert score is not None
    assert (score.points, score.out_of, score.awaiting_review) == (1.0, 5.0, (PROSE,))
    assert score.items["twice-a-row"].message == "That is so for softmax rows, not for sums."
    (problem,) = report.problems
    assert "answers.toml line 4, which-are-linear" in problem
    row = table(tmp_path / "r")["student-01"]
    assert [row[head] for head in ("questions", "questions_out_of")] == ["1", "5"]
    assert [row[head] for head in ("free_text", "free_text_out_of", "free_text_waiting")] == ["0", "4", "1"]


def test_points_of_a_person_reach_grades_and_feedback_and_survive_a_regrade(tmp_path, plan):
    folder = tmp_path / "r"
    run(folder, plan, work("student-01", ANSWERS))
    decide(folder, "student-01", "One number.", 2.5)
    for again in (work("student-01", ANSWERS), work("student-01", ANSWERS, rows="other code")):
        report = run(folder, plan, again).reports["student-01"]
        assert report.questions is not None
        item = report.questions.items[PROSE]
        assert (item.outcome, item.points, report.questions.awaiting_review) == ("reviewed", 2.5, ())
        row = table(folder)["student-01"]
        assert [row[head] for head in ("free_text", "free_text_out_of", "free_text_waiting")] == ["2.5", "4", "0"]
        assert row["questions"] == "1"  # what is exact stays apart
        feedback = (folder / "feedback" / "student-01.txt").read_text("utf-8")
        assert "In your own words: 2.5 of 4 points" in feedback
        assert f"{PROSE}   2.5 of 4" in feedback


@pytest.mark.parametrize(
    ("text", "out_of"), [("One number, I think.", 4.0), ("One number.", 3.0)], ids=["answer", "points of the question"]
)
def test_a_decision_on_what_has_changed_since_does_not_count_and_says_so(tmp_path, plan, text, out_of):
    from tfm_quiz.teach.overview import overview

    folder = tmp_path / "r"
    run(folder, plan, work("student-01", ANSWERS))
    decide(folder, "student-01", "One number.", 2.5, out_of)
    done = run(folder, plan, work("student-01", ANSWERS.replace("One number.", text)))
    score = done.reports["student-01"].questions
    assert score is not None
    assert (score.items[PROSE].outcome, score.items[PROSE].points, score.items[PROSE].outdated) == (
        "awaiting_review",
        0.0,
        True,
    )
    assert table(folder)["student-01"]["free_text_waiting"] == "1"
    assert "1 waiting to be read" in (folder / "feedback" / "student-01.txt").read_text("utf-8")
    (_, why), *_ = [found for found in overview(plan.course, done.reports.values()).to_look_at if PROSE in found[1]]
    assert "changed after a person gave points" in why


def test_a_decision_that_is_taken_back_counts_no_longer(tmp_path, plan):
    folder = tmp_path / "r"
    run(folder, plan, work("student-01", ANSWERS))
    decide(folder, "student-01", "One number.", 2.5)
    run(folder, plan, work("student-01", ANSWERS))
    undo = {"submission": "student-01", "question": PROSE, "answer": fingerprint("One number."), "action": "undo"}
    Decisions(folder).add(msgspec.convert(undo, _decision()))
    score = run(folder, plan, work("student-01", ANSWERS)).reports["student-01"].questions
    assert score is not None
    assert (score.items[PROSE].outcome, score.items[PROSE].points) == ("awaiting_review", 0.0)


def test_the_level_that_is_guessed_without_torch_is_the_one_that_workers_have(workers):
    workers.wait()
    assert level_here() == workers.level
    assert level_here("basic") == "basic"
