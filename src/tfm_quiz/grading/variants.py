"""What the known-wrong variants answer to the questions of a test: worked out for each when somebody wants to know.

There are up to forty variants to one reference, and most are told from all others by the cheapest tests. What they
answer to the dear ones is only asked where a student's mistake is to be named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType

from .content import Misconception
from .seen import Question, Seen
from .worlds import LocalWorld


@dataclass
class Block:
    """The questions of one test. A variant is asked all of them in order: a later one may need an earlier's module."""

    variants: Mapping[str, Misconception]
    staged: ModuleType | None
    questions: list[Question] = field(default_factory=list)
    seconds: float = 0.0  # that the reference took for them
    known: dict[str, list[Seen]] = field(default_factory=dict)

    def answers(self, variant: str) -> list[Seen]:
        """What it answers, in the order of the questions."""
        if variant not in self.known:
            world = LocalWorld(self.variants[variant].target, self.staged)
            self.known[variant] = [world.ask(question) for question in self.questions]
        return self.known[variant]


@dataclass(frozen=True)
class Answers(Mapping[str, Seen]):
    """The answers of all variants to one question of a block."""

    block: Block
    number: int

    def __getitem__(self, variant: str) -> Seen:
        return self.block.answers(variant)[self.number]

    def __iter__(self) -> Iterator[str]:
        return iter(self.block.variants)

    def __len__(self) -> int:
        return len(self.block.variants)
