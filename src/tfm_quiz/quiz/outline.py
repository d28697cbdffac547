"""Sections that do not give the reason: `quiz/outline.toml` says in words what can be read where in the course's text.

A question and its key must use a word of each section that it names. That finds sections named out of habit; it does
not prove that the reason stands there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tfm_quiz.errors import CourseError, Fault

from .bank import Closed, Question

NAME = "quiz/outline.toml"


def read_outline(course_root: Path) -> dict[str, list[str]]:
    """Return the words of each section; none if the course has no outline. Raises CourseError."""
    file = course_root / NAME
    if not file.is_file():
        return {}
    try:
        outline = tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:  # no TOML, or no UTF-8
        raise CourseError([Fault(NAME, str(error))]) from error
    wrong = [name for name, words in outline.items() if not _are_words(words)]
    if wrong:
        raise CourseError([Fault(NAME, f'`{name}` is not a list of words; write "{name}" = ["..."]') for name in wrong])
    return outline


def unread_sections(questions: Sequence[Question], outline: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield one sentence for each section that a question names and that is unknown, or speaks of nothing in it."""
    if not outline:
        return
    for question in questions:
        if not isinstance(question, Closed):
            continue
        right = [option.text for option in question.choices() if option.correct]
        said = " ".join([question.ask, question.why, *right, *question.listed(), *question.partners()]).casefold()
        for section in question.section:
            if section not in outline:
                yield f"question {question.id}: section {section} is not in {NAME}"
            elif not any(re.search(rf"(?<!\w){re.escape(word)}", said) for word in outline[section]):
                words = ", ".join(outline[section][:3])
                flaw = f"section {section} speaks of {words}, the question does not"
                yield f"question {question.id}: {flaw}; name the section that gives the reason, or none"


def _are_words(words: object) -> bool:
    return isinstance(words, list) and bool(words) and all(isinstance(word, str) and word for word in words)
