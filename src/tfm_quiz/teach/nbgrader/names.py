"""Check names where they are given: nbgrader makes paths, globs and URLs of them, and fails late or elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from tfm_quiz.errors import UsageProblem

NAME = re.compile(r"\w([\w. -]{0,98}\w)?")
GLOB = frozenset("[]*?")


def check_assignment(name: str) -> None:
    """Raise UsageProblem unless `name` can be the name of an assignment, and so of a folder and a notebook."""
    if not NAME.fullmatch(name):
        raise UsageProblem(
            f"{name!r} cannot be the name of an assignment.",
            next_step="Use letters, digits, `_`, `-`, dots and spaces (at most 100), a letter or digit first and last.",
        )


def check_folder(folder: Path) -> None:
    """Raise UsageProblem if nbgrader could not find anything in this course folder."""
    found = sorted(GLOB & set(str(folder.resolve())))
    if found:
        raise UsageProblem(
            f"nbgrader takes `{found[0]}` in the path of a course folder for a pattern, and finds nothing there.",
            where=str(folder.resolve()),
            next_step="Rename that folder, or use another one.",
        )


def check_target(path: Path) -> None:
    """Raise UsageProblem if a file cannot be written here for want of its folder."""
    if not path.parent.is_dir():
        raise UsageProblem(f"There is no folder {path.parent}.", next_step=f"mkdir -p {path.parent}")
