"""Workers by exec, where no fork is safe (macOS: torch's libraries) or there is none (Windows).

Each worker is a process of its own that imports torch itself, which takes seconds: so one spare stands ready, and
another is sent for when it is taken. Nothing is confined but by what any Unix has, limits; the level says so.
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


@dataclass(frozen=True)
class Recruit:
    """A process that is, or soon will be, past `import torch`."""

    process: subprocess.Popen[bytes]
    channel: Channel


class Spawned:
    """The trusted side of `standalone.py`: `client.Zygote` says what each method is for."""

    def __init__(self, *, at_most: str) -> None:
        best = "none" if sys.platform == "win32" else "basic"
        at_most = min(at_most, best, key=LEVELS.index)
        self.arguments = ["--at-most", at_most]
        self.level: Level = "none"
        self.torch_version = ""
        self.working: dict[int, Recruit] = {}
        self.spare: Recruit | None = self._recruit()
        self.warm = False  # whether the spare has said so

    def wait(self) -> None:
        """Block until the spare stands ready."""
        if self.spare is None:
            self.spare = self._recruit()
        if self.warm:
            return
        try:
            _, said = self.spare.channel.receive(time.monotonic() + process.START_SECONDS)
        except (OutOfTime, WireError) as error:
            raise self._broken() from error
        if type(said) is not dict or said.get("level") not in LEVELS:
            raise self._broken()
        self.level, self.torch_version, self.warm = said["level"], str(said.get("torch")), True

    def prepare(self, helper: str) -> None:
        """Nothing: each worker is a process of its own, and compiles what it is given."""

    def start(self, limits: Limits) -> tuple[Channel, int]:
        """Give the spare these limits and send for another one."""
        self.wait()
        recruit = self.spare
        if recruit is None:
            raise self._broken()
        try:
            message = pack({"limits": asdict(limits)})
            recruit.channel.send(message, deadline=time.monotonic() + process.READY_SECONDS)
        except (OutOfTime, WireError) as error:
            raise self._broken() from error
        self.working[recruit.process.pid] = recruit
        self.spare, self.warm = self._recruit(), False
        return recruit.channel, recruit.process.pid

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Kill and reap it: why it ended is always known."""
        return process.reap(self.working.pop(pid).process)

    def close(self) -> None:
        """End the spare and every worker that is still there."""
        spare, self.spare, self.warm = self.spare, None, False
        for recruit in [*self.working.values(), *([spare] if spare else [])]:
            recruit.channel.close()
            process.reap(recruit.process)
        self.working.clear()

    def _recruit(self) -> Recruit:
        ours, theirs = socket.socketpair()
        with theirs:
            if sys.platform == "win32":
                started = process.begin(
                    "tfm_quiz.wall.zygote.standalone", [*self.arguments, "--socket=shared"], talk=True
                )
                _share(theirs, started)
            else:
                handed = [*self.arguments, f"--socket={theirs.fileno()}"]
                started = process.begin(
                    "tfm_quiz.wall.zygote.standalone", handed, pass_fds=[theirs.fileno()], talk=True
                )
        return Recruit(started, Channel(ours))

    def _broken(self) -> CouldNotCheck:
        spare, self.spare, self.warm = self.spare, None, False
        if spare is None:
            return CouldNotCheck("The process that runs student code was closed.")
        spare.channel.close()
        return process.stopped(spare.process)


if sys.platform == "win32":

    def _share(sock: socket.socket, started: subprocess.Popen[bytes]) -> None:
        """Hand a socket over, and wait until it has been taken (or the process has ended)."""
        if started.stdin is None or started.stdout is None:
            raise ValueError("the process was begun without pipes")
        started.stdin.write(sock.share(started.pid).hex().encode() + b"\n")
        started.stdin.flush()
        started.stdout.readline()
