"""Which known mistake is it? A name is given only if one variant alone explains everything that was seen."""

from collections.abc import Mapping, Sequence

from .check import Observed
from .compare import same
from .content import Misconception


def name_mistake(observed: Sequence[Observed], variants: Mapping[str, Misconception]) -> Misconception | None:
    """The one variant (or the first of one declared class of equals) that agrees with the student on every question.

    Values agree under the tolerance, exceptions by type; and at least one answer must differ from the reference.
    Two variants that both agree explain nothing: then no name is given.
    """
    if not any(one.wrong for one in observed):
        return None
    telling = sorted(observed, key=lambda one: one.wrong is None)  # few variants agree with what was wrong
    agreeing = [
        name for name in variants if all(same(o.answer.variants[name], o.seen, o.answer.floor) for o in telling)
    ]
    classes = {variants[name].same_as for name in agreeing}
    return variants[classes.pop()] if len(classes) == 1 else None
