"""The zygote: a process of our own that imports torch once and forks a confined worker for each request.

host/fork_server.py starts it with a fresh exec and a clean environment, so that its memory holds no grader, no
reference and no expected value. It keeps exactly one thread: a fork of a process whose thread pools have run hangs.
wire/control.py describes the requests.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
import tempfile
from typing import Any

from tfm_quiz.wall import lockdown
from tfm_quiz.wall.wire import control


def main() -> None:
    """Isolate, import torch, seal, then serve until the trusted side is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--at-most", default="full")
    parser.add_argument("--no-tuning", dest="tuned", action="store_false")
    options = parser.parse_args()
    trusted = socket.socket(fileno=options.control)
    isolation = lockdown.isolate(at_most=options.at_most)
    import_torch(tuned=options.tuned, forks=True)
    isolation = lockdown.seal(isolation)
    name_folders(lockdown.level(isolation))
    import torch

    ready = {"ready": True, "level": lockdown.level(isolation), "torch": torch.__version__}
    trusted.send(control.encode(ready))
    _serve(trusted, isolation)


def import_torch(*, tuned: bool, forks: bool) -> None:
    """Import what workers need, once. `tuned`: make them start fast; `forks`: they will be forked from this process."""
    with _tuning(forks=forks) if tuned else contextlib.nullcontext():
        import torch

        from tfm_quiz.wall.worker import (
            compile_stub,
            worker,  # noqa: F401 - imported here once instead of in every worker
        )

        compile_stub.install()
        torch.set_num_threads(1)
    assert_one_thread()


def _tuning(*, forks: bool) -> contextlib.AbstractContextManager[None]:
    from tfm_quiz.wall.tuning import preload

    return preload.imports(forks=forks)


def name_folders(level: str) -> None:
    """Name a folder to torch._dynamo, which looks for one that it can write to. A confined worker has none."""
    if level != "none":
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = tempfile.tempdir = "/"


def assert_one_thread() -> None:
    """Refuse to go on if a second thread runs: its locks would be copied in whatever state they are."""
    try:
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - only the number is wanted
    except OSError:  # not Linux, or /proc is not there
        return
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads; it must have one before it forks")


def _serve(trusted: socket.socket, isolation: Any) -> None:
    from tfm_quiz.wall.worker import modules

    ending: set[int] = set()
    while True:
        message, fds, _, _ = socket.recv_fds(trusted, control.MAX_MESSAGE, 1)
        if not message:
            return  # the trusted side is gone; the workers go with us
        request = control.decode(message)
        if "prepare" in request:
            modules.compiled_helper(request["prepare"])
            continue
        if "spawn" in request:
            _reap(ending)
            (fd,) = fds
            pid = os.fork()
            if pid == 0:
                trusted.close()
                _become_worker(fd, isolation, lockdown.Limits(**request["spawn"]))
            os.close(fd)
            reply: dict[str, int] = {"worker": pid}
        else:
            reply = _end(request["end"], ending, reason=request["reason"])
        trusted.send(control.encode(reply))


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
    """Tell the trusted side why this worker refuses to start. No byte of a student has been read yet."""
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
    """Collect the workers that have ended by now. The kernel needs time to give back a process's memory."""
    for pid in tuple(ending):
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            ending.discard(pid)


if __name__ == "__main__":
    sys.exit(main())
