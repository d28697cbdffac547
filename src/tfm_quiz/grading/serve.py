"""A grader process: `python -I -m tfm_quiz.grading.serve`, started by pool.py. One resident pytest session, one zygote.

It reads one JSON object per line from its standard input and writes one per line to its standard output: first a
`Settings`, answered by progress lines and a `Ready`; then a `GradeRequest` for each submission, answered by a `Graded`,
and before it, while a lab trains, by a `Training` now and then.
Submissions are hostile only inside the worker; here they are text that is passed on.
"""

import contextlib
import gc
import os
import select
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from tfm_quiz.errors import TfmQuizError
from tfm_quiz.manifest import load_course
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.tuning import garbage, scheduling

from .messages import Failed, Graded, GradeRequest, Ready, Recorded, Settings, Training

BETWEEN = 0.1  # seconds, at least, from one word on a lab to the next


def main() -> int:
    """Serve until standard input ends."""
    replies = os.fdopen(os.dup(1), "wb", buffering=0)  # our own line to the parent:
    os.dup2(2, 1)  # a print in a grader must not end up in it
    warnings.simplefilter("ignore")  # of the reference and the variants, on hostile shapes: nobody would read them
    scheduling.prefer_long_slices()
    gc.disable()  # until the graders are there: imports make much that stays, and little garbage
    requests = sys.stdin.buffer
    if "--settings-later" in sys.argv:
        from . import graders  # noqa: F401 - torch and pytest: the parent is still busy
    first = requests.readline()
    if not first:
        return 0  # the parent has ended
    settings = msgspec.json.decode(first, type=Settings)
    try:
        _serve(settings, requests, replies)
    except TfmQuizError as error:
        _send(replies, Failed(message=error.message, where=error.where or "", next_step=error.next_step or ""))
        return 3
    return 0


def _serve(settings: Settings, requests: IO[bytes], replies: IO[bytes]) -> None:
    course = load_course(Path(settings.course))
    os.chdir(settings.course)
    exercises = [course.exercise(name) for name in settings.exercises]
    with Workers(at_most=settings.at_most) as workers:  # imports torch while we do
        from .exercise import Graders
        from .grade import grade
        from .graders import with_graders

        def use(graders: Graders) -> None:
            workers.wait()
            garbage.freeze()
            _send(replies, Ready(level=workers.level))
            for request in _requests(requests):
                report = grade(graders, exercises, request.work, key=request.key)
                _send(replies, Graded(report=report))

        with_graders(
            course,
            exercises,
            workers,
            use,
            seed=settings.seed,
            time_factor=settings.time_factor,
            labs=settings.labs,
            on_progress=lambda done, of: _send(replies, Recorded(done=done, of=of)),
            on_training=teller(replies),
        )


def _requests(requests: IO[bytes]) -> Iterator[GradeRequest]:
    while line := requests.readline():
        yield msgspec.json.decode(line, type=GradeRequest)


def teller(replies: IO[bytes]) -> Callable[[Training], None]:
    """Tells how a lab gets on if nobody has to wait for it: not too often, and not to a parent that does not read.

    The last step and the end of a lab are never too often.
    """
    last = -BETWEEN

    def tell(message: Training) -> None:
        nonlocal last
        now = time.monotonic()
        if message.step < message.of and now - last < BETWEEN:
            return
        data = msgspec.json.encode(message) + b"\n"
        with contextlib.suppress(OSError):  # the parent has ended: writing the report will fail
            if len(data) <= select.PIPE_BUF and select.select([], [replies], [], 0)[1]:
                replies.write(data)
                last = now

    return tell


def _send(replies: IO[bytes], message: Ready | Recorded | Failed | Graded) -> None:
    data = memoryview(msgspec.json.encode(message) + b"\n")
    while data:
        data = data[replies.write(data) :]


if __name__ == "__main__":
    sys.exit(main())
