"""Start a process of our own on the way to a worker: a fresh exec and a clean environment."""

import os
import subprocess
import sys
from collections.abc import Collection, Sequence

from tfm_quiz.errors import CouldNotCheck

START_SECONDS = 180.0  # importing torch on a machine under heavy load
READY_SECONDS = 30.0
TUNING = "TFM_QUIZ_TUNING"  # set to off: as if there were no tuning/


def start(
    module: str, arguments: Sequence[str], *, tuned: bool, pass_fds: Collection[int] = (), piped: bool = False
) -> subprocess.Popen[bytes]:
    """Run a module of ours in a process of its own. It inherits `pass_fds` and no other descriptor.

    `piped` connects pipes to its standard input and output; else they are /dev/null.
    """
    pipe = subprocess.PIPE if piped else subprocess.DEVNULL
    return subprocess.Popen(
        # Not -I: the environment is all ours, and fixes the order of sets.
        [sys.executable, "-s", "-P", "-m", module, *arguments, *([] if tuned else ["--no-tuning"])],
        pass_fds=tuple(pass_fds),
        env=clean_environment(tuned=tuned),
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.PIPE,
        cwd="/",
        start_new_session=True,  # Ctrl-C is for us; we end it
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
    )


def tuning_enabled() -> bool:
    """Return whether new processes use tuning/: yes, unless the environment says off."""
    return os.environ.get(TUNING) != "off"


def stopped(process: subprocess.Popen[bytes]) -> CouldNotCheck:
    """Kill a process that does not answer, and return the error that says so, with the last line it wrote."""
    process.kill()
    _, errors = process.communicate()
    last = (errors or b"").decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
    return CouldNotCheck(
        f"The process that runs student code stopped: {last[0]}", next_step="tfm-quiz doctor shows what is missing."
    )


def reap(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Kill a process if it still runs, and close its pipes. Return its signal (0 if it exited) and exit code."""
    process.kill()
    code = process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return (-code, 0) if code < 0 else (0, code)


def clean_environment(*, tuned: bool) -> dict[str, str]:
    """Return the whole environment of a zygote: one thread for every numeric library, and nothing of the caller's."""
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
    threads["OMP_THREAD_LIMIT"] = "1"  # torch.set_num_threads(4) is harmless then; else OpenMP ends the process
    torch = {"TORCH_COMPILE_DISABLE": "1"}  # torch.compile gives the function back: a worker can run no C++ compiler
    needed = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")  # the last: Windows' random numbers
    kept = {name: os.environ[name] for name in needed if name in os.environ}
    return fixed | threads | torch | (_tuning() if tuned else {}) | kept


def _tuning() -> dict[str, str]:
    from tfm_quiz.wall.tuning import hugepages

    return hugepages.environment()
