"""Seconds that the worst submissions take, and whether the honest ones among them lose anything by it.

    python benchmarks/worst_class.py [--students 20] [--jobs 2] [--no-labs]

Each kind is the reference with something done before each of its functions or classes: a loop, a death after a long
sleep, a flood of output, a sleep just below the limit of a call. One more kind is honest and slow: it sleeps 0.2 s in
`split_heads` only. The class is graded by `tfm-quiz teach grade`, and so are its right submissions alone: their
results must be the same.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tfm_quiz.course import Course
from tfm_quiz.grading.budget import CHECK_SECONDS, LAB_SECONDS
from tfm_quiz.manifest import load_course

ROOT = Path(__file__).parents[1]
RIGHT, SLOW = "right", "slow"
WORST = {  # what is done before each call
    "loops": "while True:\n        pass",
    "dies": "time.sleep(4)\n    os._exit(1)",
    "floods": "while True:\n        print('x' * 10_000)",
    "sleeps": "time.sleep(4)",
}
KINDS = (RIGHT, SLOW, *WORST)


def submission(course: Course, kind: str) -> dict[str, str]:
    """Return the modules of one submission of this kind."""
    modules = {module: course.solution_path(module).read_text("utf-8") for module in course.modules}
    for exercise in course.exercises:
        if kind in WORST:
            modules[exercise.module] += _before(exercise.name, WORST[kind])
        elif kind == SLOW and exercise.id == "split_heads":
            modules[exercise.module] += _before(exercise.name, "time.sleep(0.2)")
    return modules


def _before(name: str, action: str) -> str:
    """Return source that replaces a function, or a class, by one that first does `action`."""
    return f"""

import os, time

def _first():
    {action}

if isinstance({name}, type):
    class {name}({name}):
        def __init__(self, *args, **kwargs):
            _first()
            super().__init__(*args, **kwargs)
else:
    def {name}(*args, _right={name}, **kwargs):
        _first()
        return _right(*args, **kwargs)
"""


def graded(submissions: Path, out: Path, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return the reports of a class by name."""
    command = [sys.executable, "-m", "tfm_quiz", "teach", "grade", str(submissions), "--out", str(out), "--seed", "7"]
    command += ["--jobs", str(options.jobs), *(["--no-labs"] if options.no_labs else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    lines = map(msgspec.json.decode, (out / "results.jsonl").read_bytes().splitlines())
    return {line["submission"]: line for line in lines if "submission" in line}


def main() -> int:
    """Grade both classes and print each figure. Exits with 1 if a right submission lost something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-labs", action="store_true")
    options = parser.parse_args()
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory() as place:
        there = Path(place)
        for number in range(options.students):
            kind = KINDS[number % len(KINDS)]
            for group in ("all", *(["right"] if kind == RIGHT else [])):
                folder = there / group / f"{kind}-{number:02}"
                folder.mkdir(parents=True)
                for module, text in submission(course, kind).items():
                    (folder / f"{module}.py").write_text(f"# {number}\n{text}", "utf-8")
        alone = graded(there / "right", there / "out-right", options)
        everybody = graded(there / "all", there / "out-all", options)
    print(
        f"{options.students} submissions, --jobs {options.jobs}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"  bound: {CHECK_SECONDS:g} s of checks and {LAB_SECONDS:g} s of labs a submission")
    for kind in KINDS:
        reports = [report for name, report in everybody.items() if name.startswith(f"{kind}-")]
        seconds = sorted(report["seconds"] for report in reports)
        points = sorted({f"{report['points']:g}" for report in reports})
        print(
            f"  {kind:7} {seconds[0]:6.1f} to {seconds[-1]:5.1f} s, {' or '.join(points)} of {reports[0]['out_of']:g}"
        )
    lost = [name for name, report in alone.items() if report["exercises"] != everybody[name]["exercises"]]
    print(f"  right ones that are graded otherwise than alone: {', '.join(lost) or 'none'}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
