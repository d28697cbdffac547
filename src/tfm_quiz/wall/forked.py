"""Workers by fork, where that is safe (Linux): from one zygote, which has imported torch once."""

import json
import socket
import subprocess
from dataclasses import asdict
from typing import Any

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Level

from . import process
from .lockdown import Limits


class Forked:
    """The trusted side of `zygote.py`: `client.Zygote` says what each method is for."""

    def __init__(self, *, at_most: str, warm_optimizers: bool) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = ["--control", str(theirs.fileno()), "--at-most", at_most]
        arguments += ["--warm-optimizers"] if warm_optimizers else []
        self.control = ours
        self.level: Level = "none"
        self.ready = False
        self.torch_version = ""
        with theirs:
            self.process = process.begin("tfm_quiz.wall.zygote", arguments, pass_fds=[theirs.fileno()])

    def wait(self) -> None:
        """Block until the zygote has sealed itself."""
        if not self.ready:
            ready = self._control_reply(process.START_SECONDS)
            self.level, self.torch_version, self.ready = ready["level"], ready["torch"], True

    def start(self, limits: Limits) -> tuple[socket.socket, int]:
        """Fork a worker: our end of its socket, and its number in the zygote's namespace."""
        self.wait()
        ours, theirs = socket.socketpair()
        with theirs:
            message = json.dumps({"spawn": asdict(limits)}).encode()
            try:
                socket.send_fds(self.control, [message], [theirs.fileno()])
            except OSError as error:
                raise self._broken() from error
            pid = self._control_reply(process.READY_SECONDS)["worker"]
        return ours, pid

    def end(self, pid: int, *, reason: bool) -> tuple[int, int]:
        """Have the zygote kill it, and reap it at once or later."""
        try:
            self.control.send(json.dumps({"end": pid, "reason": reason}).encode())
        except OSError as error:
            raise self._broken() from error
        reply = self._control_reply(process.READY_SECONDS)
        return reply["signal"], reply["code"]

    def close(self) -> None:
        """The zygote leaves when its control socket closes, and takes its workers along."""
        self.control.close()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
        process.reap(self.process)

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
        return process.stopped(self.process)
