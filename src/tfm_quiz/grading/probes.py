"""Public probes: what `check` asks on a machine that has neither solution nor variant. numpy only.

`exercises/probes/<id>.npz` holds the questions of an exercise's public checks on values drawn from a public seed, the
right answers, and for each known mistake its sentence, its hint and a fingerprint of what it answers. No pickle: two
arrays of bytes, the header and the payload of one frame of the wire.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfm_quiz.errors import CouldNotCheck, CourseError, Fault
from tfm_quiz.wall.wire.frames import Value, WireError, pack, unpack

from .seen import Build, Call, OnBuilt, Question, Seen, Through, Twice
from .sketch import matches

FORMAT = 1
SEED = 1706_03762  # public: never that of a graded run
LARGEST = 64 << 10

_KINDS: dict[str, type[Question]] = {kind.__name__: kind for kind in (Call, Twice, Build, OnBuilt, Through)}


@dataclass(frozen=True)
class Known:
    """A mistake that can be recognised."""

    id: str
    sentence: str
    hint: str
    same_as: str


@dataclass(frozen=True)
class Case:
    """One question of a public check, with the right answer and the fingerprints of the wrong ones."""

    test: str
    sentence: str
    points: float
    needs: tuple[str, ...]
    floor: float
    question: Question
    expected: Seen
    variants: Mapping[str, Value]


@dataclass(frozen=True)
class Probes:
    """The public checks of one exercise."""

    exercise: str
    staged: str | None
    known: Mapping[str, Known]
    cases: Sequence[Case]
    hidden: int  # how many checks only the instructor has

    def name(self, answers: Sequence[tuple[Case, Seen]]) -> Known | None:
        """The one known mistake that agrees with all these answers; None if there is no or more than one."""
        agreeing = [
            name
            for name in self.known
            if all(name in case.variants and matches(seen, case.variants[name], case.floor) for case, seen in answers)
        ]
        classes = {self.known[name].same_as for name in agreeing}
        return self.known[classes.pop()] if len(classes) == 1 else None


def dump(probes: Probes) -> bytes:
    """The file's bytes. Raises CourseError if they are too many for something that every student installs."""
    document = {
        "format": FORMAT,
        "exercise": probes.exercise,
        "staged": probes.staged,
        "hidden": probes.hidden,
        "known": [[k.id, k.sentence, k.hint, k.same_as] for k in probes.known.values()],
        "cases": [_case_out(case) for case in probes.cases],
    }
    frame = pack(document)
    stream = io.BytesIO()
    header, payload = np.frombuffer(frame.header, np.uint8), np.frombuffer(frame.payload, np.uint8)
    np.savez_compressed(stream, header=header, payload=payload)
    if stream.tell() > LARGEST:
        text = f"the public probes have {stream.tell():,} bytes; {LARGEST:,} are allowed: use smaller sizes"
        raise CourseError([Fault(probes.exercise, text)])
    return stream.getvalue()


def load(path: Path) -> Probes:
    """Read a file of probes. Raises CouldNotCheck if it is missing or not ours."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            header, payload = arrays["header"].tobytes(), arrays["payload"].tobytes()
        document = unpack(header, payload)
        if document["format"] != FORMAT:
            raise CouldNotCheck(f"The probes in {path.name} are of another version.", next_step="Update tfm-quiz.")
        known = {row[0]: Known(*row) for row in document["known"]}
        cases = [_case_in(case) for case in document["cases"]]
        return Probes(document["exercise"], document["staged"], known, cases, document["hidden"])
    except FileNotFoundError as error:
        raise CouldNotCheck(f"There are no public checks for this exercise: {path.name} is missing.") from error
    except (OSError, ValueError, KeyError, TypeError, WireError) as error:
        raise CouldNotCheck(f"The public checks in {path.name} cannot be read: {error}.", where=str(path)) from error


def _case_out(case: Case) -> dict[str, Any]:
    question = case.question
    fields = {name: getattr(question, name) for name in question.__dataclass_fields__}
    return {
        "test": case.test,
        "sentence": case.sentence,
        "points": float(case.points),
        "needs": list(case.needs),
        "floor": float(case.floor),
        "kind": type(question).__name__,
        "question": {name: dict(value) if isinstance(value, Mapping) else value for name, value in fields.items()},
        "expected": _seen_out(case.expected),
        "variants": json.dumps(dict(case.variants)),  # as one text: there are too many numbers for parts of a frame
    }


def _case_in(case: Mapping[str, Any]) -> Case:
    question = _KINDS[case["kind"]](**case["question"])
    expected = Seen(
        raised=tuple(case["expected"]["raised"]),
        value=case["expected"]["value"],
        changed=tuple(case["expected"]["changed"]),
        arguments=case["expected"]["arguments"],
        parameters=case["expected"]["parameters"],
    )
    needs = tuple(case["needs"])
    variants = json.loads(case["variants"])
    return Case(case["test"], case["sentence"], case["points"], needs, case["floor"], question, expected, variants)


def _seen_out(seen: Seen) -> dict[str, Any]:
    return {
        "raised": list(seen.raised),
        "value": seen.value,
        "changed": list(seen.changed),
        "arguments": seen.arguments,
        "parameters": None if seen.parameters is None else dict(seen.parameters),
    }
