"""The zygote: a process of our own that imports torch once and forks a confined worker whenever it is asked.

Started by `forked.py` with a fresh exec and a clean environment, so that its memory holds no grader, no reference
and no expected value. It keeps exactly one thread: a fork of a process whose thread pools have run hangs.

Control messages (JSON, one a packet; a worker's socket comes along with `spawn`):

    {"prepare": text}   -> nothing: a helper of ours that workers will be asked to stage is compiled
    {"spawn": limits}   -> {"worker": pid}
    {"end": pid, "reason": bool} -> {"signal": n or 0, "code": n}
        kill it if it still runs; with `reason` say how it ended, else (zeros) reap it when there is time
"""

import argparse
import gc
import json
import os
import signal
import socket
import sys
import tempfile
from typing import Any

from tfm_quiz.wall import lockdown
from tfm_quiz.wall.host import process
from tfm_quiz.wall.tuning import pages


def main() -> None:
    """Isolate, import, seal, then serve until the trusted side is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--at-most", default="full")
    options = parser.parse_args()
    control = socket.socket(fileno=options.control)
    isolation = lockdown.isolate(at_most=options.at_most)
    warm()
    pages.collect()
    isolation = lockdown.seal(isolation)
    if lockdown.level(isolation) in ("strong", "full"):  # torch._dynamo wants folders, and a worker can't make one
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = tempfile.tempdir = "/"
    import torch

    ready = {"ready": True, "level": lockdown.level(isolation), "torch": torch.__version__}
    control.send(json.dumps(ready).encode())
    _serve(control, isolation)


def warm() -> None:
    """Import what workers will need, so that no worker pays for it."""
    # A third of the time of these imports would be looking for the little garbage that they leave. It is never looked
    # for: a worker would take the gaps for its own objects, and copy the pages around them.
    gc.disable()
    import torch

    from tfm_quiz.wall.tuning import compiler, warmup
    from tfm_quiz.wall.worker import worker  # noqa: F401 - imported here once instead of in every worker

    compiler.leave_out()
    torch.set_num_threads(1)
    warmup.run()
    assert_one_thread()
    gc.freeze()  # what is here now stays: a collection in a worker need not touch (and copy) its pages
    gc.enable()


def assert_one_thread() -> None:
    """Refuse to go on if a second thread runs: its locks would be copied in whatever state they are."""
    try:
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - only the number is wanted
    except OSError:  # not Linux, or /proc is not there
        return
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads; it must have one before it forks")


def _serve(control: socket.socket, isolation: Any) -> None:
    from tfm_quiz.wall.worker import modules

    ending: set[int] = set()
    while True:
        message, fds, _, _ = socket.recv_fds(control, process.MAX_MESSAGE, 1)
        if not message:
            return  # the trusted side is gone; the workers go with us
        request = json.loads(message)
        if "prepare" in request:
            modules.compiled_helper(request["prepare"])
            continue
        if "spawn" in request:
            _reap(ending)
            (fd,) = fds
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_worker(fd, isolation, lockdown.Limits(**request["spawn"]))
            os.close(fd)
            reply: dict[str, int] = {"worker": pid}
        else:
            reply = _end(request["end"], ending, reason=request["reason"])
        control.send(json.dumps(reply).encode())


def _become_worker(fd: int, isolation: Any, limits: lockdown.Limits) -> None:
    from tfm_quiz.wall.wire.channel import Channel
    from tfm_quiz.wall.worker import worker

    try:
        lockdown.confine(isolation, limits, keep=(fd,))
        lockdown.prove(isolation)
        channel = Channel(socket.socket(fileno=fd), patient=True)
    except BaseException as error:
        _say_not_confined(fd, error)
        os._exit(71)
    worker.live(channel)


def _say_not_confined(fd: int, error: BaseException) -> None:
    """Tell the trusted side why this worker refused to work: no student byte has been read yet."""
    from tfm_quiz.wall.wire.channel import Channel
    from tfm_quiz.wall.wire.frames import pack

    channel = Channel(socket.socket(fileno=fd), patient=True)
    channel.send(pack({"ready": False, "why": f"{type(error).__name__}: {error}"[:500]}))


def _end(pid: int, ending: set[int], *, reason: bool) -> dict[str, int]:
    os.kill(pid, signal.SIGKILL)  # ours and not reaped yet, so the number is still its own
    if not reason:
        ending.add(pid)
        return {"signal": 0, "code": 0}
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status), "code": 0}
    return {"signal": 0, "code": os.waitstatus_to_exitcode(status)}


def _reap(ending: set[int]) -> None:
    """Collect the workers that have ended by now. The kernel takes its time to give back a process's memory."""
    for pid in tuple(ending):
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            ending.discard(pid)


if __name__ == "__main__":
    sys.exit(main())
