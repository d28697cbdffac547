"""Where a student's code answers a question: in a worker. No torch here: `check` on a student's machine has none.

Arguments travel as data of the wire (`worlds.to_send` makes it), and every answer is data from a process that may lie.
"""

import contextlib
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from tfm_quiz.wall.client import Worker, Zygote, load_factor
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.reply import Failure, Reply, StudentError
from tfm_quiz.wall.wire import Handle, Name, Tensor, Value, leaves

from .seen import Build, Call, OnBuilt, Question, Seen, Through, Twice

NOT_BUILT = Failure("RuntimeError", ("RuntimeError",), "the module was not built", (), ())
SEED = 20170612  # of torch's global generator before each call: the same on both sides
PATIENCE = 5  # times the limit of one call: all calls of an exercise together, or 50 naps would hold up a class
BESIDE = Path(__file__).with_name("beside.py").read_text("utf-8")


def open_world(
    zygote: Zygote,
    target: Name,
    sources: Mapping[str, str],
    staged_text: str | None,
    limits: Limits,
    seconds: float,
) -> "RemoteWorld":
    """A fresh worker with a submission in it, whose target has been imported.

    Raises StudentError if the module cannot be imported or lacks the name, WorkerTimedOut, WorkerDied.
    """
    worker = zygote.spawn(limits)
    try:
        requests = [{"verb": "load", "modules": dict(sources)}, {"verb": "stage", "text": BESIDE}]
        if staged_text:
            requests.append({"verb": "stage", "text": staged_text})
        requests.append({"verb": "call", "target": Name("@0", "find"), "args": (target,)})
        found = worker.batch(requests, seconds)[-1]
        if isinstance(found, StudentError):
            raise found
    except BaseException:
        worker.close()
        raise
    return RemoteWorld(worker, target, "@0", "@1" if staged_text else None, seconds)


class RemoteWorld:
    """The student's code, in a worker. Every answer is data from a process that may lie."""

    def __init__(self, worker: Worker, target: Name, beside_name: str, staged_name: str | None, seconds: float) -> None:
        self.worker = worker
        self.target = target
        self.beside = beside_name
        self.staged = staged_name
        self.seconds = seconds
        self.built: dict[int, Handle] = {}
        self.last: Reply | None = None
        self.longest = 0.0  # limit of a call so far
        self.waited = 0.0  # for all calls together, in seconds of a machine that has nothing else to do
        self.shared: float | None = None  # what is left for the calls that share one limit

    def ask(self, question: Question) -> Seen:
        """What the question comes to there. Raises WorkerDied and WorkerTimedOut; an exception is an answer."""
        try:
            return self._ask(question)
        except StudentError as error:
            return Seen(raised=error.failure.kinds or ("Exception",), failure=error.failure)

    def _ask(self, question: Question) -> Seen:
        match question:
            case Call(args, kwargs, cotangents):
                return self._call(self.target, args, kwargs, cotangents)
            case OnBuilt(number, method, args, kwargs, cotangents):
                if number not in self.built:
                    return Seen(raised=NOT_BUILT.kinds, failure=NOT_BUILT)
                return self._call((self.built[number], method), args, kwargs, cotangents)
            case Twice(args, kwargs):
                return Seen(value=self._run(Name(self.beside, "twice"), (self.target, args, dict(kwargs))))
            case Build(number, args, kwargs, state):
                built = self._run(Name(self.beside, "construct"), (self.target, args, dict(kwargs)))
                if not (isinstance(built, tuple) and len(built) == 2 and isinstance(built[0], Handle)):
                    return Seen(value=built)
                with contextlib.suppress(StudentError):  # of another structure: then that is the answer
                    self._run(Name(self.beside, "load"), (built[0], dict(state)))
                    self.built[number] = built[0]
                return Seen(value=built[1])
            case Through(helper, args, kwargs):
                return Seen(value=self._run(Name(self.staged or "", helper), (self.target, *args), kwargs))

    def run(self, target: Name | tuple[Handle, str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Value:
        """A plain call, for the fixtures `student` and `staged`. Raises StudentError."""
        return self._run(target, args, kwargs)

    def stage(self, text: str) -> str:
        """Run another helper of ours there; the module name that `Name` addresses it by."""
        with self._limit() as seconds:
            return self.worker.stage(text, seconds)

    @contextlib.contextmanager
    def one_limit(self) -> Generator[None]:
        """The calls in this block have the limit of one call, together."""
        self.shared = self.seconds
        try:
            yield
        finally:
            self.shared = None

    def _run(self, target: Name | tuple[Handle, str], args: Any, kwargs: Mapping[str, Any] | None = None) -> Value:
        return self._reply(target, tuple(args), kwargs).value

    def _call(self, target: Name | tuple[Handle, str], args: Any, kwargs: Any, cotangents: Any) -> Seen:
        reply = self._reply(target, args, kwargs, echo=True, cotangents=cotangents)
        return Seen(
            value=reply.value,
            changed=changed([leaf for _, leaf in leaves([list(args), dict(kwargs)])], reply.args),
            arguments=None if reply.arguments is None else tuple(reply.arguments),
            parameters=reply.parameters,
        )

    def _reply(self, target: Name | tuple[Handle, str], args: Any, kwargs: Any, **options: Any) -> Reply:
        """One call, within its own limit and what is left for all."""
        with self._limit() as seconds:
            self.last = self.worker.call(target, args, kwargs, seconds=seconds, seed=SEED, **options)
        return self.last

    @contextlib.contextmanager
    def _limit(self) -> Generator[float]:
        """The seconds that a call may take, which are then counted."""
        self.longest = max(self.longest, self.seconds)
        left = max(0.0, PATIENCE * self.longest - self.waited)
        limit = self.seconds if self.shared is None else self.shared
        load, started = load_factor(), time.monotonic()
        try:
            yield min(limit, left)
        finally:
            took = (time.monotonic() - started) / load
            self.waited += took
            if self.shared is not None:
                self.shared = max(0.0, self.shared - took)


def changed(before: list[Value], after: Value) -> tuple[str, ...]:
    """Which tensors among the arguments are no longer what they were."""
    now = [leaf for _, leaf in leaves(after)]
    if len(now) != len(before):
        return ("list of arguments",)
    pairs = enumerate(zip(before, now, strict=True), start=1)
    different = [number for number, (old, new) in pairs if isinstance(old, Tensor) and not _same_bytes(old, new)]
    return tuple(f"{_ordinal(number)} argument" for number in different)


def _same_bytes(old: Tensor, new: Value) -> bool:
    return isinstance(new, Tensor) and old.shape == new.shape and old.dtype == new.dtype and old.data == new.data


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")
