"""The answers of the known-wrong variants to the questions of a test, evaluated only when they are needed.

There are up to forty variants to one reference, and the cheapest tests distinguish most of them from all others.
Evaluate the expensive ones only when a mistake has to be named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

from .content import KnownMistake
from .local import LocalSide
from .observation import Observation
from .questions import Question


@dataclass
class VariantAnswers:
    """The questions of one test. A variant is asked all of them in order: a later one may need an earlier's module."""

    variants: Mapping[str, KnownMistake]
    staged: ModuleType | None
    questions: list[Question] = field(default_factory=list)
    seconds: float = 0.0  # that the reference took for them
    known: dict[str, list[Observation]] = field(default_factory=dict)

    def of(self, variant: str) -> list[Observation]:
        """Return the answers of a variant, in the order of the questions."""
        if variant not in self.known:
            side = LocalSide(self.variants[variant].target, self.staged)
            self.known[variant] = [side.ask(question) for question in self.questions]
        return self.known[variant]
