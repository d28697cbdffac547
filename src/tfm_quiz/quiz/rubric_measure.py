"""How well the rubrics read the labelled examples: precision and recall, the floors, and the words for confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from .prose import Rubrics, load_rubrics
from .rubric.rubric import State
from .rubric_examples import FOLDER, Labelled, load_examples
from .topic_files import LEXICON

FEWEST = 15  # labelled answers to each source question

# Floors: precision and recall of `found` on the held-out third and on all examples.
HELD_OUT_FLOOR = (0.90, 0.70)
FLOOR = (0.95, 0.80)
NOTHING_KINDS = frozenset({"copy", "injection", "off_topic", "salad", "shuffled", "stuffed", "empty"})
DENYING_KINDS = frozenset({"negated", "swapped", "hedged", "contrary"})
DENYING_FLOOR = 0.95  # share of denied or swapped key points that are not granted


class Count(Struct):
    """Verdicts against labels: of key points by state, whether they are really present."""

    found: int = 0
    found_present: int = 0
    unsure: int = 0
    unsure_present: int = 0
    not_found: int = 0
    not_found_present: int = 0

    @property
    def present(self) -> int:
        """Key points that the labels say are there."""
        return self.found_present + self.unsure_present + self.not_found_present

    @property
    def precision(self) -> float | None:
        """Of the found ones, the share that is really there; None if none was found."""
        return self.found_present / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Of those that are there, the share that was found (unsure is not found); None if none is there."""
        return self.found_present / self.present if self.present else None

    def add(self, state: str, present: bool) -> None:
        """Count one verdict."""
        setattr(self, state, getattr(self, state) + 1)
        if present:
            setattr(self, f"{state}_present", getattr(self, f"{state}_present") + 1)


class Measured(Struct, frozen=True):
    """One labelled answer with what the rubric made of it."""

    example: Labelled
    states: Mapping[str, State]
    misconceptions: tuple[str, ...]
    abstained: str | None


def measure(rubrics: Rubrics, examples: Iterable[Labelled]) -> list[Measured]:
    """Read each answer whose question has a rubric."""
    measured: list[Measured] = []
    for example in examples:
        if found := rubrics.find(example.question):
            read = found.suggest(example.text, example.question)
            states = {point.id: point.state for point in read.key_points}
            flags = tuple(flag.id for flag in read.misconceptions)
            measured.append(Measured(example, states, flags, read.abstained))
    return measured


def count(measured: Iterable[Measured], key_point: str | None = None) -> Count:
    """Verdicts against labels, over all key points or for one."""
    total = Count()
    for one in measured:
        for name, present in one.example.key_points.items():
            if name in one.states and key_point in (None, name):
                total.add(one.states[name], present)
    return total


def confidence(measured: Sequence[Measured]) -> dict[str, str]:
    """Say how often an idea is really there, for each state, and how many of those given as analogies are found."""
    total, told = count(measured), count(one for one in measured if one.example.kind == "analogy")
    return {
        "found": in_words(total.found_present, total.found),
        "unsure": in_words(total.unsure_present, total.unsure),
        "not_found": in_words(total.not_found_present, total.not_found),
        "analogy": f"{told.found_present} of {told.present}",
    }


def in_words(present: int, of: int) -> str:
    """Return a share as people say it, in twentieths, rounded down where it is large and up where it is small."""
    if not of:
        return "no case"
    twentieths = 20 * present / of
    if twentieths < 1:
        return "less than 1 in 20"
    return f"about {int(twentieths)} in 20"


def lint_rubrics(course_root: Path) -> tuple[str, list[str]]:
    """Return the precision and recall table per question, and every floor that is not reached. Raises CourseError."""
    rubrics = load_rubrics(course_root)
    measured = measure(rubrics, load_examples(course_root, rubrics))
    return table(rubrics, measured), failures(rubrics, measured)


def table(rubrics: Rubrics, measured: Sequence[Measured]) -> str:
    """Precision and recall of `found`, a line for each question, key points below their floor named."""
    lines = [f"{'question':<10}{'answers':>8}{'held out':>10}{'precision':>11}{'recall':>8}   below 0.8"]
    for source in sorted(rubrics.sources, key=_order):
        own = [one for one in measured if one.example.question == source]
        low = []
        for name in sorted({name for one in own for name in one.states}, key=_order):
            share = count(own, name).recall
            if share is not None and share < FLOOR[1]:
                low.append(f"{name} recall {share:.2f}")
        held = sum(one.example.held_out for one in own)
        lines.append(f"{source:<10}{len(own):>8}{held:>10}{_figures(count(own))}   {', '.join(low)}".rstrip())
    held_out = [one for one in measured if one.example.held_out]
    lines.append(f"{'held out':<10}{len(held_out):>8}{len(held_out):>10}{_figures(count(held_out))}")
    lines.append(f"{'all':<10}{len(measured):>8}{len(held_out):>10}{_figures(count(measured))}")
    lines.append("")
    for state, words in confidence(measured).items():
        said = "ideas found" if state == "analogy" else "really there in"
        lines.append(f"{state.replace('_', ' ')}: {said} {words}")
    return "\n".join(lines)


def failures(rubrics: Rubrics, measured: Sequence[Measured]) -> list[str]:
    """Return every floor that the rubrics do not reach, in sentences."""
    found: list[str] = []
    for source in sorted(rubrics.sources, key=_order):
        answers = sum(one.example.question == source for one in measured)
        if answers < FEWEST:
            found.append(f"{source} has {answers} labelled answers; write at least {FEWEST} in {FOLDER / source}.toml")
    held_out = [one for one in measured if one.example.held_out]
    for name, group, floors in (("held-out examples", held_out, HELD_OUT_FLOOR), ("examples", measured, FLOOR)):
        total = count(group)
        for word, share, floor in zip(("precision", "recall"), (total.precision, total.recall), floors, strict=True):
            if share is not None and share < floor:
                found.append(f"on the {name}, the {word} of `found` is {share:.3f}, below {floor:.2f}")
    found += [
        f"{name} is granted to an answer of kind {one.example.kind}: {one.example.text[:60]!r}"
        for one in measured
        if one.example.kind in NOTHING_KINDS
        for name, state in one.states.items()
        if state == "found"
    ]
    denying = count(one for one in measured if one.example.kind in DENYING_KINDS)
    absent = denying.found + denying.unsure + denying.not_found - denying.present
    granted = denying.found - denying.found_present
    if absent and 1 - granted / absent < DENYING_FLOOR:
        found.append(f"{granted} of {absent} key points are granted to answers that deny or swap them")
    for one in rubrics.compiled[:1]:
        for state, words in confidence(measured).items():
            if one.rubric.confidence.get(state) != words:
                found.append(f'{LEXICON}: under [confidence] write {state} = "{words}", as measured')
    for question in rubrics.questions:
        reading = rubrics.find(question.id)
        states = reading.suggest(question.model_answer).key_points if reading else ()
        if missing := [point.id for point in states if point.state != "found"]:
            found.append(f"question {question.id}: its model answer is not found to state {', '.join(missing)}")
    return found


def summary(measured: Sequence[Measured]) -> dict[str, object]:
    """Precision and recall per key point, per question and over all, as plain data."""
    key_points = sorted({name for one in measured for name in one.example.key_points if name in one.states}, key=_order)
    questions = sorted({one.example.question for one in measured}, key=_order)
    return {
        "key_points": {name: _plain(count(measured, name)) for name in key_points},
        "questions": {
            name: _plain(count(one for one in measured if one.example.question == name)) for name in questions
        },
        "all": _plain(count(measured)),
    }


def _plain(total: Count) -> dict[str, object]:
    """Return the figures of one row; precision and recall are null where there is nothing to divide by."""
    return {
        "precision": total.precision,
        "recall": total.recall,
        "present": total.present,
        "found": total.found,
        "found_present": total.found_present,
        "unsure": total.unsure,
        "unsure_present": total.unsure_present,
        "not_found": total.not_found,
        "not_found_present": total.not_found_present,
    }


def _figures(total: Count) -> str:
    shares = [f"{share:.2f}" if share is not None else "–" for share in (total.precision, total.recall)]
    return f"{shares[0]:>11}{shares[1]:>8}"


def _order(name: str) -> tuple[str, int, int, str]:
    """A2 before A10, A2.2 before A2.10."""
    head, _, tail = name.partition(".")
    number = int(head[1:]) if head[1:].isdigit() else 0
    return head[:1], number, int(tail) if tail.isdigit() else 0, name
