"""The time limit of an exercise's next call. It outlives workers: a crash gives no time back."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass, field

from .budget import Budget, Share

PATIENCE = 5  # times the limit of one call: all calls of an exercise together, or 50 naps would hold up a class


@dataclass
class CallLimits:
    """The limits of one exercise's calls, in seconds of a machine that has nothing else to do."""

    seconds: float  # of one call in the running test
    lab: bool = False  # the running test is one
    share: Share = field(default_factory=lambda: Budget().rest(""))
    longest: float = 0.0  # limit of a call so far
    waited: float = 0.0  # for all calls together
    shared: float | None = None  # what is left for the calls that share one limit
    is_cut: bool = False  # the last limit was what is left of the submission's time, not the call's own

    def next(self) -> float:
        """Return the seconds that the next call may take."""
        self.longest = max(self.longest, self.seconds)
        own = min(self.seconds if self.shared is None else self.shared, max(0.0, PATIENCE * self.longest - self.waited))
        left = self.share.left(lab=self.lab)
        self.is_cut = left < own
        return min(own, left)

    def took(self, seconds: float) -> None:
        """Count a call."""
        self.waited += seconds
        self.share.charge(seconds, lab=self.lab)
        if self.shared is not None:
            self.shared = max(0.0, self.shared - seconds)

    @contextlib.contextmanager
    def one_limit(self) -> Generator[None]:
        """The calls in this block have the limit of one call, together."""
        self.shared = self.seconds
        try:
            yield
        finally:
            self.shared = None

    @contextlib.contextmanager
    def importing(self) -> Generator[None]:
        """The calls in this block import a module: the calls after it need not make up for that time."""
        before = self.waited
        try:
            yield
        finally:
            self.waited = before
