"""Code in order: pick the lines that belong, and put them in order; wrong variants of lines stand among them.

An answer earns, of a program with n lines, the share

    (longest run of right lines in the right order - 1 - wrong lines taken) / (n - 1), not below 0:

one line alone tells nothing about order and earns nothing, nor does the program upside down.
"""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Closed, Complaint, Mark, Reply, Unclear, distinct, order_flaws
from .fields import LETTERS, Letter, Near, OptionalSlug, Text
from .forms import Form, Ordering, Pairs, one_of, spelled
from .letters import in_numbers, letters_in, line_of_list


class Line(Struct, kw_only=True, forbid_unknown_fields=True):
    """A line of code with its indentation, and its `place` in the program, from 1; lines of one place may be swapped.

    A line with a `misconception` is a wrong variant of the line at its place, and `say` answers it.
    """

    text: Text
    place: Annotated[int, Meta(ge=1, le=9)]
    misconception: OptionalSlug = ""
    say: str = ""


class NearSwap(Near, kw_only=True, forbid_unknown_fields=True):
    """Two right lines in the wrong order: `first` was put somewhere before `then`."""

    first: Letter
    then: Letter


class CodeOrder(Closed, kw_only=True, tag="code-order"):
    """Lines of code, shuffled by you, of which some belong to the program; `code` is shown above them."""

    verbatim: ClassVar[bool] = True
    reply_leads: ClassVar[bool] = False

    lines: Annotated[list[Line], Meta(min_length=3, max_length=9)]
    near: list[NearSwap] = []

    def listed(self) -> Sequence[str]:
        return [line.text for line in self.lines]

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        if in_file:
            last = LETTERS[len(prompt.options) - 1]
            return f'a list of the letters, "a" to "{last}", of the lines that belong, in order'
        return "the numbers of the lines that belong, in order, with spaces"

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        letters = letters_in(text, len(prompt.options), how)
        if len(set(letters)) < len(letters):
            raise Unclear(f"Each line once at most, please: write {how}.")
        return letters

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        return cls.read_line(prompt, line_of_list(value, how), how)

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        return in_numbers(map(str, answer)) if isinstance(answer, list) else str(answer)

    def mark(self, answer: Any) -> Mark:
        taken = [(letter, self._line(letter)) for letter in answer]
        wrong = [(letter, line) for letter, line in taken if line.misconception]
        mine = [(letter, line) for letter, line in taken if not line.misconception]
        program = self.key()
        run = _longest_run([line.place for _, line in mine])
        share = max(0.0, (run - 1 - len(wrong)) / (len(program) - 1))
        if share == 1:
            return Mark(1.0)
        replies = [Reply(f"Not {in_numbers(letter)}: {line.say}", line.misconception) for letter, line in wrong]
        order = [letter for letter, _ in mine]
        replies += [
            Reply(near.say, near.misconception)
            for near in self.near
            if near.first in order and near.then in order and order.index(near.first) < order.index(near.then)
        ]
        replies += self._missing(answer, {line.place for _, line in wrong})
        if not replies:
            early, late = next(pair for pair in pairwise(mine) if pair[0][1].place > pair[1][1].place)
            replies = [Reply(f"Line {in_numbers(late[0])} comes before line {in_numbers(early[0])}.")]
        return Mark(share, tuple(replies))

    def key(self) -> list[str]:
        """Return the letters of the program, lines of one place in the order of the file."""
        lines = zip(LETTERS, self.lines, strict=False)
        return [x for _, x in sorted((line.place, letter) for letter, line in lines if not line.misconception)]

    def foreseen(self) -> list[tuple[str, str]]:
        wrong = [(str(n), line.say) for n, line in enumerate(self.lines, start=1) if line.misconception]
        swaps = [(f"{in_numbers(n.first)} before {in_numbers(n.then)}", n.say) for n in self.near]
        return wrong + swaps

    def forms(self) -> Sequence[Form]:
        """In order, if all lines belong, or a place for each line; or a choice among orders.

        Where lines may be swapped, the first two would refuse right answers.
        """
        program = self.key()
        texts = {letter: line.text for letter, line in zip(LETTERS, self.lines, strict=False)}
        unique = len({self._line(letter).place for letter in program}) == len(program)
        forms: list[Form] = []
        if unique and len(program) == len(self.lines):
            items = tuple(texts[letter] for letter in program)
            forms.append(Ordering(ask=self.ask, code=self.code, items=items, verbatim=True, neighbours=False))
        elif unique:
            forms.append(
                Pairs(
                    ask=self.ask,
                    code=self.code,
                    left=tuple(texts.values()),
                    right=(*(f"line {n}" for n in range(1, len(program) + 1)), "not used"),
                    answer=tuple(program.index(x) if x in program else len(program) for x in texts),
                    verbatim=True,
                )
            )
        block = "\n".join(f"{letter}  {text}" for letter, text in texts.items())
        code = "\n\n".join(part for part in (self.code.strip("\n"), block) if part)
        return [*forms, *one_of(self.id, self.ask, code, spelled(program), self._wrong_orders(program))]

    def complaints(self) -> Iterator[Complaint]:
        program = self.key()
        places = sorted({self._line(letter).place for letter in program})
        if len(program) < 3:
            yield ("lines",), f"{len(program)} lines belong to the program; write at least 3"
            return
        if places != list(range(1, len(places) + 1)):
            yield ("lines",), "the places of the lines that belong must be 1, 2, 3 and so on, without a gap"
            return
        if program == sorted(program):
            yield ("lines",), "the lines are already in the right order; shuffle them in the file"
        for i, line in enumerate(self.lines):
            if line.misconception and not line.say.strip():
                yield ("lines", i), f"line {i + 1} is wrong and has no `say`, which says why it is wrong"
            if line.misconception and line.place > places[-1]:
                yield ("lines", i, "place"), f"line {i + 1} stands for a line that the program does not have"
        for i, near in enumerate(self.near):
            if not {near.first, near.then} <= set(program) or near.first == near.then:
                yield ("near", i), f"near answer {i + 1} needs two different lines that belong to the program"
            elif self._line(near.first).place <= self._line(near.then).place:
                yield ("near", i), f"near answer {i + 1}: {near.first} before {near.then} is right"
        yield from distinct("lines", [line.text for line in self.lines])

    def flaws(self) -> Iterator[str]:
        yield from order_flaws(self.near)

    def _line(self, letter: str) -> Line:
        return self.lines[LETTERS.index(letter)]

    def _missing(self, answer: Sequence[str], replaced: set[int]) -> list[Reply]:
        """Say what is missing: lines left out, except those whose wrong variant was taken."""
        left_out = [x for x in self.key() if x not in answer and self._line(x).place not in replaced]
        return [Reply(f"Line {in_numbers(x)} belongs to it. {self._line(x).say}".strip()) for x in left_out]

    def _wrong_orders(self, program: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the program with a wrong variant of a line, and with two lines swapped, each with its reply."""
        for letter, line in zip(LETTERS, self.lines, strict=False):
            if line.misconception:
                at = next(i for i, right in enumerate(program) if self._line(right).place == line.place)
                yield spelled([*program[:at], letter, *program[at + 1 :]]), line.say
        for near in self.near:
            swap = {near.first: near.then, near.then: near.first}
            yield spelled([swap.get(letter, letter) for letter in program]), near.say


def _longest_run(places: Sequence[int]) -> int:
    """Return how many can stay where they are: the longest rising subsequence of places, ties allowed."""
    longest: list[int] = []
    for i, place in enumerate(places):
        longest.append(1 + max((longest[j] for j in range(i) if places[j] <= place), default=0))
    return max(longest, default=0)
