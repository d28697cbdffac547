"""A test that only asks is not run again for a submission, and what variants answer waits until it is wanted."""

from dataclasses import replace

import pytest
import torch

from tfm_quiz.course import Course
from tfm_quiz.grading.answer_key import AnswerKey, Recorder
from tfm_quiz.grading.attempt import ReferenceFault
from tfm_quiz.grading.compare import difference
from tfm_quiz.grading.exercise import Graders, grade_exercise
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.observation import Observation
from tfm_quiz.grading.questions import Call, Question
from tfm_quiz.grading.variants import VariantAnswers
from tfm_quiz.outcome import ExerciseResult
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.wire.frames import Name
from tfm_quiz.wall.wire.tensors import to_wire

CHANGES = {
    "right": "",
    "named": "def double(x):\n    return x / 2\n",
    "wrong in the hidden check alone": "def double(x):\n    return (2 * x).float()\n",
    "no name": "def double(x):\n    return 2 * x + 1\n",
    "raises": "def double(x):\n    print('so far')\n    return undefined\n",
    "changes its argument": "def double(x):\n    x *= 2\n    return x\n",
    "leaves": "import os\ndef double(x):\n    os._exit(3)\n",
    "leaves at its third call": "import os\nn = []\ndef double(x):\n    n.append(1)\n"
    "    return 2 * x if len(n) < 3 else os._exit(3)\n",
    "sleeps": "import time\ndef double(x):\n    time.sleep(60)\n",
    "cannot be imported": "def double(x):\n",
    "no module": "from torch import nn\nclass Gain(nn.Linear):\n    pass\n",
    "another structure": "from torch import nn\nclass Gain(nn.Module):\n    def __init__(self, d_model):\n"
    "        super().__init__()\n        self.scale = nn.Parameter(torch.zeros(d_model))\n"
    "    def forward(self, x):\n        return x\n",
    "a module that raises": "class Gain:\n    def __init__(self, d_model):\n        raise ValueError(d_model)\n",
}


def graded(graders: Graders, sources: dict[str, str]) -> dict[str, ExerciseResult]:
    return {exercise.id: grade_exercise(graders, exercise, sources) for exercise in graders.course.exercises}


def test_what_only_asks_comes_to_what_it_comes_to_when_it_is_run(tiny: Course, workers: Workers, tiny_sources):
    found = {}

    def use(graders: Graders) -> None:
        fast = dict(graders.plugin.tests)
        for name, text in CHANGES.items():
            module = "gains" if "Gain" in text else "rows"
            sources = tiny_sources | {module: f"{tiny_sources[module]}\n\n{text}"}
            first = graded(graders, sources)
            for exercise, tests in fast.items():
                graders.plugin.tests[exercise] = [replace(test, only_asks=False) for test in tests]
            found[name] = first, graded(graders, sources)
            graders.plugin.tests.update(fast)

    with_graders(tiny, tiny.exercises, workers, use, seed=3, time_factor=0.1)
    assert found.keys() == CHANGES.keys()
    for name, (asked, run) in found.items():
        assert asked == run, name
    outcomes = {name: {result.outcome for result in asked.values()} for name, (asked, _) in found.items()}
    assert outcomes["right"] == {"passed"}
    assert all(other != {"passed"} for name, other in outcomes.items() if name != "right")


def test_a_test_is_only_left_out_if_it_learns_nothing_of_the_student(tiny: Course, workers: Workers):
    only_asks = {}

    def use(graders: Graders) -> None:
        only_asks.update({test.name: test.only_asks for tests in graders.plugin.tests.values() for test in tests})

    with_graders(tiny, tiny.exercises, workers, use, seed=3)
    assert not only_asks.pop("test_the_shape_is_one_number_a_row")  # it has `student`
    assert only_asks
    assert all(only_asks.values())


def test_a_variant_is_asked_all_of_a_test_once_and_only_when_somebody_wants_to_know(monkeypatch: pytest.MonkeyPatch):
    asked = []

    class Side:
        def __init__(self, target: str, staged: None) -> None:
            self.target = target

        def ask(self, question: Question) -> Observation:
            asked.append((self.target, question.args))
            return Observation(value=f"{self.target} {question.args}")

    monkeypatch.setattr("tfm_quiz.grading.variants.LocalSide", Side)
    known = {name: type("Known", (), {"target": name}) for name in ("halves", "detached")}
    variants = VariantAnswers(known, None)  # ty: ignore[invalid-argument-type]
    variants.questions += [Call((1,)), Call((2,))]
    assert asked == []
    assert [answer.value for answer in variants.of("halves")] == ["halves (1,)", "halves (2,)"]
    assert [answer.value for answer in variants.of("halves")] == ["halves (1,)", "halves (2,)"]
    assert asked == [("halves", (1,)), ("halves", (2,))]


def test_a_reference_that_its_own_dtype_cannot_carry_is_a_fault_of_the_course():
    def lost(x: torch.Tensor) -> torch.Tensor:
        return (x + 1e9) - 1e9  # nothing of x is left in float32

    key = AnswerKey("any", Name("m", "f"), lost, {}, None, seed=1)
    with pytest.raises(ReferenceFault, match="too far from itself"):
        Recorder(key, "test", 1.0).ask(Call((torch.ones(2),)))


@pytest.mark.parametrize("value", [1.0, 1.0 + 1e-6])
def test_the_same_bytes_and_almost_the_same_value_are_both_right(value: float):
    expected = Observation(value=to_wire(torch.full((2, 3), 1.0)))
    assert difference(expected, expected, Observation(value=to_wire(torch.full((2, 3), value)))) is None
    assert difference(expected, expected, Observation(value=to_wire(torch.full((3, 2), value).t()))) is None
    assert difference(expected, expected, Observation(value=to_wire(torch.full((2, 3), value + 0.1)))) is not None
