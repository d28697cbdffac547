"""Start workers, send them requests, end them in time.

Nothing here believes a worker. A worker that lies about a frame, replies unasked, dies or misses its deadline is
discarded. The caller gets one of three exceptions: `StudentError` (the student's code raised; the worker is fine),
`WorkerDied`, `WorkerTimedOut`.
"""

import contextlib
import os
import secrets
import sys
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Level
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.channel import Channel, OutOfTime
from tfm_quiz.wall.wire.frames import ConnectionClosed, Frame, Handle, Name, Tensor, Value, WireError, pack

from .fork_server import ForkServer
from .process import READY_SECONDS, tuning_enabled
from .reply import Reply, StudentError, WorkerDied, WorkerTimedOut, read_reply
from .spawn_server import SpawnServer

USUAL_LIMITS = Limits(cpu_seconds=60, memory_mb=512)  # of a worker that has one exercise to do
MAX_LOAD_FACTOR = 8.0
OVERHEAD = 4096  # bytes that a kernel may count for a frame besides its own
CORES = os.cpu_count() or 1  # asked once: it reads a file
Strategy = Literal["fork", "spawn"]


class WorkerServer(Protocol):
    """A way to get workers: `ForkServer` or `SpawnServer`. Its methods do what those of `Workers` do."""

    @property
    def level(self) -> Level: ...  # noqa: D102

    @property
    def torch_version(self) -> str: ...  # noqa: D102

    def wait(self) -> None: ...  # noqa: D102

    def prepare(self, helper: str) -> None: ...  # noqa: D102

    def start(self, limits: Limits) -> tuple[Channel, int]:
        """Return a new worker: our end of its socket, and the pid that `end` knows it by."""
        ...

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


class Workers:
    """The workers of one grader. Use as a context manager, or call `close`.

    `at_most` lowers the isolation level (tests). `strategy`: workers are forked from one zygote on Linux, and spawned
    elsewhere. `tuned`: use tuning/, by default as the environment says. The constructor returns at once; `wait`, or
    the first `spawn`, blocks until a worker can be had.
    """

    def __init__(self, *, at_most: str = "full", strategy: Strategy | None = None, tuned: bool | None = None) -> None:
        strategy = strategy or ("fork" if sys.platform == "linux" else "spawn")
        server = {"fork": ForkServer, "spawn": SpawnServer}[strategy]
        self.server: WorkerServer = server(at_most=at_most, tuned=tuning_enabled() if tuned is None else tuned)

    @property
    def level(self) -> Level:
        """The isolation level of the workers, once `wait` has returned."""
        return self.server.level

    @property
    def torch_version(self) -> str:
        """The version of torch in the workers, once `wait` has returned."""
        return self.server.torch_version

    def wait(self) -> None:
        """Block until torch has been imported. Raises CouldNotCheck if it cannot be."""
        self.server.wait()

    def prepare(self, helper: str) -> None:
        """Have a helper of ours compiled once, before workers are forked, that they will be sent. Waits, as `wait`."""
        self.server.prepare(helper)

    def spawn(self, limits: Limits | None = None) -> "Worker":
        """Return a fresh worker, proved to be confined as `level` says. Raises CouldNotCheck if it is not."""
        channel, pid = self.server.start(limits or USUAL_LIMITS)
        worker = Worker(self, channel, pid)
        worker.await_ready()
        return worker

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Kill a worker. With `reason`, wait and return its signal (0 if it exited) and exit code; else zeros."""
        return self.server.end(pid, reason=reason)

    def close(self) -> None:
        """End every worker and the processes they come from."""
        self.server.close()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Worker:
    """One confined process with one submission in it."""

    workers: Workers
    channel: Channel
    pid: int
    ended: tuple[int, int] | None = field(default=None, init=False)
    posted: deque[tuple[int, int]] = field(default_factory=deque, init=False)  # number and size of what is unanswered

    def await_ready(self) -> None:
        """Wait until the worker says that its lock-down is proved. Raises CouldNotCheck if it is not."""
        try:
            _, ready = self.channel.receive(time.monotonic() + READY_SECONDS * load_factor())
        except (OutOfTime, WireError) as error:
            self.close()
            raise CouldNotCheck(
                "A worker did not start.", next_step="tfm-quiz doctor shows what is missing."
            ) from error
        if ready != {"ready": True}:
            self.close()
            raise CouldNotCheck(f"A worker could not be locked down: {ready.get('why')}")

    def add_helper(self, text: str, seconds: float = 10.0) -> str:
        """Run a helper of ours in the worker; the module name that `Name` addresses it by. Holds no secret."""
        return f"@{self.request(helping(text), seconds).value}"

    def call(
        self,
        target: Name | tuple[Handle, str],
        args: Sequence[Value] = (),
        kwargs: Mapping[str, Value] | None = None,
        *,
        seconds: float,
        **options: Value,
    ) -> Reply:
        """Call a function of the submission, or a method of a handle. `options` are those of `calling`."""
        return self.request(calling(target, args, kwargs, **options), seconds)

    def request(self, message: dict[str, Value], seconds: float) -> Reply:
        """Send one request and return its reply. Raises StudentError, WorkerTimedOut or WorkerDied."""
        if self.posted:
            raise RuntimeError("collect the replies to earlier posts first")
        self.post(pack(message), seconds)
        reply = self.collect(seconds)
        if isinstance(reply, StudentError):
            raise reply
        return reply

    def has_room_for(self, frame: Frame) -> bool:
        """Return whether a frame can be posted without blocking while the worker is busy.

        Otherwise both sides could wait for the other to read.
        """
        ahead = sum(size + OVERHEAD for _, size in self.posted)
        return not self.posted or ahead + len(frame) + OVERHEAD <= self.channel.room

    def post(self, frame: Frame, seconds: float) -> None:
        """Send a request without waiting for its reply. Raises WorkerTimedOut or WorkerDied."""
        if self.ended is not None:
            raise WorkerDied("the worker has ended")
        if not self.posted and self.channel.has_waiting_bytes():
            raise self._broke("it sent an unsolicited message")
        number = secrets.randbits(64)
        with self._expected(seconds) as deadline:
            self.channel.send(frame, number, deadline)
        self.posted.append((number, len(frame)))

    def collect(self, seconds: float) -> Reply | StudentError:
        """Return the reply to the oldest open request, waiting `seconds` at most. Raises as `post` does."""
        if self.ended is not None:
            raise WorkerDied("the worker has ended")
        asked, _ = self.posted.popleft()
        with self._expected(seconds) as deadline:
            number, reply = self.channel.receive(deadline)
            if number != asked:
                raise self._broke("it answered a different request")
            return read_reply(reply)

    def close(self, *, reason: bool = False) -> None:
        """End the worker. Pass `reason` only where somebody reads it: to find out takes time."""
        if self.ended is None:
            self.channel.close()
            self.ended = self.workers.end(self.pid, reason=reason)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _expected(self, seconds: float) -> Generator[float]:
        """Yield the deadline for this block, and turn its failures into WorkerTimedOut or WorkerDied."""
        try:
            yield time.monotonic() + seconds * load_factor()
        except OutOfTime:
            self.close()
            raise WorkerTimedOut(f"no answer in {seconds:g} s") from None
        except ConnectionClosed:
            raise self._broke("it ended") from None
        except WireError as error:
            raise self._broke(str(error)) from error

    def _broke(self, why: str) -> WorkerDied:
        self.close(reason=True)
        signal_number, code = self.ended or (0, 0)
        if why != "it ended":
            return WorkerDied(why)
        if signal_number:
            return WorkerDied(f"it was ended by signal {signal_number}", signal=signal_number)
        return WorkerDied(f"it ended with exit code {code}", exited=True)


def loading(modules: Mapping[str, str]) -> dict[str, Value]:
    """Make the request that loads a submission: module name to text. Nothing is run before it is called.

    The texts travel as bytes: they need no quoting, and may hold any character.
    """
    texts = {name: text.encode("utf-8", "surrogatepass") for name, text in modules.items()}
    return {"verb": "load", "modules": {name: Tensor("uint8", (len(text),), text) for name, text in texts.items()}}


def helping(text: str) -> dict[str, Value]:
    """Make the request that runs a helper of ours beside the submission. It holds no secret."""
    return {"verb": "helper", "text": text}


def calling(
    target: Name | tuple[Handle, str],
    args: Sequence[Value] = (),
    kwargs: Mapping[str, Value] | None = None,
    *,
    seed: int = 0,
    watched: bool = False,
    handle: int | None = None,
    cotangents: Sequence[Value] | None = None,
) -> dict[str, Value]:
    """Make the request that calls a function of the submission, or a method of a handle. Arguments are wire values.

    `watched` asks which arguments were changed, `cotangents` for gradients; `handle` chooses the number of an object
    in the result.
    """
    where = target if isinstance(target, Name) else {"handle": target[0], "method": target[1]}
    request: dict[str, Value] = {"verb": "call", "target": where, "args": tuple(args), "kwargs": dict(kwargs or {})}
    chosen = {"handle": handle, "cotangents": None if cotangents is None else list(cotangents)}
    return request | {"seed": seed, "watched": watched} | {k: v for k, v in chosen.items() if v is not None}


def load_factor() -> float:
    """Return how much longer honest work may take on this machine now: the load per core, from 1 to 8."""
    if not hasattr(os, "getloadavg"):
        return 1.0
    return min(MAX_LOAD_FACTOR, max(1.0, os.getloadavg()[0] / CORES))
