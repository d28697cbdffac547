"""The folder RESULTS: one report a line, safe against Ctrl-C, a kill and a full disk.

run.json                 the secret seed of the run, readable by its owner only
results.jsonl            one current report per submission, appended and flushed as it is made
results.previous.jsonl   reports that were replaced
grades.csv               one row a submission, one column an exercise
feedback/NAME.txt        what that student may read
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.outcome import Report

LINES = "results.jsonl"
PREVIOUS = "results.previous.jsonl"
RUN = "run.json"
MAX_SEED = 1 << 53  # a number that every reader of JSON keeps exact


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What all submissions of a RESULTS folder share."""

    format: int = 1
    seed: int


@dataclass
class Results:
    """A RESULTS folder that this process alone writes to."""

    folder: Path
    run: Run
    reports: dict[str, Report]
    _lock: IO[str]
    _lines: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._lines = (self.folder / LINES).open("ab")

    def add(self, report: Report) -> None:
        """Append one report; it is on the disk when this returns. Raises CouldNotCheck if the disk is full."""
        line = msgspec.json.encode(report) + b"\n"
        try:
            self._lines.write(line)
            self._lines.flush()
            os.fsync(self._lines.fileno())
        except OSError as error:
            raise CouldNotCheck(
                f"A result could not be written: {error.strerror}.",
                where=str(self.folder / LINES),
                next_step="What was graded before is kept; the same command goes on from there.",
            ) from error
        self.reports[report.submission] = report

    def close(self) -> None:
        """Let others write here again."""
        with contextlib.suppress(OSError):  # a full disk was reported when a line was added
            self._lines.close()
        self._lock.close()


@contextlib.contextmanager
def open_results(folder: Path, seed: int | None = None) -> Generator[Results]:
    """Open RESULTS for writing, made on first use. A given seed takes the place of the one stored.

    Rewrites results.jsonl to one current line per submission. Raises CouldNotCheck if another run writes here.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder)
        run = _run(folder, seed)
        reports = _compact(folder)
        results = Results(folder, run, reports, lock)
    except OSError as error:
        raise CouldNotCheck(f"Results cannot be written there: {error.strerror}.", where=str(folder)) from error
    try:
        yield results
    finally:
        results.close()


def read_reports(folder: Path) -> dict[str, Report]:
    """The current report of each submission, in the order in which they were first graded."""
    path = folder / LINES
    if not path.is_file():
        raise UsageProblem(f"There are no results in {folder}.", next_step="tfm-quiz teach grade DIR --out RESULTS")
    return {report.submission: report for report, _ in _read(path)}


def _read(path: Path) -> Iterator[tuple[Report, bytes]]:
    """The reports of a file with their lines. A last line that a killed run left half written is passed over."""
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=Report), line
        except msgspec.MsgspecError as error:
            if number == len(lines):  # no newline after it
                return
            raise CouldNotCheck(
                f"A line of the results cannot be read: {error}.",
                where=f"{path}:{number}",
                next_step="Mend or delete that line; its submission is then graded again.",
            ) from error


def _compact(folder: Path) -> dict[str, Report]:
    path = folder / LINES
    if not path.is_file():
        return {}
    found = list(_read(path))
    current: Mapping[str, int] = {report.submission: place for place, (report, _) in enumerate(found)}
    kept = [line for place, (report, line) in enumerate(found) if current[report.submission] == place]
    replaced = [line for place, (report, line) in enumerate(found) if current[report.submission] != place]
    if replaced:
        with (folder / PREVIOUS).open("ab") as stream:
            stream.writelines(line + b"\n" for line in replaced)
    write_whole(path, b"".join(line + b"\n" for line in kept))
    return {report.submission: report for report, _ in found}


def _run(folder: Path, seed: int | None) -> Run:
    path = folder / RUN
    if path.is_file() and seed is None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Run)
        except msgspec.MsgspecError as error:
            raise CouldNotCheck(
                f"The run's seed cannot be read: {error}.", where=str(path), next_step="Give one with --seed N."
            ) from error
    run = Run(seed=secrets.randbelow(MAX_SEED) if seed is None else seed)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(msgspec.json.encode(run) + b"\n")
    return run


def _lock(folder: Path) -> IO[str]:
    lock = (folder / ".lock").open("w")
    if sys.platform == "win32":
        return lock  # no advisory locks there; two runs into one folder are the instructor's to avoid
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CouldNotCheck("Another run is writing there.", where=str(folder), next_step="Wait for it.") from error
    return lock
