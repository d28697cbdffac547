"""Out of memory and out of processor time are told as what they are."""

from collections.abc import Callable

import pytest

from tfm_quiz.grading import wording
from tfm_quiz.outcome import Report
from tfm_quiz.wall.host.reply import WorkerDied

HUNGRY = {
    "torch": "import torch\n    torch.zeros(1 << 30)",
    "python": "x = bytearray(1 << 32)",
    "a list": "x = [0.0] * (1 << 28)",
}


@pytest.mark.parametrize("text", HUNGRY.values(), ids=HUNGRY.keys())
def test_out_of_memory_is_told_with_the_limit_and_the_line(grade_tiny: Callable[..., Report], text: str):
    result = grade_tiny(rows=f"def double(x):\n    {text}\n    return 2 * x\n").exercises["double"]
    assert result.outcome == "crashed"
    assert "out of memory: more than 512 MB, in rows.py, line 2" in result.checks[0].message
    assert "keep fewer tensors at once" in result.checks[0].message


def test_another_runtime_error_is_not_taken_for_want_of_memory(grade_tiny: Callable[..., Report]):
    result = grade_tiny(rows="def double(x):\n    raise RuntimeError('no memory of it')\n").exercises["double"]
    assert result.checks[0].message.startswith("RuntimeError in rows.py, line")


def test_the_processor_time_is_told_with_its_limit():
    said = wording.died(WorkerDied("it was ended by signal 24", signal=24), cpu_seconds=60.0)
    assert said == "more than 60 s of processor time: are there Python loops where one operation would do?"


@pytest.mark.parametrize(
    ("signal", "words"),
    [(0, "the process ended in this check: it exited"), (11, "the process ended in this check: it crashed")],
)
def test_another_death_is_told_in_fixed_words(signal: int, words: str):
    assert wording.died(WorkerDied("it left 4711", signal=signal, exited=not signal), cpu_seconds=60.0) == words


@pytest.mark.slow
def test_a_worker_that_uses_up_its_processor_time_says_so(workers):
    from tfm_quiz.grading.worker_slot import WorkerSlot
    from tfm_quiz.wall.wire.frames import Name

    text = "import signal, time\n\n\ndef f():\n    while True:\n        pass\n"
    slot = WorkerSlot(workers, Name("m", "f"), {"m": text}, None, mb=512, cpu_seconds=1.0)
    side = slot.side(0.4)
    side.calls.seconds = 30.0
    with pytest.raises(WorkerDied) as caught:
        side.run(Name("m", "f"), (), {})
    assert wording.died(caught.value, cpu_seconds=slot.cpu_limit).startswith("more than 1 s of processor time")
