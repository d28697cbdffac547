"""Seconds per submission: ours, a fresh pytest process per submission, and one warm in-process pytest.

    python benchmarks/grading.py [--submissions 50] [--module masks --module attention --module positions]

All three judge the same submissions (right and wrong ones in turn) with the same graders and the same drawn values:

    ours     one resident session and one zygote; every exercise of every submission in a fresh, locked-down worker
    fresh    a new `python` for each submission, as most graders do: imports torch and pytest every time
    warm     the resident session, with the student's code imported into the grader's own process: no wall at all

fresh says what is saved, warm says what the wall costs. `fresh` is measured on a few submissions only; medians.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from tfm_quiz.course import Course, Exercise
from tfm_quiz.grading.current import CurrentTest
from tfm_quiz.grading.exercise import Graders, attempt_of
from tfm_quiz.grading.grade import grade
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.local import LocalSide
from tfm_quiz.manifest import load_course
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.host.workers import Workers

ROOT = Path(__file__).parents[1]
SEED = 1


def submissions(course: Course, count: int) -> list[Submission]:
    """Right ones and ones with a wrong function in turn."""
    right = {module: course.solution_path(module).read_text("utf-8") for module in course.modules}
    wrong = right | {"masks": right["masks"] + "\n\ndef shift_right(tokens, bos_id):\n    return tokens.roll(1)\n"}
    return [Submission(name=f"student-{n:02}", modules=wrong if n % 2 else right) for n in range(count)]


def imported(work: Submission, exercise: Exercise) -> Any:
    """The student's function or class, its module run afresh in this process."""
    package = types.ModuleType("warm_submission")
    package.__path__ = []
    sys.modules["warm_submission"] = package
    for name, text in work.modules.items():  # in the order of the course: a module imports those before it
        module = types.ModuleType(f"warm_submission.{name}")
        module.__package__ = "warm_submission"
        sys.modules[module.__name__] = module
        exec(compile(text, name, "exec"), module.__dict__)
    return getattr(sys.modules[f"warm_submission.{exercise.module}"], exercise.name)


def warm(graders: Graders, exercises: list[Exercise], work: Submission) -> None:
    """One submission without a wall."""
    for exercise in exercises:
        target = imported(work, exercise)
        key = graders.keys[exercise.id]
        for test in graders.plugin.tests[exercise.id]:
            side = LocalSide(target, key.staged)
            attempt = attempt_of(graders, exercise, test, side)
            current = CurrentTest(exercise, side, attempt, graders.content.solutions, key.generator)
            graders.plugin.run(test, current)


def fresh(course: Course, exercises: list[Exercise], work: Submission) -> float:
    """Seconds of a new pytest process for one submission."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in work.modules.items():
            (Path(folder) / f"{name}.py").write_text(text, "utf-8")
        files = [str(course.grader_path(exercise.id)) for exercise in exercises]
        started = time.perf_counter()
        command = [sys.executable, "-m", "pytest", "-q", *files, "--submission", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(done.stdout.decode() + done.stderr.decode())
        return time.perf_counter() - started


def main() -> None:
    """Measure, and print the three medians with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=50)
    parser.add_argument("--fresh", type=int, default=4, help="how many fresh processes to time")
    parser.add_argument("--module", action="append", help="grade the exercises of these modules only")
    options = parser.parse_args()
    course = load_course(ROOT)
    modules = options.module or ["positions", "attention", "masks"]
    exercises = [exercise for exercise in course.exercises if exercise.module in modules]
    works = submissions(course, options.submissions)
    ours: list[float] = []
    without: list[float] = []
    with Workers() as workers:

        def measure(graders: Graders) -> None:
            for work in works:  # in turn, so that the machine's noise falls on both
                started = time.perf_counter()
                grade(graders, exercises, work, key="")
                ours.append(time.perf_counter() - started)
                started = time.perf_counter()
                warm(graders, exercises, work)
                without.append(time.perf_counter() - started)

        with_graders(course, exercises, workers, measure, seed=SEED)
        level = workers.level
    naive = [fresh(course, exercises, work) for work in works[: options.fresh]]
    mine, bare, other = map(statistics.median, (ours, without, naive))
    print(f"{len(exercises)} exercises, {len(works)} submissions, isolation {level}; medians of seconds per submission")
    print(f"  ours                          {mine:8.3f}")
    print(f"  warm pytest without a wall    {bare:8.3f}   ours takes {mine / bare:.2f} times as long")
    print(f"  a fresh pytest process each   {other:8.3f}   ours is {other / mine:.0f} times faster")


if __name__ == "__main__":
    main()
