"""A public check's input as torch tensors, for a student's own console or notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfm_quiz.errors import UsageProblem
from tfm_quiz.grading.probes import read_probes
from tfm_quiz.grading.questions import Build, OnBuilt
from tfm_quiz.manifest import load_course
from tfm_quiz.wall.wire.tensors import tree_from_wire


@dataclass(frozen=True)
class ProbeCase:
    """One question of the public checks.

    `args` and `kwargs` go to the function (or to the method `method` of a module). For a module, `init_args` and
    `init_kwargs` build it and `state` is what `load_state_dict` takes. `expected` is the right answer, or the name of
    the exception that should be raised.
    """

    sentence: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    expected: Any
    method: str = ""
    init_args: tuple[Any, ...] = ()
    init_kwargs: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


def probe_case(exercise: str, number: int) -> ProbeCase:
    """Return the `number`th question (from 1) of an exercise. Raises UsageProblem if there is none."""
    course = load_course()
    probes = read_probes(course, course.exercise(exercise))
    if not 1 <= number <= len(probes.cases):
        raise UsageProblem(f"{exercise} has the probes 1 to {len(probes.cases)}; there is no {number}")
    case = probes.cases[number - 1]
    question = case.question
    extra: dict[str, Any] = {}
    build = question if isinstance(question, Build) else None
    if isinstance(question, OnBuilt):
        extra["method"] = question.method
        before = probes.cases[: number - 1]
        build = next(c.question for c in reversed(before) if isinstance(c.question, Build) and c.test == case.test)
    if isinstance(build, Build):
        extra |= {"init_args": tree_from_wire(build.args), "init_kwargs": tree_from_wire(dict(build.kwargs))}
        extra["state"] = tree_from_wire(dict(build.state))
    expected = case.expected.raised[0] if case.expected.raised else tree_from_wire(case.expected.value)
    return ProbeCase(
        case.sentence, tree_from_wire(question.args), tree_from_wire(dict(question.kwargs)), expected, **extra
    )
