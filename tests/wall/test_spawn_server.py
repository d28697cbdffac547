"""Workers by exec, as macOS and Windows have them: the same answers and deadlines, and no claim to be confined."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.wall.host import process
from tfm_quiz.wall.host.reply import StudentError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.host.spawn_server import SpawnServer
from tfm_quiz.wall.host.workers import Worker, Workers, loading
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Handle, Name
from tfm_quiz.wall.wire.tensors import tree_from_wire, tree_to_wire

Start = Callable[..., Worker]

MANY = """
import os
import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.linear = nn.Linear(d_model, d_model)

    def forward(self, x):
        return self.linear(x)


def add(x, n):
    print("adding")
    return {"sum": x + n, "pair": (n, [None, "text", 1.5, True])}


def wrong(x):
    return x @ torch.ones(3, 3)


def environment():
    return sorted(os.environ)


def descriptors():
    return len(os.listdir("/dev/fd"))


def take(size):
    return len(bytearray(size))


def threads():
    return torch.get_num_threads()
"""


@pytest.fixture(scope="module")
def spawning() -> Iterator[Workers]:
    with Workers(strategy="spawn") as running:
        yield running


@pytest.fixture
def start(spawning: Workers) -> Iterator[Start]:
    """A worker with this module loaded."""
    started = []

    def start(m: str, limits: Limits | None = None) -> Worker:
        worker = spawning.spawn(limits)
        started.append(worker)
        worker.request(loading({"m": m}), 10)
        return worker

    yield start
    for worker in started:
        worker.close()


def call(worker: Worker, name: str, *args, seconds: float = 5.0, **options):
    return worker.call(Name("m", name), tree_to_wire(args), seconds=seconds, **options)


def alive(pid: int) -> bool:
    """Whether this process is there and more than an entry that waits to be reaped."""
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(status.strip()) and not status.startswith("Z")


def test_a_worker_does_what_a_forked_one_does(start: Start, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "42")
    worker = start(MANY)
    x = torch.randn(2, 3)
    reply = call(worker, "add", x, 2)
    value = tree_from_wire(reply.value)
    assert torch.equal(value["sum"], x + 2)
    assert value["pair"] == (2, [None, "text", 1.5, True])
    assert reply.output == "adding\n"
    with pytest.raises(StudentError) as caught:
        call(worker, "wrong", torch.ones(2, 2))
    assert [frame["file"] for frame in caught.value.failure.frames] == ["exercises/m.py"]
    layer = call(worker, "Layer", 3).value
    assert isinstance(layer, Handle)
    state = {"linear.weight": torch.eye(3), "linear.bias": torch.zeros(3)}
    worker.call((layer, "load_state_dict"), (tree_to_wire(state),), seconds=5)
    pulled = worker.call((layer, ""), (tree_to_wire(x),), seconds=5, cotangents=[tree_to_wire(torch.ones(2, 3))])
    assert pulled.parameters is not None
    assert torch.equal(tree_from_wire(pulled.parameters["linear.bias"]), torch.full((3,), 2.0))
    assert call(worker, "threads").value == 1


def test_no_secret_and_no_file_of_ours_comes_along(start: Start, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "42")
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        worker = start(MANY)
        names = call(worker, "environment").value
        count = call(worker, "descriptors").value
    assert "SECRET_OF_THE_INSTRUCTOR" not in names
    assert "HOME" not in names
    assert count <= 6  # 0, 1, 2, its socket, the line that it hangs on, and the folder that is listed


def test_the_level_is_no_better_than_what_holds(spawning: Workers):
    spawning.wait()
    assert spawning.level == ("none" if sys.platform == "win32" else "basic")
    assert spawning.torch_version == torch.__version__


def test_memory_is_limited_where_the_kernel_keeps_to_it(start: Start):
    if sys.platform != "linux":
        pytest.skip("only Linux limits the address space")
    worker = start(MANY, Limits(cpu_seconds=10, memory_mb=200))
    with pytest.raises(StudentError) as caught:
        call(worker, "take", 1 << 31)
    assert caught.value.failure.kinds[0] == "MemoryError"
    assert call(worker, "take", 1 << 20).value == 1 << 20


def test_a_loop_is_ended_at_its_deadline_whatever_it_catches(start: Start, monkeypatch):
    monkeypatch.setattr("tfm_quiz.wall.host.workers.load_factor", lambda: 1.0)
    worker = start("def f():\n    while True:\n        try: [][1]\n        except BaseException: pass\n")
    assert alive(worker.pid)
    started = time.monotonic()
    with pytest.raises(WorkerTimedOut):
        call(worker, "f", seconds=0.5)
    assert time.monotonic() - started < 5
    assert not alive(worker.pid)


def test_a_death_has_its_reason_and_the_next_worker_comes(start: Start):
    with pytest.raises(WorkerDied, match="exit code 3"):
        call(start("import os\ndef f():\n    os._exit(3)\n"), "f")
    assert call(start(MANY), "threads").value == 1


def test_a_worker_stands_by_while_a_worker_works(start: Start, spawning: Workers):
    server = spawning.server
    assert isinstance(server, SpawnServer)
    first = start(MANY)
    standby = server.standby
    assert standby is not None
    assert standby.process.pid != first.pid
    server.wait()
    began = time.monotonic()
    second = start(MANY)
    assert second.pid == standby.process.pid
    assert time.monotonic() - began < 1.0  # an import of torch takes longer


def test_nothing_is_left_once_it_is_closed():
    with Workers(strategy="spawn", at_most="none") as workers:
        server = workers.server
        assert isinstance(server, SpawnServer)
        worker = workers.spawn()
        assert workers.level == "none"
        assert server.standby is not None
        pids = [worker.pid, server.standby.process.pid]
        assert all(map(alive, pids))
    assert not any(map(alive, pids))


GRADER = """
from tfm_quiz.wall.host.workers import Workers, loading
from tfm_quiz.wall.wire.frames import Name
with Workers(strategy="spawn") as workers, workers.spawn() as worker:
    worker.request(loading({"loops": "def loop():\\n    while True: pass"}), 10)
    print(worker.pid, workers.server.standby.process.pid, flush=True)
    worker.call(Name("loops", "loop"), seconds=600)
"""


@pytest.mark.slow
def test_nothing_is_left_when_who_asked_is_killed_while_student_code_loops():
    with subprocess.Popen([sys.executable, "-c", GRADER], stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        pids = [int(word) for word in asking.stdout.readline().split()]
        assert len(pids) == 2
        time.sleep(0.2)  # it loops by now
        asking.kill()
    deadline = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids))


def test_a_process_that_cannot_start_says_why(monkeypatch, tmp_path: Path):
    (tmp_path / "torch.py").write_text("raise ImportError('this torch is for another Python')\n")
    monkeypatch.setattr(process, "clean_environment", lambda *, tuned: {"PYTHONPATH": str(tmp_path)})
    with Workers(strategy="spawn") as workers, pytest.raises(CouldNotCheck, match="stopped: ImportError: this torch"):
        workers.wait()
