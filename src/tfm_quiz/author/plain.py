"""`pytest graders --submission DIR`: the graders as plain pytest, for an author who wants pytest's own screen.

Loaded by graders/conftest.py. In a grading session it is inert: the resident plugin is there already.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.course import Course
from tfm_quiz.grading.check import Stage
from tfm_quiz.grading.content import Content
from tfm_quiz.grading.exercise import Bench, Graders, Imports
from tfm_quiz.grading.fixtures import check, draw, grader, randbool, randint, randn, reference, staged, student, train
from tfm_quiz.grading.oracle import Trial
from tfm_quiz.grading.plugin import GRADER, MARKERS, GraderPlugin, Scene, Test
from tfm_quiz.grading.run import rehearse
from tfm_quiz.grading.supply import runnable
from tfm_quiz.manifest import MANIFEST, load_course
from tfm_quiz.submission.folder import entries, load
from tfm_quiz.wall.host.workers import Zygote

__all__ = ["check", "draw", "grader", "randbool", "randint", "randn", "reference", "staged", "student", "train"]

SEED = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --submission."""
    parser.addoption("--submission", metavar="DIR", help="The folder or zip that the graders judge.")


@pytest.hookimpl(trylast=True)  # after the resident plugin, if this is its session
def pytest_configure(config: pytest.Config) -> None:
    """Take part, unless a grading session does already."""
    if GRADER in config.stash:
        return
    if not config.getoption("--submission", None):
        raise pytest.UsageError("the graders judge a submission: name a folder or a zip with --submission")
    config.pluginmanager.register(Plain(config), "tfm-quiz-plain")


class Plain(GraderPlugin):
    """pytest's own loop, with a worker behind the fixtures."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(loop=lambda plugin: None)
        self.course = _course_of(config)
        config.stash[GRADER] = self
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        (entry, *others) = entries(Path(config.getoption("--submission")), self.course)
        if others:
            raise pytest.UsageError("--submission takes one submission, not a class of them")
        self.work = load(entry, self.course)
        self.zygote = Zygote()
        self.graders: Graders | None = None
        self.benches: dict[str, Bench] = {}
        self.imports = Imports()

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Rehearse, then leave the loop to pytest."""
        content = Content(self.course)
        manager = session.config.pluginmanager
        screen = manager.unregister(name="terminalreporter")  # what is rehearsed is not a result
        oracles = {name: rehearse(self.course, content, self, self.course.exercise(name), SEED) for name in self.tests}
        manager.register(screen, "terminalreporter")
        stubs = {module: self.course.stub_path(module).read_text("utf-8") for module in self.course.modules}
        self.graders = Graders(self.course, content, self, oracles, self.zygote, stubs)
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Set the scene for a test that pytest runs (a rehearsal has set its own)."""
        if self.graders is not None:
            test = next(test for tests in self.tests.values() for test in tests if test.item is item)
            self._scene = self._scene_of(self.graders, test)
        result = yield
        if self.graders is not None:
            self._scene = None
        return result

    def pytest_unconfigure(self) -> None:
        """End the workers."""
        for bench in self.benches.values():
            bench.close()
        self.zygote.close()

    def _scene_of(self, graders: Graders, test: Test) -> Scene:
        exercise = self.course.exercise(test.exercise)
        sources = {**self.work.helpers, **self.work.modules}
        if exercise.id not in self.benches:
            running = runnable(self.course, sources, graders.stubs, exercise)
            self.benches[exercise.id] = Bench(graders, exercise, sources, running, test.mb, self.imports)
        bench = self.benches[exercise.id]
        oracle = graders.oracles[exercise.id]
        stage = Stage(bench.world(test.seconds), None, Trial(oracle, test.name))
        return Scene(exercise, stage, graders.content.solutions, oracle.generator)


def _course_of(config: pytest.Config) -> Course:
    """The course whose graders are run: the nearest folder above them with a manifest."""
    graders = Path(config.args[0].partition("::")[0]).resolve()
    root = next((folder for folder in graders.parents if (folder / MANIFEST).is_file()), config.rootpath)
    return load_course(root)
