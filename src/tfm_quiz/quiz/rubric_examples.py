"""The labelled examples: answers with the key points that they state. They are the rubrics' tests.

A third of them, fixed by a hash of the text, is held out: authors of patterns do not look at what goes wrong
there, so that its figures tell how the patterns fare with answers never seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tfm_quiz.errors import CourseError, Fault

from .prose import Rubrics

FOLDER = Path("solutions", "quiz", "examples")


class Labelled(Struct, frozen=True, kw_only=True):
    """An answer whose key points somebody has judged; a key point that is not in `key_points` was not."""

    question: str  # a source question, such as `A3`, or the id of a prose question
    text: str
    key_points: Mapping[str, bool]  # by id, such as `A3.1`
    misconceptions: tuple[str, ...] | None = None  # None: not judged
    kind: str = ""

    @property
    def held_out(self) -> bool:
        """Return whether this example belongs to the third that is not looked at while patterns are written."""
        return hashlib.sha256(" ".join(self.text.split()).encode()).digest()[0] % 3 == 0


class _Written(Struct, kw_only=True, forbid_unknown_fields=True):
    """An example as it stands in `examples/A3.toml`: numbers of the key points that are present."""

    kind: str
    text: str
    present: list[Annotated[int, Meta(ge=1)]]
    unjudged: list[Annotated[int, Meta(ge=1)]] = []
    flags: list[Annotated[int, Meta(ge=1)]] = []


class _WrittenFile(Struct, forbid_unknown_fields=True):
    answer: list[_Written]


def load_examples(course_root: Path, rubrics: Rubrics) -> list[Labelled]:
    """Return the labelled examples of a checkout: `A3.toml` and the lines that reviewing adds. Raises CourseError."""
    folder = course_root / FOLDER
    faults: list[Fault] = []
    examples: list[Labelled] = []
    for path in sorted(folder.glob("*.toml")):
        found = rubrics.find(path.stem)
        if found is None:
            faults.append(
                Fault(str(path.name), "no prose question serves this source question; name the file after one")
            )
            continue
        try:
            written = msgspec.toml.decode(path.read_bytes(), type=_WrittenFile)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            faults.append(Fault(path.name, str(error)))
            continue
        count = len(found.question.key_points)
        for number, answer in enumerate(written.answer, start=1):
            if wrong := [n for n in [*answer.present, *answer.unjudged] if n > count]:
                faults.append(Fault(path.name, f"answer {number}: there is no key point {wrong[0]}"))
            examples.append(_labelled(path.stem, answer, count))
    for path in sorted(folder.glob("*.jsonl")):
        lines, problems = read_labelled(path)
        examples += lines
        faults += [Fault(f"{path.name}:{line}", message) for line, message in problems]
    if faults:
        raise CourseError(faults)
    return examples


def _labelled(question: str, written: _Written, count: int) -> Labelled:
    return Labelled(
        question=question,
        text=written.text,
        key_points={f"{question}.{n}": n in written.present for n in range(1, count + 1) if n not in written.unjudged},
        misconceptions=tuple(f"{question}.m{n}" for n in written.flags),
        kind=written.kind,
    )


def read_labelled(path: Path) -> tuple[list[Labelled], list[tuple[int, str]]]:
    """Return the labelled answers of a JSON-lines file, and what is wrong with other lines. Raises OSError."""
    found: list[Labelled] = []
    problems: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Labelled))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problems.append((number, str(error)))
    return found, problems
