"""What the command line and a grader process say to each other, one JSON object per line. No torch."""

import msgspec

from tfm_quiz.outcome import Level, Report
from tfm_quiz.submission.submission import Submission


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a grader process is started for."""

    course: str
    exercises: tuple[str, ...]
    seed: int
    time_factor: float = 1.0
    labs: bool = True
    at_most: str = "full"


class GradeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Grade this submission."""

    work: Submission
    key: str


class Recorded(msgspec.Struct, frozen=True, kw_only=True, tag="recorded"):
    """Progress of the start: so many answer keys of all are recorded."""

    done: int
    of: int


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """The process takes requests now; `level` is the isolation that its workers have."""

    level: Level


class Graded(msgspec.Struct, frozen=True, kw_only=True, tag="graded"):
    """The answer to a request."""

    report: Report


class Training(msgspec.Struct, frozen=True, kw_only=True, tag="training"):
    """Progress of a lab of the current submission, for a screen. Any of these may be left out or passed over.

    `lab` is the grader's own name for it. The losses, one for each part that is done, are the submission's own
    numbers: nothing else of it travels here. Without losses the lab is over.
    """

    lab: str = ""
    step: int = 0
    of: int = 0
    losses: tuple[float | None, ...] = ()


OVER = Training()


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The process could not start, for a reason that a person can fix."""

    message: str
    where: str = ""
    next_step: str = ""
