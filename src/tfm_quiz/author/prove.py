"""The proof of a grader: what must hold before its marks can be trusted.

The stub is not attempted; the reference has full marks and agrees with an independent oracle; every known mistake loses
points and is named as itself, also when it is written a second way; faults that come in pairs are never misnamed; and
right answers in other styles have full marks. Everything is graded as a real submission, through the wall.
"""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType

import torch

from tfm_quiz.course import Exercise
from tfm_quiz.grading.answer_key import AnswerKey, KeyEntry
from tfm_quiz.grading.compare import difference
from tfm_quiz.grading.exercise import Graders, grade_exercise
from tfm_quiz.grading.graders import record_key
from tfm_quiz.grading.local import LocalSide
from tfm_quiz.grading.observation import Observation
from tfm_quiz.grading.questions import Build, Call, OnBuilt, Through
from tfm_quiz.outcome import ExerciseResult
from tfm_quiz.submission.untouched import is_planted, open_regions, same_as_stub
from tfm_quiz.wall.wire.tensors import tree_to_wire

from .transplant import candidates, transplant, with_mistake

STYLES = 4  # differently written right answers, at least
SECOND = 3  # mistakes written a second way, at least


@dataclass
class Proof:
    """What the proof of one exercise found. No faults: it holds."""

    exercise: Exercise
    faults: list[str] = field(default_factory=list)
    variants: int = 0
    caught: int = 0
    named: int = 0
    second: int = 0
    second_named: int = 0
    styles: int = 0
    accepted: int = 0
    doubles: int = 0
    misnamed: int = 0
    only_hidden: list[str] = field(default_factory=list)  # variants that no public check catches


def prove(graders: Graders, exercise: Exercise, seed: int) -> Proof:
    """Return everything that must hold of one exercise."""
    proof = Proof(exercise)
    for step in (_points, _stub, _reference, _variants, _proofs, _separation):
        step(graders, exercise, proof, seed)
    return proof


def _points(graders: Graders, exercise: Exercise, proof: Proof, seed: int) -> None:
    total = sum(test.points for test in graders.plugin.tests[exercise.id])
    if total != exercise.points:
        proof.faults.append(f"the grader's points sum to {total:g}; course.toml says {exercise.points:g}")
    proof.faults += [
        f"{test.name} has no points: mark it, or fold it into another"
        for test in graders.plugin.tests[exercise.id]
        if test.points == 0
    ]


def _stub(graders: Graders, exercise: Exercise, proof: Proof, seed: int) -> None:
    stub = graders.stubs[exercise.module]
    if not open_regions(stub, exercise.name):
        return  # lint has said what to do
    outcome = grade_exercise(graders, exercise, graders.stubs).outcome
    if outcome != "not_attempted":
        proof.faults.append(f"the stub is {outcome}; it should be not_attempted")
    if is_planted(stub, exercise.name):  # faulty code, handed in by someone who changed it and did not fix it
        result = _graded(graders, exercise, stub, exercise.name)
        if result.outcome == "passed" or result.misconception is None:
            proof.faults.append(f"the planted fault is {result.outcome}, named {result.misconception}: {_why(result)}")


def _reference(graders: Graders, exercise: Exercise, proof: Proof, seed: int) -> None:
    result = grade_exercise(graders, exercise, _solutions(graders))
    if result.outcome != "passed":
        proof.faults.append(f"the reference is {result.outcome}: {_why(result)}")


def _variants(graders: Graders, exercise: Exercise, proof: Proof, seed: int) -> None:
    variants = graders.keys[exercise.id].variants
    if not variants:
        path = graders.course.patches_path(exercise.id)
        proof.faults.append(f"{path.name} in graders/misconceptions/ names no mistake yet")
        return
    solution = _solutions(graders)[exercise.module]
    for name, variant in variants.items():
        proof.variants += 1
        text = with_mistake(graders.course, exercise, variant, solution)
        if same_as_stub(text, graders.stubs[exercise.module], exercise.name):  # the planted fault: touched, not fixed
            text += f"\n{exercise.name} = {exercise.name}\n"
        result = _judged(graders, exercise, text)
        if result.outcome == "passed":
            proof.faults.append(f"the mistake {name} keeps all its points")
            continue
        proof.caught += 1
        if result.misconception == variant.same_as:
            proof.named += 1
        else:
            proof.faults.append(f"the mistake {name} is named {result.misconception}: {_why(result)}")
        if not variant.hint:
            proof.faults.append(f"the mistake {name} has no Hint: line")
        if not any(c.outcome not in ("passed", "skipped") and not c.hidden for c in result.checks):
            proof.only_hidden.append(name)


def _proofs(graders: Graders, exercise: Exercise, proof: Proof, seed: int) -> None:
    path = graders.course.proofs_path(exercise.id)
    if not path.is_file():
        proof.faults.append(f"graders/proofs/{path.name} is missing")
        return
    donor = path.read_text("utf-8")
    for name in candidates(donor):
        kind, _, rest = name.partition("_")
        if kind == "right":
            _right(graders, exercise, proof, donor, name)
        elif kind == "second":
            _second(graders, exercise, proof, donor, name, rest.partition("__")[0])
        elif kind == "double":
            _double(graders, exercise, proof, donor, name, seed)
        elif name != "oracle":
            proof.faults.append(f"graders/proofs/{path.name}: {name} is neither oracle, right_, second_ nor double_")
    if proof.styles < STYLES:
        proof.faults.append(f"{proof.styles} right answers in other styles; at least {STYLES} are needed")
    if proof.second < SECOND:
        proof.faults.append(f"{proof.second} mistakes written a second way; at least {SECOND} are needed")
    _oracle(graders, exercise, proof)


def _right(graders: Graders, exercise: Exercise, proof: Proof, donor: str, name: str) -> None:
    proof.styles += 1
    result = _graded(graders, exercise, donor, name)
    if result.outcome == "passed":
        proof.accepted += 1
    else:
        proof.faults.append(f"the right answer {name} is {result.outcome}: {_why(result)}")


def _second(graders: Graders, exercise: Exercise, proof: Proof, donor: str, name: str, mistake: str) -> None:
    variant = graders.keys[exercise.id].variants.get(mistake)
    if variant is None:
        proof.faults.append(f"{name}: there is no mistake {mistake}")
        return
    proof.second += 1
    result = _graded(graders, exercise, donor, name)
    if result.misconception == variant.same_as:
        proof.second_named += 1
    else:
        proof.faults.append(f"{name} is {result.outcome}, named {result.misconception}: {_why(result)}")


def _double(graders: Graders, exercise: Exercise, proof: Proof, donor: str, name: str, seed: int) -> None:
    """A name is wrong if the named variant's answers differ from these on newly drawn values."""
    proof.doubles += 1
    result = _graded(graders, exercise, donor, name)
    if result.outcome == "passed":
        proof.faults.append(f"{name} keeps all its points")
    elif result.misconception is not None:
        fresh = record_key(graders.course, graders.content, graders.plugin, exercise, seed + 1)
        again = _graded(_with_key(graders, exercise.id, fresh), exercise, donor, name)
        if again.misconception != result.misconception:
            proof.misnamed += 1
            proof.faults.append(f"{name} is misnamed {result.misconception}")


def _with_key(graders: Graders, name: str, key: AnswerKey) -> Graders:
    return replace(graders, keys={**graders.keys, name: key})


def _oracle(graders: Graders, exercise: Exercise, proof: Proof) -> None:
    """The reference against the independent oracle, on every question of the grader that has values."""
    oracle = getattr(_load_proofs(graders, exercise), "oracle", None)
    if oracle is None:
        proof.faults.append(f"graders/proofs/{exercise.id}.py has no oracle")
        return
    asked = 0
    for test, entries in graders.keys[exercise.id].entries.items():
        for entry, observed in _ask_oracle(graders, exercise, entries, oracle):
            asked += 1
            exact = replace(entry.exact, changed=(), arguments=None, parameters=None)
            wrong = difference(exact, exact, observed, entry.floor)
            if wrong is not None:
                proof.faults.append(f"the reference and the oracle disagree in {test}: {wrong.sentence}")
                return
    questions = [entry.question for found in graders.keys[exercise.id].entries.values() for entry in found]
    if not asked and any(isinstance(question, Call | OnBuilt) for question in questions):
        proof.faults.append("the oracle was asked nothing")


def _ask_oracle(
    graders: Graders, exercise: Exercise, entries: list[KeyEntry], oracle: Callable[..., object]
) -> Iterator[tuple[KeyEntry, Observation]]:
    reference, staged = graders.content.reference(exercise), graders.content.staged(exercise)
    side = LocalSide(reference, staged, torch.float64)
    stands_in = isinstance(oracle, type) == isinstance(reference, type)  # else it computes a module's output
    for entry in entries:
        question = entry.question
        if isinstance(question, Through) and stands_in:
            yield entry, LocalSide(oracle, staged).ask(question)
            continue
        if isinstance(question, Build):
            side.ask(question)
        elif entry.expected.raised:
            continue
        elif isinstance(question, Call):
            value = oracle(*side.own(question.args), **side.own(question.kwargs))
            yield entry, Observation(value=tree_to_wire(value))
        elif isinstance(question, OnBuilt) and not question.method:
            value = oracle(side.built[question.number], *side.own(question.args), **side.own(question.kwargs))
            yield entry, Observation(value=tree_to_wire(value))


def _separation(graders: Graders, exercise: Exercise, proof: Proof, seed: int) -> None:
    for one, other in graders.keys[exercise.id].confused():
        proof.faults.append(f"no check tells {one} from {other}: add a probe, or declare them EQUAL")


def _graded(graders: Graders, exercise: Exercise, donor: str, name: str) -> ExerciseResult:
    solution = _solutions(graders)[exercise.module]
    return _judged(graders, exercise, transplant(solution, donor, name, exercise.name))


def _judged(graders: Graders, exercise: Exercise, module: str) -> ExerciseResult:
    sources = {**_solutions(graders), exercise.module: module}
    return grade_exercise(replace(graders, labs=False), exercise, sources)


def _solutions(graders: Graders) -> dict[str, str]:
    course = graders.course
    return {module: course.solution_path(module).read_text("utf-8") for module in course.modules}


def _why(result: ExerciseResult) -> str:
    bad = [check for check in result.checks if check.outcome not in ("passed", "skipped")]
    parts = [f"[{check.name}] {check.outcome} {check.detail or check.message}" for check in bad[:2]]
    return " | ".join(parts)[:600] or result.message


def _load_proofs(graders: Graders, exercise: Exercise) -> ModuleType:
    path = graders.course.proofs_path(exercise.id)
    spec = importlib.util.spec_from_file_location(f"graders_proofs_{exercise.id}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
