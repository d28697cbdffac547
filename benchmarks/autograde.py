"""nbgrader's own autograde against ours: the same notebooks, in pairs, in one process each; and a class of fifty.

    python benchmarks/autograde.py            both tables
    python benchmarks/autograde.py --pairs 7  more pairs
    python benchmarks/autograde.py --class-only

One notebook of four functions (positional_encoding, split_heads, causal_mask, shift_right), whose grade cells hold
plain asserts, so that nbgrader's own way can grade it too. Whatever is loaded once (nbgrader here, torch in our grader
process) is loaded before the clock starts. The first table times the whole command, from the shell and with its
start, on fifty submissions; its CPU is that of all processes, those in which student code ran included.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import ctypes
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PR_SET_CHILD_SUBREAPER = 36
FOUR = ("positional_encoding", "split_heads", "causal_mask", "shift_right")
ASSERTS = {
    "positional_encoding": "assert positional_encoding(4, 6).shape == (4, 6)",
    "split_heads": "assert split_heads(torch.arange(8).view(1, 2, 4), 2)[0].tolist() == [[0, 1], [4, 5]]",
    "causal_mask": "assert causal_mask(3)[0].tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]",
    "shift_right": "assert shift_right(torch.tensor([[5, 6, 7]]), 1).tolist() == [[1, 5, 6]]",
}


def environment() -> dict[str, str]:
    """For every process that is started here: our sources, the scripts beside this Python, one thread."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {
        **os.environ,
        "PATH": path,
        "PYTHONPATH": str(ROOT / "src"),
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }


def shell(folder: Path, *command: str) -> str:
    """Run a command of this Python in a folder; its standard output."""
    done = subprocess.run(
        [sys.executable, "-P", *command], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def course_folder(folder: Path, students: int, *, stock: bool) -> Path:
    """A course folder with the assignment released and handed in by everybody; `stock` takes our configuration away."""
    from tfm_quiz.teach.nbgrader.folder import grading_lines

    shell(ROOT, "-m", "tfm_quiz", "teach", "nbgrader", "init", str(folder))
    only = [argument for key in FOUR for argument in ("--only", key)]
    shell(folder, "-m", "tfm_quiz", "teach", "nbgrader", "build", "--name", "four", *only, "--questions", "none")
    source = folder / "source" / "four" / "four.ipynb"
    document = json.loads(source.read_text("utf-8"))
    for cell in document["cells"]:
        if (key := cell["id"].removesuffix("-marks")) in FOUR and key != cell["id"]:
            cell["source"] = ASSERTS[key]
        if cell["id"] == "setup":  # the stock side must not pay for our own import
            cell["source"] = [line for line in cell["source"] if "tfm_quiz" not in line]
    if stock:  # which the kernel of our notebooks would refuse
        document["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source.write_text(json.dumps(document))
    shell(folder, "-m", "nbgrader", "generate_assignment", "four")
    if stock:
        config = folder / "nbgrader_config.py"
        config.write_text(config.read_text().replace(grading_lines(), ""))
    hand_in(folder, students)
    return folder


def hand_in(folder: Path, students: int) -> None:
    """Right answers, each with a line of its own so that no two submissions are the same."""
    from tfm_quiz.author.lessons import read_module, solved
    from tfm_quiz.manifest import load_course

    course = load_course(ROOT)
    answers = {key: solved(text) for unit in course.units for key, text in read_module(course, unit).answers.items()}
    released = json.loads((folder / "release" / "four" / "four.ipynb").read_text("utf-8"))
    for number in range(1, students + 1):
        for cell in released["cells"]:
            if cell["id"] in FOUR:
                cell["source"] = f"{answers[cell['id']]}\n# student-{number:02}"
        path = folder / "submitted" / f"student-{number:02}" / "four" / "four.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(released))


def grader(folder: Path) -> Callable[[str], None]:
    """Autograde one student of a course folder as nbgrader's own command and the formgrader's button do."""
    from nbgrader.apps import AutogradeApp
    from nbgrader.converters import Autograde

    app = AutogradeApp()
    app.load_cwd_config = False
    app.initialize(["--course-dir", str(folder)])
    app.log.setLevel("CRITICAL")
    coursedir = app.coursedir
    assert coursedir is not None
    converter = Autograde(coursedir=coursedir, parent=app)
    converter.force = True

    def grade(student: str) -> None:
        coursedir.student_id, coursedir.assignment_id = student, "four"
        converter.start()

    return grade


def our_command(folder: Path) -> Callable[[str], None]:
    """Autograde one student as `tfm-quiz teach nbgrader autograde` does: grade, then let nbgrader record."""
    from tfm_quiz.teach.nbgrader.parts import make_desk
    from tfm_quiz.teach.nbgrader.record import open_course, recording, students

    app = open_course(folder, "four")
    desk = make_desk(app, app.coursedir, "four")
    atexit.register(desk.close)
    found = students(app, "four")
    opened = recording(app, desk)
    record = opened.__enter__()
    atexit.register(opened.__exit__, None, None, None)

    def grade(student: str) -> None:
        desk.report(student, found[student])
        if failed := record([student], lambda recorded: None):
            raise SystemExit(f"not recorded: {failed}")

    return grade


SIDES = {"nbgrader": grader, "ours, by nbgrader's command": grader, "ours, by tfm-quiz": our_command}


def pairs(count: int) -> None:
    """Seconds per submission, three ways, one after the other on the same work; ratios within each round."""
    taken: dict[str, list[float]] = {name: [] for name in SIDES}
    with tempfile.TemporaryDirectory(prefix="autograde-") as place:
        folders = {
            name: course_folder(Path(place) / str(number), count + 1, stock=number == 0)
            for number, name in enumerate(SIDES)
        }
        graders = {name: make(folders[name]) for name, make in SIDES.items()}
        for number in range(1, count + 2):
            for name, grade in graders.items():
                started = time.perf_counter()
                grade(f"student-{number:02}")
                if number > 1:  # the first one loads what is loaded once
                    taken[name].append(time.perf_counter() - started)
        check_scores(folders)
    print(f"seconds per submission, one process, {count} rounds; load {os.getloadavg()[0]:.1f}")
    for name, seconds in taken.items():
        ratios = [stock / own for stock, own in zip(taken["nbgrader"], seconds, strict=True)]
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"  {name:<28} {statistics.median(seconds):6.3f}   {spread:<14} {statistics.median(ratios):5.1f} times")


def check_scores(folders: dict[str, Path]) -> None:
    """Both sides gave everybody full marks: they did the same work."""
    from nbgrader.api import Gradebook

    for kind, folder in folders.items():
        with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
            scores = {submission.score for submission in gradebook.assignment_submissions("four")}
        if scores != {14.0}:
            raise SystemExit(f"{kind}: everybody should have 14 points, and the scores are {scores}")


def cpu_of_children() -> float:
    """Seconds of CPU of every process that was started here and has ended, orphans included where they can be had."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def adopt_orphans() -> None:
    """Become the parent of what grader processes leave behind when they end (Linux); elsewhere it goes uncounted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def whole_class(students: int, jobs: int) -> None:
    """Submissions per second of the whole command, its start included, and of a second run that finds nothing to do."""
    with tempfile.TemporaryDirectory(prefix="autograde-") as place:
        folder = course_folder(Path(place) / "class", students, stock=False)
        command = ("-m", "tfm_quiz", "teach", "nbgrader", "autograde", "four", "--jobs", str(jobs))
        print(f"tfm-quiz teach nbgrader autograde --jobs {jobs}, {students} submissions")
        for name, expected in (("first run", students), ("nothing new", 0)):
            before, started = cpu_of_children(), time.perf_counter()
            said = shell(folder, *command)
            seconds = time.perf_counter() - started
            cpu = cpu_of_children() - before
            found = re.search(r"(\d+) graded, (\d+) recorded", said)
            if not found or (int(found[1]), int(found[2])) != (expected, expected):
                raise SystemExit(f"unexpected: {said}")
            rate = f"{students / seconds:5.2f} a second"
            print(f"  {name:<12} {seconds:6.1f} s   {cpu:6.1f} s of CPU   {rate}   load {os.getloadavg()[0]:.1f}")
        check_scores({"ours": folder})


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description="nbgrader's autograde against ours.")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--class-only", action="store_true")
    chosen = parser.parse_args()
    os.environ |= environment()
    warnings.simplefilter("ignore")
    adopt_orphans()
    whole_class(chosen.students, chosen.jobs)  # first: it waits for every process that was started here
    if not chosen.class_only:
        pairs(chosen.pairs)


if __name__ == "__main__":
    main()
