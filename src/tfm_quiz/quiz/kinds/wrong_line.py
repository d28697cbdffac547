"""A wrong line: one line of code or text is wrong. All or nothing."""

# ruff: noqa: D102 - the base class says what the methods do

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from .base import Complaint
from .choice import PickOne
from .fields import Option, Options
from .forms import Form, OneOf, numbered_lines
from .letters import option_complaints


class WrongLine(PickOne, kw_only=True, tag="wrong-line"):
    """One line is wrong: the *wrong* line is the one marked `correct`, being the right answer."""

    verbatim: ClassVar[bool] = True

    lines: Options

    def choices(self) -> Sequence[Option]:
        return self.lines

    def shown_key(self) -> str:
        return f"line {super().shown_key()}"

    def forms(self) -> Sequence[Form]:
        options = [
            Option(text=f"line {number}", correct=line.correct, say=line.say)
            for number, line in enumerate(self.lines, start=1)
        ]
        code = "\n\n".join(part for part in (self.code, numbered_lines(line.text for line in self.lines)) if part)
        return [OneOf(ask=self.ask, code=code, options=tuple(options))]

    def complaints(self) -> Iterator[Complaint]:
        yield from option_complaints("lines", self.lines, one=True, named=False)
