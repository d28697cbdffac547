"""A worker that was not forked: `python -m tfm_quiz.wall.zygote.standalone`, started by host/spawn_server.py.

It imports torch, says so, and stands by until the limits of its submission arrive. From then on it is a worker like
any other. Its standard input ends when the trusted side does, and this process with it.
"""

import argparse
import os
import socket
import sys
import threading
import time
from dataclasses import replace

from tfm_quiz.wall import lockdown
from tfm_quiz.wall.lockdown import descriptors
from tfm_quiz.wall.wire.channel import Channel
from tfm_quiz.wall.wire.frames import ConnectionClosed, pack

from .server import import_torch, name_folders


def main() -> None:
    """Import torch, say so, take the limits, serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True, help="a descriptor's number, or `shared`: read from standard input")
    parser.add_argument("--at-most", default="basic")
    parser.add_argument("--no-tuning", dest="tuned", action="store_false")
    options = parser.parse_args()
    channel = Channel(_socket(options.socket), patient=True)
    isolation = lockdown.isolate(at_most=options.at_most)
    import_torch(tuned=options.tuned, forks=False)
    isolation = lockdown.seal(isolation)
    name_folders(lockdown.level(isolation))
    import torch

    from tfm_quiz.wall.worker import worker

    lifeline = os.dup(0)
    threading.Thread(target=_leave_with, args=(lifeline,), daemon=True).start()
    channel.send(pack({"level": lockdown.level(isolation), "torch": str(torch.__version__)}))
    try:
        _, message = channel.receive()
    except ConnectionClosed:
        return  # nobody needed this one
    limits = lockdown.Limits(**message["limits"])  # type: ignore[index, call-overload]
    limits = replace(limits, cpu_seconds=limits.cpu_seconds + time.process_time())  # torch is not the student's
    descriptors.stand_in(())
    lockdown.confine(isolation, limits, keep=(channel.sock.fileno(), lifeline))
    lockdown.prove(isolation)
    worker.live(channel)


def _leave_with(lifeline: int) -> None:
    """Exit with the process that holds the other end, even if student code keeps this one from noticing."""
    os.read(lifeline, 1)
    os._exit(0)


def _socket(told: str) -> socket.socket:
    if sys.platform == "win32":
        sock = socket.fromshare(bytes.fromhex(sys.stdin.readline()))
        print("taken", flush=True)  # our starter waits for this, and closes its copy
        return sock
    return socket.socket(fileno=int(told))


if __name__ == "__main__":
    sys.exit(main())
