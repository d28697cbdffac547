"""Reviewing free text: the queue of answers that wait for a person, and the person's decisions.

Points for free text count only from here: what the rubric reads in an answer is a suggestion. The decisions are kept
in a file of their own (`review_decisions.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.outcome import ItemScore, Report
from tfm_quiz.quiz.prose import Need, ProseQuestion, Rubrics, Suggestion
from tfm_quiz.quiz.rubric_examples import FOLDER, Labelled

from .results import read_reports, stored_run
from .review_decisions import Decision, Decisions, fingerprint

if TYPE_CHECKING:
    from tfm_quiz.quiz.judge.opinion import Opinions

REVIEWED = "reviewed.jsonl"  # labelled examples that came from reviewing
NEEDS: tuple[Need, ...] = ("abstained", "flagged", "disagreement", "ordinary")
OUTDATED = "A person gave points before the answer or the question's points changed: they no longer count."
ONE_IN = 10  # of the ordinary answers, so many are looked at


class Awaiting(Struct, frozen=True, kw_only=True):
    """An answer of free text that waits for a person, with what is suggested for it."""

    submission: str
    question: str
    text: str  # hostile: neutralised where it is shown
    suggestion: Suggestion
    need: Need
    remarks: tuple[str, ...] = ()  # of the judge, if there is one

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what a decision belongs to."""
        return self.submission, self.question, fingerprint(self.text)


def queue(
    folder: Path,
    rubrics: Rubrics,
    *,
    everything: bool = False,
    opinions: Opinions | None = None,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> list[Awaiting]:
    """Return the answers that wait for a person, most needed first: abstained, flagged, disagreement, a random tenth.

    An answer that a decision or a skip already stands for is left out; one that was changed after a person gave points
    is always in. `tell` hears of the progress, since a judge
    takes its time.
    """
    standing = Decisions(folder).standing()
    skipped = {key for key, stack in standing.items() if any(decision.action == "skip" for decision in stack)}
    run = stored_run(folder)
    answers = [
        (submission, question, item)
        for submission, question, item in _answers(read_reports(folder))
        if item.outcome == "awaiting_review" and (submission, question, fingerprint(item.answer)) not in skipped
    ]
    waiting: list[Awaiting] = []
    for done, (submission, question, item) in enumerate(answers, start=1):
        found = rubrics.find(question)
        if found is None:
            continue
        suggestion = found.suggest(item.answer)
        need, remarks = suggestion.need, []
        if opinions is not None:
            need, remarks = _second_opinion(opinions, found, suggestion, item.answer, submission)
            tell(done, len(answers))
        if item.outdated:
            remarks = [OUTDATED, *remarks]
        drawn = _drawn(run.seed if run else 0, submission, question, item.answer)
        if everything or item.outdated or need != "ordinary" or drawn:
            waiting.append(
                Awaiting(
                    submission=submission,
                    question=question,
                    text=item.answer,
                    suggestion=suggestion,
                    need=need,
                    remarks=tuple(remarks),
                )
            )
    return sorted(waiting, key=lambda one: (NEEDS.index(one.need), one.question, one.submission))


def _second_opinion(
    opinions: Opinions, found: ProseQuestion, suggestion: Suggestion, text: str, submission: str
) -> tuple[Need, list[str]]:
    """Return what a judge adds: remarks for the reviewer, and the need where it disagrees with the patterns."""
    from tfm_quiz.quiz.judge.opinion import disagreements

    opinion = opinions.of(found, text, [submission])
    remarks = [*opinion.remarks, *disagreements(suggestion, opinion)]
    need: Need = "disagreement" if remarks and suggestion.need == "ordinary" else suggestion.need
    return need, ([f"The judge failed here: {opinion.void}"] if opinion.void else []) + remarks


def _drawn(seed: int, submission: str, question: str, text: str) -> bool:
    """Return whether an ordinary answer is in the random tenth; drawn by the run's secret seed, so always the same."""
    material = f"{seed}\0{submission}\0{question}\0{fingerprint(text)}"
    return int.from_bytes(hashlib.sha256(material.encode()).digest()[:4]) % ONE_IN == 0


def _answers(reports: Mapping[str, Report]) -> Iterator[tuple[str, str, ItemScore]]:
    """Submission, question and score of each answer of free text."""
    for report in reports.values():
        for question, item in (report.questions.free_text if report.questions else {}).items():
            if isinstance(item.answer, str):
                yield report.submission, question, item


class Walk:
    """A way through the queue, one key at a time; `here` is the answer on the screen, None at the end."""

    def __init__(self, waiting: Sequence[Awaiting], decisions: Decisions) -> None:
        self.waiting = waiting
        self.decisions = decisions
        self.place = 0
        self.past: list[Awaiting] = []  # decided in this walk, for undo

    @property
    def here(self) -> Awaiting | None:
        """The answer to decide on."""
        return self.waiting[self.place] if self.place < len(self.waiting) else None

    def accept(self) -> Decision:
        """Return the suggested points, as they are."""
        one = self._one()
        return self._decide("accept", one.suggestion.points, _suggested(one.suggestion))

    def change(self, wish: str) -> Decision:
        """`1 3`: these key points are there, the others are not; `=2.5`: so many points. Raises UsageProblem."""
        one = self._one()
        points, key_points = _changed(one.suggestion, wish)
        return self._decide("change", points, key_points)

    def comment(self, text: str) -> Decision:
        """Record a remark on this answer; the answer stays on the screen."""
        if not text.strip():
            raise UsageProblem("A comment needs words.")
        return self.decisions.add(self._line("comment", comment=text.strip()))

    def skip(self) -> Decision:
        """Leave this answer undecided; it does not come back by itself."""
        return self._decide("skip", None, {})

    def undo(self) -> Awaiting:
        """Take the last decision of this walk back, and show its answer again. Raises UsageProblem."""
        if not self.past:
            raise UsageProblem("There is nothing to undo in this session.")
        one = self.past.pop()
        self.place = self.waiting.index(one)
        self.decisions.add(self._line("undo"))
        return one

    def last_decided(self) -> tuple[Awaiting, Decision] | None:
        """Return the last answer of this walk that got points."""
        if not self.past:
            return None
        decision = self.decisions.settled().get(self.past[-1].key)
        return (self.past[-1], decision) if decision else None

    def _one(self) -> Awaiting:
        if self.here is None:
            raise UsageProblem("The queue is empty.")
        return self.here

    def _decide(self, action: str, points: float | None, key_points: dict[str, bool]) -> Decision:
        one = self._one()
        decision = self.decisions.add(self._line(action, points=points, key_points=key_points))
        self.past.append(one)
        self.place += 1
        return decision

    def _line(
        self, action: str, *, points: float | None = None, key_points: dict[str, bool] | None = None, comment: str = ""
    ) -> Decision:
        one = self._one()
        return msgspec.convert(
            {
                "submission": one.submission,
                "question": one.question,
                "answer": fingerprint(one.text),
                "action": action,
                "points": points,
                "out_of": one.suggestion.out_of,
                "suggested": one.suggestion.points,
                "key_points": key_points or {},
                "comment": comment,
            },
            Decision,
        )


def _suggested(suggestion: Suggestion) -> dict[str, bool]:
    return {point.id: point.state == "found" for point in suggestion.key_points}


def _changed(suggestion: Suggestion, wish: str) -> tuple[float, dict[str, bool]]:
    """Points and key points from what was typed. Raises UsageProblem."""
    out_of = suggestion.out_of
    if wish.strip().startswith("="):
        try:
            points = float(wish.strip()[1:].replace(",", "."))
        except ValueError:
            points = -1.0
        if not 0 <= points <= out_of:
            raise UsageProblem(f"Write points from 0 to {out_of:g}, such as ={out_of / 2:g}.")
        return points, {}
    count = len(suggestion.key_points)
    words = wish.replace(",", " ").split()
    if not all(word.isdecimal() and 1 <= int(word) <= count for word in words):
        raise UsageProblem(f"Write the numbers of the key points that are there (1 to {count}), or points such as =2.")
    present = {int(word) for word in words}
    key_points = {point.id: number in present for number, point in enumerate(suggestion.key_points, start=1)}
    return round(out_of * len(present) / count, 2), key_points


def add_example(course_root: Path, one: Awaiting, decision: Decision) -> Path:
    """Add a decision to the labelled examples, without the name of the student. Raises UsageProblem, CouldNotCheck."""
    if not decision.key_points:
        raise UsageProblem("Points alone label no key points: say with c which key points are there.")
    path = course_root / FOLDER / REVIEWED
    name = next(iter(decision.key_points)).rpartition(".")[0]
    example = Labelled(question=name, text=one.text, key_points=decision.key_points, kind="reviewed")
    try:
        line = msgspec.json.encode(example) + b"\n"
        before = path.read_bytes() if path.is_file() else b""
        if line not in before:
            with path.open("ab") as stream:
                stream.write((b"\n" if before and not before.endswith(b"\n") else b"") + line)
    except OSError as error:
        raise CouldNotCheck(f"The example could not be saved: {error.strerror}.", where=str(path)) from error
    return path


def tally(waiting: Iterable[Awaiting]) -> dict[Need, int]:
    """Count the answers that wait for each reason."""
    found: dict[Need, int] = dict.fromkeys(NEEDS, 0)
    for one in waiting:
        found[one.need] += 1
    return found
