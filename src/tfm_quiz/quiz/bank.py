"""The question bank: what a question is, in each of its types, as it stands in a TOML file.

A file is a list of `[[question]]` tables. Each type below is one table with `type = "..."`; the field comments are the
format's documentation, `docs/questions.md` shows an example of each. Reading a bank is in `reading.py`, marking an
answer in `kinds.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

# The 19 questions of the source (A: the notebook's, B: the paper's) and six topics of the paper beyond them.
SourceId = Literal[
    "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10",
    "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9",
    "C1", "C2", "C3", "C4", "C5", "C6",
]  # fmt: skip
SOURCES: tuple[str, ...] = get_args(SourceId)

Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60, examples=["scale-restores-variance"])]
OptionalSlug = Annotated[str, Meta(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=60)]
Section = Annotated[
    str, Meta(pattern=r"^(\d(\.\d){0,2}|Table \d|Figure \d|References)$", examples=["3.2.1", "Table 1"])
]
Letter = Annotated[str, Meta(pattern=r"^[a-i]$")]
LETTERS = "abcdefghi"  # nine at most, so that each option has a key of its own


class Base(Struct, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What every question has."""

    id: Slug
    source: Annotated[list[SourceId], Meta(min_length=1)]  # what it covers
    section: Annotated[list[Section], Meta(min_length=1)]  # of arXiv 1706.03762, where the reason can be read
    ask: Text
    points: Annotated[int, Meta(ge=1, le=20)] = 1


class Closed(Base, kw_only=True):
    """What every question with an exact answer has."""

    why: Text  # the reason, shown after every answer
    code: str = ""  # shown verbatim under the question


class Option(Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing to choose; a wrong one names its misconception and answers it."""

    text: Text
    correct: bool = False
    misconception: OptionalSlug = ""
    say: str = ""


Options = Annotated[list[Option], Meta(min_length=2, max_length=9)]


class Choice(Closed, kw_only=True, tag="choice"):
    """One option is right."""

    options: Options


class Several(Closed, kw_only=True, tag="several"):
    """Some options are right, and at least one is not."""

    options: Options


class WrongLine(Closed, kw_only=True, tag="wrong-line"):
    """One line of code or text is wrong: the *wrong* line is the one marked `correct`, being the right answer."""

    lines: Options


class NearNumber(Struct, kw_only=True, forbid_unknown_fields=True):
    """A wrong number that betrays how it came about."""

    answer: float
    misconception: Slug
    say: Text


class Number(Closed, kw_only=True, tag="number"):
    """A number, right if it is within `tolerance` of the answer."""

    answer: float
    tolerance: Annotated[float, Meta(ge=0)] = 0.0
    near: list[NearNumber] = []


class NearShape(Struct, kw_only=True, forbid_unknown_fields=True):
    """A wrong shape that betrays how it came about."""

    answer: list[int]
    misconception: Slug
    say: Text


class Shape(Closed, kw_only=True, tag="shape"):
    """The shape of a tensor."""

    answer: list[Annotated[int, Meta(ge=0)]]
    near: list[NearShape] = []


class NearOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """Two items in the wrong order: `first` was put somewhere before `then`."""

    first: Letter
    then: Letter
    misconception: Slug
    say: Text


class Order(Closed, kw_only=True, tag="order"):
    """Items to put in order; `answer` is their letters in the right order."""

    items: Annotated[list[Text], Meta(min_length=3, max_length=9)]
    answer: list[Letter]
    near: list[NearOrder] = []


class NearPair(Struct, kw_only=True, forbid_unknown_fields=True):
    """A wrong pair: the item of this number (from 1) given this letter."""

    item: Annotated[int, Meta(ge=1, le=9)]
    chose: Letter
    misconception: Slug
    say: Text


class Match(Closed, kw_only=True, tag="match"):
    """Each numbered item on the left gets one letter from the right (a letter may serve twice or not at all)."""

    left: Annotated[list[Text], Meta(min_length=2, max_length=9)]
    right: Annotated[list[Text], Meta(min_length=2, max_length=9)]
    answer: list[Letter]
    near: list[NearPair] = []


class NearText(Struct, kw_only=True, forbid_unknown_fields=True):
    """Wrong words that betray a misconception; compared like the accepted ones."""

    answer: list[Text]
    misconception: Slug
    say: Text


class Blank(Closed, kw_only=True, tag="blank"):
    """A word or a few to fill in, compared without case, punctuation and spacing."""

    answer: Annotated[list[Text], Meta(min_length=1)]
    near: list[NearText] = []


Rows = Annotated[list[Annotated[list[float], Meta(min_length=1)]], Meta(min_length=1)]


class NearTensor(Struct, kw_only=True, forbid_unknown_fields=True):
    """A wrong tensor that betrays how it came about."""

    answer: Rows
    misconception: Slug
    say: Text


class Tensor(Closed, kw_only=True, tag="tensor"):
    """A small tensor to work out in the head: rows of numbers, true is 1; each entry within `tolerance`."""

    answer: Rows
    tolerance: Annotated[float, Meta(ge=0)] = 0.0
    near: list[NearTensor] = []


class Prose(Base, kw_only=True, tag="prose"):
    """Free text. Key points and misconceptions are tables whose format the rubric defines (`rubric.py`)."""

    key_points: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    misconceptions: list[dict[str, Any]] = []
    model_answer: Text
    hint: str = ""
    examples: list[dict[str, Any]] = []


ClosedQuestion = Choice | Several | WrongLine | Number | Shape | Order | Match | Blank | Tensor
Question = ClosedQuestion | Prose
TYPES: dict[str, type[Question]] = {kind.__struct_config__.tag: kind for kind in get_args(Question)}


class QuestionFile(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file of the bank."""

    question: list[Question]
