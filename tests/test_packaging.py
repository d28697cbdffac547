"""What ships: exactly what the manifest names for students, whatever lies about in the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tfm_quiz.manifest import load_course

CHECKOUT = Path(__file__).parents[1]
TINY = CHECKOUT / "tests" / "courses" / "tiny"
ENGINE = ("src", "hatch_build.py", "pyproject.toml")
CONTENT = ("course.toml", "exercises", "solutions", "graders", "quiz")
JUNK = {
    "exercises/rows_solved.py": "def double(x): return 2 * x\n",
    "exercises/rows.py.orig": "### BEGIN SOLUTION\n",
    "exercises/.ipynb_checkpoints/rows-checkpoint.py": "def double(x): return 2 * x\n",
    "exercises/__pycache__/rows.cpython-311.pyc": "",
    "exercises/probes/hidden.npz": "",
    "quiz/shapes.answers.toml": 'answer = "b"\n',
    "quiz/practice/shapes.toml~": "",
    "quiz/graded/keys.toml": 'answer = "b"\n',
    "src/tfm_quiz/screen.py.orig": "",
    "src/tfm_quiz/.ipynb_checkpoints/course-checkpoint.py": "",
    "src/tfm_quiz/course/course.toml": "",
    "results.jsonl": "{}\n",
    "submissions/student-01/rows.py": "",
}
KERNEL = {f"share/jupyter/kernels/tfm-quiz/{name}" for name in ("kernel.json", "launch.py")}


def build(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Build wheel and sdist into `checkout/dist`, with the hatchling of this environment and no network."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "hatchling", "build"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": "", "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def copy(source: Path, names: tuple[str, ...], target: Path) -> None:
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (source / name).exists():
            shutil.copy(source / name, target / name)


def strew(target: Path) -> None:
    for name, text in JUNK.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, "utf-8")


def shipped(checkout: Path) -> tuple[set[str], set[str]]:
    """What is in the wheel and in the sdist, without the metadata's folder and the sdist's own one."""
    (wheel,) = (checkout / "dist").glob("*.whl")
    (sdist,) = (checkout / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    in_wheel = {re.sub(r"^tfm_quiz-[^/]*\.data/data/", "", name) for name in names}  # what pip puts beside Python
    with tarfile.open(sdist) as archive:
        in_sdist = {member.name.partition("/")[2] for member in archive.getmembers()}
    return in_wheel, in_sdist


def engine_files() -> set[str]:
    return {
        path.relative_to(CHECKOUT / "src").as_posix()
        for path in (CHECKOUT / "src").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def for_students(root: Path) -> set[str]:
    """The manifest's files, worked out by the engine's own reading of it."""
    course = load_course(root)
    paths = [course.stub_path(module) for module in course.modules]
    paths += [course.probes_path(exercise.id) for exercise in course.exercises]
    named = {path.relative_to(course.root).as_posix() for path in paths}
    listed = {entry.file for entry in (*course.questions, *course.notebooks) if (root / entry.file).is_file()}
    folders = [(root / entry.file).with_suffix("") for entry in course.questions if entry.file not in listed]
    parts = {path.relative_to(root).as_posix() for folder in folders for path in folder.glob("*.toml")}
    return named | listed | parts | {"course.toml", "exercises/__init__.py"}


@pytest.fixture
def checkout(tmp_path):
    """The engine of this checkout around the tiny course, with probes of a sort."""
    copy(CHECKOUT, ENGINE, tmp_path)
    copy(TINY, CONTENT, tmp_path)
    for name in ("README.md", "LICENSE"):
        (tmp_path / name).write_text("text\n", "utf-8")
    (tmp_path / "exercises" / "probes").mkdir(exist_ok=True)
    for exercise in load_course(TINY).exercises:
        (tmp_path / "exercises" / "probes" / f"{exercise.id}.npz").write_bytes(b"probes")
    return tmp_path


def test_wheel_and_sdist_hold_the_engine_and_what_the_manifest_names_and_nothing_else(checkout):
    strew(checkout)
    result = build(checkout)
    assert result.returncode == 0, result.stdout + result.stderr
    wheel, sdist = shipped(checkout)
    students = for_students(TINY)
    assert wheel == engine_files() | KERNEL | {f"tfm_quiz/course/{name}" for name in students}
    metadata = {"hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "PKG-INFO", ".gitignore"}
    assert sdist - metadata == {f"src/{name}" for name in engine_files()} | students


def test_an_editable_install_brings_the_kernel_too(checkout):
    program = "from hatchling.build import build_editable; print(build_editable('dist'))"
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, cwd=checkout, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(checkout / "dist" / done.stdout.split()[-1]) as archive:
        assert {name.partition(".data/data/")[2] for name in archive.namelist() if ".data/" in name} == KERNEL


def test_the_wheel_finds_its_own_course_which_a_student_can_begin_and_nobody_can_grade(checkout, tmp_path_factory):
    assert build(checkout).returncode == 0
    installed, mine = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("mine")
    with zipfile.ZipFile(next((checkout / "dist").glob("*.whl"))) as archive:
        archive.extractall(installed)
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("TFM_QUIZ_COURSE", None)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "tfm_quiz", *arguments]
        return subprocess.run(command, cwd=mine, env=environment, capture_output=True, text=True, timeout=60)

    assert "Wrote tiny/: 4 exercises" in run("init").stdout
    assert (mine / "tiny" / "exercises" / "rows.py").read_bytes() == (TINY / "exercises" / "rows.py").read_bytes()
    refused_grading = run("teach", "grade", ".", "--out", "results")
    assert refused_grading.returncode == 3
    assert "no hidden graders" in refused_grading.stderr


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(checkout, tmp_path_factory):
    assert build(checkout).returncode == 0
    (sdist,) = (checkout / "dist").glob("*.tar.gz")
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (again,) = unpacked.iterdir()
    result = build(again)
    assert result.returncode == 0, result.stdout + result.stderr
    sums = []
    for folder in (checkout, again):
        with zipfile.ZipFile(next((folder / "dist").glob("*.whl"))) as archive:
            sums.append({info.filename: info.CRC for info in archive.infolist()})
    assert sums[0] == sums[1]


GRADED = """
[[questions]]
file = "quiz/graded/keys.toml"
title = "Keys"
kind = "graded"
"""


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("exercises/rows.py", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n", "solution's marker"),
        ("exercises/rows.py", "def double(x):\n    return 2 * x\n", "solved exercise"),
        ("exercises/rows.py", "import pytest\n\ndef test_double(student): ...\n", "grader"),
        ("quiz/graded/keys.toml", '[[question]]\nid = "a"\nask = "?"\nanswer = "b"\n', "answer"),
    ],
)
def test_a_file_that_would_give_something_away_stops_the_build_by_name(checkout, name, text, complaint):
    if "graded" in name:
        (checkout / "quiz" / "graded").mkdir()
        with (checkout / "course.toml").open("a") as manifest:
            manifest.write(GRADED)
    (checkout / name).write_text(text, "utf-8")
    result = build(checkout)
    assert result.returncode != 0
    assert name in result.stderr + result.stdout
    assert complaint in result.stderr + result.stdout


def test_a_named_file_that_is_missing_or_a_link_stops_the_build(checkout):
    (checkout / "exercises" / "probes" / "double.npz").unlink()
    (checkout / "exercises" / "gains.py").unlink()
    (checkout / "exercises" / "gains.py").symlink_to(checkout / "exercises" / "rows.py")
    result = build(checkout)
    assert result.returncode != 0
    assert "exercises/probes/double.npz: " in result.stderr + result.stdout
    assert "exercises/gains.py: " in result.stderr + result.stdout


def test_this_checkout_ships_its_own_course(tmp_path):
    copy(CHECKOUT, (*ENGINE, *CONTENT, "README.md", "LICENSE"), tmp_path)
    strew(tmp_path)
    result = build(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    wheel, _ = shipped(tmp_path)
    assert wheel == engine_files() | KERNEL | {f"tfm_quiz/course/{name}" for name in for_students(CHECKOUT)}
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as archive:
        archive.extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "PYTHONSAFEPATH": "1"}
    environment.pop("TFM_QUIZ_COURSE", None)
    asked = subprocess.run(
        [sys.executable, "-P", "-m", "tfm_quiz", "quiz", "prose"],
        cwd=tmp_path,
        env=environment,
        input="Attention itself does not see any order.\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "I found 1 of " in asked.stdout, asked.stdout + asked.stderr  # its rubric and its lexicon are there
