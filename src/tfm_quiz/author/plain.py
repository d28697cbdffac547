"""`pytest graders --submission DIR`: the graders as plain pytest, for an author who wants pytest's own screen.

Loaded by graders/conftest.py. In a grading session it is inert: the resident plugin is there already.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.course import Course
from tfm_quiz.grading.content import Content
from tfm_quiz.grading.current import CURRENT, CurrentTest
from tfm_quiz.grading.exercise import Graders, attempt_of, slot_for
from tfm_quiz.grading.fixtures import check, draw, grader, randbool, randint, randn, reference, staged, student, train
from tfm_quiz.grading.graders import record_key
from tfm_quiz.grading.session import MARKERS, GraderPlugin, GraderTest
from tfm_quiz.grading.supply import runnable
from tfm_quiz.grading.worker_slot import ImportFailures, WorkerSlot
from tfm_quiz.manifest import MANIFEST, load_course
from tfm_quiz.submission.entries import entries, load
from tfm_quiz.wall.host.workers import Workers

__all__ = ["check", "draw", "grader", "randbool", "randint", "randn", "reference", "staged", "student", "train"]

SEED = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --submission."""
    parser.addoption("--submission", metavar="DIR", help="The folder or zip that the graders judge.")


@pytest.hookimpl(trylast=True)  # after the resident plugin, if this is its session
def pytest_configure(config: pytest.Config) -> None:
    """Take part, unless a grading session does already."""
    if CURRENT in config.stash:
        return
    if not config.getoption("--submission", None):
        raise pytest.UsageError("the graders judge a submission: name a folder or a zip with --submission")
    config.pluginmanager.register(Plain(config), "tfm-quiz-plain")


class Plain(GraderPlugin):
    """pytest's own loop, with a worker behind the fixtures."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(loop=lambda plugin: None)
        self.course = _course_of(config)
        config.stash[CURRENT] = self.current
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        (entry, *others) = entries(Path(config.getoption("--submission")), self.course)
        if others:
            raise pytest.UsageError("--submission takes one submission, not a class of them")
        self.work = load(entry, self.course)
        self.workers = Workers()
        self.graders: Graders | None = None
        self.slots: dict[str, WorkerSlot] = {}
        self.imports = ImportFailures()

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Record the answer keys, then leave the loop to pytest."""
        content = Content(self.course)
        manager = session.config.pluginmanager
        screen = manager.unregister(name="terminalreporter")  # the reference's run is not a result
        keys = {name: record_key(self.course, content, self, self.course.exercise(name), SEED) for name in self.tests}
        manager.register(screen, "terminalreporter")
        stubs = {module: self.course.stub_path(module).read_text("utf-8") for module in self.course.modules}
        self.graders = Graders(self.course, content, self, keys, self.workers, stubs)
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Say what a test that pytest runs is about (the recording of a key has said so itself)."""
        if self.graders is not None:
            test = next(test for tests in self.tests.values() for test in tests if test.item is item)
            self._current = self._current_test(self.graders, test)
        result = yield
        if self.graders is not None:
            self._current = None
        return result

    def pytest_unconfigure(self) -> None:
        """End the workers."""
        for slot in self.slots.values():
            slot.close()
        self.workers.close()

    def _current_test(self, graders: Graders, test: GraderTest) -> CurrentTest:
        exercise = self.course.exercise(test.exercise)
        sources = {**self.work.helpers, **self.work.modules}
        if exercise.id not in self.slots:
            running = runnable(self.course, sources, graders.stubs, exercise)
            self.slots[exercise.id] = slot_for(graders, exercise, running, self.imports)
        side = self.slots[exercise.id].side(test.seconds)
        attempt = attempt_of(graders, exercise, test, side)
        return CurrentTest(exercise, side, attempt, graders.content.solutions, graders.keys[exercise.id].generator)


def _course_of(config: pytest.Config) -> Course:
    """Return the course whose graders are run: the nearest folder above them with a manifest."""
    graders = Path(config.args[0].partition("::")[0]).resolve()
    root = next((folder for folder in graders.parents if (folder / MANIFEST).is_file()), config.rootpath)
    return load_course(root)
