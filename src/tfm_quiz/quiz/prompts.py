"""What a question shows before it is answered: the prompt, which holds nothing of the key.

A graded question ships as its prompt alone, and asking works on prompts alone, so that nothing on the way to the
screen could give an answer away.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from .kinds.fields import Points, Slug, Text


class Prompt(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question without its key.

    `type` is the tag of its kind. `options` are what is chosen from, put in order, matched (the left side), or the
    lines of which one is wrong, in the order that fixes their letters; `right` is the right side of a match.
    """

    id: Slug
    type: str
    ask: Text
    points: Points = 1
    code: str = ""
    options: Annotated[list[Text], Meta(max_length=9)] = []
    right: Annotated[list[Text], Meta(max_length=9)] = []
