"""The private root: what it shows, and that nothing else is there."""

import errno
import os
from pathlib import Path

import pytest

from tfm_quiz.wall.lockdown import root

SOURCE = Path(root.__file__).parents[3]


def test_a_plan_shows_paths_under_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "real" / "lib" / "inner").mkdir(parents=True)
    (tmp_path / "short").symlink_to("real")
    (tmp_path / "absolute").symlink_to(tmp_path / "real" / "lib")
    (tmp_path / "up").symlink_to("real/lib/../lib")
    planned = root.plan([str(tmp_path / name) for name in ("short/lib", "absolute", "up", "real/lib/inner")])
    assert planned.mounts == (str(tmp_path / "real" / "lib"),)
    assert dict(planned.links) == {
        str(tmp_path / "short"): "real",
        str(tmp_path / "absolute"): str(tmp_path / "real" / "lib"),
        str(tmp_path / "up"): "real/lib/../lib",
    }


def test_a_link_inside_what_is_mounted_is_not_made_again(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "one").mkdir()
    (tmp_path / "lib" / "two").symlink_to("one")
    planned = root.plan([str(tmp_path / "lib"), str(tmp_path / "lib" / "two")])
    assert planned == root.RootPlan(mounts=(str(tmp_path / "lib"),), links=())


def test_python_and_its_packages_are_visible_and_this_package_is_not_in_a_checkout() -> None:
    visible = root.visible()
    for module in (os, pytest):
        assert any(Path(module.__file__ or "").is_relative_to(folder) for folder in visible)
    if "site-packages" not in str(SOURCE):
        assert not any(SOURCE.is_relative_to(folder) for folder in visible)
    assert "/usr" not in visible
    assert "/" not in visible


@pytest.fixture
def rooted(separated, public_path: Path):
    """Run an action in a private root that shows `public_path/shown` and nothing else."""
    (public_path / "shown").mkdir()
    (public_path / "shown" / "text").write_text("read me")
    (public_path / "link").symlink_to("shown")
    (public_path / "secret").write_text("read me not")

    def run(action):
        ended = separated(lambda: (root.enter([str(public_path / "shown"), str(public_path / "link")]), action())[1])
        return ended.value[1] if ended.value else ended

    return run


def test_only_what_was_asked_for_is_there(rooted, tmp_path: Path) -> None:
    def walk():
        return [os.path.join(folder, name) for folder, names, files in os.walk("/") for name in files + names]  # noqa: PTH118

    there = set(rooted(walk))
    above = {str(folder) for folder in tmp_path.parents if folder != Path("/")}
    shown = tmp_path / "shown"
    assert there == {*above, str(tmp_path), str(shown), str(shown / "text"), str(tmp_path / "link")} | {
        "/dev",
        *(device for device in root.DEVICES if Path(device).exists()),
    }


def test_nothing_there_can_be_changed(rooted, tmp_path: Path) -> None:
    text = tmp_path / "shown" / "text"
    for action in (
        lambda: text.write_text("mine"),
        text.unlink,
        lambda: text.chmod(0o777),
        Path("/new").mkdir,
        (tmp_path / "new").touch,
        (tmp_path / "shown" / "new").touch,
    ):
        assert rooted(action).errno in (errno.EROFS, errno.EACCES)
    assert text.read_text() == "read me"


def test_there_is_no_way_back(rooted, tmp_path: Path) -> None:
    for path in (
        tmp_path / "secret",
        Path("/../" * 9) / tmp_path / "secret",
        Path("/proc/1/root"),
        Path("/etc/passwd"),
    ):
        assert rooted(path.read_text).errno == errno.ENOENT
    assert rooted(lambda: os.getcwd()) == "/"  # noqa: PTH109


def test_devices_work_and_others_do_not(rooted) -> None:
    assert rooted(lambda: Path("/dev/null").write_text("gone")) == 4
    assert rooted(lambda: len(os.read(os.open("/dev/urandom", os.O_RDONLY), 8))) == 8
    assert rooted(Path("/dev/zero").read_bytes).errno == errno.ENOENT
