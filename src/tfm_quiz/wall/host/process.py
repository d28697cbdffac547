"""Processes of our own on the way to a worker: a fresh exec, a clean environment, and why one stopped."""

import os
import subprocess
import sys
from collections.abc import Collection, Sequence

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.wall.tuning import pages

START_SECONDS = 180.0  # importing torch on a machine under heavy load
READY_SECONDS = 30.0
MAX_MESSAGE = 1 << 16  # bytes, between the trusted side and a zygote


def begin(
    module: str, arguments: Sequence[str], *, pass_fds: Collection[int] = (), talk: bool = False
) -> subprocess.Popen[bytes]:
    """Run a module of ours in a process of its own. It gets these descriptors and no other; `talk`: pipes to it."""
    pipe = subprocess.PIPE if talk else subprocess.DEVNULL
    return subprocess.Popen(
        # Not -I: the environment is all ours, and fixes the order of sets.
        [sys.executable, "-s", "-P", "-m", module, *arguments],
        pass_fds=tuple(pass_fds),
        env=clean_environment(),
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.PIPE,
        cwd="/",
        start_new_session=True,  # Ctrl-C is for us; we end it
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
    )


def stopped(process: subprocess.Popen[bytes]) -> CouldNotCheck:
    """The error for a process that does not do its part: ended, with the last that it said."""
    process.kill()
    _, errors = process.communicate()
    last = (errors or b"").decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
    return CouldNotCheck(
        f"The process that runs student code stopped: {last[0]}", next_step="tfm-quiz doctor shows what is missing."
    )


def reap(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Kill it if it still runs, and let go of it: its signal (0 if it left by itself) and exit code."""
    process.kill()
    code = process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return (-code, 0) if code < 0 else (0, code)


def clean_environment() -> dict[str, str]:
    """Their whole environment: one thread for every numeric library, and nothing of the caller's."""
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
    threads["OMP_THREAD_LIMIT"] = "1"  # torch.set_num_threads(4) is harmless then; else OpenMP ends the process
    torch = {"TORCH_COMPILE_DISABLE": "1"}  # torch.compile gives the function back: a worker can run no C++ compiler
    needed = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")  # the last: Windows' random numbers
    return (
        fixed
        | threads
        | torch
        | pages.environment()
        | {name: os.environ[name] for name in needed if name in os.environ}
    )
