"""One digest of all that a mark depends on besides the submission. When it changes, marks are stale.

Of the engine that is everything below the commands, `src/tfm_quiz` but the folders that only show marks or make a
course: an import points down (tests/test_imports.py), so no grader can reach those. Of the course it is whatever its
graders can read. Both rules name what is left out, so a file that nobody thought of makes marks stale, never wrong.
"""

import hashlib
import json
import os
import platform
from collections.abc import Collection, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from tfm_quiz import __version__
from tfm_quiz.course import Course, Exercise
from tfm_quiz.manifest import MANIFEST
from tfm_quiz.outcome import Level
from tfm_quiz.submission.submission import Submission

ENGINE = Path(__file__).resolve().parents[1]
ENGINE_WITHOUT = ("cli", "student", "author", "teach", "course", "notebook.py", "__main__.py", "py.typed")
ENGINE_WITH = (
    "teach/classroom.py",  # joins the points of code and questions
    "author/__init__.py",
    "author/plain.py",  # a plugin that the conftest.py of graders names
)
COURSE_FOLDERS = ("graders", "solutions", "exercises")
COURSE_WITHOUT = (
    "graders/proofs",  # of the graders themselves
    "solutions/lessons",
    "solutions/quiz/examples",  # labelled answers that the rubrics are measured on; reviewing adds to them
    "exercises/notebooks",
    "exercises/probes",  # of the public checks
)
PACKAGES = ("torch", "numpy", "pytest", "msgspec")


def files_digest(course: Course) -> str:
    """Return the digest of engine and course, and of the versions of what they run on."""
    parts = [
        _digest(ENGINE, engine_files()),
        _digest(course.root, course_files(course.root)),
        __version__,
        platform.python_version(),
        *map(version, PACKAGES),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def run_digest(
    files: str, exercises: Sequence[Exercise], *, seed: int, time_factor: float, labs: bool, level: Level
) -> str:
    """Return the digest of a run: files, versions, what is graded, limits, labs, seed, and its workers' isolation."""
    parts = {
        "files": files,
        "exercises": [exercise.id for exercise in exercises],
        "limits": time_factor,
        "labs": labs,
        "seed": seed,
        "level": level,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def mark_key(run: str, work: Submission) -> str:
    """Return the key under which a submission's report is kept: a digest of the run and of all that is graded of it."""
    content: Any = msgspec.json.encode([run, work], order="sorted")
    return hashlib.sha256(content).hexdigest()[:32]


def engine_files() -> Iterator[Path]:
    """Yield the files of the engine that can change a mark."""
    yield from _files(ENGINE, {ENGINE / name for name in ENGINE_WITHOUT})
    yield from (ENGINE / name for name in ENGINE_WITH)


def course_files(root: Path) -> Iterator[Path]:
    """Yield a course's files that can change a mark: the manifest, graders, reference, stubs, questions with keys."""
    yield root / MANIFEST
    for folder in COURSE_FOLDERS:
        yield from _files(root / folder, {root / name for name in COURSE_WITHOUT})


def _files(root: Path, without: Collection[Path]) -> Iterator[Path]:
    """Yield all files below a folder but these, hidden ones and Python's cache; those behind a link once, too."""
    walked: set[str] = set()
    for place, folders, names in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        if real in walked:  # a link to a folder above it, or to one beside it
            folders.clear()
            continue
        walked.add(real)
        kept = [name for name in sorted(folders) if name != "__pycache__" and not name.startswith(".")]
        folders[:] = [name for name in kept if Path(place, name) not in without]
        for path in (Path(place, name) for name in sorted(names)):
            if path not in without and path.suffix != ".pyc" and not path.name.startswith(".") and path.is_file():
                yield path


def _digest(root: Path, files: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        name = path.relative_to(root).as_posix()
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
