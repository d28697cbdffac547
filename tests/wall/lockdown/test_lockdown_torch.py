"""Honest work, with a real torch, behind every layer that this machine offers."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfm_quiz.wall.host.workers import StudentError, Worker, WorkerDied, Workers, loading
from tfm_quiz.wall.wire.frames import Name

HONEST = '''
import os, threading, time, warnings
import torch
from torch import nn


def train():
    """Five steps of Adam, with what an untidy student does on the way."""
    torch.set_num_threads(4)
    warnings.warn("beginning")
    model = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    optimizer = torch.optim.Adam(model.parameters())
    losses = []
    for _ in range(5):
        loss = model(torch.randn(8, 10, 32)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("loss", losses[-1])
    return losses[-1] < losses[0]


def large_matmul_with_threads_asked_for():
    torch.set_num_threads(4)
    a = torch.randn(600, 600, requires_grad=True)
    (a @ a).relu().softmax(-1).pow(2).sum().backward()
    return bool(a.grad.abs().sum() > 0)


def attention_kernels():
    q = torch.randn(2, 4, 64, 16, requires_grad=True)
    nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True).sum().backward()
    return list(q.grad.shape)


def low_precision():
    a = torch.randn(64, 64, dtype=torch.bfloat16)
    return str((a @ a).dtype)


def linear_algebra():
    return list(torch.linalg.svd(torch.randn(20, 20))[1].shape)


def compiled():
    return torch.compile(lambda x: x * 2)(torch.ones(2)).tolist()


def seeds():
    return [torch.seed() > 0, torch.Generator().seed() > 0]


def imports_late():
    import colorsys, sqlite3, unittest.mock
    import torch.distributions
    return True


def loader():
    from torch.utils.data import DataLoader, TensorDataset
    return sum(len(batch[0]) for batch in DataLoader(TensorDataset(torch.randn(20, 3)), batch_size=4, shuffle=True))


def throws_output_away():
    with open(os.devnull, "w") as stream:
        print("gone", file=stream)
    return True


def order_of_a_set():
    return hash("query")


def slow():
    time.sleep(0.05)
    return True


def thread():
    threading.Thread(target=print).start()


def write_file():
    open("weights.pt", "w")


def read_file():
    open("/etc/hostname")


def stop():
    os.abort()
'''
RESULTS = {
    "train": True,
    "large_matmul_with_threads_asked_for": True,
    "attention_kernels": [2, 4, 64, 16],
    "low_precision": "torch.bfloat16",
    "linear_algebra": [20],
    "compiled": [2.0, 2.0],
    "seeds": [True, True],
    "imports_late": True,
    "loader": 20,
    "throws_output_away": True,
    "slow": True,
}


@pytest.fixture(scope="module", params=["full", "strong"])
def workers(request: pytest.FixtureRequest, linux) -> Iterator[Workers]:
    with Workers(at_most=request.param) as workers:
        workers.wait()
        if workers.level != request.param:
            pytest.skip(f"this machine offers {workers.level}")
        yield workers


@pytest.fixture
def worker(workers: Workers) -> Iterator[Worker]:
    with workers.spawn() as worker:
        worker.request(loading({"honest": HONEST}), 10)
        yield worker


def test_honest_work_is_done_in_one_worker(worker: Worker) -> None:
    for name, result in RESULTS.items():
        assert worker.call(Name("honest", name), seconds=60).value == result, name


def test_sets_have_the_same_order_in_every_run(worker: Worker) -> None:
    command = [sys.executable, "-c", "print(hash('query'))"]
    done = subprocess.run(command, env={"PYTHONHASHSEED": "0"}, capture_output=True, check=True)
    assert worker.call(Name("honest", "order_of_a_set"), seconds=20).value == int(done.stdout)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("thread", "RuntimeError", "can't start new thread"),
        ("write_file", "OSError", "weights.pt"),
        ("read_file", "OSError", "/etc/hostname"),
    ],
)
def test_what_is_refused_is_an_exception_that_says_what(worker: Worker, name: str, error: str, message: str) -> None:
    with pytest.raises(StudentError) as raised:
        worker.call(Name("honest", name), seconds=20)
    assert message in raised.value.failure.message
    assert error in raised.value.failure.kinds
    assert worker.call(Name("honest", "slow"), seconds=20).value is True


def test_a_worker_that_ends_itself_takes_nothing_along(worker: Worker, workers: Workers) -> None:
    with pytest.raises(WorkerDied):
        worker.call(Name("honest", "stop"), seconds=20)
    with workers.spawn() as another:
        another.request(loading({"honest": HONEST}), 10)
        assert another.call(Name("honest", "slow"), seconds=20).value is True


def test_memory_beyond_the_limit_is_a_worded_error(worker: Worker) -> None:
    worker.request(loading({"greedy": "import torch\ndef take(): return torch.ones(1 << 30).sum()"}), 10)
    with pytest.raises(StudentError) as raised:
        worker.call(Name("greedy", "take"), seconds=20)
    assert "allocate memory" in raised.value.failure.message


GRADER = """
from tfm_quiz.wall.host.workers import Workers, loading
from tfm_quiz.wall.wire.frames import Name
with Workers(at_most={level!r}) as workers, workers.spawn() as worker:
    worker.request(loading({{"loops": "def loop():\\n    while True: pass"}}), 10)
    print(workers.server.process.pid, workers.level, flush=True)
    worker.call(Name("loops", "loop"), seconds=600)
"""


def processes_of_session(session: int) -> list[int]:
    """The processes whose session was begun by process `session`, zombies left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("level", ["full", "strong"])
def test_nothing_is_left_when_the_grader_is_killed_while_student_code_loops(linux, level: str) -> None:
    grader = subprocess.Popen([sys.executable, "-c", GRADER.format(level=level)], stdout=subprocess.PIPE)
    assert grader.stdout is not None
    session = int(grader.stdout.readline().split()[0])
    deadline = time.monotonic() + 30
    while len(processes_of_session(session)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(processes_of_session(session)) >= 2
    grader.kill()
    grader.communicate()
    while processes_of_session(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of_session(session) == []
