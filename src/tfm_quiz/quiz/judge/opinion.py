"""A judge's opinion of an answer, with every guard around it: asked twice, checked, compared, kept.

Nothing here gives points. An opinion can turn a person's eye to an answer, and that is all it can do.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from tfm_quiz.quiz.prose import ProseQuestion, Suggestion
from tfm_quiz.quiz.rubric.guards import speaks_to_grader

from .client import Endpoint, JudgeFailed, complete
from .prompt import VERSION, Verdict, ask, cleaned, understood

CACHE = "judge.jsonl"


class Judge(Protocol):
    """Whatever can say which key points an answer states."""

    name: str  # the model, stored with each opinion

    def judge(self, question: ProseQuestion, answer: str) -> Mapping[str, Verdict]:
        """Verdicts by key point on a cleaned answer. Raises JudgeFailed."""
        ...


class Opinion(Struct, frozen=True, kw_only=True):
    """What a judge suggests. `void` says why it counts for nothing; `remarks` are for the person who reviews."""

    key: str  # hash of everything that it depends on
    model: str
    verdicts: tuple[Verdict, ...] = ()
    void: str = ""
    remarks: tuple[str, ...] = ()


class HttpJudge:
    """The built-in judge: two requests, their items in different orders; where the replies differ, neither counts."""

    def __init__(self, endpoint: Endpoint, orders: Callable[[], random.Random] = random.SystemRandom) -> None:
        self.endpoint = endpoint
        self.name = endpoint.model
        self.orders = orders

    def judge(self, question: ProseQuestion, answer: str) -> Mapping[str, Verdict]:
        """Verdicts by key point; those on which the two replies differ are void. Raises JudgeFailed."""
        points = [(f"{number}", point.text) for number, point in enumerate(question.rubric.key_points, start=1)]
        replies: list[dict[str, Verdict]] = []
        for _ in range(2):
            asked = ask(question.question.ask, points, answer, self.orders())
            replies.append(understood(asked, complete(self.endpoint, asked.messages), answer))
        first, second = replies
        return {key: _agreed(verdict, second[key]) for key, verdict in first.items()}


def _agreed(first: Verdict, second: Verdict) -> Verdict:
    if first.verdict != second.verdict:
        return msgspec.structs.replace(first, void=f"asked again, the judge says {second.verdict}")
    return first if not second.void else msgspec.structs.replace(first, void=first.void or second.void)


class Opinions:
    """Opinions of one judge, kept in a file of RESULTS so that no answer is sent twice."""

    def __init__(self, judge: Judge, folder: Path) -> None:
        self.judge = judge
        self.path = folder / CACHE
        self.kept: dict[str, Opinion] = {}
        if self.path.is_file():
            for line in self.path.read_bytes().split(b"\n"):
                try:
                    opinion = msgspec.json.decode(line, type=Opinion)
                except msgspec.DecodeError:  # a line that was left half written; the answer is judged again
                    continue
                self.kept[opinion.key] = opinion

    def of(self, question: ProseQuestion, answer: str, names: Sequence[str] = ()) -> Opinion:
        """Return the opinion on an answer; ask if it is not kept. A judge that fails gives a void one, never kept."""
        text = cleaned(answer, names)
        points = [point.text for point in question.rubric.key_points]
        material = [VERSION, self.judge.name, question.question.id, question.question.ask, points, text]
        key = hashlib.sha256(msgspec.json.encode(material)).hexdigest()
        if key in self.kept:
            return self.kept[key]
        remarks: list[str] = []
        if spoken := speaks_to_grader(answer):
            remarks.append(f"The answer addresses the grader: {spoken}")
        try:
            verdicts = tuple(self.judge.judge(question, text).values())
        except JudgeFailed as error:
            return Opinion(key=key, model=self.judge.name, void=error.message, remarks=tuple(remarks))
        remarks += [f"The judge's verdict on key point {v.key_point} is void: {v.void}." for v in verdicts if v.void]
        opinion = Opinion(key=key, model=self.judge.name, verdicts=verdicts, remarks=tuple(remarks))
        self._keep(opinion)
        return opinion

    def _keep(self, opinion: Opinion) -> None:
        with self.path.open("ab") as stream:
            stream.write(msgspec.json.encode(opinion) + b"\n")
        self.kept[opinion.key] = opinion


def disagreements(suggestion: Suggestion, opinion: Opinion) -> list[str]:
    """Describe where patterns and judge differ, in sentences. Void verdicts differ from nothing."""
    found: list[str] = []
    states = {point.id.rpartition(".")[2]: point for point in suggestion.key_points}
    for verdict in opinion.verdicts:
        point = states.get(verdict.key_point)
        if verdict.void or point is None:
            continue
        if verdict.verdict == "present" and point.state == "not_found":
            found.append(f"The judge finds {point.id} and the patterns do not: {verdict.quote}")
        elif verdict.verdict == "contradicted" and point.state == "found":
            found.append(f"The patterns find {point.id}, and the judge says that it is contradicted: {verdict.quote}")
        elif verdict.verdict == "absent" and point.state == "found":
            found.append(f"The patterns find {point.id} and the judge does not.")
    return found
