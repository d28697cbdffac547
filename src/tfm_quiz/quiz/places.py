"""Habits of position: right answers that are always in the same place.

A student who has noticed the habit needs no knowledge. `lint` looks at choices, of which there are many; the kinds with
fewer questions are looked at here, over the whole bank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .bank import Closed, Question

ENOUGH = 6  # questions of a kind, from which on a habit can be told from chance
MOST_IN_TWO_PLACES = 0.75  # of the questions with one right place among four to six
MOST_IN_ONE_PLACE = 0.75  # of the questions in which this option is right; half of all options are
LISTED = list("abcdefghi")


def place_habits(questions: Sequence[Question]) -> Iterator[str]:
    """Yield one sentence for each habit, of all questions of the bank together."""
    closed = [question for question in questions if isinstance(question, Closed)]
    for kind in sorted({question.tag() for question in closed}):
        places = [_right_places(question) for question in closed if question.tag() == kind and not question.habits]
        if len(places) >= ENOUGH:
            yield from (_one_right(kind, places) if all(len(p) == 1 for p in places) else _several_right(kind, places))
    for question in closed:
        yield from _as_listed(question)


def _right_places(question: Closed) -> list[int]:
    return [place for place, option in enumerate(question.choices(), 1) if option.correct]


def _one_right(kind: str, places: Sequence[Sequence[int]]) -> Iterator[str]:
    common = Counter(place for (place,) in places).most_common(2)
    if sum(count for _, count in common) > MOST_IN_TWO_PLACES * len(places):
        two = " or ".join(str(place) for place in sorted(place for place, _ in common))
        yield f"{kind}: number {two} is the one in nearly all of {len(places)} questions; move some"


def _several_right(kind: str, places: Sequence[Sequence[int]]) -> Iterator[str]:
    if not any(places):  # nothing is chosen in questions of this kind
        return
    counts = Counter(place for right in places for place in right)
    for place in (1, 2, 3):
        if counts[place] > MOST_IN_ONE_PLACE * len(places):
            yield f"{kind}: option {place} is right in {counts[place]} of {len(places)} questions; move some"
        elif counts[place] < (1 - MOST_IN_ONE_PLACE) * len(places):
            yield f"{kind}: option {place} is right in {counts[place]} of {len(places)} questions; move some there"


def _as_listed(question: Closed) -> Iterator[str]:
    """An order that is right as it stands, and pairs that stand side by side, ask nothing."""
    count = len(question.listed())
    if count > 1 and not question.choices() and question.key() == LISTED[:count]:
        yield f"question {question.id}: the right answer is the order in which it is listed; list it otherwise"
