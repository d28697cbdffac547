"""A lab trains in pieces: the same training, told as it goes on, and told in numbers alone."""

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import torch

from tfm_quiz.course import Course
from tfm_quiz.grading import pieces, remote, serve
from tfm_quiz.grading.call_limits import CallLimits
from tfm_quiz.grading.messages import OVER, GradeRequest, Settings, Training
from tfm_quiz.grading.pool import Pool
from tfm_quiz.grading.remote import RemoteSide
from tfm_quiz.outcome import CheckResult, Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.host.reply import Reply
from tfm_quiz.wall.wire.frames import Handle, Name

GAIN = """
class Gain(Gain):
    def forward(self, x):
        {}
        return 2 * x * self.weight
"""
# Where each call of the model puts itself in the place of what tells the losses.
LIAR = """
class Gain(Gain):
    def forward(self, x):
        import sys
        for module in list(sys.modules.values()):
            if hasattr(module, "Pieces") and not hasattr(module, "honest"):
                module.honest = honest = module.Pieces.losses
                module.Pieces.losses = lambda self, steps: [honest(self, steps), lie(steps)][1]
        return 2 * x * self.weight

def lie(n):
    return {}
"""


@pytest.fixture(scope="module")
def pool(lab_course: Course) -> Iterator[Pool]:
    settings = Settings(course=str(lab_course.root), exercises=("gain",), seed=7)
    with Pool(settings, 1) as started:
        started.start()
        yield started


@pytest.fixture
def grade(pool: Pool, tiny_sources: dict[str, str]):
    """Grade the reference with this text after its `gains`: the report, and what was told of its lab meanwhile."""

    def run(added: str = "", watch=lambda name, message: None) -> tuple[Report, list[tuple[str, Training]]]:
        told: list[tuple[str, Training]] = []

        def hear(name: str, message: Training) -> None:
            told.append((name, message))
            watch(name, message)

        work = Submission(name="student-01", modules={**tiny_sources, "gains": tiny_sources["gains"] + added})
        (report,) = pool.grade([GradeRequest(work=work, key="k")], hear)
        assert isinstance(report, Report)
        return report, told

    return run


def lab(report: Report) -> CheckResult:
    (found,) = [check for check in report.exercises["gain"].checks if check.lab]
    return found


def noisy(steps: int):
    """A training that draws at every step."""
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1)).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        loss = model(torch.randn(8, 4)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.detach()
    yield model.state_dict(), torch.rand(3)


@pytest.mark.parametrize("cuts", [[12], [1, 11], [5, 1, 6], [1] * 12])
def test_the_pieces_are_the_whole_bit_for_bit(cuts):
    *whole, (weights, drawn) = noisy(12)
    begun = pieces.begin(lambda target, steps: target(steps), noisy, (12,), {})
    losses = []
    for steps in cuts:
        torch.manual_seed(20170612)  # as every call into a worker does
        losses += begun.losses(steps)
    torch.manual_seed(20170612)
    learned, last = begun.learned()
    assert losses == torch.stack(whole).tolist()
    assert all(torch.equal(learned[name], weight) for name, weight in weights.items())
    assert torch.equal(last, drawn)


def test_a_lab_is_told_in_order_while_it_trains(grade):
    arrived = []
    slow = GAIN.format("import time; time.sleep(0.015)")  # 0.7 s in all
    report, told = grade(slow, lambda name, message: arrived.append(time.monotonic()))
    assert arrived[-1] - arrived[0] > 0.3
    assert {name for name, _ in told} == {"student-01"}
    *steps, end = [message for _, message in told if message.losses]
    assert len(steps) >= 2
    assert all(message.lab == "Lab: a gain" and message.of == 48 for message in (*steps, end))
    assert [message.step for message in steps] == sorted({message.step for message in steps})
    assert steps[0].step < 24, "the first word came when half of it was over"
    for message in (*steps, end):
        assert message.losses == lab(report).losses[: len(message.losses)]
        assert message.step == 48 * len(message.losses) // 16
    assert told[-1][1] == OVER
    assert lab(report).outcome == "passed"
    assert len(lab(report).losses) == 16
    first, *_, last = lab(report).losses
    assert first is not None
    assert last is not None
    assert first > 10 * last


def test_whoever_does_not_listen_gets_the_same_report(grade, pool: Pool, tiny_sources):
    told, _ = grade()
    (untold,) = pool.grade([GradeRequest(work=Submission(name="student-01", modules=tiny_sources), key="k")])
    assert isinstance(untold, Report)
    assert msgspec.structs.replace(untold, seconds=0) == msgspec.structs.replace(told, seconds=0)


LIES = {
    "text": "'\\x1b[31m[red]LEAK'",
    "texts": "['\\x1b[2J'] * n",
    "none": "None",
    "nan": "[float('nan')] * n",
    "infinity": "[float('-inf')] * n",
    "overflow": "[1e308] * n",
    "booleans": "[True] * n",
    "integers": "[7] * n",
    "too many": "[0.5] * (n + 1)",
    "too few": "[]",
    "thousands": "[0.5] * 15000",
    "nested": "[[0.5]] * n",
    "a dict": "{'losses': [0.5] * n}",
    "a tensor": "__import__('torch').zeros(n)",
    "an object": "object()",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_losses_that_are_none_are_no_loss_and_cost_no_mark(grade, lie):
    report, told = grade(LIAR.format(lie))
    assert report.exercises["gain"].points == 4
    first, *others = lab(report).losses
    assert first is not None
    assert others == [None] * 15
    assert all(loss is None for _, message in told for loss in message.losses[1:])
    for written in (msgspec.json.encode(report), *(msgspec.json.encode(message) for _, message in told)):
        assert b"LEAK" not in written
        assert b"\\u001b" not in written


def test_a_list_that_no_frame_can_hold_costs_that_check_alone(grade):
    report, _ = grade(LIAR.format("[0.5] * 2_000_000"))
    assert [check.outcome for check in report.exercises["gain"].checks] == ["passed", "crashed"]
    assert grade()[0].exercises["gain"].outcome == "passed"


def test_a_lab_that_dies_in_the_middle_leaves_its_curve_and_the_next_trains(grade):
    report, told = grade("\ncalls = []" + GAIN.format("calls.append(1); len(calls) < 30 or __import__('os')._exit(1)"))
    assert lab(report).outcome == "died"
    assert 0 < len(lab(report).losses) < 16
    assert told[-1][1] == OVER
    assert report.exercises["gain"].points == 2
    assert grade()[0].exercises["gain"].points == 4


def test_the_calls_of_a_lab_share_one_limit(monkeypatch):
    clock = itertools.count(step=1.5)  # each look at it: what a call takes
    monkeypatch.setattr(remote, "load_factor", lambda: 1.0)
    monkeypatch.setattr(remote, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    given = []
    worker: Any = SimpleNamespace(call=lambda *_, seconds, **__: given.append(seconds) or Reply())
    side = RemoteSide(worker, Name("gains", "Gain"), CallLimits(5.0))
    with side.calls.one_limit():
        for _ in range(5):
            side.run((Handle(1), "losses"), (1,), {})
    side.run((Handle(1), "losses"), (1,), {})
    assert given == [5.0, 3.5, 2.0, 0.5, 0.0, 5.0]


def test_the_limit_comes_back_after_a_lab_that_failed(monkeypatch):
    nobody: Any = None
    side = RemoteSide(nobody, Name("gains", "Gain"), CallLimits(5.0))
    with contextlib.suppress(ValueError), side.calls.one_limit():
        raise ValueError
    assert side.calls.shared is None


@pytest.fixture
def pipe() -> Iterator[SimpleNamespace]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as out, os.fdopen(writing, "wb", buffering=0) as into:
        yield SimpleNamespace(out=out, into=into)


def test_a_parent_that_does_not_read_holds_nobody_up(pipe, monkeypatch):
    monkeypatch.setattr(serve, "BETWEEN", 0.0)
    tell = serve.teller(pipe.into)
    for step in range(5000):  # far more than a pipe holds
        tell(Training(lab="Lab", step=step, of=5000, losses=(1.0,) * 16))
    lines = pipe.out.read(1 << 20).splitlines(keepends=True)
    assert 10 < len(lines) < 4000
    assert all(line.endswith(b"}\n") for line in lines)
    tell(OVER)
    assert msgspec.json.decode(pipe.out.read(1 << 20), type=Training) == OVER


def test_a_parent_that_is_gone_is_no_fault_of_the_lab(pipe):
    pipe.out.close()
    serve.teller(pipe.into)(Training(lab="Lab", step=1, of=2, losses=(1.0,)))


def test_words_on_a_lab_are_few_but_its_end_is_always_told(pipe):
    tell = serve.teller(pipe.into)
    for step in range(101):
        tell(Training(lab="Lab", step=step, of=100, losses=(1.0,)))
    tell(OVER)
    told = [msgspec.json.decode(line, type=Training) for line in pipe.out.read(1 << 20).splitlines()]
    assert told[0].step == 0
    assert told[-2].step == 100
    assert told[-1] == OVER
    assert len(told) < 50


def test_a_curve_of_a_worker_with_the_reference_in_it_is_not_kept(lab_course: Course, tiny_sources):
    settings = Settings(course=str(lab_course.root), exercises=("double", "gain"), seed=7)
    rows = tiny_sources["rows"] + "\n\ndef double(x):\n    return x\n"
    work = Submission(name="student-01", modules={**tiny_sources, "rows": rows})
    with Pool(settings, 1) as pool:
        (report,) = pool.grade([GradeRequest(work=work, key="k")])
    assert isinstance(report, Report)
    assert report.exercises["gain"].follow_through == ("double",)
    assert lab(report).outcome == "passed"
    assert lab(report).losses == ()
