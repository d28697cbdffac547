"""The folder RESULTS: one report a line, safe against Ctrl-C, a kill and a full disk. Its owner's only.

run.json                 the secret seed of the run, and the isolation level of its workers
results.jsonl            one current report per submission, appended and flushed as it is made
results.previous.jsonl   reports that were replaced
review.jsonl             what a person decided on answers of free text (review_decisions.py)
grades.csv               one row per submission, one column per exercise (summaries.py)
feedback/NAME.txt        what that student may read (summaries.py)

The seed stands in run.json and nowhere else: reports are shown to people who must not know the values that are drawn.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec

from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.files import append_privately, write_whole
from tfm_quiz.outcome import Level, Report

from .review_decisions import Decisions

LINES = "results.jsonl"
PREVIOUS = "results.previous.jsonl"
RUN = "run.json"
MAX_SEED = 1 << 53  # a number that every reader of JSON keeps exact
PRIVATE_FOLDER = 0o700
FORMAT = 2  # of run.json


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What all submissions of a RESULTS folder share. Format 1 (version 0.1.0) had the seed in every report, too."""

    format: int = FORMAT
    seed: int
    level: Level | None = None  # of the last graders that ran here; part of the key under which a report is kept
    not_graded: dict[str, str] = {}  # who could not be graded, and why


@dataclass
class Results:
    """A RESULTS folder that this process alone writes to."""

    folder: Path
    run: Run
    reports: dict[str, Report]
    decisions: Decisions
    _lock: IO[str]
    _lines: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._lines = append_privately(self.folder / LINES)

    def add(self, report: Report) -> None:
        """Append one report; it is on the disk when this returns. Raises CouldNotCheck if the disk is full."""
        report = self.decisions.applied(report)
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

    def remember_level(self, level: Level) -> None:
        """Keep the isolation level of the graders that run now. Raises CouldNotCheck."""
        self._remember(msgspec.structs.replace(self.run, level=level))

    def remember_not_graded(self, names: Iterable[str], not_graded: Mapping[str, str]) -> None:
        """Keep who of these submissions could not be graded, and why. Raises CouldNotCheck."""
        others = {name: why for name, why in self.run.not_graded.items() if name not in set(names)}
        self._remember(msgspec.structs.replace(self.run, not_graded={**others, **not_graded}))

    def _remember(self, run: Run) -> None:
        if run != self.run:
            self.run = run
            with _could_not_write(self.folder):
                _write_run(self.folder, run)

    def apply_decisions(self) -> None:
        """Read review.jsonl again, and put the points that a person gave into the reports."""
        self.decisions = Decisions(self.folder)
        self.reports = {name: self.decisions.applied(report) for name, report in self.reports.items()}

    def close(self) -> None:
        """Let others write here again."""
        with contextlib.suppress(OSError):  # a full disk was reported when a line was added
            self._lines.close()
        self._lock.close()


def check_target(folder: Path, submissions: Path) -> None:
    """Raise UsageProblem for a RESULTS folder that would be read as a submission of the class, or that has no name."""
    if folder == Path():
        raise UsageProblem("Results need a folder of their own.", next_step="Name one, such as --out results")
    if folder.resolve().is_relative_to(submissions.resolve()):
        raise UsageProblem(
            "Results cannot lie among the submissions: they would be graded as one.",
            where=str(folder),
            next_step=f"Name a folder beside {submissions}, and move results there that it holds already.",
        )


@contextlib.contextmanager
def open_results(folder: Path, seed: int | None = None) -> Generator[Results]:
    """Open RESULTS for writing, made on first use. A given seed takes the place of the one stored.

    Rewrites results.jsonl to one current line per submission. Raises CouldNotCheck if another run writes here.
    """
    with _could_not_write(folder):
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(PRIVATE_FOLDER)
        lock = _lock(folder)
        try:
            run = _run(folder, seed)
            decisions = Decisions(folder)
            reports = {name: decisions.applied(report) for name, report in _compact(folder).items()}
            results = Results(folder, run, reports, decisions, lock)
        except BaseException:  # Ctrl-C too: no lock outlives a folder that could not be opened; it is raised again
            lock.close()
            raise
    try:
        yield results
    finally:
        results.close()


def read_reports(folder: Path) -> dict[str, Report]:
    """Read the current report of each submission, with the points that a person gave, in order of first grading."""
    path = folder / LINES
    if not path.is_file():
        raise UsageProblem(f"There are no results in {folder}.", next_step="tfm-quiz teach grade DIR --out RESULTS")
    decisions = Decisions(folder)
    return {report.submission: decisions.applied(report) for report in _read(path)}


def stored_run(folder: Path) -> Run | None:
    """Read run.json; None if there is none. Raises CouldNotCheck if it cannot be read."""
    path = folder / RUN
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise CouldNotCheck(
            f"The run's seed cannot be read: {error}.", where=str(path), next_step="Give one with --seed N."
        ) from error


def _read(path: Path) -> Iterator[Report]:
    """Yield the reports of a file. A last line that a killed run left half written is passed over."""
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=Report)
        except msgspec.MsgspecError as error:
            if number == len(lines):  # no newline after it
                return
            raise CouldNotCheck(
                f"A line of the results cannot be read: {error}.",
                where=f"{path}:{number}",
                next_step="Fix or delete that line; its submission is then graded again.",
            ) from error


def _compact(folder: Path) -> dict[str, Report]:
    path = folder / LINES
    if not path.is_file():
        return {}
    found = list(_read(path))
    current = {report.submission: report for report in found}
    replaced = [report for report in found if current[report.submission] is not report]
    if replaced:
        with append_privately(folder / PREVIOUS) as stream:
            stream.writelines(map(_line, replaced))
    data = b"".join(map(_line, current.values()))
    if data != path.read_bytes():
        write_whole(path, data, private=True)
    return current


def _line(report: Report) -> bytes:
    return msgspec.json.encode(report) + b"\n"


def _run(folder: Path, seed: int | None) -> Run:
    try:
        stored = stored_run(folder)
    except CouldNotCheck:
        if seed is None:
            raise
        stored = None
    if stored is not None and stored.format == FORMAT and seed in (None, stored.seed):
        return stored
    if stored is not None and stored.format < FORMAT:
        _hide_seed(folder)
    if seed is None:
        seed = stored.seed if stored else secrets.randbelow(MAX_SEED)
    run = Run(seed=seed)
    _write_run(folder, run)
    return run


def _write_run(folder: Path, run: Run) -> None:
    write_whole(folder / RUN, msgspec.json.encode(run) + b"\n", private=True)


def _hide_seed(folder: Path) -> None:
    """Take the seed out of the replaced reports of version 0.1.0; the current ones are rewritten in any case."""
    folder.chmod(PRIVATE_FOLDER)
    path = folder / PREVIOUS
    if path.is_file():
        write_whole(path, b"\n".join(map(_without_seed, path.read_bytes().split(b"\n"))), private=True)


def _without_seed(line: bytes) -> bytes:
    try:
        document: Any = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return line  # a line that a killed run left half written, or the end
    if isinstance(document, dict):
        document.pop("seed", None)
    return msgspec.json.encode(document)


@contextlib.contextmanager
def _could_not_write(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise CouldNotCheck(f"Results cannot be written there: {error.strerror}.", where=str(folder)) from error


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
