"""What the tests share: workers from one zygote, the tiny course, and a pool that grades for it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tfm_quiz.course import Course
from tfm_quiz.grading.messages import GradeRequest, Settings
from tfm_quiz.grading.pool import Pool
from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.host.workers import Workers

ROOT = Path(__file__).parent.parent
TINY = Path(__file__).parent / "courses" / "tiny"
LAB = Path(__file__).parent / "courses" / "lab"
ASKED = Path(__file__).parent / "courses" / "asked"

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports torch: the tests share few cores

# CI tries the same examples each time, so that a red run is the change's own fault; at home each run tries others.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

Grade = Callable[..., Report]


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """One process with torch, from which every test forks its worker."""
    with Workers() as running:
        yield running


@pytest.fixture(scope="session")
def course() -> Course:
    """The real course."""
    return load_course(ROOT)


@pytest.fixture(scope="session")
def tiny() -> Course:
    """A course of four exercises."""
    return load_course(TINY)


@pytest.fixture(scope="session")
def lab_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tiny course with a lab in `gain`."""
    root = tmp_path_factory.mktemp("lab") / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(LAB, root, dirs_exist_ok=True)
    return load_course(root)


@pytest.fixture(scope="session")
def asked_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tiny course with graded questions."""
    root = tmp_path_factory.mktemp("asked") / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ASKED, root, dirs_exist_ok=True)
    manifest = root / "course.toml"
    manifest.write_text(manifest.read_text("utf-8") + (root / "questions.toml").read_text("utf-8"), "utf-8")
    return load_course(root)


@pytest.fixture(scope="session")
def tiny_sources(tiny: Course) -> dict[str, str]:
    """The tiny course's reference as a submission's modules."""
    return {module: tiny.solution_path(module).read_text("utf-8") for module in tiny.modules}


@pytest.fixture(scope="session")
def tiny_pool(tiny: Course) -> Iterator[Pool]:
    """A grader process for the tiny course, as `teach grade` runs it."""
    settings = Settings(course=str(tiny.root), exercises=tuple(e.id for e in tiny.exercises), seed=7, time_factor=0.4)
    with Pool(settings, 1) as pool:
        pool.start()
        yield pool


@pytest.fixture
def grade_tiny(tiny_sources: dict[str, str], tiny_pool: Pool) -> Grade:
    """Grade the reference of the tiny course with these texts added to its modules (or `modules` instead)."""

    def grade(modules: dict[str, str] | None = None, helpers: dict[str, str] | None = None, **added: str) -> Report:
        sources = dict(tiny_sources if modules is None else modules)
        for module, text in added.items():
            sources[module] = sources.get(module, "") + "\n\n" + text
        submission = Submission(name="student-01", modules=sources, helpers=helpers or {})
        (report,) = tiny_pool.grade([GradeRequest(work=submission, key="k")])
        assert isinstance(report, Report)
        return report

    return grade
