"""Public probes: what `check` asks on a machine that has neither solution nor variant. numpy only.

`exercises/probes/<id>.npz` holds the questions of an exercise's public checks on values drawn from a public seed, the
right answers, and for each known mistake its sentence, its hint and a fingerprint of what it answers. No pickle: two
arrays of bytes, the header and the payload of one frame of the wire.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck, CourseError, Fault
from tfm_quiz.wall.wire.frames import Name, Value, WireError, pack, unpack

from .compare import Difference, difference, structure
from .naming import Mistake
from .observation import Observation
from .questions import Build, Call, EncodedQuestion, OnBuilt, Question, Through, Twice, encode
from .sketch import matches

FORMAT = 1
PUBLIC_SEED = 1706_03762  # public: never that of a graded run
LARGEST = 64 << 10

_KINDS: dict[str, type[Question]] = {kind.__name__: kind for kind in (Call, Twice, Build, OnBuilt, Through)}


@dataclass(frozen=True)
class Probe:
    """One question of a public check, with the right answer and the fingerprints of the wrong ones."""

    test: str
    sentence: str
    points: float
    needs: tuple[str, ...]
    floor: float
    encoded: EncodedQuestion
    expected: Observation
    variants: Mapping[str, Value]

    @property
    def question(self) -> Question:
        """The question itself, its tensors as data of the wire."""
        return self.encoded.question

    @property
    def size(self) -> int:
        """The bytes of the tensors that are expected."""
        return self.expected.size()

    def difference(self, observed: Observation) -> Difference | None:
        """Say what is wrong with an answer, or return None."""
        wrong = difference(self.expected, self.expected, observed, self.floor)
        return structure(self.expected, observed) if wrong and isinstance(self.question, Build) else wrong

    def is_answer_of(self, mistake: str, observed: Observation) -> bool:
        """Return whether this known mistake gives this answer."""
        return mistake in self.variants and matches(observed, self.variants[mistake], self.floor)


@dataclass(frozen=True)
class Probes:
    """The public checks of one exercise."""

    exercise: str
    staged: str | None
    known: Mapping[str, Mistake]
    cases: Sequence[Probe]
    hidden: int  # how many checks only the instructor has


def dump(probes: Probes) -> bytes:
    """Return the file's bytes. Raises CourseError if they are too many for something that every student installs."""
    document = {
        "format": FORMAT,
        "exercise": probes.exercise,
        "staged": probes.staged,
        "hidden": probes.hidden,
        "known": [[k.id, k.sentence, k.hint, k.same_as] for k in probes.known.values()],
        "cases": [_probe_out(probe) for probe in probes.cases],
    }
    frame = pack(document)
    stream = io.BytesIO()
    header, payload = np.frombuffer(frame.header, np.uint8), np.frombuffer(frame.payload, np.uint8)
    np.savez_compressed(stream, header=header, payload=payload)
    if stream.tell() > LARGEST:
        text = f"the public probes have {stream.tell():,} bytes; {LARGEST:,} are allowed: use smaller sizes"
        raise CourseError([Fault(probes.exercise, text)])
    return stream.getvalue()


def read_probes(course: Course, exercise: Exercise) -> Probes:
    """Read the probes of an exercise. Raises CouldNotCheck if there are none or they are not ours."""
    path, target = course.probes_path(exercise.id), Name(exercise.module, exercise.name)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            header, payload = arrays["header"].tobytes(), arrays["payload"].tobytes()
        document = unpack(header, payload)
        if document["format"] != FORMAT:
            raise CouldNotCheck(f"The probes in {path.name} are of a different version.", next_step="Update tfm-quiz.")
        known = {row[0]: Mistake(*row) for row in document["known"]}
        cases = [_probe_in(case, target) for case in document["cases"]]
        return Probes(document["exercise"], document["staged"], known, cases, document["hidden"])
    except FileNotFoundError as error:
        raise CouldNotCheck(f"There are no public checks for this exercise: {path.name} is missing.") from error
    except (OSError, ValueError, KeyError, TypeError, WireError) as error:
        raise CouldNotCheck(f"The public checks in {path.name} cannot be read: {error}.", where=str(path)) from error


def _probe_out(probe: Probe) -> dict[str, Any]:
    question = probe.question
    fields = {name: getattr(question, name) for name in question.__dataclass_fields__}
    return {
        "test": probe.test,
        "sentence": probe.sentence,
        "points": float(probe.points),
        "needs": list(probe.needs),
        "floor": float(probe.floor),
        "kind": type(question).__name__,
        "question": {name: dict(value) if isinstance(value, Mapping) else value for name, value in fields.items()},
        "expected": _observation_out(probe.expected),
        "variants": json.dumps(dict(probe.variants)),  # as one text: there are too many numbers for parts of a frame
    }


def _probe_in(case: Mapping[str, Any], target: Name) -> Probe:
    encoded = encode(_KINDS[case["kind"]](**case["question"]), target)
    expected = Observation(
        raised=tuple(case["expected"]["raised"]),
        value=case["expected"]["value"],
        changed=tuple(case["expected"]["changed"]),
        arguments=case["expected"]["arguments"],
        parameters=case["expected"]["parameters"],
    )
    needs = tuple(case["needs"])
    variants = json.loads(case["variants"])
    return Probe(case["test"], case["sentence"], case["points"], needs, case["floor"], encoded, expected, variants)


def _observation_out(observed: Observation) -> dict[str, Any]:
    return {
        "raised": list(observed.raised),
        "value": observed.value,
        "changed": list(observed.changed),
        "arguments": observed.arguments,
        "parameters": None if observed.parameters is None else dict(observed.parameters),
    }
