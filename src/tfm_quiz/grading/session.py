"""The pytest side of grading: markers, and one resident session whose run loop is repeated for each submission.

A class is graded in one session: graders are collected once, then every test is run by pytest's own protocol as often
as there are submissions. What outlives a submission lives on this plugin or in the answer keys, never in a fixture or a
grader's module; `nextitem=None` ends every fixture with its test.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tfm_quiz.errors import CourseError, Fault

from . import fixtures
from .attempt import Mismatch
from .compare import FLOOR
from .current import CURRENT, CurrentTest
from .runner import Test

MARKERS = (
    "exercise(id): the exercise that a grader judges",
    "points(n): what a check is worth; none means 0",
    "hidden: a student reads the check's name and the named mistake only; it is never a public probe",
    "needs(name): skipped unless this check of the same grader passed",
    "limit(seconds=5, mb=512): of one call, and of the worker",
    "floor(x): the smallest scale that the tolerance is relative to",
    "lab(title): trains for real; left out by --no-labs",
)
TELL_NOTHING = {"check", "draw", "randn", "randint", "randbool", "reference", "grader", "request"}  # of a student
SECONDS = 5.0
MEGABYTES = 512


@dataclass(frozen=True, kw_only=True)
class GraderTest(Test):
    """One test of a grader, as its markers describe it.

    `only_asks`: it has nothing of the student but `check`, which tells it nothing. So what it asks is known from the
    answer key, and it need not be run again for a submission.
    """

    item: pytest.Item
    exercise: str
    title: str  # of a lab, where its progress is shown
    floor: float
    only_asks: bool


@dataclass(eq=False)  # pytest keeps its plugins in sets
class GraderPlugin:
    """Collects the graders, hands them to `loop`, and runs single tests for it."""

    loop: Callable[["GraderPlugin"], None]
    tests: dict[str, list[GraderTest]] = field(default_factory=dict)
    collect_errors: list[str] = field(default_factory=list)
    _current: CurrentTest | None = None
    _raised: BaseException | None = None

    def current(self) -> CurrentTest:
        """Return what the running test is about. Raises RuntimeError if none runs."""
        if self._current is None:
            raise RuntimeError("no test is running")
        return self._current

    def run(self, test: GraderTest, current: CurrentTest) -> BaseException | None:
        """Run one test by pytest's own protocol. Returns what it raised, or None."""
        self._current, self._raised = current, None
        getattr(test.item, "_report_sections", []).clear()  # pytest never does: one student's text, another's report
        try:
            test.item.ihook.pytest_runtest_protocol(item=test.item, nextitem=None)
        finally:
            self._current = None
        raised, self._raised = self._raised, None
        return raised

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the markers known, and this plugin to its fixtures."""
        config.stash[CURRENT] = self.current
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a grader that cannot be imported."""
        if report.failed:
            self.collect_errors.append(str(report.longrepr))

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the markers of everything collected."""
        for item in session.items:
            test = read_markers(item)
            self.tests.setdefault(test.exercise, []).append(test)

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Take the place of pytest's own loop."""
        if self.collect_errors:
            raise CourseError([Fault("graders", error) for error in self.collect_errors])
        self.loop(self)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """A test with a wrong answer fails when all its questions have been asked."""
        result = yield
        if self._current is not None and self._current.asks.failures:
            raise Mismatch
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the exception itself: reports hold only its text."""
        if call.excinfo is not None and self._raised is None:
            self._raised = call.excinfo.value
        return (yield)


def read_markers(item: pytest.Item) -> GraderTest:
    """Return a collected test with its markers read. Raises CourseError for one that belongs to no exercise."""
    exercise = item.get_closest_marker("exercise")
    if exercise is None:
        raise CourseError([Fault(item.nodeid, 'has no pytestmark = pytest.mark.exercise("...")')])
    points = item.get_closest_marker("points")
    limit = item.get_closest_marker("limit")
    floor = item.get_closest_marker("floor")
    lab = item.get_closest_marker("lab")
    doc = getattr(getattr(item, "function", None), "__doc__", None)
    limits = limit.kwargs if limit else {}
    return GraderTest(
        item=item,
        exercise=exercise.args[0],
        name=item.name,
        sentence=" ".join(doc.split()) if doc else item.name.removeprefix("test_").replace("_", " "),
        points=float(points.args[0]) if points else 0.0,
        hidden=item.get_closest_marker("hidden") is not None,
        needs=tuple(name for mark in item.iter_markers("needs") for name in mark.args),
        lab=lab is not None,
        title=str(lab.args[0]) if lab and lab.args else exercise.args[0],
        seconds=float(limits.get("seconds", SECONDS)),
        mb=int(limits.get("mb", MEGABYTES)),
        floor=float(floor.args[0]) if floor else FLOOR,
        only_asks=_fixtures(item) <= TELL_NOTHING,
    )


def _fixtures(item: pytest.Item) -> set[str]:
    """Return the names of a test's fixtures, without its parameters."""
    call = getattr(item, "callspec", None)
    return set(getattr(item, "fixturenames", ["unknown"])) - set(call.params if call else ())


def run_session(files: list[str], root: str, loop: Callable[[GraderPlugin], None]) -> None:
    """Collect these graders in one quiet pytest session and give them to `loop`."""
    plugin = GraderPlugin(loop)
    unwanted = ("terminal", "logging", "cacheprovider", "junitxml", "faulthandler", "capture", "warnings", "pastebin")
    options = ["-c", str(Path(__file__).with_name("graders.ini")), "--rootdir", root, "--import-mode=importlib"]
    options += [part for name in unwanted for part in ("-p", f"no:{name}")]
    raised: list[BaseException] = []

    class KeepError:
        """pytest turns an exception of the loop into text; we want it."""

        @pytest.hookimpl
        def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
            raised.append(excinfo.value)
            return True

    code = pytest.main([*options, *files], plugins=[plugin, fixtures, KeepError()])
    if raised:
        raise raised[0]
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        faults = plugin.collect_errors or ["pytest could not collect the graders"]
        raise CourseError([Fault("graders", fault) for fault in faults])
