"""Seconds per submission of a class, through the command that an instructor types.

    python benchmarks/whole_class.py [--students 50] [--jobs 2] [--core] [--labs]

Right submissions of all exercises are graded by `tfm-quiz teach grade`, first a few and then all, so that the time to
start (torch, the answer keys of the graders) and the time of one more submission can be told apart. Then a few right
ones and a few in which every exercise is wrong are graded one at a time: what somebody waits for who grades a single
submission with a warm grader. Every submission is a text of its own, so none is graded from the cache.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tfm_quiz.author.transplant import with_mistake
from tfm_quiz.course import Course
from tfm_quiz.grading.content import Content
from tfm_quiz.manifest import load_course

ROOT = Path(__file__).parents[1]
FEW = 10


def right(course: Course, *, core: bool) -> dict[str, str]:
    """The reference, module by module; if `core`, stubs where all of a unit's exercises are a bonus."""
    left = {unit.id for unit in course.units if core and all(exercise.bonus for exercise in unit.exercises)}
    paths = {m: course.stub_path(m) if m in left else course.solution_path(m) for m in course.modules}
    return {module: path.read_text("utf-8") for module, path in paths.items()}


def wrong(course: Course, *, core: bool) -> dict[str, str]:
    """The same, every exercise replaced by the first of its known mistakes."""
    modules = right(course, core=core)
    content = Content(course)
    for exercise in course.exercises:
        if core and exercise.bonus:
            continue
        first = next(iter(content.misconceptions(exercise).values()))
        modules[exercise.module] = with_mistake(course, exercise, first, modules[exercise.module])
    content.forget()
    return modules


def hand_in(folder: Path, count: int, modules: dict[str, str]) -> Path:
    """A class of `count` submissions, each a little different from the others."""
    for number in range(count):
        place = folder / f"student-{number:03}"
        place.mkdir(parents=True)
        for module, text in modules.items():
            (place / f"{module}.py").write_text(f"# {place.name}\n{text}", "utf-8")
    return folder


def graded(submissions: Path, out: Path, jobs: int, *, labs: bool) -> tuple[float, list[float]]:
    """Seconds of the whole command, and those of each submission in its grader."""
    command = [sys.executable, "-m", "tfm_quiz", "teach", "grade", str(submissions), "--out", str(out)]
    command += ["--jobs", str(jobs), *([] if labs else ["--no-labs"])]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    lines = (out / "results.jsonl").read_bytes().splitlines()
    return seconds, [msgspec.json.decode(line)["seconds"] for line in lines if b'"seconds"' in line]


def main() -> None:
    """Measure, and print each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--core", action="store_true", help="the exercises that count for the points, no bonus")
    parser.add_argument("--labs", action="store_true", help="train the labs, too")
    options = parser.parse_args()
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory() as place:
        there = Path(place)
        times = {}
        for count in (FEW, options.students):
            submissions = hand_in(there / f"class-{count}", count, right(course, core=options.core))
            times[count], _ = graded(submissions, there / f"out-{count}", options.jobs, labs=options.labs)
        each = (times[options.students] - times[FEW]) / (options.students - FEW)
        start = times[FEW] - FEW * each
        alone = {}
        core = options.core
        for name, modules in (("right", right(course, core=core)), ("wholly wrong", wrong(course, core=core))):
            submissions = hand_in(there / name, 4, modules)
            alone[name] = graded(submissions, there / f"out-{name}", 1, labs=options.labs)[1]
    count = sum(not (options.core and exercise.bonus) for exercise in course.exercises)
    print(f"{count} exercises, labs {'trained' if options.labs else 'left out'}", end="")
    print(f", {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"  {options.students} right submissions, --jobs {options.jobs}: {times[options.students]:.1f} s in all")
    print(f"    {start:.1f} s to start, {each:.2f} s for each submission")
    for name, seconds in alone.items():
        print(f"  a {name} one alone, warm: {statistics.median(seconds):.2f} s")


if __name__ == "__main__":
    main()
