"""A reviewer's decisions: lines of RESULTS/review.jsonl, each written and flushed as it is made and never changed.

They belong to the text of an answer, not to a run: regrading keeps them, and an answer that was changed since waits
for a new one. `Decisions.applied` puts the points that a person gave into a report, and nothing else does.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.files import append_privately
from tfm_quiz.outcome import ItemScore, Report

DECISIONS = "review.jsonl"


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key press of a reviewer. The latest line that is not undone counts."""

    format: Literal[1] = 1
    submission: str
    question: str
    answer: str  # fingerprint of the text that was seen
    action: Literal["accept", "change", "comment", "skip", "undo"]
    points: float | None = None
    out_of: float = 0.0
    suggested: float = 0.0
    key_points: dict[str, bool] = {}
    comment: str = ""
    at: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what it belongs to."""
        return self.submission, self.question, self.answer


def fingerprint(text: str) -> str:
    """Return the name of an answer's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Decisions:
    """The decisions of a RESULTS folder: read once, appended to at every key."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / DECISIONS
        self.lines: list[Decision] = []
        self.unreadable = 0
        self._settled: dict[tuple[str, str, str], Decision] | None = None
        self._whole = True  # whether the file ends with a newline
        if self.path.is_file():
            data = self.path.read_bytes()
            self._whole = not data or data.endswith(b"\n")
            for line in data.split(b"\n"):
                if line.strip():
                    self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            self.lines.append(msgspec.json.decode(line, type=Decision))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.unreadable += 1

    def standing(self) -> dict[tuple[str, str, str], list[Decision]]:
        """Return the decisions that count for each answer, oldest first: an undo takes the one before it away."""
        stacks: dict[tuple[str, str, str], list[Decision]] = {}
        for line in self.lines:
            stack = stacks.setdefault(line.key, [])
            if line.action != "undo":
                stack.append(line)
            elif stack:
                stack.pop()
        return {key: stack for key, stack in stacks.items() if stack}

    def settled(self) -> dict[tuple[str, str, str], Decision]:
        """Return the decision with points for each answer that has one."""
        if self._settled is None:
            self._settled = {}
            for key, stack in self.standing().items():
                scored = [decision for decision in stack if decision.points is not None]
                if scored:
                    self._settled[key] = scored[-1]
        return self._settled

    def applied(self, report: Report) -> Report:
        """Return the report with the points that a person gave to its answers of free text, as they stand now."""
        score = report.questions
        if score is None or not score.free_text:
            return report
        settled = self.settled()
        outdated = {(submission, question) for submission, question, _ in settled}
        items = dict(score.items)
        for name, item in score.free_text.items():
            if not isinstance(item.answer, str):
                continue
            decision = settled.get((report.submission, name, fingerprint(item.answer)))
            items[name] = _decided(item, decision, earlier=(report.submission, name) in outdated)
        waiting = tuple(name for name, item in items.items() if item.outcome == "awaiting_review")
        return msgspec.structs.replace(
            report, questions=msgspec.structs.replace(score, items=items, awaiting_review=waiting)
        )

    def comments(self, key: tuple[str, str, str]) -> tuple[str, ...]:
        """List the comments on an answer, oldest first."""
        return tuple(decision.comment for decision in self.standing().get(key, ()) if decision.comment)

    def add(self, decision: Decision) -> Decision:
        """Append one; it is on the disk when this returns. Raises CouldNotCheck."""
        stamped = msgspec.structs.replace(decision, at=datetime.now(UTC).isoformat(timespec="seconds"))
        line = (b"" if self._whole else b"\n") + msgspec.json.encode(stamped) + b"\n"
        try:
            with append_privately(self.path) as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise CouldNotCheck(f"The decision could not be saved: {error.strerror}.", where=str(self.path)) from error
        self._whole = True
        self.lines.append(stamped)
        self._settled = None
        return stamped


def _decided(item: ItemScore, decision: Decision | None, *, earlier: bool) -> ItemScore:
    """Score an answer of free text by its decision, which does not count if it is out of other points than today's."""
    if decision is None or decision.points is None or decision.out_of != item.out_of:
        return msgspec.structs.replace(item, outcome="awaiting_review", points=0.0, outdated=earlier)
    return msgspec.structs.replace(item, outcome="reviewed", points=decision.points, outdated=False)
