"""Everything that can go wrong in a worded way; each error owns its exit code.

    TfmQuizError                exit 3
    ├── UsageProblem            exit 2   the command was asked for something that does not exist
    ├── CourseError             exit 3   mistakes in the course's own files, all of them at once
    └── CouldNotCheck           exit 3   the work could not be looked at, right or wrong
        ├── SubmissionProblem   exit 3   a submission is missing, broken or refused
        ├── NoWorkspace         exit 3   there are no exercises in this folder
        └── NotSandboxed        exit 3   hidden grading below the isolation level it needs

An error says what is wrong, where, and the next command or step; the command line shows the three in one place
(`tfm_quiz.cli`). So it does with an OSError that names a file: a place that cannot be read or written. An error without
one of these types is a fault of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, NamedTuple


class TfmQuizError(Exception):
    """Something that a person can fix: what is wrong, where it is, and what to do next."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, where: str | None = None, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.next_step = next_step


class UsageProblem(TfmQuizError):
    """The command line names something that does not exist or does not fit together."""

    exit_code = 2


class Fault(NamedTuple):
    """One mistake in a content file: `where` is `file:line` or a file, `message` says what to write instead."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class CourseError(TfmQuizError):
    """Mistakes in the course's files, collected so that an author sees all of them in one run."""

    def __init__(self, faults: Iterable[Fault], *, next_step: str | None = None) -> None:
        self.faults = tuple(faults)
        count = f"{len(self.faults)} mistakes in the course:\n" if len(self.faults) > 1 else ""
        super().__init__(count + "\n".join(str(fault) for fault in self.faults), next_step=next_step)


class CouldNotCheck(TfmQuizError):
    """The work could not be judged: nothing is said about right or wrong."""


class SubmissionProblem(CouldNotCheck):
    """A submission, or the folder that should hold submissions, is missing, broken or refused."""


class NoWorkspace(CouldNotCheck):
    """A student's command was started where no exercises are."""


class NotSandboxed(CouldNotCheck):
    """The machine offers less isolation than hidden grading asks for."""
