"""`tfm-quiz doctor`: what works on this machine, and how to get what does not."""

from __future__ import annotations

import locale
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from tfm_quiz import __version__
from tfm_quiz.errors import NoWorkspace, TfmQuizError
from tfm_quiz.manifest import load_course
from tfm_quiz.student.workspace import find_workspace
from tfm_quiz.untrusted import for_terminal

from .screen import UNICODE, columns, glyphs, say, wants_colour, wrapped

NEEDED = {"torch": (2, 6), "numpy": (1, 26), "pytest": (8, 3), "click": (8, 5), "rich": (13, 9), "msgspec": (0, 19)}


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
    for package, least in NEEDED.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            found = "not installed"
        numbers = tuple(int(part) for part in found.split("+")[0].split(".")[:2] if part.isdigit())
        _line(numbers >= least, package, found)
        if numbers < least:
            needed = ".".join(map(str, least))
            missing.append(f"{package} {needed} or later is needed: pip install '{package}>={needed}'")
    return missing


def _course() -> list[str]:
    try:
        course = load_course()
    except TfmQuizError as error:
        _line(False, "course", "cannot be read")
        return [error.message]
    staff = ", with graders" if course.can_teach else ""
    _line(True, "course", f"{course.id} {course.version}, {len(course.exercises)} exercises{staff}: {course.root}")
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
