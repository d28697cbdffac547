"""The question bank: the kinds that a TOML file of questions may hold.

A file is a list of `[[question]]` tables with `type = "..."`. Each kind is a module of `kinds/`; the field comments
there are the format's documentation, `docs/questions.md` shows an example of each. To add a kind, write its module and
name its class here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from msgspec import Struct

from .kinds.base import Closed, Question
from .kinds.blank import Blank
from .kinds.choice import Choice
from .kinds.code_order import CodeOrder
from .kinds.match import Match
from .kinds.number import Number
from .kinds.order import Order
from .kinds.prose import Prose
from .kinds.several import Several
from .kinds.shape import Shape
from .kinds.tensor import Tensor
from .kinds.wrong_line import WrongLine

KINDS: tuple[type[Question], ...] = (
    Choice, Several, WrongLine, Number, Shape, Order, CodeOrder, Match, Blank, Tensor, Prose,
)  # fmt: skip
TYPES: dict[str, type[Question]] = {kind.tag(): kind for kind in KINDS}

__all__ = ["KINDS", "TYPES", "Closed", "Question", "QuestionFile"]

if TYPE_CHECKING:
    AnyQuestion = Question
else:
    AnyQuestion = Union[KINDS]  # noqa: UP007


class QuestionFile(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file of the bank."""

    question: list[AnyQuestion]
