"""The one language for results: what a check, an exercise and a submission came to.

Everything that shows or stores a mark (terminal, JSON, CSV, feedback files, notebooks) is a rendering of these
types. Text in them that came from a student is data: it is neutralised where it is shown, not here.
"""

from typing import Any, Literal

import msgspec

Outcome = Literal["passed", "wrong", "not_attempted", "crashed", "timed_out", "died", "skipped"]
"""passed; wrong: other values than asked for; not_attempted: still the stub; crashed: an exception in the student's
code; timed_out; died: the worker ended (exit, memory, signal); skipped: something that it needs failed."""

Level = Literal["full", "strong", "basic", "none"]
"""How well student code was isolated, best first: see docs/security.md."""

LEVELS: tuple[Level, ...] = ("none", "basic", "strong", "full")

WORDS: dict[Outcome, str] = {
    "passed": "passed",
    "wrong": "wrong",
    "not_attempted": "not attempted",
    "crashed": "crashed",
    "timed_out": "timed out",
    "died": "the process died",
    "skipped": "skipped",
}


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check (one test of a grader, or one public probe)."""

    name: str  # the sentence a student reads
    outcome: Outcome
    points: float
    out_of: float
    hidden: bool = False
    message: str = ""  # what the student may read
    detail: str = ""  # for the staff only: the full comparison, the student's traceback
    lab: bool = False
    losses: tuple[float | None, ...] = ()  # of a lab, as the submission tells them: for a sparkline, never for a mark


class ExerciseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise of one submission."""

    points: float
    out_of: float
    outcome: Outcome
    misconception: str | None = None  # id of the known-wrong variant that the student's code equals
    message: str = ""
    hint: str = ""
    follow_through: tuple[str, ...] = ()  # exercises that were supplied when this one was graded once more
    checks: tuple[CheckResult, ...] = ()


class Bonus(msgspec.Struct, frozen=True, kw_only=True):
    """Points outside the total."""

    points: float = 0.0
    out_of: float = 0.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One line of results.jsonl: one submission, graded once. `points` and `out_of` count core exercises only."""

    format: Literal[1] = 1
    submission: str
    points: float
    out_of: float
    bonus: Bonus = Bonus()
    isolation: Level
    seed: int
    versions: dict[str, str]
    labs: bool = True
    key: str
    seconds: float
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # how everything else in the submission was taken, and what was not read
    exercises: dict[str, ExerciseResult] = {}
    questions: dict[str, Any] | None = None  # a `tfm_quiz.quiz.scoring.QuestionScore` as plain data


_SEVERITY: tuple[Outcome, ...] = ("timed_out", "died", "crashed", "wrong", "not_attempted", "skipped")


def overall(checks: tuple[CheckResult, ...]) -> Outcome:
    """The outcome of an exercise whose checks came to this: passed if all passed, else the gravest."""
    seen = {check.outcome for check in checks}
    return next((outcome for outcome in _SEVERITY if outcome in seen), "passed")
