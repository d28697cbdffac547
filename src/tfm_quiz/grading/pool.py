"""The parent of grader processes: start N of them, give each a submission at a time, collect reports.

Nothing here imports torch: a progress bar is on the screen while the graders warm up. If a grader process itself dies
(out of memory, say), the submission that it had is tried once more in a new one and then reported as not graded;
the others are not touched.
"""

import contextlib
import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import Level, Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.tuning import scheduling

from .messages import OVER, Failed, Graded, GradeRequest, Ready, Recorded, Settings, Training

Watch = Callable[[str, Training], None]  # the submission's name, and how its lab gets on
START = (sys.executable, "-I", "-B", "-m", "tfm_quiz.grading.serve")  # -B: no bytecode beside a course
Message = Ready | Recorded | Graded | Training


@dataclass
class Lost:
    """A submission on which every grader process crashed."""

    work: Submission
    why: str


@dataclass(eq=False)
class _Grader:
    process: subprocess.Popen[bytes]
    ready: Ready | None = None
    busy: GradeRequest | None = None
    buffer: bytearray = field(default_factory=bytearray)

    def send(self, message: Settings | GradeRequest) -> None:
        """Write one line. A process that is gone is noticed when its output ends."""
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(msgspec.json.encode(message) + b"\n")
                self.process.stdin.flush()


class Pool:
    """Grader processes at work. `start` until ready, then `grade`; `close` ends them at once.

    Without settings they import what takes long and wait for `tell`.
    """

    def __init__(self, settings: Settings | None, jobs: int) -> None:
        self.settings = settings
        self.selector = selectors.DefaultSelector()
        self.graders: list[_Grader] = []
        self.level: Level | None = None  # of all of them
        self.cores = scheduling.core_shares(jobs)
        for _ in range(jobs):
            self._add()

    def tell(self, settings: Settings) -> None:
        """The settings, for processes that were started without."""
        self.settings = settings
        for grader in self.graders:
            grader.send(settings)

    def start(self, progress: Callable[[int, int], None] = lambda done, of: None) -> Ready:
        """Wait for the first grader process. Raises CouldNotCheck with its reason if it cannot start."""
        while True:
            for grader, message in self._messages():
                if isinstance(message, Recorded):
                    if grader is self.graders[0]:
                        progress(message.done, message.of)
                elif isinstance(message, Ready):
                    return message

    def grade(
        self, requests: Sequence[GradeRequest], training: Watch = lambda name, message: None
    ) -> Iterator[Report | Lost]:
        """Reports as they come, in no order of their own. Meanwhile `training` is called with the progress of labs."""
        waiting = deque(requests)
        left = len(waiting)
        tries: dict[str, int] = {}
        while left:
            for grader in self.graders:
                if grader.ready is not None and grader.busy is None and waiting:
                    grader.busy = waiting.popleft()
                    grader.send(grader.busy)
            for grader, message in self._messages(replace_dead=True):
                if isinstance(message, Training):
                    if grader.busy is not None:
                        training(grader.busy.work.name, message)
                    continue
                if grader.busy is not None and (message is None or isinstance(message, Graded)):
                    training(grader.busy.work.name, OVER)  # its own word may have been passed over
                if isinstance(message, Graded):
                    grader.busy = None
                    left -= 1
                    yield message.report
                elif message is None and grader.busy is not None:
                    request = grader.busy
                    tries[request.key] = tries.get(request.key, 0) + 1
                    if tries[request.key] < 2:
                        waiting.appendleft(request)
                    else:
                        left -= 1
                        yield Lost(request.work, "the grader process ended twice while grading it")

    def close(self) -> None:
        """End every process now; their workers end with them."""
        for grader in self.graders:
            grader.process.kill()
        for grader in self.graders:
            grader.process.wait()
            for stream in (grader.process.stdin, grader.process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
        self.selector.close()

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add(self) -> None:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        process = subprocess.Popen(
            START if self.settings else (*START, "--settings-later"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, **_OURS},
            cwd=self.settings.course if self.settings else None,
            start_new_session=True,  # Ctrl-C is for us; we end them
        )
        scheduling.pin(process.pid, self.cores[len(self.graders) % len(self.cores)])
        grader = _Grader(process)
        self.graders.append(grader)
        self.selector.register(process.stdout or -1, selectors.EVENT_READ, grader)
        if self.settings:
            grader.send(self.settings)

    def _messages(self, *, replace_dead: bool = False) -> Iterator[tuple[_Grader, Message | None]]:
        """Yield what has arrived: (grader, message), or (grader, None) for a process that has ended."""
        for key, _ in self.selector.select():
            grader: _Grader = key.data
            chunk = os.read(key.fd, 1 << 20)
            if not chunk:
                self._remove(grader, replace=replace_dead)
                yield grader, None
                continue
            grader.buffer += chunk
            while (end := grader.buffer.find(b"\n")) >= 0:
                line, grader.buffer = bytes(grader.buffer[:end]), grader.buffer[end + 1 :]
                message = _decode(line, started=grader.ready is not None)
                if isinstance(message, Ready):
                    self._check_level(message)
                    grader.ready = message
                yield grader, message

    def _check_level(self, ready: Ready) -> None:
        """One run has one level: what is said of it holds for every submission."""
        self.level = self.level or ready.level
        if ready.level != self.level:
            raise CouldNotCheck(
                f"A grader process has isolation level `{ready.level}`, another one `{self.level}`.",
                next_step="The same command goes on from there; with --jobs 1 there is one level only.",
            )

    def _remove(self, grader: _Grader, *, replace: bool) -> None:
        code = grader.process.wait()
        self.selector.unregister(grader.process.stdout or -1)
        self.graders.remove(grader)
        for stream in (grader.process.stdin, grader.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        if grader.ready is None or not replace:
            raise CouldNotCheck(f"A grader process ended before it was ready (exit code {code}).")
        self._add()


_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")
# The last: what else is installed has no say in a grading session, and costs its import.
_OURS = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _decode(line: bytes, *, started: bool) -> Message:
    if started:
        return msgspec.json.decode(line, type=Graded | Training)
    message = msgspec.json.decode(line, type=Ready | Recorded | Failed)
    if isinstance(message, Failed):
        raise CouldNotCheck(message.message, where=message.where or None, next_step=message.next_step or None)
    return message
