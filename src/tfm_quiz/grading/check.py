"""The fixtures `check`, `student`, `staged` and `reference` of a grader: see docs/authoring.md.

The same test runs twice: in the rehearsal (reference in the student's place, answers written down) and, for every
submission, in a trial (student asked the same questions, compared). `check` never raises at a mismatch and never
returns anything: all questions of a test are asked, so that a mistake can be named, and the plugin fails the test at
its end.
"""

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tfm_quiz.wall.host.reply import StudentError
from tfm_quiz.wall.wire.frames import Handle, Name, Value
from tfm_quiz.wall.wire.tensors import tree_from_wire, tree_to_wire

from .compare import Difference, difference
from .oracle import Answer, Rehearsal, Trial
from .remote import RemoteWorld
from .seen import Build, Call, OnBuilt, Question, Seen, Through, Twice
from .worlds import LocalWorld, World

Watch = Callable[[int, int, tuple[float | None, ...]], None]  # step, of how many, losses so far
BYTES_KEPT = 1 << 20  # of an answer, beyond twice what was expected


@dataclass(frozen=True)
class Observed:
    """A question that a student answered, and what is wrong with the answer, if anything."""

    answer: Answer
    seen: Seen
    wrong: Difference | None


@dataclass
class Stage:
    """What the fixtures of one test share: who is asked, and what was seen."""

    world: World
    rehearsal: Rehearsal | None
    trial: Trial | None
    observed: list[Observed] = field(default_factory=list)
    builds: int = 0
    losses: list[float | None] = field(default_factory=list)  # of the training that this test did last
    watch: Watch = lambda step, of, losses: None

    def ask(self, question: Question) -> None:
        """Ask, and write down or compare. Raises WorkerDied and WorkerTimedOut."""
        if self.rehearsal is not None:
            self.rehearsal.ask(question)
        elif self.trial is not None:
            answer = self.trial.next()
            self._note(answer, self.world.ask(answer.sent.question))

    def ask_all(self) -> None:
        """Ask a student everything that the rehearsal did. Raises WorkerDied and WorkerTimedOut."""
        if self.trial is None or not isinstance(self.world, RemoteWorld):
            raise TypeError("only a student in a worker is asked all at once")
        known = self.trial.rest()
        for answer, seen in zip(known, self.world.answers([answer.sent for answer in known]), strict=True):
            self._note(answer, seen)

    def _note(self, answer: Answer, seen: Seen) -> None:
        self.observed.append(Observed(answer, _kept(seen, answer.size), judged(answer, seen)))

    @property
    def failures(self) -> list[Observed]:
        """What was wrong."""
        return [observed for observed in self.observed if observed.wrong is not None]


def judged(answer: Answer, seen: Seen) -> Difference | None:
    """What is wrong with an answer, or None."""
    wrong = difference(answer.expected, answer.exact, seen, answer.floor)
    if wrong is not None and isinstance(answer.question, Build):
        return _changed_constructor(answer.expected, seen)
    return wrong


def _kept(seen: Seen, expected: int) -> Seen:
    """The answer as it is remembered to name the mistake; one of far more bytes than asked for is not remembered."""
    return seen if seen.size() <= 2 * expected + BYTES_KEPT else Seen(raised=("TooLarge",))


class Check:
    """`check(...)`: the student's function against the reference, on the same arguments."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Compare exceptions, kinds, shapes, dtypes, values, and that no argument was changed."""
        self._stage.ask(Call(args, kwargs))

    def gradients(self, *args: Any, **kwargs: Any) -> None:
        """The same, and the gradients of every floating tensor among the arguments."""
        question = Call(args, kwargs)
        self._stage.ask(Call(args, kwargs, self._cotangents(question)))

    def fresh(self, *args: Any, **kwargs: Any) -> None:
        """Call twice, overwriting the first result in between."""
        self._stage.ask(Twice(args, kwargs))

    def through(self, helper: str, *args: Any, **kwargs: Any) -> None:
        """Call a staged helper with the student's target, then with the reference's, and compare."""
        self._stage.ask(Through(helper, args, kwargs))

    def state(self, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
        """Random weights for a module built with these arguments, as data for `through`."""
        return self._stage.rehearsal.state(args, kwargs) if self._stage.rehearsal else {}

    def build(self, *args: Any, **kwargs: Any) -> "Built":
        """Build the student's and the reference's module, compare their structure, load the same weights."""
        self._stage.builds += 1
        number = self._stage.builds
        state = self._stage.rehearsal.state(args, kwargs) if self._stage.rehearsal else {}
        self._stage.ask(Build(number, args, kwargs, state))
        return Built(self, number)

    def _cotangents(self, question: Call | OnBuilt) -> tuple[Any, ...]:
        return self._stage.rehearsal.cotangents(question) if self._stage.rehearsal else ()


class Built:
    """A module on both sides with the same weights: call it, or its methods; `gradients` for gradients too."""

    def __init__(self, check: Check, number: int, *, gradients: bool = False) -> None:
        self._check = check
        self._number = number
        self._gradients = gradients

    @property
    def gradients(self) -> "Built":
        """The same module, with the gradients of all floating arguments and of all parameters compared."""
        return Built(self._check, self._number, gradients=True)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Forward of both, compared."""
        self._method("", args, kwargs)

    def __getattr__(self, method: str) -> Any:
        """Any other method of both, compared."""
        return lambda *args, **kwargs: self._method(method, args, kwargs)

    def _method(self, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        question = OnBuilt(self._number, method, args, kwargs)
        if self._gradients:
            question = OnBuilt(self._number, method, args, kwargs, self._check._cotangents(question))
        self._check._stage.ask(question)


class Student:
    """`student.split_heads(x, 3)`: plain calls of the student's public names. Data comes back, or a handle."""

    def __init__(self, world: World, module: str, reference_module: Any) -> None:
        self._world = world
        self._module = module
        self._reference_module = reference_module

    def __getattr__(self, name: str) -> Any:
        """A function or class of the exercise's module."""
        if isinstance(self._world, LocalWorld):
            return getattr(self._reference_module, name)
        return Remote(self._world, Name(self._module, name))


class Staged:
    """`staged.helper(...)`: a staged helper called with the student's function or class; data comes back."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, helper: str) -> Any:
        """A function of graders/staged/<id>.py."""
        world = self._world
        if isinstance(world, LocalWorld):
            return lambda *args, **kwargs: getattr(world.staged, helper)(world.target, *args, **kwargs)
        remote = Remote(world, Name(world.staged, helper))
        return lambda *args, **kwargs: remote(world.target, *args, **kwargs)


class Reference:
    """`reference.MultiHeadAttention(...)`: the reference's own names, in the trusted process."""

    def __init__(self, modules: Mapping[str, Any]) -> None:
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        """A public name of any solution module."""
        for module in self._modules.values():
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"no solution module has {name}")


class Remote:
    """A callable in the worker, or an object there, whose methods are callable."""

    def __init__(self, world: RemoteWorld, target: Name | tuple[Handle, str]) -> None:
        self._world = world
        self._target = target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it there: data comes back, or an object of there. Raises StudentError."""
        try:
            value = self._world.run(self._target, tree_to_wire(args, _handle), tree_to_wire(kwargs, _handle))
        except StudentError as error:
            raise _as_builtin(error) from None
        return _with_handles(self._world, tree_from_wire(value))

    def __getattr__(self, method: str) -> Any:
        """A method of an object in the worker."""
        if isinstance(self._target, Name):
            raise AttributeError(f"only an object in the worker has methods, not {self._target.name}")
        return Remote(self._world, (self._target[0], method))


def _handle(value: Any) -> Handle:
    if isinstance(value, Remote) and not isinstance(value._target, Name):
        return value._target[0]
    raise TypeError(f"{type(value).__name__} cannot be sent to the student's code")


def _with_handles(world: RemoteWorld, value: Any) -> Any:
    if isinstance(value, Handle):
        return Remote(world, (value, ""))
    if isinstance(value, list | tuple):
        return type(value)(_with_handles(world, item) for item in value)
    return value


def _as_builtin(error: StudentError) -> StudentError:
    """The student's exception, also as the builtin that it is, so that `pytest.raises(ValueError)` works."""
    known = (getattr(builtins, kind, None) for kind in error.failure.kinds)
    base = next((kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception)), None)
    if base is None or base is Exception:
        return error
    kind = type(f"Student{base.__name__}", (StudentError, base), {})
    return kind(error.failure)


def _changed_constructor(expected: Seen, got: Seen) -> Difference:
    """What a changed `__init__` did to the structure of a module, as one clear message of its own."""
    if got.raised:
        return Difference("structure", f"building it raised {got.raised[0]}; is `__init__` as it was given?")
    ours, theirs = expected.value, got.value
    if not isinstance(theirs, dict) or theirs.keys() != ours.keys():
        return Difference("structure", "building it did not give an nn.Module; is `__init__` as it was given?")
    for part in ("parameters", "buffers"):
        mine, yours = ours[part], theirs[part] if isinstance(theirs[part], dict) else {}
        for name in [*mine, *yours]:
            if mine.get(name) != yours.get(name):
                text = _part(part, name, mine.get(name), yours.get(name))
                return Difference("structure", f"{text}; leave `__init__` as it was given", name)
    if ours["tied"] != theirs["tied"]:
        return Difference("structure", "other parameters are shared than should be; leave `__init__` as it was given")
    return Difference("structure", "other things are saved than should be; leave `__init__` as it was given")


def _part(part: str, name: str, mine: Value, yours: Value) -> str:
    kind = part.removesuffix("s")
    if yours is None:
        return f"the {kind} {name} is missing"
    if mine is None:
        return f"there is a {kind} that should not be there"
    return f"the {kind} {name} has another shape"
