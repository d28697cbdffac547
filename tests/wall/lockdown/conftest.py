"""Each layer is tried for real, in a forked child that is thrown away: it could not be taken off again."""

import dataclasses
import faulthandler
import json
import os
import select
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.wall.lockdown import kernel, namespaces, privileges


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a child ended: what its action returned (through JSON), or the OSError or other exception that it raised."""

    value: Any = None
    raised: str = ""
    errno: int | None = None
    text: str = ""
    signal: int = 0


class Child:
    """Runs actions in forked children. `pipe` is the descriptor that a child's report needs, for `keep`."""

    pipe = 100  # a number that nothing else has

    def __call__(self, action: Callable[[], Any], *, as_nobody: bool = False, seconds: float = 30) -> Ended:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            report: dict[str, Any] = {}
            faulthandler.disable()
            try:
                os.dup2(writing, self.pipe)
                if as_nobody:
                    become_ordinary_user()
                report = {"value": action()}
            except BaseException as error:
                number = error.errno if isinstance(error, OSError) else None
                report = {"raised": type(error).__name__, "errno": number, "text": str(error)}
            finally:
                os.write(self.pipe, json.dumps(report, default=list).encode())
                os._exit(0)
        os.close(writing)
        if not select.select([reading], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
        with os.fdopen(reading, "rb") as pipe:
            text = pipe.read()
        _, status = os.waitpid(child, 0)
        ended = Ended(**json.loads(text)) if text else Ended()
        return dataclasses.replace(ended, signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def become_ordinary_user() -> None:
    """From root to nobody, as if nobody had started this process: an exec would have made it dumpable again."""
    os.setgroups([])
    os.setresgid(privileges.NOBODY, privileges.NOBODY, privileges.NOBODY)
    os.setresuid(privileges.NOBODY, privileges.NOBODY, privileges.NOBODY)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


@pytest.fixture(scope="session")
def in_child() -> Child:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    return Child()


@pytest.fixture(scope="session")
def linux() -> kernel.Machine:
    machine = kernel.machine()
    if machine is None:
        pytest.skip("no Linux on x86_64 or aarch64")
    return machine


@pytest.fixture(params=["as we are", "as an ordinary user"])
def as_nobody(request: pytest.FixtureRequest) -> bool:
    """Root's tests run twice: as root, and as an ordinary user."""
    ordinary = request.param == "as an ordinary user"
    if ordinary and os.geteuid() != 0:
        pytest.skip("we are an ordinary user already")
    return ordinary


@pytest.fixture
def separated(in_child, linux, as_nobody: bool):
    """Run an action in namespaces of its own."""

    def run(action):
        def both():
            kinds = namespaces.enter()
            return [sorted(kinds), action()]

        ended = in_child(both, as_nobody=as_nobody)
        if ended.value and not set(ended.value[0]).issuperset(namespaces.KINDS):
            pytest.skip(f"this system grants only {ended.value[0]}")
        return ended

    return run


@pytest.fixture
def public_path(tmp_path: Path) -> Path:
    """A folder that everybody may enter, pytest's own folders above it included."""
    above = Path(tempfile.gettempdir())
    for folder in (
        tmp_path,
        *(parent for parent in tmp_path.parents if parent.is_relative_to(above) and parent != above),
    ):
        folder.chmod(0o755)
    return tmp_path
