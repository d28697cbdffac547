"""The layers together: what they amount to, that each is missed when it is not there, and what `doctor` says."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tfm_quiz.wall import lockdown
from tfm_quiz.wall.lockdown import Isolation, Limits, NotConfined, layers, namespaces, privileges, selftest, steps

SOURCE = Path(lockdown.__file__).parents[3]
LIMITS = Limits(cpu_seconds=5, memory_mb=256)
EVERYTHING = Isolation(
    namespaces=frozenset(namespaces.KINDS), private_root=True, privileges=True, landlock_abi=1, seccomp=True
)


@pytest.mark.parametrize(
    ("isolation", "level"),
    [
        (EVERYTHING, "full"),
        (replace(EVERYTHING, namespaces=EVERYTHING.namespaces | {"user"}), "full"),
        (replace(EVERYTHING, private_root=False), "strong"),
        (replace(EVERYTHING, namespaces=EVERYTHING.namespaces - {"net"}), "strong"),
        (replace(EVERYTHING, landlock_abi=0), "basic"),
        (replace(EVERYTHING, seccomp=False), "basic"),
        (replace(EVERYTHING, privileges=False), "basic"),
        (Isolation(), "basic"),
        (Isolation(at_most="none"), "none"),
    ],
)
def test_the_level_is_that_of_the_weakest_layer(isolation: Isolation, level: str) -> None:
    assert lockdown.level(isolation) == level


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="full"):
        lockdown.isolate("fort knox")


@pytest.fixture(scope="session")
def best(in_child) -> str:
    """The best level that this machine offers."""
    return in_child(lambda: lockdown.level(lockdown.seal(lockdown.isolate()))).value


def worker(in_child, level: str, action, *, weaken=lambda isolation: isolation):
    """Isolate, seal, fork a worker with `weaken`ed layers, and run `action(isolation as promised)` in it."""

    def zygote():
        isolation = lockdown.seal(lockdown.isolate(level))
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            os._exit(0)  # the worker has reported
        lockdown.confine(weaken(isolation), LIMITS, keep=[in_child.pipe])
        return action(isolation)

    return in_child(zygote)


@pytest.mark.parametrize("level", lockdown.LEVELS)
def test_a_worker_of_each_level_proves_itself(in_child, best: str, level: str) -> None:
    if lockdown.LEVELS.index(level) > lockdown.LEVELS.index(best):
        pytest.skip(f"this machine offers {best}")

    def prove(isolation: Isolation) -> str:
        lockdown.prove(isolation)
        return lockdown.level(isolation)

    assert worker(in_child, level, prove).value == level


@pytest.mark.parametrize(
    ("missing", "weaken"),
    [
        ("seccomp", lambda isolation: replace(isolation, seccomp=False)),
        ("landlock", lambda isolation: replace(isolation, landlock_abi=0)),
        ("privileges", lambda isolation: replace(isolation, privileges=False, landlock_abi=0, seccomp=False)),
    ],
)
@pytest.mark.parametrize("level", ["strong", "full"])
def test_a_worker_that_lacks_a_layer_does_not_pass(in_child, best: str, level: str, missing: str, weaken) -> None:
    if lockdown.LEVELS.index(level) > lockdown.LEVELS.index(best):
        pytest.skip(f"this machine offers {best}")
    ended = worker(in_child, level, lockdown.prove, weaken=weaken)
    assert ended.raised == "NotConfined", missing


def test_a_filter_with_one_wrong_number_is_noticed(in_child, best: str, linux) -> None:
    if best not in ("strong", "full"):
        pytest.skip(f"this machine offers {best}")
    wrong = dict(linux.numbers)
    wrong["times"] = wrong["socket"]  # allowed by mistake

    def weaken(isolation: Isolation) -> Isolation:
        return replace(isolation, seccomp_program=steps.seccomp.program(replace(linux, numbers=wrong)))

    assert "socket" in worker(in_child, "strong", lockdown.prove, weaken=weaken).text


def test_a_rule_too_many_is_noticed(in_child, best: str, monkeypatch, tmp_path: Path) -> None:
    if best not in ("strong", "full"):
        pytest.skip(f"this machine offers {best}")
    real = steps.landlock.read_only
    monkeypatch.setattr(steps.landlock, "read_only", lambda folders: real([*folders, "/etc"]))
    assert "/etc/passwd" in worker(in_child, "strong", lockdown.prove).text


def test_a_private_root_that_shows_too_much_is_noticed(in_child, best: str, monkeypatch) -> None:
    if best != "full":
        pytest.skip(f"this machine offers {best}")
    real = steps.root.enter
    monkeypatch.setattr(steps.root, "enter", lambda paths: real([*paths, "/usr/bin"]))
    assert "/usr/bin/env" in worker(in_child, "full", lockdown.prove).text


def test_the_proof_tells_what_worked() -> None:
    with pytest.raises(NotConfined, match="listing"):
        selftest.prove(Isolation(landlock_abi=1, visible=("/nowhere",)))


def test_a_worker_sees_python_and_nothing_of_the_course(in_child, best: str) -> None:
    if best != "full":
        pytest.skip(f"this machine offers {best}")

    def look(_: Isolation) -> list[bool]:
        import colorsys  # not imported before: read from the prefix, in the private root

        there = [Path(path).exists() for path in (colorsys.__file__, SOURCE, "/home", "/proc", "/etc/passwd")]
        return [*there, os.getuid() == privileges.NOBODY]

    assert worker(in_child, "full", look).value == [True, False, False, False, False, True]


def test_doctor_names_every_layer_and_how_to_get_the_missing_ones(best: str) -> None:
    found = layers()
    assert len({layer.name for layer in found}) == len(found) == 8
    assert all(layer.stops and (layer.present or layer.how_to_get) for layer in found)
    if best == "full":
        assert all(layer.present for layer in found if not layer.name.startswith("landlock "))


def test_doctor_says_so_when_the_self_test_fails(best: str, monkeypatch) -> None:
    if best not in ("strong", "full"):
        pytest.skip(f"this machine offers {best}")
    monkeypatch.setattr(steps.landlock, "restrict", lambda _: None)
    found = layers()
    assert not any(layer.present for layer in found)
    assert all("self-test failed: listing / worked" in layer.how_to_get for layer in found)


ELSEWHERE = """
import builtins, os, sys
sys.platform = {platform!r}
real = builtins.__import__
def without(name, *rest):
    if name in {missing!r}:
        raise ModuleNotFoundError(name)
    return real(name, *rest)
builtins.__import__ = without
for name in {missing!r}:
    sys.modules.pop(name, None)
from tfm_quiz.wall import lockdown
isolation = lockdown.seal(lockdown.isolate())
if sys.platform == "win32":
    del os.fork
    lockdown.confine(isolation, lockdown.Limits(5, 256), keep=[0, 1, 2])
    lockdown.prove(isolation)
elif os.fork() == 0:
    lockdown.confine(isolation, lockdown.Limits(5, 256), keep=[0, 1, 2])
    lockdown.prove(isolation)
    try:
        os.open("/dev/null", 0), [os.open("/dev/null", 0) for _ in range(40)]
    except OSError:
        os.write(1, b"limited ")
    os._exit(0)
else:
    os.wait()
print(lockdown.level(isolation), [layer.present for layer in lockdown.layers()])
assert not {{"torch", "numpy"}} & set(sys.modules)
"""


@pytest.mark.parametrize(
    ("platform", "missing", "said"),
    [
        ("darwin", (), "limited basic [True, False, False, False, False, False, False, False]"),
        (
            "win32",
            ("fcntl", "resource", "pwd", "grp"),
            "basic [False, False, False, False, False, False, False, False]",
        ),
    ],
)
def test_other_systems_degrade_to_basic_without_an_error(platform: str, missing: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE.format(platform=platform, missing=missing)],
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == (said, "")
