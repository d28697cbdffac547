"""`tfm-quiz doctor`: what works on this machine, and how to get what does not."""

from __future__ import annotations

import locale
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click

from tfm_quiz import __version__
from tfm_quiz.errors import NoWorkspace, TfmQuizError
from tfm_quiz.manifest import load_course
from tfm_quiz.student.workspace import find_workspace
from tfm_quiz.untrusted import for_terminal

from .screen import UNICODE, columns, counted, glyphs, say, wants_colour, wrapped

REQUIREMENT = re.compile(r"([A-Za-z0-9_-]+)>=(\d+(?:\.\d+)*)(?:,[^;]*)?(?:; *extra *== *['\"](\w+)['\"])?")


@click.command()
def doctor() -> int:
    """Show what works on this machine, what is missing, and how to get it.

    \b
    Exit codes:
      0 everything that a student needs is here   1 something is missing
    """
    say()
    missing = [*_programs(), *_course()]
    _screen()
    _wall()
    say()
    for sentence in missing:
        say(wrapped(f"{glyphs().here} {sentence}"))
    if not missing:
        say("  Everything that a student needs is here.")
    return 1 if missing else 0


def _line(works: bool | None, name: str, text: str) -> None:
    marks = glyphs()
    mark = {True: marks.passed, False: marks.wrong, None: marks.untouched}[works]
    head = f"{mark:<{marks.width}}  {name:<18} "
    say(f"  {head}{wrapped(for_terminal(text, lines=False), indent=len(head) + 2).lstrip()}")


def _programs() -> list[str]:
    missing = []
    _line(sys.version_info >= (3, 11), "Python", f"{platform.python_version()}, {platform.platform(terse=True)}")
    _line(True, "tfm-quiz", __version__)
    for package, least, extra in _requirements():
        found = _installed(package)
        enough = found is not None and _numbers(found) >= _numbers(least)
        if extra:
            _line(
                enough or None, package, found if enough else f"not needed by students; pip install 'tfm-quiz[{extra}]'"
            )
            continue
        _line(enough, package, found or "not installed")
        if not enough:
            missing.append(f"{package} {least} or later is needed: pip install '{package}>={least}'")
    return missing


def _requirements() -> list[tuple[str, str, str]]:
    """List this install's declared requirements: package, lowest version, and "grade" for what only graders need."""
    try:
        declared = requires("tfm-quiz") or ()
    except PackageNotFoundError:  # run from a checkout that was never installed
        declared = ()
    found = [REQUIREMENT.fullmatch(line) for line in declared]
    return [(match[1], match[2], match[3] or "") for match in found if match and match[3] in (None, "grade")]


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version: all that a lowest version says."""
    return tuple(int(part) for part in version.split("+")[0].split(".")[:2] if part.isdigit())


def _course() -> list[str]:
    try:
        course = load_course()
    except TfmQuizError as error:
        _line(False, "course", "cannot be read")
        return [error.message]
    staff = ", with graders" if course.can_teach else ""
    _line(
        True,
        "course",
        f"{course.id} {course.version}, {counted(len(course.exercises), 'exercise')}{staff}: {course.root}",
    )
    try:
        _line(True, "your folder", str(find_workspace(course, Path.cwd()).root))
    except NoWorkspace:
        _line(None, "your folder", "none here; tfm-quiz init makes one")
    return []


def _screen() -> None:
    encoding = getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)
    marks = "all marks" if glyphs() is UNICODE else "plain marks: ok x ~ #"
    colour = "colour" if wants_colour() else "no colour"
    _line(True, "screen", f"{encoding}, {marks}, {colour}, {columns()} columns")


def _wall() -> None:
    """The layers that lock student code in; only who grades others' work needs them."""
    try:
        from tfm_quiz.wall.lockdown import layers
    except ImportError:
        _line(None, "isolation", "not part of this install")
        return
    found = layers()
    say("\n  Isolation of student code (needed to grade other people's work, not to check your own)\n")
    for layer in found:
        _line(layer.present, layer.name, f"stops {layer.stops}")
    for advice in dict.fromkeys(layer.how_to_get for layer in found if not layer.present):
        say(f"\n{wrapped(advice, indent=5)}")
