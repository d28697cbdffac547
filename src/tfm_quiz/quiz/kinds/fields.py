"""Types of fields that several kinds of question share. What a field's comment says is the format's documentation."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60, examples=["off-by-one"])]
OptionalSlug = Annotated[str, Meta(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=60)]
SourceId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples=["B7"])]
Section = Annotated[str, Meta(pattern=r"^(\d+(\.\d+)*|(Table|Figure) \d+|References)$", examples=["3.2.1", "Table 1"])]
Points = Annotated[int, Meta(ge=1, le=20)]
Tolerance = Annotated[float, Meta(ge=0)]
Letter = Annotated[str, Meta(pattern=r"^[a-i]$")]
LETTERS = "abcdefghi"  # nine at most, so that each option has a key of its own


class Option(Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing to choose; a wrong one names its misconception and answers it."""

    text: Text
    correct: bool = False
    misconception: OptionalSlug = ""
    say: str = ""


Options = Annotated[list[Option], Meta(min_length=2, max_length=9)]


class Near(Struct, kw_only=True, forbid_unknown_fields=True):
    """A wrong answer that betrays how it came about; each kind adds what identifies it."""

    misconception: Slug
    say: Text
