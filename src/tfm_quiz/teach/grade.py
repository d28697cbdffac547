"""Grade a class: read submissions, give them to grader processes, keep every report."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from tfm_quiz import __version__
from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import NotSandboxed
from tfm_quiz.files import write_whole
from tfm_quiz.grading.messages import GradeRequest, Ready, Settings
from tfm_quiz.grading.pool import Lost, Pool, Watch
from tfm_quiz.outcome import LEVELS, Level, Report
from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.scoring import graded_questions, score_with
from tfm_quiz.submission.submission import Submission

from .feedback import grades_csv, write_feedback
from .results import Results

ENGINE = Path(__file__).resolve().parents[1]
GRADED_BY = ("*.py", "*.toml", "*.ini")  # what a mark depends on, of the engine and the course


@dataclass(frozen=True)
class Plan:
    """How a class is graded."""

    course: Course
    exercises: Sequence[Exercise]
    jobs: int = 1
    time_factor: float = 1.0
    labs: bool = True
    at_least: Level = "strong"
    at_most: Level = "full"


def settings(plan: Plan, seed: int) -> Settings:
    """What each grader process is told."""
    return Settings(
        course=str(plan.course.root),
        exercises=tuple(exercise.id for exercise in plan.exercises),
        seed=seed,
        time_factor=plan.time_factor,
        labs=plan.labs,
        at_most=plan.at_most,
    )


def check_level(plan: Plan, ready: Ready) -> None:
    """Refuse to run hidden graders on hostile code behind too weak a wall. Raises NotSandboxed."""
    if LEVELS.index(ready.level) < LEVELS.index(plan.at_least):
        raise NotSandboxed(
            f"Student code would run at isolation level `{ready.level}` here; `{plan.at_least}` is asked for.",
            next_step="tfm-quiz doctor says how to get it (WSL2, a container, a sysctl); "
            "--no-sandbox grades all the same, and every report says so.",
        )


def run_key(plan: Plan, seed: int, ready: Ready) -> str:
    """A hash of everything but the submission that a mark depends on."""
    parts = {
        "exercises": [exercise.id for exercise in plan.exercises],
        "graders": _digest_of_files(plan.course.root, ("graders", "solutions", "exercises")),
        "engine": _digest_of_files(ENGINE, ("grading", "wall")),
        "manifest": hashlib.sha256((plan.course.root / "course.toml").read_bytes()).hexdigest(),
        "limits": plan.time_factor,
        "labs": plan.labs,
        "seed": seed,
        "versions": [__version__, version("torch")],
        "level": ready.level,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def orders(works: Iterable[Submission], run: str) -> Iterator[GradeRequest]:
    """Each submission with its key: a hash of the run and of all that is graded of it."""
    for work in works:
        content = msgspec.json.encode([run, work], order="sorted")
        yield GradeRequest(work=work, key=hashlib.sha256(content).hexdigest()[:32])


def grade_class(
    course: Course,
    pool: Pool,
    results: Results,
    todo: Sequence[GradeRequest],
    each: Callable[[Report | Lost], None] = lambda report: None,
    training: Watch = lambda name, message: None,
) -> list[Lost]:
    """Grade and keep every report as it comes. Returns what no grader process survived.

    `training` is told how the labs get on: it may be left out.
    """
    lost: list[Lost] = []
    answers = {order.work.name: order.work.answers for order in todo}
    questions = graded_questions(course.root)
    for report in pool.grade(todo, training):
        if isinstance(report, Lost):
            lost.append(report)
        else:
            results.add(with_questions(report, questions, answers[report.submission]))
        each(report)
    return lost


def with_questions(report: Report, questions: Sequence[Question], answers: str | None) -> Report:
    """The report with the answers to the graded questions scored: apart from the code's points.

    Free text is never scored here: it waits for `tfm-quiz teach review`.
    """
    if not questions:
        return report
    score = score_with(questions, answers)
    return msgspec.structs.replace(
        report, questions=msgspec.to_builtins(score), problems=(*report.problems, *score.problems)
    )


def write_summaries(course: Course, results: Results, names: Iterable[str]) -> None:
    """grades.csv for all, and the feedback of these submissions."""
    write_whole(results.folder / "grades.csv", grades_csv(course, results.reports))
    write_feedback(course, results.folder / "feedback", [results.reports[n] for n in names if n in results.reports])


def _digest_of_files(root: Path, folders: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for pattern in GRADED_BY:
            for path in sorted((root / folder).rglob(pattern)):
                digest.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
