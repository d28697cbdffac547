"""Workers by exec, where a fork is unsafe (macOS: torch's libraries) or missing (Windows).

Each worker imports torch itself, which takes seconds. So one stands by, and when it is taken the next one is started.
Only resource limits confine it; the isolation level says so.
"""

import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import LEVELS, Level
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.channel import Channel, OutOfTime
from tfm_quiz.wall.wire.frames import WireError, pack

from . import process

_MODULE = "tfm_quiz.wall.zygote.standalone"


@dataclass(frozen=True)
class WorkerProcess:
    """A process that has imported torch, or soon will have."""

    process: subprocess.Popen[bytes]
    channel: Channel


class SpawnServer:
    """The trusted side of zygote/standalone.py. `workers.WorkerServer` says what each method does."""

    def __init__(self, *, at_most: str, tuned: bool) -> None:
        best = "none" if sys.platform == "win32" else "basic"
        at_most = min(at_most, best, key=LEVELS.index)
        self.arguments = ["--at-most", at_most]
        self.tuned = tuned
        self.level: Level = "none"
        self.torch_version = ""
        self.running: dict[int, WorkerProcess] = {}
        self.standby: WorkerProcess | None = self._start()
        self.warm = False  # the standby worker has said that it is

    def wait(self) -> None:
        """Block until the standby worker has imported torch. Raises CouldNotCheck."""
        if self.standby is None:
            self.standby = self._start()
        if self.warm:
            return
        try:
            _, said = self.standby.channel.receive(time.monotonic() + process.START_SECONDS)
        except (OutOfTime, WireError) as error:
            raise self._broken() from error
        if type(said) is not dict or said.get("level") not in LEVELS:
            raise self._broken()
        self.level, self.torch_version, self.warm = said["level"], str(said.get("torch")), True

    def prepare(self, helper: str) -> None:
        """Do nothing: each worker is a process of its own, and compiles what it is given."""

    def start(self, limits: Limits) -> tuple[Channel, int]:
        """Give the standby worker these limits, and start the next one."""
        self.wait()
        taken = self.standby
        if taken is None:
            raise self._broken()
        try:
            message = pack({"limits": asdict(limits)})
            taken.channel.send(message, deadline=time.monotonic() + process.READY_SECONDS)
        except (OutOfTime, WireError) as error:
            raise self._broken() from error
        self.running[taken.process.pid] = taken
        self.standby, self.warm = self._start(), False
        return taken.channel, taken.process.pid

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Kill and reap a worker. Return its signal and exit code, which are always known here."""
        return process.reap(self.running.pop(pid).process)

    def close(self) -> None:
        """End the standby worker and every other one."""
        standby, self.standby, self.warm = self.standby, None, False
        for each in [*self.running.values(), *([standby] if standby else [])]:
            each.channel.close()
            process.reap(each.process)
        self.running.clear()

    def _start(self) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        with theirs:
            if sys.platform == "win32":
                arguments = [*self.arguments, "--socket=shared"]
                started = process.start(_MODULE, arguments, tuned=self.tuned, piped=True)
                _share(theirs, started)
            else:
                arguments = [*self.arguments, f"--socket={theirs.fileno()}"]
                started = process.start(_MODULE, arguments, tuned=self.tuned, pass_fds=[theirs.fileno()], piped=True)
        return WorkerProcess(started, Channel(ours))

    def _broken(self) -> CouldNotCheck:
        standby, self.standby, self.warm = self.standby, None, False
        if standby is None:
            return CouldNotCheck("The process that runs student code was closed.")
        standby.channel.close()
        return process.stopped(standby.process)


if sys.platform == "win32":

    def _share(sock: socket.socket, started: subprocess.Popen[bytes]) -> None:
        """Hand a socket over; return once it has been taken or the process has ended."""
        if started.stdin is None or started.stdout is None:
            raise ValueError("the process was started without pipes")
        started.stdin.write(sock.share(started.pid).hex().encode() + b"\n")
        started.stdin.flush()
        started.stdout.readline()
