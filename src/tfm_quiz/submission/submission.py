"""A submission: the few files of a student's folder that count, and sentences about the others."""

from __future__ import annotations

from msgspec import Struct


class Submission(Struct, frozen=True, kw_only=True):
    """What a student handed in: the source of each module by its name, and everything else that is looked at.

    `helpers` are other modules beside them; `answers` is the text of answers.toml, and `replies` are answers that stand
    elsewhere, in a notebook's cells, by the question's id; they win. `problems` are sentences that say what was wrong
    with the submission, and where. `notes` say of everything else that lies in it how it was taken, and what was not
    read.
    """

    name: str
    modules: dict[str, str] = {}
    helpers: dict[str, str] = {}
    answers: str | None = None
    replies: dict[str, str] = {}
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
