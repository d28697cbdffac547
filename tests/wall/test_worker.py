"""A worker runs a submission, answers with data, and cannot do anything to who asks."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tfm_quiz.wall.host.fork_server import ForkServer
from tfm_quiz.wall.host.process import tuning_enabled
from tfm_quiz.wall.host.reply import Reply, StudentError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.host.workers import Worker, Workers, calling, loading
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.channel import Channel
from tfm_quiz.wall.wire.frames import Handle, Name, pack
from tfm_quiz.wall.wire.tensors import tree_from_wire, tree_to_wire

Start = Callable[..., Worker]


@pytest.fixture
def start(workers: Workers) -> Iterator[Start]:
    """A worker with these modules loaded."""
    started = []

    def start(limits: Limits | None = None, **modules: str) -> Worker:
        worker = workers.spawn(limits)
        started.append(worker)
        worker.request(loading(modules), 10)
        return worker

    yield start
    for worker in started:
        worker.close()


def call(worker: Worker, name: str, *args, seconds: float = 5.0, module: str = "m", **options):
    return worker.call(Name(module, name), tree_to_wire(args), seconds=seconds, **options)


def test_a_function_is_called_with_tensors_and_answers_with_tensors(start: Start):
    worker = start(m="def f(x, n):\n    return {'sum': x + n, 'pair': (n, [None, 'text', 1.5, True])}\n")
    x = torch.randn(2, 3)
    value = tree_from_wire(call(worker, "f", x, 2).value)
    assert torch.equal(value["sum"], x + 2)
    assert value["pair"] == (2, [None, "text", 1.5, True])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.bool])
def test_every_dtype_survives_the_way_there_and_back(start: Start, dtype):
    x = torch.tensor([[0, 1, 1], [1, 0, 1]]).to(dtype)
    value = tree_from_wire(call(start(m="def f(x):\n    return x.clone()\n"), "f", x).value)
    assert value.dtype == dtype
    assert torch.equal(value, x)


def test_a_transposed_tensor_arrives_transposed(start: Start):
    worker = start(m="def f(x):\n    return x.is_contiguous(), list(x.stride()), x.clone()\n")
    x = torch.randn(2, 3, 4).transpose(1, 2)
    contiguous, strides, back = tree_from_wire(call(worker, "f", x).value)
    assert (contiguous, tuple(strides)) == (False, x.stride())
    assert torch.equal(back, x)


def test_modules_find_each_other_however_they_are_imported(start: Start):
    worker = start(
        masks="count = []\ncount.append(1)\ndef one():\n    return 1\n",
        helper="from exercises.masks import one as uno\n",
        m="from .masks import one\nimport masks, exercises.masks\nfrom helper import uno\n"
        "def f():\n    return one() + uno(), masks is exercises.masks, len(masks.count)\n",
    )
    assert call(worker, "f").value == (2, True, 1)


def test_a_module_that_no_file_could_hold_is_the_students_mistake(start: Start):
    worker = start(m="NAME = '\ud800'\ndef f():\n    return 1\n", n="def f():\n    return 'é√'\n")
    with pytest.raises(StudentError) as error:
        call(worker, "f")
    assert "UnicodeEncodeError" in error.value.failure.kinds
    assert call(worker, "f", module="n").value == "é√"


def test_a_file_called_torch_does_not_become_torch(start: Start):
    worker = start(torch="raise SystemExit", m="import torch\ndef f():\n    return torch.ones(1)\n")
    assert tree_from_wire(call(worker, "f").value).item() == 1


def test_an_exception_says_where_in_the_students_file_and_what_shapes(start: Start):
    worker = start(m="import torch\ndef f(x):\n    y = torch.ones(3, 3)\n    return x @ y\n")
    with pytest.raises(StudentError) as caught:
        call(worker, "f", torch.ones(2, 2))
    failure = caught.value.failure
    assert failure.kinds[0] == "RuntimeError"
    assert [(frame["file"], frame["line"]) for frame in failure.frames] == [("exercises/m.py", 4)]
    assert failure.shapes == (("x", "(2, 2)", "float32"), ("y", "(3, 3)", "float32"))
    assert call(worker, "f", torch.ones(2, 3)).value.shape == (2, 3)  # and the worker is fine


def test_a_class_of_ones_own_counts_as_the_builtin_that_it_is(start: Start):
    worker = start(m="class Mine(ValueError):\n    pass\ndef f():\n    raise Mine('x')\n")
    with pytest.raises(StudentError) as caught:
        call(worker, "f")
    assert caught.value.failure.type == "Mine"
    assert caught.value.failure.kinds[0] == "ValueError"


@pytest.mark.parametrize("leave", ["raise SystemExit(0)", "raise KeyboardInterrupt", "exit()"])
def test_leaving_by_exception_is_only_an_exception(start: Start, leave):
    worker = start(m=f"def f():\n    {leave}\ndef g():\n    return 1\n")
    with pytest.raises(StudentError):
        call(worker, "f")
    assert call(worker, "g").value == 1


def test_a_syntax_error_names_its_line(start: Start):
    with pytest.raises(StudentError) as caught:
        call(start(m="x = 1\ndef f(:\n"), "f")
    assert caught.value.failure.type == "SyntaxError"
    assert caught.value.failure.frames[-1]["line"] == 2


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True:\n        try: time.sleep(0.01)\n        except BaseException: pass",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True: pass",
    ],
)
def test_a_loop_is_ended_at_the_deadline_whatever_it_catches(start: Start, loop, monkeypatch):
    monkeypatch.setattr("tfm_quiz.wall.host.workers.load_factor", lambda: 1.0)
    worker = start(m=f"import signal, time\ndef f():\n    {loop}\n")
    started = time.monotonic()
    with pytest.raises(WorkerTimedOut):
        call(worker, "f", seconds=0.5)
    assert time.monotonic() - started < 5
    with pytest.raises(WorkerDied):
        call(worker, "f")


def test_leaving_at_once_is_a_death_with_a_reason(start: Start, workers: Workers):
    with pytest.raises(WorkerDied, match="exit code 3"):
        call(start(m="import os\ndef f():\n    os._exit(3)\n"), "f")
    assert call(start(m="def f():\n    return 1\n"), "f").value == 1  # the zygote goes on


def test_a_crash_of_the_interpreter_is_a_death(start: Start):
    with pytest.raises(WorkerDied, match="signal"):
        call(start(m="import ctypes\ndef f():\n    ctypes.string_at(0)\n"), "f")


def test_memory_is_limited(start: Start):
    worker = start(Limits(cpu_seconds=10, memory_mb=200), m="def f():\n    return len(bytearray(1 << 31))\n")
    with pytest.raises(StudentError) as caught:
        call(worker, "f")
    assert caught.value.failure.kinds[0] == "MemoryError"


def test_what_is_printed_comes_back_bounded(start: Start):
    worker = start(m="def f():\n    print('x' * 100_000)\ndef g():\n    print('short')\n")
    long = call(worker, "f")
    assert len(long.output) == 8192
    assert long.output_cut
    assert call(worker, "g").output == "short\n"


def test_a_result_that_is_no_data_is_the_students_mistake(start: Start):
    worker = start(m="import torch\ndef f():\n    return torch.ones(2).to_sparse()\ndef g():\n    return 1 << 70\n")
    for name in ("f", "g"):
        with pytest.raises(StudentError, match="WireError"):
            call(worker, name)


def test_an_object_becomes_a_handle_with_methods(start: Start):
    worker = start(
        m="from torch import nn\nclass M(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n"
        "        self.n = nn.Linear(n, n)\n    def forward(self, x):\n        return self.n(x)\n"
        "def use(m, x):\n    return m(x)\n"
    )
    handle = call(worker, "M", 3).value
    assert isinstance(handle, Handle)
    state = {"n.weight": torch.eye(3), "n.bias": torch.zeros(3)}
    worker.call((handle, "load_state_dict"), (tree_to_wire(state),), seconds=5)
    x = torch.randn(2, 3)
    assert torch.equal(tree_from_wire(worker.call((handle, ""), (tree_to_wire(x),), seconds=5).value), x)
    assert torch.equal(tree_from_wire(worker.call(Name("m", "use"), (handle, tree_to_wire(x)), seconds=5).value), x)


def test_gradients_of_arguments_and_parameters_come_back(start: Start):
    worker = start(
        m="import torch\nfrom torch import nn\nclass M(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.w = nn.Parameter(torch.tensor([2.0, 3.0]))\n"
        "    def forward(self, x, y):\n        return x * self.w\n"
    )
    handle = call(worker, "M").value
    x, y, pulled = torch.randn(2), torch.randn(2), torch.randn(2)
    reply = worker.call((handle, ""), tree_to_wire((x, y)), seconds=5, cotangents=[tree_to_wire(pulled)])
    assert reply.arguments is not None
    assert reply.parameters is not None
    assert torch.allclose(tree_from_wire(reply.arguments[0]), pulled * torch.tensor([2.0, 3.0]))
    assert reply.arguments[1] is None
    assert torch.allclose(tree_from_wire(reply.parameters["w"]), pulled * x)


def test_gradients_cost_a_worker_no_import_of_half_a_second(start: Start):
    worker = start(m="import sys\ndef double(x):\n    return 2 * x\ndef has(name):\n    return name in sys.modules\n")
    x = torch.ones(3)
    worker.call(Name("m", "double"), tree_to_wire((x,)), seconds=5, cotangents=[tree_to_wire(x)])
    assert call(worker, "has", "torch").value is True
    assert call(worker, "has", "sympy").value is False


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("return x + y", ()),
        ("x += 1; y.mul_(0)", (1, 3)),
        ("y.t_()", (3,)),
        ("more.pop()", (0,)),
        ("x.copy_(x.clone())", ()),
    ],
)
def test_a_watched_call_says_which_arguments_were_changed(start: Start, code, changed):
    worker = start(m=f"def f(x, more, y):\n    {code}\n")
    reply = call(worker, "f", torch.zeros(2, 3), [7], torch.ones(2, 3), watched=True)
    assert tuple(reply.changed) == changed


def posted(worker: Worker, name: str, *values, seconds: float = 5.0) -> int:
    """How many calls of `name` were sent ahead of their replies."""
    frames = [pack(calling(Name("m", name), tree_to_wire((value,)))) for value in values]
    for number, frame in enumerate(frames):
        if not worker.has_room_for(frame):
            return number
        worker.post(frame, seconds)
    return len(frames)


def test_requests_are_sent_ahead_and_answered_in_their_order(start: Start):
    worker = start(m="def f(n):\n    return 1 / n\n")
    assert posted(worker, "f", 1, 0, 2) == 3
    one, error, half = (worker.collect(5) for _ in range(3))
    assert isinstance(error, StudentError)
    assert [reply.value for reply in (one, half) if isinstance(reply, Reply)] == [1.0, 0.5]
    assert call(worker, "f", 4).value == 0.25


def test_a_request_between_others_is_a_fault_of_ours(start: Start):
    worker = start(m="def f(n):\n    return n\n")
    posted(worker, "f", 1)
    with pytest.raises(RuntimeError):
        call(worker, "f", 2)


def test_each_reply_has_its_own_limit_from_the_one_before(start: Start):
    worker = start(m="import time\ndef f(n):\n    time.sleep(n)\n    return n\n")
    posted(worker, "f", 0.4, 0.4, 0.4, 60.0)
    values = [reply.value for reply in (worker.collect(1.0) for _ in range(3)) if isinstance(reply, Reply)]
    assert values == [0.4, 0.4, 0.4]
    with pytest.raises(WorkerTimedOut):
        worker.collect(1.0)


def test_a_worker_that_dies_has_answered_what_came_before(start: Start):
    worker = start(m="import os\ndef f(n):\n    return n or os._exit(3)\n")
    posted(worker, "f", 1, 0, 2)
    first = worker.collect(5)
    assert isinstance(first, Reply)
    assert first.value == 1
    for _ in range(2):
        with pytest.raises(WorkerDied):
            worker.collect(5)


def test_much_is_not_sent_ahead_so_that_nobody_waits_to_send(start: Start):
    worker = start(m="def f(x):\n    return x.repeat(40)\n")
    big = [torch.full((5_000,), float(n)) for n in range(60)]
    sent = posted(worker, "f", *big)
    assert 1 <= sent < 60
    time.sleep(0.2)  # it is stuck sending its first reply, which is larger than any buffer
    for n in range(sent):
        reply = worker.collect(5)
        assert isinstance(reply, Reply)
        assert tree_from_wire(reply.value)[-1] == n


def test_many_small_requests_are_not_sent_ahead_without_end(start: Start):
    worker = start(m="import time\ndef f(n):\n    time.sleep(0.01)\n    return n\n")
    sent = posted(worker, "f", *range(500))
    assert 2 < sent < 100
    assert [reply.value for reply in (worker.collect(5) for _ in range(sent)) if isinstance(reply, Reply)] == [
        *range(sent)
    ]


@pytest.mark.parametrize("bytes_of_buffer", [5_000, 20_000, 60_000])
def test_a_small_buffer_is_never_filled_by_both_sides(start: Start, bytes_of_buffer):
    worker = start(m="def f(n):\n    return 'x' * 20_000\n")
    worker.channel.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, bytes_of_buffer // 2)  # Linux doubles it
    worker.channel = Channel(worker.channel.sock)
    sent = posted(worker, "f", *range(200))
    time.sleep(0.2)  # its replies fill its own buffer: it reads no further
    assert all(isinstance(worker.collect(5), Reply) for _ in range(sent))


def test_an_object_has_the_number_that_was_asked_for(start: Start):
    worker = start(m="class C:\n    n = 1\n    def get(self):\n        return self.n\n")
    assert call(worker, "C", handle=5).value == Handle(5)
    free = call(worker, "C").value
    assert free.number > 1000
    assert call(worker, "C", handle=5).value == Handle(5)
    assert worker.call((free, "get"), seconds=5).value == 1


def test_a_prepared_helper_runs_like_any_other(start: Start, workers: Workers):
    short, long = "def one():\n    return 1\n", "def one():\n    return 1\n" + "# \n" * 40_000
    for text in (short, long):
        workers.prepare(text)
        worker = start()
        assert worker.call(Name(worker.add_helper(text), "one"), seconds=5).value == 1


def test_a_helper_meets_the_students_function(start: Start):
    worker = start(m="def f(x):\n    return x + 1\n")
    helper = worker.add_helper("def apply(f, x):\n    return f(f(x))\n")
    assert worker.call(Name(helper, "apply"), (Name("m", "f"), 1), seconds=5).value == 3


def test_a_worker_that_answers_unasked_is_ended(start: Start):
    worker = start(
        m="import gc, socket\nfrom tfm_quiz.wall.wire.frames import pack\ndef f(number):\n"
        "    for thing in gc.get_objects():\n"
        "        if isinstance(thing, socket.socket):\n"
        "            thing.sendall(pack({'status': 'ok', 'value': 1}).numbered(number))\n    return 2\n"
    )
    with pytest.raises(WorkerDied, match="a different request"):
        call(worker, "f", 12)


def test_a_worker_sees_no_environment_of_ours(start: Start, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "42")
    names = call(start(m="import os\ndef f():\n    return sorted(os.environ)\n"), "f").value
    assert "SECRET_OF_THE_INSTRUCTOR" not in names
    assert "HOME" not in names


@pytest.fixture
def parent(workers: Workers) -> ForkServer:
    if not isinstance(workers.server, ForkServer):
        pytest.skip("workers are spawned here: test_spawn_server.py")
    return workers.server


def test_workers_are_forked_from_one_process_that_imported_torch_once(start: Start, parent: ForkServer):
    before = parent.process.pid
    started = time.monotonic()
    for _ in range(10):
        assert call(start(m="import os\ndef f():\n    return os.getpid()\n"), "f").value > 1
    assert parent.process.pid == before
    assert time.monotonic() - started < 10  # ten imports of torch would take longer than this on any machine of ours


def test_no_worker_is_left_behind(workers: Workers, parent: ForkServer):
    pids = []
    for _ in range(3):
        with workers.spawn() as worker:
            pids.append(worker.pid)
            assert worker.ended is None
        assert worker.ended is not None
    children = Path(f"/proc/{parent.process.pid}/task/{parent.process.pid}/children")
    if children.exists():
        assert len(children.read_text().split()) <= 1  # the pid-1 process of its namespace, or nothing


def test_the_trusted_side_hands_over_no_open_file(start: Start, tmp_path):
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    count = call(
        start(
            m="import os\ndef f():\n    return sum(_open(i) for i in range(256))\n"
            "def _open(i):\n    try:\n        os.fstat(i)\n        return True\n"
            "    except OSError:\n        return False\n"
        ),
        "f",
    ).value
    secret.close()
    assert count <= 4  # 0, 1, 2 and its own socket


def test_a_worker_stands_by_and_is_taken_only_by_who_wants_its_limits(workers: Workers, parent: ForkServer):
    small, large = Limits(cpu_seconds=5, memory_mb=400), Limits(cpu_seconds=5, memory_mb=500)
    with workers.spawn(small):
        standby = parent.standby
        assert standby is not None
        assert standby.limits == small
    with workers.spawn(small) as worker:
        assert worker.pid == standby.pid
        unwanted = parent.standby
    with workers.spawn(large) as worker:
        assert unwanted is not None
        assert unwanted.channel.sock.fileno() == -1  # let go of
        assert worker.pid not in (0, unwanted.pid)
        worker.request(
            loading({"m": "import resource\ndef f():\n    return resource.getrlimit(resource.RLIMIT_CPU)[0]\n"}), 10
        )
        assert call(worker, "f").value == 5


def test_an_optimizer_steps_without_the_compiler_where_the_wall_is_tuned(start: Start):
    worker = start(
        m="import sys, torch\ndef f():\n    x = torch.ones(2, requires_grad=True)\n    x.grad = torch.ones(2)\n"
        "    torch.optim.SGD([x], lr=0.5).step()\n    return x.tolist(), 'sympy' in sys.modules\n"
    )
    assert call(worker, "f", seconds=60).value == ([0.5, 0.5], not tuning_enabled())


def test_the_compiler_is_there_for_whoever_asks_for_more_of_it(start: Start):
    worker = start(
        m="import torch, torch._dynamo.config\ndef f():\n    x = torch.ones(2, requires_grad=True)\n"
        "    x.sum().backward()\n    torch.optim.SGD([x], lr=0.5).step()\n"
        "    return x.tolist(), torch._dynamo.is_compiling(), torch._dynamo.config.recompile_limit > 0\n"
    )
    assert call(worker, "f", seconds=60).value == ([0.5, 0.5], False, True)


def test_a_compiled_function_is_the_function(start: Start):
    worker = start(
        m="import torch\n@torch.compile\ndef one():\n    return 1\n@torch.compile(mode='reduce-overhead')\ndef two():\n"
        "    return 2\ndef f():\n    m = torch.compile(torch.nn.Linear(2, 2))\n    m.compile()\n"
        "    return one(), two(), list(m.state_dict()), list(m(torch.ones(2)).shape)\n"
    )
    assert call(worker, "f").value == (1, 2, ["weight", "bias"], [2])
