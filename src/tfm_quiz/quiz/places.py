"""Habits of position: right answers that stand where right answers always stand.

A student who has noticed the habit needs no knowledge. `lint` looks at choices, of which there are many; the kinds with
fewer questions are looked at here, over the whole bank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .bank import Closed, Question
from .kinds.match import Match
from .kinds.order import Order
from .kinds.several import Several
from .kinds.wrong_line import WrongLine

ENOUGH = 6  # questions of a kind, from which on a habit can be told from chance
MOST_IN_TWO_LINES = 0.75  # of the wrong lines; they are of four to six
MOST_IN_ONE_PLACE = 0.75  # of the questions in which this option is right; half of all options are
LISTED = "abcdefghi"


def place_habits(questions: Sequence[Question]) -> Iterator[str]:
    """One sentence for each habit, of all questions of the bank together."""
    yield from _wrong_lines([question for question in questions if isinstance(question, WrongLine)])
    yield from _several([question for question in questions if isinstance(question, Several)])
    for question in questions:
        yield from _as_listed(question)


def _right_places(question: Closed) -> list[int]:
    return [place for place, option in enumerate(question.choices(), 1) if option.correct]


def _wrong_lines(asked: Sequence[WrongLine]) -> Iterator[str]:
    if len(asked) < ENOUGH:
        return
    places = Counter(_right_places(question)[0] for question in asked)
    common = places.most_common(2)
    if sum(count for _, count in common) > MOST_IN_TWO_LINES * len(asked):
        lines = " or ".join(str(place) for place in sorted(place for place, _ in common))
        yield f"wrong-line: it is line {lines} in nearly all of {len(asked)} questions; move some"


def _several(asked: Sequence[Several]) -> Iterator[str]:
    if len(asked) < ENOUGH:
        return
    places = Counter(place for question in asked for place in _right_places(question))
    for place in (1, 2, 3):
        if places[place] > MOST_IN_ONE_PLACE * len(asked):
            yield f"several: option {place} is right in {places[place]} of {len(asked)} questions; move some"
        elif places[place] < (1 - MOST_IN_ONE_PLACE) * len(asked):
            yield f"several: option {place} is right in {places[place]} of {len(asked)} questions; move some there"


def _as_listed(question: Question) -> Iterator[str]:
    """An order that is right as it stands, and pairs that stand side by side, ask nothing."""
    if isinstance(question, Match | Order) and "".join(question.answer) == LISTED[: len(question.answer)]:
        yield f"question {question.id}: the right answer is the order in which it is listed; list it otherwise"
