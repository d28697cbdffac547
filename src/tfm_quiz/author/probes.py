"""Record the public probes: the public questions of each grader, on values drawn from a public seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from tfm_quiz.course import Course, Exercise
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.grading.compare import same
from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.oracle import Answer
from tfm_quiz.grading.probes import SEED, Case, Known, Probes, dump, load
from tfm_quiz.grading.run import with_graders
from tfm_quiz.grading.seen import Seen
from tfm_quiz.grading.sketch import matches, sketch
from tfm_quiz.wall.host.workers import Zygote
from tfm_quiz.wall.wire.frames import Tensor, Value
from tfm_quiz.wall.wire.tensors import from_wire, to_wire


def recorded(
    course: Course, exercises: Sequence[Exercise], progress: Callable[[int, int], None] = lambda done, of: None
) -> dict[str, Probes]:
    """The probes of these exercises by id, as they should be."""
    found: dict[str, Probes] = {}

    def use(graders: Graders) -> None:
        for exercise in exercises:
            found[exercise.id] = probes_of(graders, exercise)

    with Zygote() as zygote:  # never asked for a worker: recording runs no student code
        with_graders(course, exercises, zygote, use, seed=SEED, progress=progress)
    return found


def stale_probes(course: Course, exercises: Sequence[Exercise], fresh: Mapping[str, Probes]) -> Iterator[Exercise]:
    """The exercises whose file differs from `fresh` in structure, or in values by more than the tolerance."""
    for exercise in exercises:
        path = course.probes_path(exercise.id)
        try:
            is_fresh = _agree(load(path), fresh[exercise.id])
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
    """The probes of an exercise, from graders that were rehearsed on the public seed."""
    oracle = graders.oracles[exercise.id]
    tests = {test.name: test for test in graders.plugin.tests[exercise.id]}
    public = {name for name, test in tests.items() if not test.hidden}
    known = {v.id: Known(v.id, v.sentence, v.hint, v.same_as) for v in oracle.variants.values()}
    cases = []
    for name, answers in oracle.answers.items():
        if name not in public:
            continue
        test = tests[name]
        needs = tuple(need for need in test.needs if need in public)
        for answer in answers:
            variants = {variant: sketch(seen) for variant, seen in answer.variants.items()}
            expected = _rounded(answer)
            cases.append(
                Case(name, test.sentence, test.points, needs, answer.floor, answer.sent.question, expected, variants)
            )
    return Probes(exercise.id, graders.content.staged_text(exercise), known, cases, len(tests) - len(public))


def _rounded(answer: Answer) -> Seen:
    """The exact values in the dtypes that the reference has: one answer serves for values and for dtypes."""
    expected, exact = answer.expected, answer.exact
    if expected.raised:
        return replace(expected, failure=None)
    arguments, parameters = exact.arguments, exact.parameters
    return Seen(
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
    """Whether two recordings say the same: bytes differ between processors."""
    if (stored.exercise, stored.staged, stored.hidden) != (fresh.exercise, fresh.staged, fresh.hidden):
        return False
    if dict(stored.known) != dict(fresh.known) or len(stored.cases) != len(fresh.cases):
        return False
    return all(_same_case(a, b) for a, b in zip(stored.cases, fresh.cases, strict=True))


def _same_case(a: Case, b: Case) -> bool:
    if (a.test, a.sentence, a.points, a.needs, a.floor) != (b.test, b.sentence, b.points, b.needs, b.floor):
        return False
    asked = Seen(value=[list(a.question.args), dict(a.question.kwargs)])
    asks = Seen(value=[list(b.question.args), dict(b.question.kwargs)])
    if type(a.question) is not type(b.question) or not matches(asked, sketch(asks), a.floor):
        return False
    return same(b.expected, a.expected, a.floor) and a.variants.keys() == b.variants.keys()
