"""A submitted folder, made fit for nbgrader, which copies and follows whatever lies in it.

Nothing is deleted: what cannot stay is moved to results/NAME/set-aside/STUDENT/, and reported to the instructor.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path

from dateutil.parser import ParserError
from dateutil.parser import parse as parse_date

from tfm_quiz.author.lessons import notebook_text
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.files import write_whole
from tfm_quiz.submission.caps import MOST_DEPTH

from .reading import TIMESTAMP, read_regular

LARGEST_EXTRA = 64 * 1024 * 1024  # bytes that nbgrader would copy twice for each student
MOST_KEPT = 500  # files and folders that nbgrader would copy twice for each student
MOST_TOLD = 20
FIRST = (".py", ".toml", ".txt")  # what is graded, and the time stamp: kept before other files


def prepare(submitted: Path, notebooks: Collection[str], aside: Path) -> list[str]:
    """Make sure that nbgrader can take a submission. Returns a sentence for each thing that was done.

    Links, special files, files that are too large and what is too deep or too much go aside: nbgrader would copy what
    a link points to, the gradebook included, into the student's feedback, and one folder could hold up a class. So
    does a time stamp that is none. A notebook that was not handed in is added without cells: the rest is recorded,
    and its exercises earn what a module beside it earns, or 0.
    """
    told: list[str] = []
    moved = 0
    for path, why in _unfit_parts(submitted, notebooks):
        moved += 1
        inside = path.relative_to(submitted)
        _move(path, aside / inside)
        if moved <= MOST_TOLD:
            told.append(f"{inside} {why}; it was set aside")
    if moved > MOST_TOLD:
        told.append(f"{moved - MOST_TOLD} more files and folders were set aside for such reasons")
    for name in notebooks:
        path = submitted / f"{name}.ipynb"
        if not path.exists():
            write_whole(path, notebook_text([]))
            told.append(f"{path.name} was not handed in; an empty one was added")
    return told


def require_fit(submitted: Path, notebooks: Collection[str], name: str) -> None:
    """Raise CouldNotCheck for a submission that `prepare` would change: nbgrader has copied it as it is."""
    for path, why in _unfit_parts(submitted, notebooks):
        raise CouldNotCheck(
            f"{path.relative_to(submitted)} {why}, so this submission was not recorded.",
            where=str(path),
            next_step=f"tfm-quiz teach nbgrader autograde {name} sets such things aside, and grades it.",
        )


def _unfit_parts(submitted: Path, notebooks: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield what must not stay in a submission, and why. A folder that is taken away is not entered."""
    kept = 0
    folders = deque([submitted])
    while folders:
        folder = folders.popleft()  # breadth first, so that the caps cost the deepest files
        depth = len(folder.relative_to(submitted).parts)
        for entry in _entries(folder, notebooks):
            path = Path(entry.path)
            why = _unfit(entry)
            if not why and entry.is_dir(follow_symlinks=False):
                why = _closed(path, depth)
            if not why and path.name == TIMESTAMP and path.parent == submitted:
                why = _no_time(path)
            if not why and kept == MOST_KEPT:
                why = f"is over the limit (the first {MOST_KEPT} files and folders stay)"
            if why:
                yield path, why
                continue
            kept += 1
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)


def _entries(folder: Path, notebooks: Collection[str]) -> list[os.DirEntry[str]]:
    """List what lies in a folder: the assignment's notebooks first, then what may be graded."""

    def rank(entry: os.DirEntry[str]) -> tuple[bool, bool, str]:
        name = Path(entry.name)
        return name.suffix != ".ipynb" or name.stem not in notebooks, name.suffix not in FIRST, entry.name

    with os.scandir(folder) as found:
        return sorted(found, key=rank)


def _unfit(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "is a link"
    if entry.is_dir(follow_symlinks=False):
        return ""
    if not entry.is_file(follow_symlinks=False):
        return "is not a regular file"
    return "is too large" if entry.stat(follow_symlinks=False).st_size > LARGEST_EXTRA else ""


def _closed(folder: Path, depth: int) -> str:
    if depth == MOST_DEPTH:
        return f"is more than {MOST_DEPTH} folders deep"
    return "" if os.access(folder, os.R_OK | os.X_OK) else "cannot be read"


def _no_time(path: Path) -> str:
    try:
        text = read_regular(path, 1000).decode().strip()
        if text:
            parse_date(" ".join(text.split(" ")[:2]))
    except (ValueError, ParserError, OverflowError):
        return "is not a time"
    return ""


def _move(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    while os.path.lexists(numbered := target.with_name(f"{target.name}.{number}") if number else target):
        number += 1
    try:
        path.rename(numbered)  # never a copy, which would follow what the student made
    except OSError as error:
        raise CouldNotCheck(
            f"A part of a submission could not be set aside ({error.strerror}).",
            where=f"{path} -> {numbered}",
            next_step="Keep submitted/ and results/ on one disk, both writable by you.",
        ) from error
