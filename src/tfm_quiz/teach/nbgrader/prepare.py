"""A submitted folder, made fit for nbgrader, which copies and follows whatever lies in it.

Nothing is deleted: what cannot stay is moved to results/NAME/set-aside/STUDENT/, and the instructor is told.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path

from dateutil.parser import ParserError
from dateutil.parser import parse as parse_date

from tfm_quiz.author.lessons import notebook_text
from tfm_quiz.files import write_whole

from .reading import read_regular

LARGEST_EXTRA = 64 * 1024 * 1024  # bytes that nbgrader would copy twice for each student
TIMESTAMP = "timestamp.txt"


def prepare(submitted: Path, notebooks: Collection[str], aside: Path) -> list[str]:
    """Make sure that nbgrader can take a submission. Returns a sentence for each thing that was done.

    Links, special files and files that are too large go aside: nbgrader would copy what a link points to, the
    gradebook included, into the student's feedback. So does a time stamp that is none. A notebook that was not handed
    in is added without cells: the rest is recorded, and its exercises earn what a module beside it earns, or 0.
    """
    told: list[str] = []
    for folder, folders, files in os.walk(submitted):
        for name in [*folders, *files]:
            path = Path(folder) / name
            why = _unfit(path, is_folder=name in folders)
            if path.name == TIMESTAMP and path.parent == submitted and not why:
                why = _no_time(path)
            if why:
                inside = path.relative_to(submitted)
                told.append(f"{inside} {why}; it was set aside")
                _move(path, aside / inside)
        folders[:] = [name for name in folders if (Path(folder) / name).is_dir()]
    for name in notebooks:
        path = submitted / f"{name}.ipynb"
        if not path.exists():
            write_whole(path, notebook_text([]))
            told.append(f"{path.name} was not handed in; an empty one was added")
    return told


def _unfit(path: Path, *, is_folder: bool) -> str:
    if path.is_symlink():
        return "is a link"
    if is_folder:
        return ""
    if not path.is_file():
        return "is not a regular file"
    return "is too large" if path.stat().st_size > LARGEST_EXTRA else ""


def _no_time(path: Path) -> str:
    try:
        text = read_regular(path, 1000).decode().strip()
        if text:
            parse_date(" ".join(text.split(" ")[:2]))
    except (ValueError, ParserError, OverflowError):
        return "is no time"
    return ""


def _move(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink() or target.exists():
        number = next(n for n in range(1, 10_000) if not (target.parent / f"{target.name}.{n}").exists())
        target = target.parent / f"{target.name}.{number}"
    shutil.move(path, target)
