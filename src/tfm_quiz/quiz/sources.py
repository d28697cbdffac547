"""What a course's questions cover: `quiz/sources.toml` names it, an id and a sentence each. Staff only."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tfm_quiz.errors import CourseError, Fault

NAME = "quiz/sources.toml"


def read_sources(course_root: Path) -> dict[str, str]:
    """Return the ids that `source` may hold, each with what it stands for; none if the course names none.

    Raises CourseError if the file is no table of sentences.
    """
    file = course_root / NAME
    if not file.is_file():
        return {}
    try:
        sources = tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:  # no TOML, or no UTF-8
        raise CourseError([Fault(NAME, str(error))]) from error
    wrong = [key for key, said in sources.items() if not isinstance(said, str)]
    if wrong:
        raise CourseError([Fault(NAME, f'`{key}` is not a sentence; write {key} = "..."') for key in wrong])
    return sources
