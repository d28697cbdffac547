"""Record the public probes: the public questions of each grader, on values drawn from a public seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.grading.answer_key import KeyEntry
from tfm_quiz.grading.compare import same
from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.observation import Observation
from tfm_quiz.grading.probes import PUBLIC_SEED, Probe, Probes, dump, read_probes
from tfm_quiz.grading.sketch import matches, sketch
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.wire.frames import Tensor, Value
from tfm_quiz.wall.wire.tensors import from_wire, to_wire


def recorded(course: Course, exercises: Sequence[Exercise]) -> dict[str, Probes]:
    """Return the probes of these exercises by id, as they should be."""
    found: dict[str, Probes] = {}

    def use(graders: Graders) -> None:
        for exercise in exercises:
            found[exercise.id] = probes_of(graders, exercise)

    with Workers() as workers:  # never asked for a worker: recording runs no student code
        with_graders(course, exercises, workers, use, seed=PUBLIC_SEED)
    return found


def stale_probes(course: Course, exercises: Sequence[Exercise], fresh: Mapping[str, Probes]) -> Iterator[Exercise]:
    """Yield the exercises whose file differs from `fresh` in structure, or in values by more than the tolerance."""
    for exercise in exercises:
        try:
            is_fresh = _agree(read_probes(course, exercise), fresh[exercise.id])
        except CouldNotCheck:  # not there, or of another version
            is_fresh = False
        if not is_fresh:
            yield exercise


def write_probes(course: Course, probes: Mapping[str, Probes]) -> None:
    """Write the files."""
    for name, one in probes.items():
        path = course.probes_path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(dump(one))


def probes_of(graders: Graders, exercise: Exercise) -> Probes:
    """Return the probes of an exercise, from graders whose keys were recorded on the public seed."""
    key = graders.keys[exercise.id]
    tests = {test.name: test for test in graders.plugin.tests[exercise.id]}
    public = {name for name, test in tests.items() if not test.hidden}
    probes = []
    for name, entries in key.entries.items():
        if name not in public:
            continue
        test = tests[name]
        needs = tuple(need for need in test.needs if need in public)
        for entry in entries:
            variants = {variant: sketch(entry.of_variant(variant)) for variant in key.variants}
            right = _rounded(entry)
            probes.append(Probe(name, test.sentence, test.points, needs, entry.floor, entry.encoded, right, variants))
    staged = graders.content.staged_text(exercise)
    return Probes(exercise.id, staged, key.mistakes, probes, len(tests) - len(public))


def _rounded(entry: KeyEntry) -> Observation:
    """Return the exact values in the dtypes that the reference has: one answer serves for values and for dtypes."""
    expected, exact = entry.expected, entry.exact
    if expected.raised:
        return replace(expected, failure=None)
    arguments, parameters = exact.arguments, exact.parameters
    return Observation(
        value=_as_in(expected.value, exact.value),
        changed=expected.changed,
        arguments=None if arguments is None else tuple(_single(gradient) for gradient in arguments),
        parameters=None if parameters is None else {name: _single(g) for name, g in parameters.items()},
    )


def _as_in(expected: Value, exact: Value) -> Value:
    if isinstance(expected, Tensor):
        return to_wire(from_wire(exact).to(getattr(torch, expected.dtype)))
    if isinstance(expected, list | tuple):
        return type(expected)(_as_in(a, b) for a, b in zip(expected, exact, strict=True))
    if isinstance(expected, dict):
        return {key: _as_in(expected[key], exact[key]) for key in expected}
    return exact


def _single(gradient: Value) -> Value:
    return to_wire(from_wire(gradient).float()) if isinstance(gradient, Tensor) else gradient


def _agree(stored: Probes, fresh: Probes) -> bool:
    """Return whether two recordings agree within the tolerance: bytes differ between processors."""
    if (stored.exercise, stored.staged, stored.hidden) != (fresh.exercise, fresh.staged, fresh.hidden):
        return False
    if dict(stored.known) != dict(fresh.known) or len(stored.cases) != len(fresh.cases):
        return False
    return all(_same(a, b) for a, b in zip(stored.cases, fresh.cases, strict=True))


def _same(a: Probe, b: Probe) -> bool:
    if (a.test, a.sentence, a.points, a.needs, a.floor) != (b.test, b.sentence, b.points, b.needs, b.floor):
        return False
    asks, asks_too = (Observation(value=[list(p.question.args), dict(p.question.kwargs)]) for p in (a, b))
    if type(a.question) is not type(b.question) or not matches(asks, sketch(asks_too), a.floor):
        return False
    return same(b.expected, a.expected, a.floor) and a.variants.keys() == b.variants.keys()
