"""Workers by fork, where a fork is safe (Linux): from one zygote, which has imported torch once.

While a worker runs, the next one is forked and locked down. It stands by, and no byte of a student has reached it.
"""

import socket
import subprocess
from dataclasses import asdict, dataclass
from typing import Any

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Level
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire import control
from tfm_quiz.wall.wire.channel import Channel

from . import process


@dataclass
class StandbyWorker:
    """A worker that was requested ahead of need; its pid is 0 until the zygote's reply has been read."""

    limits: Limits
    channel: Channel
    pid: int = 0


class ForkServer:
    """The trusted side of zygote/server.py. `workers.WorkerServer` says what each method does."""

    def __init__(self, *, at_most: str, tuned: bool) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = ["--control", str(theirs.fileno()), "--at-most", at_most]
        self.control = ours
        self.level: Level = "none"
        self.ready = False
        self.standby: StandbyWorker | None = None
        self.torch_version = ""
        with theirs:
            self.process = process.start(
                "tfm_quiz.wall.zygote.server", arguments, tuned=tuned, pass_fds=[theirs.fileno()]
            )

    def wait(self) -> None:
        """Block until the zygote has sealed itself. Raises CouldNotCheck."""
        if not self.ready:
            ready = self._control_reply(process.START_SECONDS)
            self.level, self.torch_version, self.ready = ready["level"], ready["torch"], True

    def prepare(self, helper: str) -> None:
        """Have a helper of ours compiled before the next fork."""
        self.wait()
        message = control.encode({"prepare": helper})
        if len(message) > control.MAX_MESSAGE:
            return  # then each worker compiles it
        try:
            self.control.send(message)
        except OSError as error:
            raise self._broken() from error

    def start(self, limits: Limits) -> tuple[Channel, int]:
        """Return a worker with these limits: our end of its socket, and its pid in the zygote's namespace."""
        self.wait()
        worker = self._known_standby()
        if worker is not None and worker.limits != limits:
            worker.channel.close()
            self.standby = None
            self.end(worker.pid, reason=False)
            worker = None
        if worker is None:
            self._request(limits)
            worker = self._known_standby()
        self._request(limits)  # the next one most often wants the same
        if worker is None:
            raise self._broken()
        return worker.channel, worker.pid

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Have the zygote kill a worker and, with `reason`, say how it ended. Return signal and exit code."""
        self._known_standby()
        try:
            self.control.send(control.encode({"end": pid, "reason": reason}))
        except OSError as error:
            raise self._broken() from error
        reply = self._control_reply(process.READY_SECONDS)
        return reply["signal"], reply["code"]

    def close(self) -> None:
        """Close the control socket: the zygote exits and takes its workers along."""
        self.control.close()
        if self.standby is not None:
            self.standby.channel.close()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
        process.reap(self.process)

    def _request(self, limits: Limits) -> None:
        """Request a standby worker, without waiting for it."""
        ours, theirs = socket.socketpair()
        with theirs:
            message = control.encode({"spawn": asdict(limits)})
            try:
                socket.send_fds(self.control, [message], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise self._broken() from error
        self.standby = StandbyWorker(limits, Channel(ours))

    def _known_standby(self) -> StandbyWorker | None:
        """Return the standby worker with its pid. Replies come in order, so call this before reading any other."""
        if self.standby is not None and not self.standby.pid:
            self.standby.pid = self._control_reply(process.READY_SECONDS)["worker"]
        return self.standby

    def _control_reply(self, seconds: float) -> dict[str, Any]:
        self.control.settimeout(seconds)
        try:
            message = self.control.recv(control.MAX_MESSAGE)
        except (TimeoutError, ConnectionResetError) as error:
            raise self._broken() from error
        if not message:
            raise self._broken()
        return control.decode(message)

    def _broken(self) -> CouldNotCheck:
        return process.stopped(self.process)
