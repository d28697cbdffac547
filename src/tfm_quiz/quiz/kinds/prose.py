"""Free text: a person confirms its points."""

# ruff: noqa: D102, RUF012 - the base class says what the methods do; msgspec copies an empty list

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from tfm_quiz.quiz.prompts import Prompt

from .base import Answer, Question, Unclear
from .fields import Text
from .forms import Essay, Form

LONGEST_PROSE = 4_000


class Prose(Question, kw_only=True, tag="prose"):
    """Free text. Key points and misconceptions are tables whose format the rubric defines (`rubric/model.py`)."""

    paragraphs: ClassVar[bool] = True

    key_points: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    misconceptions: list[dict[str, Any]] = []
    model_answer: Text
    hint: str = ""
    examples: list[dict[str, Any]] = []

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        return "a few sentences"

    @classmethod
    def read_line(cls, prompt: Prompt, typed: str, how: str) -> Answer:
        if len(typed) > LONGEST_PROSE:
            raise Unclear(f"That is {len(typed)} characters long; at most {LONGEST_PROSE} are read.")
        return typed.strip()

    def forms(self) -> Sequence[Form]:
        ideas = tuple(str(point.get("text", "")) for point in self.key_points)
        return [Essay(ask=self.ask, ideas=ideas, model_answer=self.model_answer)]
