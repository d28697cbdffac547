"""The time that one submission may take as a whole. Pure accounting: it has no clock, others tell it seconds.

A submission that sleeps, loops or dies in every exercise must not hold up a class, and a slow exercise must not cost
the quick ones beside it their points. So the time for checks is spent in two rounds:

1. Every exercise gets an equal first share of half of it, those with the most points first. One that is done within
   its share, as nearly all are, is done.
2. Those that were cut short run again, with their usual limits, in the same order, until the time is used up.

Labs train for seconds and have a part of their own. Seconds are those of a machine with nothing else to do: the
caller that charges them divides by the load.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

CHECK_SECONDS = 20.0  # all checks of a submission: a right one takes a second or two
LAB_SECONDS = 40.0  # all labs of a submission: a right one takes about ten
MOST_NAMED = 3  # exercises that a sentence blames


@dataclass
class Budget:
    """What is left for one submission, and which exercises have spent the rest."""

    check_seconds: float = math.inf
    lab_seconds: float = math.inf
    spent: dict[tuple[str, bool], float] = field(default_factory=dict)  # by exercise, and whether in a lab
    used: dict[bool, float] = field(default_factory=lambda: {False: 0.0, True: 0.0})  # the sums, in checks and in labs

    @classmethod
    def of_a_submission(cls, time_factor: float) -> "Budget":
        """Return the usual budget, stretched by `time_factor`."""
        return cls(CHECK_SECONDS * time_factor, LAB_SECONDS * time_factor)

    def whole(self, *, lab: bool) -> float:
        """Return the seconds that all checks, or all labs, may take."""
        return self.lab_seconds if lab else self.check_seconds

    def left(self, *, lab: bool) -> float:
        """Return the seconds that are left for checks or for labs; never less than 0."""
        return max(0.0, self.whole(lab=lab) - self.used[lab])

    def charge(self, exercise: str, seconds: float, *, lab: bool) -> None:
        """Count time that an exercise has taken."""
        self.spent[exercise, lab] = self.spent.get((exercise, lab), 0.0) + seconds
        self.used[lab] += seconds

    def first_share(self, exercise: str, count: int) -> "Share":
        """Return what an exercise, one of `count`, may use in the first round."""
        return Share(self, exercise, self.check_seconds / 2 / max(1, count))

    def rest(self, exercise: str) -> "Share":
        """Return all that is left, for an exercise of the second round."""
        return Share(self, exercise, math.inf)

    def sentence(self, *, lab: bool) -> str:
        """Say that the time is used up, and by which exercises."""
        spent = sorted(((s, name) for (name, in_lab), s in self.spent.items() if in_lab is lab), reverse=True)
        blamed = ", ".join(f"`{name}` {_seconds(s)}" for s, name in spent[:MOST_NAMED] if s >= 0.05)
        return (
            f"not reached: the {'labs' if lab else 'checks'} of a submission may take "
            f"{_seconds(self.whole(lab=lab))} in all" + (f", and most of it went to {blamed}" if blamed else "")
        )


@dataclass
class Share:
    """What one exercise may use of a budget in one round. Labs have all of their part in either round."""

    budget: Budget
    exercise: str
    seconds: float  # of checks, in this round
    charged: float = 0.0  # in this round, labs included
    in_checks: float = 0.0
    cut: bool = False  # a check, no lab, was not finished or not begun for want of time

    def left(self, *, lab: bool) -> float:
        """Return the seconds that a call may still take."""
        left = self.budget.left(lab=lab)
        return left if lab else min(left, max(0.0, self.seconds - self.in_checks))

    def charge(self, seconds: float, *, lab: bool) -> None:
        """Count time that has passed."""
        self.budget.charge(self.exercise, seconds, lab=lab)
        self.charged += seconds
        self.in_checks += 0.0 if lab else seconds


class Worth(Protocol):
    """An exercise, as far as its turn depends on it."""

    @property
    def points(self) -> float: ...  # noqa: D102

    @property
    def bonus(self) -> bool: ...  # noqa: D102


Each = TypeVar("Each", bound=Worth)


def in_order_of_points(exercises: Iterable[Each]) -> list[Each]:
    """Return the exercises in the order of their turns: those that count first, then by points, then as they come."""
    return sorted(exercises, key=lambda exercise: (exercise.bonus, -exercise.points))


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 and seconds != round(seconds) else f"{seconds:.0f} s"
