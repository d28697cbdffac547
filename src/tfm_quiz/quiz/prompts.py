"""What a question shows before it is answered: the prompt, which holds nothing of the key.

A graded question ships as its prompt alone, and asking works on prompts alone, so that nothing on the way to the
screen could give an answer away.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .bank import Choice, Match, Order, Prose, Question, Several, Slug, Text, WrongLine

Kind = Literal["choice", "several", "wrong-line", "number", "shape", "order", "match", "blank", "tensor", "prose"]


class Prompt(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question without its key.

    `options` are what is chosen from, put in order, matched (the left side), or the lines of which one is wrong, in
    the order that fixes their letters; `right` is the right side of a match.
    """

    id: Slug
    type: Kind
    ask: Text
    points: Annotated[int, Meta(ge=1, le=20)] = 1
    code: str = ""
    options: Annotated[list[Text], Meta(max_length=9)] = []
    right: Annotated[list[Text], Meta(max_length=9)] = []


def prompt_of(question: Question) -> Prompt:
    """The prompt of a question."""
    options: list[str] = []
    right: list[str] = []
    match question:
        case Choice() | Several():
            options = [option.text for option in question.options]
        case WrongLine():
            options = [line.text for line in question.lines]
        case Order():
            options = question.items
        case Match():
            options, right = question.left, question.right
    return Prompt(
        id=question.id,
        type=question.__struct_config__.tag,  # ty: ignore[invalid-argument-type]
        ask=question.ask,
        points=question.points,
        code="" if isinstance(question, Prose) else question.code,
        options=options,
        right=right,
    )
