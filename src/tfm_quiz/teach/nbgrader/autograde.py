"""Grade an assignment in parallel, then let nbgrader record it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from tfm_quiz.errors import UsageProblem
from tfm_quiz.outcome import Level
from tfm_quiz.teach.grade import grade_class, run_key, write_summaries
from tfm_quiz.teach.results import open_results

from .desk import Desk, todo
from .parts import make_desk
from .prepare import prepare
from .record import open_course, record, recorded_key, students

Tell = Callable[[str, int, int], None]  # step, done, of


class Autograded(Struct, frozen=True, kw_only=True):
    """What a run did, by student: graded anew, recorded anew, set right before, and what could not be done."""

    students: tuple[str, ...]
    graded: tuple[str, ...]
    recorded: tuple[str, ...]
    told: dict[str, list[str]]
    failed: dict[str, str]
    level: Level
    results: Path


def autograde(
    folder: Path,
    name: str,
    *,
    jobs: int = 1,
    only: Collection[str] = (),
    force: bool = False,
    tell: Tell = lambda step, done, of: None,
    warn: Callable[[str], None] = lambda text: None,
) -> Autograded:
    """Grade and record the submissions of an assignment; those that are up to date are left alone unless `force`.

    Stopped at any time, the same command goes on. Raises UsageProblem for a folder, assignment or student that is not
    there, NotSandboxed below the isolation level that the folder's configuration asks for.
    """
    app = open_course(folder, name)
    found = students(app, name)
    if missing := [student for student in only if student not in found]:
        raise UsageProblem(f"There is no submission of {missing[0]} for {name}.")
    found = {student: path for student, path in found.items() if not only or student in only}
    if not found:
        raise UsageProblem(f"Nothing was handed in for {name}: submitted/STUDENT/{name}/ is where nbgrader looks.")
    with closing(make_desk(app, app.coursedir, name, min(jobs, len(found)))) as desk:
        told = {
            student: prepare(path, desk.assignment.contents, desk.folder / "set-aside" / student)
            for student, path in found.items()
        }
        graded, failed = _grade(desk, found, tell, warn)
        desk.close()  # the grader processes have done their part; the cores are nbgrader's now
        stale = [
            student
            for student in found
            if student not in failed and (force or recorded_key(app, name, student) != desk.known[student].key)
        ]
        done: list[str] = []

        def each(student: str) -> None:
            done.append(student)
            tell("Recording", len(done), len(stale))

        tell("Recording", 0, len(stale))
        failed |= record(app, desk, stale, each)
    return Autograded(
        students=tuple(found),
        graded=tuple(graded),
        recorded=tuple(done),
        told={student: lines for student, lines in told.items() if lines},
        failed=failed,
        level=desk.ready.level,
        results=desk.folder,
    )


def _grade(
    desk: Desk, found: dict[str, Path], tell: Tell, warn: Callable[[str], None]
) -> tuple[list[str], dict[str, str]]:
    """Reports for all, kept as they are made. Returns who was graded, and who could not be, with the reason."""
    works = []
    for student, path in found.items():
        works.append(desk.work(student, path))
        tell("Reading", len(works), len(found))
    with open_results(desk.folder) as results:
        ready = desk.start(results, lambda done, of: tell("Warming up the graders", done, of))
        if ready.level in ("none", "basic"):
            warn(f"student code runs at isolation level `{ready.level}`: do not grade strangers' work like this.")
        desk.run = run_key(desk.plan, results.run.seed, ready)
        orders = todo(desk, works, results)
        count = 0

        def each(report: object) -> None:
            nonlocal count
            count += 1
            tell("Grading", count, len(orders))

        tell("Grading", 0, len(orders))
        try:
            lost = grade_class(desk.started(), results, orders, each)
        finally:  # Ctrl-C too: what there is can be read
            write_summaries(desk.course, results, found)
        desk.known = dict(results.reports)
    failed = {one.work.name: one.why for one in lost}
    return [order.work.name for order in orders if order.work.name not in failed], failed
