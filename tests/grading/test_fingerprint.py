"""The digest of what a mark depends on: whatever graders can read changes it, and nothing else does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tfm_quiz.course import Course
from tfm_quiz.grading import fingerprint
from tfm_quiz.grading.messages import GradeRequest, Settings
from tfm_quiz.manifest import load_course
from tfm_quiz.submission.submission import Submission

SOURCE = Path(fingerprint.__file__).parents[1]

GRADES = """
import sys
opened = set()
sys.addaudithook(lambda event, found: event == "open" and isinstance(found[0], str) and opened.add(found[0]))
sys.argv = ["serve"]
from tfm_quiz.grading.serve import main
main()
import tfm_quiz.submission.entries, tfm_quiz.quiz.scoring
from tfm_quiz.quiz.scoring import graded_questions
from pathlib import Path
graded_questions(Path({root!r}))
modules = [getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("tfm_quiz")]
Path({out!r}).write_text("\\n".join([*opened, *filter(None, modules)]))
"""


@pytest.fixture(scope="module")
def read(asked_course: Course, tiny_sources: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> set[Path]:
    """Every file that a grader process and the scoring of questions open or import, for a class of one."""
    out = tmp_path_factory.mktemp("opened") / "files"
    settings = Settings(course=str(asked_course.root), exercises=tuple(e.id for e in asked_course.exercises), seed=7)
    order = GradeRequest(work=Submission(name="student-01", modules=tiny_sources), key="k")
    done = subprocess.run(
        [sys.executable, "-c", GRADES.format(root=str(asked_course.root), out=str(out))],
        input=b"".join(msgspec.json.encode(message) + b"\n" for message in (settings, order)),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b'"passed"' in done.stdout, done.stderr.decode()
    return {Path(line) for line in out.read_text("utf-8").splitlines()}


def inside(files: set[Path], root: Path) -> set[Path]:
    return {path for path in files if path.is_relative_to(root) and path.suffix != ".pyc" and path.is_file()}


def test_every_file_that_a_grader_opens_is_in_the_digest(read, asked_course):
    opened = inside(read, asked_course.root)
    assert len(opened) > 10
    assert opened <= set(fingerprint.course_files(asked_course.root))


def test_every_module_that_a_grader_imports_is_in_the_digest(read):
    imported = inside(read, SOURCE)
    assert len(imported) > 40
    assert imported <= set(fingerprint.engine_files())


def test_what_runs_in_a_worker_and_what_reads_a_submission_is_in_the_digest():
    files = set(fingerprint.engine_files())
    for folder in ("wall", "submission", "quiz", "grading", "toml"):
        assert set((SOURCE / folder).rglob("*.py")) <= files, folder
    assert {SOURCE / "outcome.py", SOURCE / "course.py", SOURCE / "teach" / "classroom.py"} <= files


@pytest.mark.parametrize(
    "name",
    [
        "cli/screen.py",
        "author/prove.py",
        "student/check.py",
        "teach/summaries.py",
        "teach/export/anki.py",
    ],
)
def test_what_shows_marks_or_makes_a_course_is_not(name):
    assert (SOURCE / name).is_file()
    assert SOURCE / name not in set(fingerprint.engine_files())


def test_the_real_course_s_lessons_proofs_and_examples_are_not_and_its_graders_are(course):
    files = {path.relative_to(course.root).as_posix() for path in fingerprint.course_files(course.root)}
    assert not [name for name in files if name.startswith(("graders/proofs/", "solutions/quiz/examples/", "src/"))]
    assert not [name for name in files if name.endswith((".ipynb", ".pyc"))]
    assert {"course.toml", "graders/conftest.py", "solutions/quiz/prose/A7.toml", "exercises/masks.py"} <= files
    for exercise in course.exercises:
        assert f"graders/test_{exercise.id}.py" in files
    for folder in ("misconceptions", "staged"):
        inside = {path.relative_to(course.root).as_posix() for path in (course.root / "graders" / folder).glob("*.*")}
        assert inside <= files


@pytest.fixture
def copies(tmp_path: Path, asked_course: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the engine, which the digest then looks at, and of the course."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SOURCE, tmp_path / "engine", ignore=ignore)
    shutil.copytree(asked_course.root, tmp_path / "course", ignore=ignore)
    monkeypatch.setattr(fingerprint, "ENGINE", tmp_path / "engine")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("engine/quiz/scoring.py", True),
        ("engine/submission/folder.py", True),
        ("engine/outcome.py", True),
        ("engine/wall/worker/worker.py", True),
        ("engine/teach/classroom.py", True),
        ("engine/grading/new_module.py", True),
        ("engine/grading/data.json", True),
        ("engine/teach/summaries.py", False),
        ("engine/cli/screen.py", False),
        ("engine/grading/__pycache__/check.pyc", False),
        ("course/course.toml", True),
        ("course/graders/test_double.py", True),
        ("course/graders/misconceptions/double.py", True),
        ("course/graders/staged/twice.py", True),
        ("course/graders/values.bin", True),
        ("course/solutions/rows.py", True),
        ("course/solutions/quiz/shapes.toml", True),
        ("course/solutions/quiz/prose/A1.toml", True),
        ("course/exercises/rows.py", True),
        ("course/graders/proofs/double.py", False),
        ("course/solutions/quiz/examples/reviewed.jsonl", False),
        ("course/exercises/probes/double.npz", False),
        ("course/README.md", False),
        ("course/graders/.test_double.py.swp", False),
    ],
)
def test_touch_a_file(copies, file, changes):
    course = load_course(copies / "course")
    before = fingerprint.files_digest(course)
    path = copies / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(b"\n# touched\n")
    assert (fingerprint.files_digest(course) != before) is changes


def test_a_renamed_or_missing_file_changes_it_and_a_copy_elsewhere_does_not(copies):
    course = load_course(copies / "course")
    before = fingerprint.files_digest(course)
    path = copies / "course" / "graders" / "staged" / "twice.py"
    path.rename(path.with_name("other.py"))
    renamed = fingerprint.files_digest(course)
    path.with_name("other.py").unlink()
    assert len({before, renamed, fingerprint.files_digest(course)}) == 3
    (copies / "course").rename(copies / "moved")
    moved = load_course(copies / "moved")
    (copies / "moved" / "graders" / "staged" / "twice.py").write_bytes(
        (Path(__file__).parents[1] / "courses/tiny/graders/staged/twice.py").read_bytes()
    )
    assert fingerprint.files_digest(moved) == before


@pytest.mark.parametrize("package", ["torch", "numpy", "pytest"])
def test_another_version_of_what_graders_run_on_changes_it(asked_course, monkeypatch, package):
    before = fingerprint.files_digest(asked_course)
    version = fingerprint.version
    monkeypatch.setattr(fingerprint, "version", lambda name: "0" if name == package else version(name))
    assert fingerprint.files_digest(asked_course) != before


def test_another_python_changes_it(asked_course, monkeypatch):
    before = fingerprint.files_digest(asked_course)
    monkeypatch.setattr(fingerprint.platform, "python_version", lambda: "3.99")
    assert fingerprint.files_digest(asked_course) != before


RUN: dict[str, Any] = {"seed": 1, "time_factor": 1.0, "labs": True, "level": "full"}


@pytest.mark.parametrize("other", [{"seed": 2}, {"time_factor": 1.5}, {"labs": False}, {"level": "strong"}], ids=str)
def test_how_a_class_is_graded_is_in_the_digest_of_a_run(tiny, other):
    before = fingerprint.run_digest("f", tiny.exercises, **RUN)
    assert fingerprint.run_digest("f", tiny.exercises, **{**RUN, **other}) != before


def test_which_exercises_are_graded_is_in_the_digest_of_a_run(tiny):
    before = fingerprint.run_digest("f", tiny.exercises, **RUN)
    assert fingerprint.run_digest("f", tiny.exercises[1:], **RUN) != before


def test_a_file_behind_a_linked_folder_is_in_the_digest_and_links_in_a_circle_end(tmp_path):
    (tmp_path / "shared").mkdir()
    helper = tmp_path / "shared" / "helper.py"
    helper.write_text("x = 1\n")
    graders = tmp_path / "course" / "graders"
    graders.mkdir(parents=True)
    (tmp_path / "course" / "course.toml").write_text("")
    (graders / "common").symlink_to(tmp_path / "shared")
    (graders / "above").symlink_to(graders)
    files = list(fingerprint.course_files(tmp_path / "course"))
    assert graders / "common" / "helper.py" in files
    assert len(files) == 2


def test_every_part_of_a_submission_is_in_its_key():
    work = Submission(name="a", modules={"rows": "x"}, helpers={"h": "y"}, answers="z", problems=("p",))
    changed = [
        msgspec.structs.replace(work, **part)
        for part in ({"name": "b"}, {"modules": {}}, {"helpers": {}}, {"answers": None}, {"problems": ()})
    ]
    keys = [fingerprint.mark_key("run", one) for one in (work, *changed)] + [fingerprint.mark_key("other run", work)]
    assert len(set(keys)) == 7
    assert fingerprint.mark_key("run", work) == keys[0]
