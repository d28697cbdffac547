import errno
import os

import pytest

from tfm_quiz.wall.lockdown import kernel, privileges


def test_nothing_is_left_and_nothing_can_be_gained(in_child, linux, as_nobody: bool) -> None:
    def drop():
        privileges.drop(None)
        return [
            privileges.held(),
            kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS),
            kernel.prctl(kernel.PR_GET_DUMPABLE),
            [kernel.prctl(kernel.PR_CAPBSET_READ, number) for number in range(40)] if not as_nobody else [],
        ]

    held, no_new_privs, dumpable, bounding = in_child(drop, as_nobody=as_nobody).value
    assert (held, no_new_privs, dumpable) == (0, 1, 0)
    if os.geteuid() == 0:
        assert set(bounding) <= {0}


def test_roots_workers_are_nobody_and_cannot_go_back(in_child, linux) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")

    def become():
        privileges.drop(privileges.NOBODY)
        return [os.getresuid(), os.getresgid(), os.getgroups()]

    assert in_child(become).value == [[privileges.NOBODY] * 3, [privileges.NOBODY] * 3, []]
    assert in_child(lambda: (privileges.drop(privileges.NOBODY), os.setuid(0))).errno == errno.EPERM


def test_a_root_without_capabilities_changes_nothing_of_others(in_child, linux, tmp_path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has capabilities to lose")
    theirs = tmp_path / "theirs"
    theirs.write_text("x")
    os.chown(theirs, 12345, 12345)
    theirs.chmod(0o600)
    assert in_child(lambda: (privileges.drop(None), theirs.read_text())).errno == errno.EACCES
    assert in_child(lambda: (privileges.drop(None), os.chown(theirs, 0, 0))).errno == errno.EPERM


def test_it_dies_with_the_process_that_forked_it(in_child, linux) -> None:
    """The zygote is killed; its worker must not live on."""
    reading, writing = os.pipe()

    def zygote():
        worker = os.fork()
        if worker == 0:
            privileges.drop(None)
            os.write(writing, b"ready")
            while True:
                os.read(reading_end_of_nothing, 1)
        os.read(reading, 5)
        os.kill(os.getpid(), 9)

    reading_end_of_nothing, kept_open = os.pipe()
    assert in_child(zygote).signal == 9
    os.close(writing)
    assert os.read(reading, 1) == b""  # the last holder of the other end is gone
    for descriptor in (reading, reading_end_of_nothing, kept_open):
        os.close(descriptor)


def test_where_nobody_cannot_read_python_root_stays_itself(in_child, linux, tmp_path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody")
    private, public = tmp_path / "private", tmp_path / "public"
    private.mkdir(mode=0o700)
    public.mkdir()
    tmp_path.chmod(0o755)
    assert in_child(lambda: privileges.become_nobody([str(private)])).raised == "PermissionError"
    assert in_child(lambda: privileges.become_nobody(["/usr/lib"])).raised == ""
