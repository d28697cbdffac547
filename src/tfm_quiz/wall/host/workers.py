"""The trusted side of the wall: get workers, ask them things, end them in time.

Nothing here believes a worker. A worker that lies about a frame, answers unasked, dies or does not answer in time is
discarded, and the caller gets one of three exceptions: `StudentError` (the student's code raised; the worker is fine),
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
from tfm_quiz.wall.wire.frames import Closed, Frame, Handle, Name, Tensor, Value, WireError, pack

from .fork_server import Forked
from .process import READY_SECONDS
from .reply import Reply, StudentError, WorkerDied, WorkerTimedOut, read_reply
from .spawn_server import Spawned

USUAL_LIMITS = Limits(cpu_seconds=60, memory_mb=512)  # of a worker that has one exercise to do
MAX_LOAD_FACTOR = 8.0
OVERHEAD = 4096  # bytes that a kernel may count for a frame besides its own
CORES = os.cpu_count() or 1  # asked once: it reads a file
Strategy = Literal["fork", "spawn"]


class Source(Protocol):
    """A way to get workers: `forked.Forked` or `spawned.Spawned`."""

    @property
    def level(self) -> Level:
        """As in `Zygote`, like all here but `start`."""
        ...

    @property
    def torch_version(self) -> str: ...  # noqa: D102

    def wait(self) -> None: ...  # noqa: D102

    def prepare(self, helper: str) -> None: ...  # noqa: D102

    def start(self, limits: Limits) -> tuple[Channel, int]:
        """A new worker: our end of its socket, and the number that `end` knows it by."""
        ...

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


class Zygote:
    """Where workers come from. Use as a context manager, or call `close`.

    `at_most` lowers the isolation level (tests); `strategy` is the platform's unless it is given: workers are forked
    from one process on Linux, and spawned elsewhere. Starting returns at once; `wait` blocks until a worker can be
    had, and the first `spawn` does so too.
    """

    def __init__(self, *, at_most: str = "full", strategy: Strategy | None = None) -> None:
        strategy = strategy or ("fork" if sys.platform == "linux" else "spawn")
        source = {"fork": Forked, "spawn": Spawned}[strategy]
        self.source: Source = source(at_most=at_most)

    @property
    def level(self) -> Level:
        """The isolation level of its workers, once `wait` has returned."""
        return self.source.level

    @property
    def torch_version(self) -> str:
        """The version of torch that its workers have, once `wait` has returned."""
        return self.source.torch_version

    def wait(self) -> None:
        """Block until torch has been imported. Raises CouldNotCheck if it cannot be."""
        self.source.wait()

    def prepare(self, helper: str) -> None:
        """Say what workers will be asked to stage: it is compiled once, where they are forked. Waits, as `wait`."""
        self.source.prepare(helper)

    def spawn(self, limits: Limits | None = None) -> "Worker":
        """A fresh worker, confined as far as `level` says, and proved so. Raises CouldNotCheck if it is not."""
        channel, pid = self.source.start(limits or USUAL_LIMITS)
        worker = Worker(self, channel, pid)
        worker.await_ready()
        return worker

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Kill a worker. With `reason`, wait for its end: its signal (0 if it left by itself) and exit code."""
        return self.source.end(pid, reason=reason)

    def close(self) -> None:
        """End every worker, and what they come from."""
        self.source.close()

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Worker:
    """One confined process with one submission in it."""

    zygote: Zygote
    channel: Channel
    pid: int
    ended: tuple[int, int] | None = field(default=None, init=False)
    posted: deque[tuple[int, int]] = field(default_factory=deque, init=False)  # number and size of what is unanswered

    def await_ready(self) -> None:
        """Wait for the word that the lock-down was proved. Raises CouldNotCheck if it was not."""
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

    def load(self, modules: Mapping[str, str], seconds: float = 10.0) -> None:
        """Send the submission's modules (name to text). Nothing is run before it is called."""
        self.request(loading(modules), seconds)

    def stage(self, text: str, seconds: float = 10.0) -> str:
        """Run a helper of ours in the worker; the module name that `Name` addresses it by. Holds no secret."""
        return f"@{self.request({'verb': 'stage', 'text': text}, seconds).value}"

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

    def drop(self, handles: Sequence[Handle], seconds: float = 5.0) -> None:
        """Let go of objects."""
        self.request({"verb": "drop", "handles": list(handles)}, seconds)

    def request(self, message: dict[str, Value], seconds: float) -> Reply:
        """One request and its reply. Raises StudentError, WorkerTimedOut or WorkerDied."""
        if self.posted:
            raise RuntimeError("replies to what was posted are to be collected first")
        self.post(pack(message), seconds)
        reply = self.collect(seconds)
        if isinstance(reply, StudentError):
            raise reply
        return reply

    def has_room_for(self, frame: Frame) -> bool:
        """Whether it can be posted for sure while the worker is busy: otherwise both sides could wait to send."""
        ahead = sum(size + OVERHEAD for _, size in self.posted)
        return not self.posted or ahead + len(frame) + OVERHEAD <= self.channel.room

    def post(self, frame: Frame, seconds: float) -> None:
        """Send a request, and don't wait for its reply. Raises WorkerTimedOut or WorkerDied."""
        if self.ended is not None:
            raise WorkerDied("the worker has ended")
        if not self.posted and self.channel.has_waiting_bytes():
            raise self._broke("it spoke without being asked")
        number = secrets.randbits(64)
        with self._expected(seconds) as deadline:
            self.channel.send(frame, number, deadline)
        self.posted.append((number, len(frame)))

    def collect(self, seconds: float) -> Reply | StudentError:
        """The reply to the first request that has none, `seconds` from now at most. Raises as `post` does."""
        if self.ended is not None:
            raise WorkerDied("the worker has ended")
        asked, _ = self.posted.popleft()
        with self._expected(seconds) as deadline:
            number, reply = self.channel.receive(deadline)
            if number != asked:
                raise self._broke("it answered another question")
            return read_reply(reply)

    def close(self, *, reason: bool = False) -> None:
        """End the worker. Why it ended is only asked for where somebody will read it: that takes its time."""
        if self.ended is None:
            self.channel.close()
            self.ended = self.zygote.end(self.pid, reason=reason)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _expected(self, seconds: float) -> Generator[float]:
        """The deadline for what is done inside, and what it means if that fails."""
        try:
            yield time.monotonic() + seconds * load_factor()
        except OutOfTime:
            self.close()
            raise WorkerTimedOut(f"no answer in {seconds:g} s") from None
        except Closed:
            raise self._broke("it ended") from None
        except WireError as error:
            raise self._broke(str(error)) from error

    def _broke(self, why: str) -> WorkerDied:
        self.close(reason=True)
        signal_number, code = self.ended or (0, 0)
        if why == "it ended" and signal_number:
            why = f"it was ended by signal {signal_number}"
        elif why == "it ended":
            why = f"it left with exit code {code}"
        return WorkerDied(why)


def loading(modules: Mapping[str, str]) -> dict[str, Value]:
    """A request: the submission's modules, name to text. As bytes they need no quoting, and may be any text."""
    texts = {name: text.encode("utf-8", "surrogatepass") for name, text in modules.items()}
    return {"verb": "load", "modules": {name: Tensor("uint8", (len(text),), text) for name, text in texts.items()}}


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
    """A request: a function of the submission is called, or a method of a handle. Arguments are wire values.

    `watched` asks which arguments were changed, `cotangents` for gradients; `handle` chooses the number of an object
    in the result.
    """
    where = target if isinstance(target, Name) else {"handle": target[0], "method": target[1]}
    request: dict[str, Value] = {"verb": "call", "target": where, "args": tuple(args), "kwargs": dict(kwargs or {})}
    chosen = {"handle": handle, "cotangents": None if cotangents is None else list(cotangents)}
    return request | {"seed": seed, "watched": watched} | {k: v for k, v in chosen.items() if v is not None}


def load_factor() -> float:
    """How much longer honest work may take on this machine now: the load per core, at least 1."""
    if not hasattr(os, "getloadavg"):
        return 1.0
    return min(MAX_LOAD_FACTOR, max(1.0, os.getloadavg()[0] / CORES))
