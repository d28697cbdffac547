"""Workers by fork, where that is safe (Linux): from one zygote, which has imported torch once.

While a worker works, the next one is forked and locked down: a spare, which nothing of a student has reached.
"""

import json
import socket
import subprocess
from dataclasses import asdict, dataclass
from typing import Any

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Level
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.channel import Channel

from . import process


@dataclass
class Spare:
    """A worker that was asked for ahead; its number is 0 until the zygote's reply has been read."""

    limits: Limits
    channel: Channel
    pid: int = 0


class Forked:
    """The trusted side of `zygote.py`: `client.Zygote` says what each method is for."""

    def __init__(self, *, at_most: str) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = ["--control", str(theirs.fileno()), "--at-most", at_most]
        self.control = ours
        self.level: Level = "none"
        self.ready = False
        self.spare: Spare | None = None
        self.torch_version = ""
        with theirs:
            self.process = process.begin("tfm_quiz.wall.zygote.server", arguments, pass_fds=[theirs.fileno()])

    def wait(self) -> None:
        """Block until the zygote has sealed itself."""
        if not self.ready:
            ready = self._control_reply(process.START_SECONDS)
            self.level, self.torch_version, self.ready = ready["level"], ready["torch"], True

    def prepare(self, helper: str) -> None:
        """Have it compiled before the next fork."""
        self.wait()
        message = json.dumps({"prepare": helper}).encode()
        if len(message) > process.MAX_MESSAGE:
            return  # then each worker compiles it
        try:
            self.control.send(message)
        except OSError as error:
            raise self._broken() from error

    def start(self, limits: Limits) -> tuple[Channel, int]:
        """A worker with these limits: our end of its socket, and its number in the zygote's namespace."""
        self.wait()
        worker = self._known_spare()
        if worker is not None and worker.limits != limits:
            worker.channel.close()
            self.spare = None
            self.end(worker.pid, reason=False)
            worker = None
        if worker is None:
            self._send_for(limits)
            worker = self._known_spare()
        self._send_for(limits)  # the next one most often wants the same
        if worker is None:
            raise self._broken()
        return worker.channel, worker.pid

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Have the zygote kill it, and reap it at once or later."""
        self._known_spare()
        try:
            self.control.send(json.dumps({"end": pid, "reason": reason}).encode())
        except OSError as error:
            raise self._broken() from error
        reply = self._control_reply(process.READY_SECONDS)
        return reply["signal"], reply["code"]

    def close(self) -> None:
        """The zygote leaves when its control socket closes, and takes its workers along."""
        self.control.close()
        if self.spare is not None:
            self.spare.channel.close()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
        process.reap(self.process)

    def _send_for(self, limits: Limits) -> None:
        """Ask for a spare, and don't wait for it."""
        ours, theirs = socket.socketpair()
        with theirs:
            message = json.dumps({"spawn": asdict(limits)}).encode()
            try:
                socket.send_fds(self.control, [message], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise self._broken() from error
        self.spare = Spare(limits, Channel(ours))

    def _known_spare(self) -> Spare | None:
        """The spare with its number: replies come in the order of requests, so this is read before any other."""
        if self.spare is not None and not self.spare.pid:
            self.spare.pid = self._control_reply(process.READY_SECONDS)["worker"]
        return self.spare

    def _control_reply(self, seconds: float) -> dict[str, Any]:
        self.control.settimeout(seconds)
        try:
            message = self.control.recv(process.MAX_MESSAGE)
        except (TimeoutError, ConnectionResetError) as error:
            raise self._broken() from error
        if not message:
            raise self._broken()
        return json.loads(message)

    def _broken(self) -> CouldNotCheck:
        return process.stopped(self.process)
