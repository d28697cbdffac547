"""The one language for results: the results of a check, an exercise and a submission.

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


ItemOutcome = Literal["right", "partly", "wrong", "unanswered", "unreadable", "awaiting_review", "reviewed"]
"""Of a graded question. Free text that was answered is awaiting_review until a person has given points: reviewed."""


class ItemScore(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question's part in a score; `answer` is what was understood, for statistics and for reviewing."""

    type: str
    source: tuple[str, ...]
    outcome: ItemOutcome
    points: float  # of free text: those that a person gave to this very answer, else 0
    out_of: float
    answer: Any = None  # a `tfm_quiz.quiz.answers.Answer`, which is too wide a union to be decoded as one
    misconceptions: tuple[str, ...] = ()
    message: str = ""
    outdated: bool = False  # a person gave points to an earlier answer, or out of other points: they do not count


class QuestionScore(msgspec.Struct, frozen=True, kw_only=True):
    """The score of the graded questions. `points` and `out_of` count closed questions only."""

    points: float
    out_of: float
    items: dict[str, ItemScore]
    awaiting_review: tuple[str, ...] = ()  # ids of free text that waits for a person
    problems: tuple[str, ...] = ()

    @property
    def free_text(self) -> dict[str, ItemScore]:
        """The questions that are answered in the student's own words."""
        return {name: item for name, item in self.items.items() if item.type == "prose"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One line of results.jsonl: one submission, graded once. `points` and `out_of` count core exercises only."""

    format: Literal[1] = 1
    submission: str
    points: float
    out_of: float
    bonus: Bonus = Bonus()
    isolation: Level
    versions: dict[str, str]
    labs: bool = True
    key: str
    seconds: float
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # how everything else in the submission was taken, and what was not read
    exercises: dict[str, ExerciseResult] = {}
    questions: QuestionScore | None = None  # None: the course has no graded questions


_SEVERITY: tuple[Outcome, ...] = ("timed_out", "died", "crashed", "wrong", "not_attempted", "skipped")


def overall(checks: tuple[CheckResult, ...]) -> Outcome:
    """Return the outcome of an exercise with these check results: passed if all passed, else the gravest."""
    seen = {check.outcome for check in checks}
    return next((outcome for outcome in _SEVERITY if outcome in seen), "passed")
