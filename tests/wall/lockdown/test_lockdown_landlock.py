import errno
import os
import signal
import socket
from pathlib import Path

import pytest

from tfm_quiz.wall.lockdown import attempt, landlock, privileges


@pytest.fixture
def confined(in_child, tmp_path, linux):
    """Run an action where only `tmp_path/open` may be read."""
    if not landlock.abi():
        pytest.skip("this kernel has no Landlock, or does not let us use it")
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "text").write_text("read me")
    (tmp_path / "secret").write_text("read me not")
    rules = landlock.read_only([str(tmp_path / "open")]) | {"/dev/null": landlock.READ_AND_WRITE_A_FILE}

    def put_on() -> None:
        ruleset = landlock.ruleset(rules)
        privileges.no_new_privs()
        landlock.restrict(ruleset)

    def run_confined(action, *, before=lambda: None):
        def both():
            prepared = before()
            put_on()
            return action(prepared) if prepared is not None else action()

        return in_child(both)

    if not attempt.succeeds(put_on):
        pytest.skip("this system does not let us restrict ourselves")
    return run_confined


def test_what_a_rule_allows_can_be_read(confined, tmp_path: Path) -> None:
    assert confined((tmp_path / "open" / "text").read_text).value == "read me"
    assert confined(lambda: os.listdir(tmp_path / "open")).value == ["text"]  # noqa: PTH208
    assert confined(lambda: Path("/dev/null").write_text("gone")).value == 4


def test_nothing_else_can_be_opened_listed_or_made(confined, tmp_path: Path) -> None:
    inside, secret = tmp_path / "open" / "text", tmp_path / "secret"
    for action in (
        secret.read_text,
        lambda: os.listdir(tmp_path),  # noqa: PTH208
        Path("/etc/passwd").read_text,
        (tmp_path / "open" / ".." / "secret").read_text,
        lambda: inside.write_text("mine"),
        lambda: inside.open("a").close(),
        inside.unlink,
        lambda: inside.rename(tmp_path / "open" / "other"),
        lambda: inside.rename(tmp_path / "moved"),
        lambda: (tmp_path / "open" / "new").write_text(""),
        (tmp_path / "open" / "new").mkdir,
        lambda: (tmp_path / "open" / "new").symlink_to(secret),
        lambda: os.mkfifo(tmp_path / "open" / "new"),
        lambda: os.execv("/bin/true", ["true"]),
    ):
        assert confined(action).errno in (errno.EACCES, errno.EXDEV)
    assert confined(lambda: os.link(secret, tmp_path / "open" / "new")).errno in (errno.EACCES, errno.EXDEV)
    assert inside.read_text() == "read me"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["open", "secret", "text"]


def test_a_symbolic_link_leads_no_further(confined, tmp_path: Path) -> None:
    (tmp_path / "open" / "link").symlink_to(tmp_path / "secret")
    assert confined((tmp_path / "open" / "link").read_text).errno == errno.EACCES


def test_the_restriction_cannot_be_lifted(confined, tmp_path: Path) -> None:
    def widen() -> str:
        landlock.restrict(landlock.ruleset({str(tmp_path): landlock.READ}))
        return (tmp_path / "secret").read_text()

    assert confined(widen).errno == errno.EACCES


def test_a_tcp_connection_is_refused(confined) -> None:
    if landlock.abi() < 4:
        pytest.skip("Landlock ABI 4 governs TCP")
    with socket.create_server(("127.0.0.1", 0)) as server:  # this also loads the codec of host names, from a file
        socket.getaddrinfo("127.0.0.1", 0)
        ended = confined(lambda: socket.create_connection(server.getsockname(), timeout=1))
        assert ended.errno == errno.EACCES
    assert confined(lambda: socket.create_server(("127.0.0.1", 0))).errno == errno.EACCES


def test_signals_and_abstract_sockets_stay_inside(confined) -> None:
    if landlock.abi() < 6:
        pytest.skip("Landlock ABI 6 governs signals and abstract sockets")
    assert confined(lambda: os.kill(os.getppid(), 0)).errno == errno.EPERM
    assert confined(lambda: signal.raise_signal(0)).raised == ""
    name = f"\0tfm-quiz-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outside:
        outside.bind(name)
        ended = confined(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect(name))
    assert ended.errno == errno.EPERM


def test_an_older_kernel_is_asked_only_for_what_it_knows(in_child, linux, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "secret").write_text("read me not")
    newest = landlock.abi()
    if not newest:
        pytest.skip("this kernel has no Landlock")

    def put_on() -> str:
        ruleset = landlock.ruleset({})
        privileges.no_new_privs()
        landlock.restrict(ruleset)
        return (tmp_path / "secret").read_text()

    for version in range(1, newest + 1):
        monkeypatch.setattr(landlock, "abi", lambda version=version: version)
        assert in_child(put_on).errno == errno.EACCES, version


def test_a_path_that_is_gone_is_left_out(confined, tmp_path: Path) -> None:
    rules = landlock.read_only([str(tmp_path / "gone")])
    os.close(landlock.ruleset(rules))
