"""The trusted side of the wall: start a zygote, get workers from it, ask them things, end them in time.

Nothing here believes a worker. A worker that lies about a frame, answers unasked, dies or does not answer in time is
discarded, and the caller gets one of three exceptions: `StudentError` (the student's code raised; the worker is fine),
`WorkerDied`, `WorkerTimedOut`.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Level

from .channel import Closed, OutOfTime, has_waiting_bytes, receive, send
from .lockdown import Limits
from .reply import Reply, StudentError, WorkerDied, WorkerTimedOut, read_reply
from .wire import Handle, Name, Value, WireError

START_SECONDS = 180.0  # importing torch on a machine under heavy load
READY_SECONDS = 30.0
USUAL_LIMITS = Limits(cpu_seconds=60, memory_mb=512)  # of a worker that has one exercise to do
MAX_LOAD_FACTOR = 8.0


class Zygote:
    """A running zygote. Use as a context manager, or call `close`.

    `at_most` lowers the isolation level (tests); `warm_optimizers` imports what the first optimizer needs, once.
    Starting returns at once; `wait` blocks until it is ready, and the first `spawn` does so too.
    """

    def __init__(self, *, at_most: str = "full", warm_optimizers: bool = False) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Not -I: the environment is all ours, and fixes the order of sets.
        command = [sys.executable, "-s", "-P", "-m", "tfm_quiz.wall.zygote", "--control", str(theirs.fileno())]
        command += ["--at-most", at_most, *(["--warm-optimizers"] if warm_optimizers else [])]
        self.control = ours
        self.level: Level = "none"
        self.ready = False
        self.torch_version = ""
        with theirs:
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for us; we end it
            )

    def wait(self) -> None:
        """Block until the zygote has imported torch and sealed itself. Raises CouldNotCheck if it cannot start."""
        if not self.ready:
            ready = self._control_reply(START_SECONDS)
            self.level, self.torch_version, self.ready = ready["level"], ready["torch"], True

    def spawn(self, limits: Limits | None = None) -> "Worker":
        """A fresh worker, confined and proved so."""
        self.wait()
        ours, theirs = socket.socketpair()
        with theirs:
            message = json.dumps({"spawn": asdict(limits or USUAL_LIMITS)}).encode()
            try:
                socket.send_fds(self.control, [message], [theirs.fileno()])
            except OSError as error:
                raise self._broken() from error
            pid = self._control_reply(READY_SECONDS)["worker"]
        worker = Worker(self, ours, pid)
        worker.await_ready()
        return worker

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Kill a worker. With `reason`, wait for its end: its signal (0 if it left by itself) and exit code."""
        try:
            self.control.send(json.dumps({"end": pid, "reason": reason}).encode())
        except OSError as error:
            raise self._broken() from error
        reply = self._control_reply(READY_SECONDS)
        return reply["signal"], reply["code"]

    def close(self) -> None:
        """End the zygote and every worker of it."""
        self.control.close()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _control_reply(self, seconds: float) -> dict[str, Any]:
        self.control.settimeout(seconds)
        try:
            message = self.control.recv(1 << 16)
        except (TimeoutError, ConnectionResetError) as error:
            raise self._broken() from error
        if not message:
            raise self._broken()
        return json.loads(message)

    def _broken(self) -> CouldNotCheck:
        self.process.kill()
        _, errors = self.process.communicate()
        last = (errors or b"").decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        return CouldNotCheck(
            f"The process that runs student code stopped: {last[0]}", next_step="tfm-quiz doctor shows what is missing."
        )


@dataclass
class Worker:
    """One confined process with one submission in it."""

    zygote: Zygote
    sock: socket.socket
    pid: int
    ended: tuple[int, int] | None = field(default=None, init=False)

    def await_ready(self) -> None:
        """Wait for the word that the lock-down was proved. Raises CouldNotCheck if it was not."""
        try:
            ready = receive(self.sock, time.monotonic() + READY_SECONDS * load_factor())
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
        self.request({"verb": "load", "modules": dict(modules)}, seconds)

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
        seed: int = 0,
        echo: bool = False,
        cotangents: Sequence[Value] | None = None,
    ) -> Reply:
        """Call a function of the submission, or a method of a handle. Arguments are wire values."""
        where = target if isinstance(target, Name) else {"handle": target[0], "method": target[1]}
        verb = "call" if cotangents is None else "vjp"
        request: dict[str, Value] = {"verb": verb, "target": where, "args": tuple(args), "kwargs": dict(kwargs or {})}
        request |= {"seed": seed, "echo": echo}
        if cotangents is not None:
            request["cotangents"] = list(cotangents)
        return self.request(request, seconds)

    def batch(self, requests: Sequence[dict[str, Value]], seconds: float) -> list[Reply | StudentError]:
        """Several requests in one frame; a student's exception takes its reply's place."""
        raw = self._exchange({"verb": "batch", "requests": list(requests)}, seconds)
        replies = raw.get("replies")
        if type(replies) is not list or len(replies) != len(requests):
            raise self._broke("it sent another number of replies")
        return [self._read(reply) for reply in replies]

    def drop(self, handles: Sequence[Handle], seconds: float = 5.0) -> None:
        """Let go of objects."""
        self.request({"verb": "drop", "handles": list(handles)}, seconds)

    def request(self, message: dict[str, Value], seconds: float) -> Reply:
        """One request and its reply. Raises StudentError, WorkerTimedOut or WorkerDied."""
        reply = self._read(self._exchange(message, seconds))
        if isinstance(reply, StudentError):
            raise reply
        return reply

    def close(self, *, reason: bool = False) -> None:
        """End the worker. Why it ended is only asked for where somebody will read it: that takes its time."""
        if self.ended is None:
            self.sock.close()
            self.ended = self.zygote.end(self.pid, reason=reason)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, message: dict[str, Value], seconds: float) -> dict[str, Value]:
        if self.ended is not None:
            raise WorkerDied("the worker has ended")
        if has_waiting_bytes(self.sock):
            raise self._broke("it spoke without being asked")
        number = secrets.token_hex(8)
        deadline = time.monotonic() + seconds * load_factor()
        try:
            send(self.sock, message | {"id": number}, deadline)
            reply = receive(self.sock, deadline)
        except OutOfTime:
            self.close()
            raise WorkerTimedOut(f"no answer in {seconds:g} s") from None
        except Closed:
            raise self._broke("it ended") from None
        except WireError as error:
            raise self._broke(str(error)) from error
        if type(reply) is not dict or reply.get("id") != number:
            raise self._broke("it answered another question")
        return reply

    def _read(self, reply: Value) -> Reply | StudentError:
        try:
            return read_reply(reply)
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


def load_factor() -> float:
    """How much longer honest work may take on this machine now: the load per core, at least 1."""
    if not hasattr(os, "getloadavg"):
        return 1.0
    return min(MAX_LOAD_FACTOR, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def clean_environment() -> dict[str, str]:
    """The zygote's whole environment: one thread for every numeric library, and nothing of the caller's."""
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
    threads["OMP_THREAD_LIMIT"] = "1"  # torch.set_num_threads(4) is harmless then; else OpenMP ends the process
    torch = {"TORCH_COMPILE_DISABLE": "1"}  # torch.compile gives the function back: a worker can run no C++ compiler
    kept = {name: os.environ[name] for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ}
    return fixed | threads | torch | kept
