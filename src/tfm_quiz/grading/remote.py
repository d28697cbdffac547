"""Where a student's code answers a question: in a worker. No torch here: `check` on a student's machine has none.

Arguments travel as data of the wire (`worlds.to_send` makes it), and every answer is data from a process that may lie.
The questions of a test are sent ahead of their answers: each still has its own limit, from the answer before it.
"""

import contextlib
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tfm_quiz.wall.host.reply import Failure, Reply, StudentError
from tfm_quiz.wall.host.workers import Worker, Zygote, calling, load_factor, loading
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Frame, Handle, Name, Value, pack

from .asked import BESIDE, SEED, STAGED, Asked, asked
from .seen import Build, Call, OnBuilt, Question, Seen

NOT_BUILT = Failure("RuntimeError", ("RuntimeError",), "the module was not built", (), ())
PATIENCE = 5  # times the limit of one call: all calls of an exercise together, or 50 naps would hold up a class
MOST_NAMED = 8  # of the arguments that a worker says were changed
HELPERS = Path(__file__).with_name("beside.py").read_text("utf-8")


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
    requests = [loading(sources), {"verb": "stage", "text": HELPERS}]
    if staged_text:
        requests.append({"verb": "stage", "text": staged_text})
    requests.append(calling(Name(BESIDE, "find"), (target,)))
    world = RemoteWorld(worker, target, seconds)
    try:
        found = list(world.replies([pack(request) for request in requests]))[-1]
        if isinstance(found, StudentError):
            raise found
    except BaseException:  # Ctrl-C, too: nobody else knows of this worker yet
        worker.close()
        raise
    world.waited = 0.0  # what an import took is not for its calls to make up for
    return world


class RemoteWorld:
    """The student's code, in a worker. Every answer is data from a process that may lie."""

    def __init__(self, worker: Worker, target: Name, seconds: float) -> None:
        self.worker = worker
        self.target = target
        self.staged = STAGED
        self.seconds = seconds
        self.built: set[int] = set()  # the numbers of modules that took their weights
        self.last: Reply | None = None
        self.longest = 0.0  # limit of a call so far
        self.waited = 0.0  # for all calls together, in seconds of a machine that has nothing else to do
        self.shared: float | None = None  # what is left for the calls that share one limit

    def ask(self, question: Question) -> Seen:
        """What one question comes to there."""
        (seen,) = self.answers([asked(question, self.target)])
        return seen

    def answers(self, questions: Sequence[Asked]) -> Iterator[Seen]:
        """What each question comes to there. Raises WorkerDied and WorkerTimedOut; an exception is an answer."""
        replies = self.replies([frame for each in questions for frame in each.frames])
        for each in questions:
            yield self._seen(each.question, [next(replies) for _ in each.frames])

    def replies(self, frames: Sequence[Frame]) -> Iterator[Reply | StudentError]:
        """The reply to each request. Whoever stops listening ends the worker."""
        ahead = deque(frames)
        try:
            for _ in frames:
                with self._limit() as seconds:
                    while ahead and self.worker.has_room_for(ahead[0]):
                        self.worker.post(ahead.popleft(), seconds)
                    reply = self.worker.collect(seconds)
                self.last = reply if isinstance(reply, Reply) else None
                yield reply
        finally:
            if self.worker.posted:
                self.worker.close()

    def run(self, target: Name | tuple[Handle, str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Value:
        """A plain call, for the fixtures `student` and `staged`. Raises StudentError."""
        with self._limit() as seconds:
            return self.worker.call(target, args, kwargs, seconds=seconds, seed=SEED).value

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

    def _seen(self, question: Question, replies: Sequence[Reply | StudentError]) -> Seen:
        first = replies[0]
        if isinstance(question, OnBuilt) and question.number not in self.built:
            return _raised(NOT_BUILT)
        if isinstance(first, StudentError):
            return _raised(first.failure)
        match question:
            case Build(number):
                built = first.value
                if not (isinstance(built, tuple) and len(built) == 2 and built[0] == Handle(number)):
                    return Seen(value=built)
                if isinstance(replies[1], Reply):  # else it is of another structure: then that is the answer
                    self.built.add(number)
                return Seen(value=built[1])
            case Call() | OnBuilt():
                gradients = None if first.arguments is None else tuple(first.arguments)
                return Seen((), first.value, changed(first.changed), gradients, first.parameters)
            case _:
                return Seen(value=first.value)

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


def _raised(failure: Failure) -> Seen:
    return Seen(raised=failure.kinds or ("Exception",), failure=failure)


def changed(numbers: Sequence[int]) -> tuple[str, ...]:
    """The names of the arguments that were changed: by number, from 1; 0 for the arguments themselves."""
    return tuple("list of arguments" if n == 0 else f"{_ordinal(n)} argument" for n in numbers[:MOST_NAMED])


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")
