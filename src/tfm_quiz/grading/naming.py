"""Name the mistake behind wrong answers: only if one known mistake alone explains everything that was observed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .attempt import Comparison


@dataclass(frozen=True)
class Mistake:
    """A known mistake, as a student reads about it. `same_as` names its class of equals."""

    id: str
    sentence: str
    hint: str
    same_as: str


def name_mistake(comparisons: Sequence[Comparison], mistakes: Mapping[str, Mistake]) -> Mistake | None:
    """Return the one mistake (or the first of one class of equals) that agrees with the student on every question.

    Values agree under the tolerance, exceptions by type; and at least one answer must be wrong. Two mistakes that both
    agree explain nothing: then there is no name.
    """
    if not any(one.wrong for one in comparisons):
        return None
    telling = sorted(comparisons, key=lambda one: one.wrong is None)  # few mistakes agree with what was wrong
    agreeing = [name for name in mistakes if all(one.known.is_answer_of(name, one.observed) for one in telling)]
    classes = {mistakes[name].same_as for name in agreeing}
    return mistakes[classes.pop()] if len(classes) == 1 else None
