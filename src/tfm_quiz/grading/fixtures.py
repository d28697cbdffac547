"""The fixtures that an author's grader uses: see docs/authoring.md.

The same test runs twice: once with the reference in the student's place, to record the answers, and for every
submission, to compare the student's. `check` never raises at a mismatch and never returns anything: all questions of a
test are asked, so that a mistake can be named, and the session fails the test at its end.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tfm_quiz.wall.wire.frames import Name

from .attempt import Asks
from .current import CURRENT, CurrentTest
from .draw import Draw
from .lab import Train
from .local import LocalSide
from .proxies import Proxy
from .questions import Build, Call, OnBuilt, Question, Through, Twice
from .remote import RemoteSide


class Check:
    """`check(...)`: the student's function against the reference, on the same arguments."""

    def __init__(self, asks: Asks) -> None:
        self._asks = asks
        self._builds = 0

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Compare exceptions, kinds, shapes, dtypes, values, and that no argument was changed."""
        self._asks.ask(Call(args, kwargs))

    def gradients(self, *args: Any, **kwargs: Any) -> None:
        """Compare the same, and the gradients of every floating tensor among the arguments."""
        self._asks.ask(Call(args, kwargs, self._asks.cotangents(Call(args, kwargs))))

    def fresh(self, *args: Any, **kwargs: Any) -> None:
        """Call twice, overwriting the first result in between."""
        self._asks.ask(Twice(args, kwargs))

    def through(self, helper: str, *args: Any, **kwargs: Any) -> None:
        """Call a staged helper with the student's target, then with the reference's, and compare."""
        self._asks.ask(Through(helper, args, kwargs))

    def state(self, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
        """Random weights for a module built with these arguments, as data for `through`."""
        return self._asks.state(args, kwargs)

    def build(self, *args: Any, **kwargs: Any) -> "Built":
        """Build the student's and the reference's module, compare their structure, load the same weights."""
        self._builds += 1
        self._asks.ask(Build(self._builds, args, kwargs, self._asks.state(args, kwargs)))
        return Built(self._asks, self._builds)


class Built:
    """A module on both sides with the same weights: call it, or its methods; `gradients` for gradients too."""

    def __init__(self, asks: Asks, number: int, *, gradients: bool = False) -> None:
        self._asks = asks
        self._number = number
        self._gradients = gradients

    @property
    def gradients(self) -> "Built":
        """The same module, with the gradients of all floating arguments and of all parameters compared."""
        return Built(self._asks, self._number, gradients=True)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Compare the forward of both."""
        self._method("", args, kwargs)

    def __getattr__(self, method: str) -> Any:
        """Compare any other method of both."""
        return lambda *args, **kwargs: self._method(method, args, kwargs)

    def _method(self, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        question: Question = OnBuilt(self._number, method, args, kwargs)
        if self._gradients:
            question = OnBuilt(self._number, method, args, kwargs, self._asks.cotangents(question))
        self._asks.ask(question)


class Student:
    """`student.split_heads(x, 3)`: plain calls of the student's public names. Data comes back, or a proxy."""

    def __init__(self, side: LocalSide | RemoteSide, name: str, module: Any) -> None:
        self._side = side
        self._name = name
        self._module = module

    def __getattr__(self, name: str) -> Any:
        """Return a function or class of the exercise's module."""
        if isinstance(self._side, LocalSide):
            return getattr(self._module, name)
        return Proxy(self._side, Name(self._name, name))


class Staged:
    """`staged.helper(...)`: a staged helper called with the student's function or class; data comes back."""

    def __init__(self, side: LocalSide | RemoteSide) -> None:
        self._side = side

    def __getattr__(self, helper: str) -> Any:
        """Return a function of graders/staged/<id>.py."""
        side = self._side
        if isinstance(side, LocalSide):
            return lambda *args, **kwargs: getattr(side.staged, helper)(side.target, *args, **kwargs)
        proxy = Proxy(side, Name(side.staged, helper))
        return lambda *args, **kwargs: proxy(side.target, *args, **kwargs)


class Reference:
    """`reference.MultiHeadAttention(...)`: the reference's own names, in the trusted process."""

    def __init__(self, modules: Mapping[str, Any]) -> None:
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        """Return a public name of any solution module."""
        for module in self._modules.values():
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"no solution module has {name}")


@pytest.fixture
def grader(request: pytest.FixtureRequest) -> CurrentTest:
    """Return what the fixtures of the running test share."""
    return request.config.stash[CURRENT]()


@pytest.fixture
def check(grader: CurrentTest) -> Check:
    """Compare the student's answers with the reference's."""
    return Check(grader.asks)


@pytest.fixture
def student(grader: CurrentTest) -> Student:
    """Call names of the student's module."""
    return Student(grader.side, grader.exercise.module, grader.student_module)


@pytest.fixture
def staged(grader: CurrentTest) -> Staged:
    """Call staged helpers with the student's function or class."""
    return Staged(grader.side)


@pytest.fixture
def train(grader: CurrentTest) -> Train:
    """Train the student's model, for a lab."""
    return Train(grader)


@pytest.fixture
def reference(grader: CurrentTest) -> Reference:
    """Return the reference's own functions and classes."""
    return Reference(grader.solutions)


@pytest.fixture
def draw(grader: CurrentTest, request: pytest.FixtureRequest) -> Draw:
    """Return the source of this test's values."""
    return Draw(grader.generator(request.node.name))


@pytest.fixture
def randn(draw: Draw) -> Callable[..., Any]:
    """Normal values: `randn(2, 5, 12, scale=0.3)`."""
    return draw.randn


@pytest.fixture
def randint(draw: Draw) -> Callable[..., Any]:
    """Integers: `randint(low, high, *shape)`."""
    return draw.randint


@pytest.fixture
def randbool(draw: Draw) -> Callable[..., Any]:
    """Booleans: `randbool(*shape, p=0.5)`."""
    return draw.randbool
