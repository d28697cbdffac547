"""The student's side: their code answers a question, in a worker. No torch here: `check` has none.

Arguments travel as data of the wire, and every answer is data from a process that may lie. The questions of a test are
sent ahead of their answers: each still has its own limit, from the answer before it.
"""

import contextlib
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tfm_quiz.wall.host.reply import Reply, StudentError
from tfm_quiz.wall.host.workers import Worker, Workers, calling, helping, load_factor, loading
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Frame, Handle, Name, Value, pack

from .attempt import KnownQuestion
from .call_limits import CallLimits
from .observation import NOT_BUILT, Observation, changed_arguments
from .questions import BESIDE, SEED, STAGED, Build, OnBuilt, Question

HELPERS = Path(__file__).with_name("beside.py").read_text("utf-8")


def open_side(
    workers: Workers,
    target: Name,
    sources: Mapping[str, str],
    staged_text: str | None,
    limits: Limits,
    calls: CallLimits,
) -> "RemoteSide":
    """Return a fresh worker with a submission in it, whose target has been imported.

    Raises StudentError if the module cannot be imported or lacks the name, WorkerTimedOut, WorkerDied.
    """
    worker = workers.spawn(limits)
    requests = [loading(sources), helping(HELPERS)]
    if staged_text:
        requests.append(helping(staged_text))
    requests.append(calling(Name(BESIDE, "find"), (target,)))
    side = RemoteSide(worker, target, calls)
    try:
        with calls.importing():
            found = list(side.replies([pack(request) for request in requests]))[-1]
        if isinstance(found, StudentError):
            raise found
    except BaseException:  # Ctrl-C, too: nobody else knows of this worker yet
        worker.close()
        raise
    return side


class RemoteSide:
    """The student's code, in a worker. Every answer is data from a process that may lie."""

    def __init__(self, worker: Worker, target: Name, calls: CallLimits) -> None:
        self.worker = worker
        self.target = target
        self.staged = STAGED
        self.calls = calls
        self.built: set[int] = set()  # the numbers of modules that took their weights

    def answers(self, questions: Sequence[KnownQuestion]) -> Iterator[Observation]:
        """Yield the answer to each question. Raises WorkerDied and WorkerTimedOut; an exception is an answer."""
        encoded = [known.encoded for known in questions]
        replies = self.replies([frame for each in encoded for frame in each.frames])
        for each in encoded:
            yield self._observation(each.question, [next(replies) for _ in each.frames])

    def replies(self, frames: Sequence[Frame]) -> Iterator[Reply | StudentError]:
        """Yield the reply to each request. If the caller stops listening, the worker ends."""
        ahead = deque(frames)
        try:
            for _ in frames:
                with self._limit() as seconds:
                    while ahead and self.worker.has_room_for(ahead[0]):
                        self.worker.post(ahead.popleft(), seconds)
                    reply = self.worker.collect(seconds)
                yield reply
        finally:
            if self.worker.posted:
                self.worker.close()

    def run(self, target: Name | tuple[Handle, str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Value:
        """Return a plain call, for the fixtures `student` and `staged`. Raises StudentError."""
        with self._limit() as seconds:
            return self.worker.call(target, args, kwargs, seconds=seconds, seed=SEED).value

    def add_helper(self, text: str) -> str:
        """Run another helper of ours there; the module name that `Name` addresses it by."""
        with self._limit() as seconds:
            return self.worker.add_helper(text, seconds)

    def _observation(self, question: Question, replies: Sequence[Reply | StudentError]) -> Observation:
        first = replies[0]
        if isinstance(question, OnBuilt) and question.number not in self.built:
            return NOT_BUILT
        if isinstance(first, StudentError):
            failure = first.failure
            return Observation(raised=failure.kinds or ("Exception",), failure=failure, output=failure.output)
        value = first.value
        if isinstance(question, Build):
            is_built = isinstance(value, tuple) and len(value) == 2 and value[0] == Handle(question.number)
            if is_built and isinstance(replies[1], Reply):  # else it is of another structure: then that is the answer
                self.built.add(question.number)
            value = value[1] if is_built else value
        return Observation(
            value=value,
            changed=changed_arguments(first.changed, [question.args, dict(question.kwargs)]),
            arguments=None if first.arguments is None else tuple(first.arguments),
            parameters=first.parameters,
            output=first.output,
            output_cut=first.output_cut,
        )

    @contextlib.contextmanager
    def _limit(self) -> Generator[float]:
        """The seconds that a call may take, which are then counted."""
        load, started = load_factor(), time.monotonic()
        try:
            yield self.calls.next()
        finally:
            self.calls.took((time.monotonic() - started) / load)
