"""Tell from a file's name what it may be, however a browser, a system or a learning platform has decorated it.

`masks (1).py`, `Masks.py`, `masks.py.txt`, `masks-Copy1.ipynb` and Canvas's `lastname_123_456_masks.py` all speak of
`masks`. A name only says where to look first: what a file holds decides what it is taken for (`assemble`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from tfm_quiz.course import Course

from .notebook import LARGEST_NOTEBOOK

ANSWERS = "answers.toml"
LARGEST_FILE = 1024 * 1024  # bytes, of a source or answers
LARGEST_NESTED = 32 * 1024 * 1024  # bytes of an archive inside a submission
NOT_THEIRS = {"__pycache__", "__MACOSX", "site-packages", "node_modules", "venv", "env"}  # nor hidden folders

CANVAS = re.compile(r"(?P<who>[^_\W][^_]*?)(?:_late)?_(?P<id>\d+)_\d+_(?P<name>.+)", re.IGNORECASE)
# Of a name with two such parts the first counts: what follows it, a student chose.
MOODLE = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_(?P<name>.+)")
BLACKBOARD = re.compile(r".+?_(?P<who>[^_]+)_attempt_(?P<id>\d{4}(?:-\d\d){5})_(?P<name>.+)")
EXTRA = re.compile(r"(.+\.(?:py|ipynb|toml))\.(?:txt|text|json|bak|orig|download)", re.IGNORECASE)
UNOPENED = re.compile(r".+\.(?:rar|7z|zipx|xz|txz|bz2|tbz2?|zst|gz|dmg|iso)", re.IGNORECASE)
ARCHIVE = re.compile(r"(.+)\.(zip|tar|tar\.gz|tgz)", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")

Kind = Literal["module", "notebook", "answers", "archive"]


class Named(NamedTuple):
    """A file's name, looked at: its kind, its name without what was added to it, and the module that it speaks of."""

    kind: Kind | None
    plain: str
    module: str | None = None
    exact: bool = False  # it is named as it should be: `masks.py`, `masks.ipynb`, `answers.toml`


def named(name: str, modules: Iterable[str]) -> Named:
    """Return what a file of this name may be."""
    flat = flat_name(name)
    plain = flat["name"] if flat else name
    if found := EXTRA.fullmatch(plain):
        return _of_plain(found[1], modules)._replace(exact=False)
    return _of_plain(plain, modules)


def flat_name(name: str) -> re.Match[str] | None:
    """Split the name of a file that a learning platform put beside other students' into `who`, `id` and `name`."""
    return MOODLE.fullmatch(name) or CANVAS.fullmatch(name) or BLACKBOARD.fullmatch(name)


def _of_plain(plain: str, modules: Iterable[str]) -> Named:
    if ARCHIVE.fullmatch(plain):
        return Named("archive", plain)
    path = PurePosixPath(plain)
    suffix = path.suffix.casefold()
    if suffix == ".toml":
        return Named("answers" if "answer" in path.stem.casefold() else None, plain, exact=plain == ANSWERS)
    stem = path.stem if suffix in (".py", ".pyw", ".ipynb", ".txt") else plain
    module = _module(stem, modules)
    if suffix == ".ipynb":
        return Named("notebook", plain, module, exact=plain == f"{module}.ipynb")
    if suffix in (".py", ".pyw") or (module is not None and suffix in (".txt", "")):
        return Named("module", plain, module, exact=plain == f"{module}.py")
    return Named(None, plain)


def _module(stem: str, modules: Iterable[str]) -> str | None:
    """Return the module whose words stand in this name; of several the longest, none if that is not one."""
    words = WORD.findall(stem.casefold())
    joined = f" {' '.join(words)} "
    found = [module for module in modules if f" {' '.join(WORD.findall(module.casefold()))} " in joined]
    longest = [module for module in found if len(module) == max(map(len, found))]
    return longest[0] if len(longest) == 1 else None


def worth_entering(folder: str) -> bool:
    """Return whether a folder of this name may hold something of the student's: not hidden, not made by a tool."""
    return not folder.startswith(".") and folder not in NOT_THEIRS


def is_archive(name: str) -> bool:
    """Return whether this is the name of an archive that is opened."""
    return ARCHIVE.fullmatch(name) is not None


def is_unopened(name: str) -> bool:
    """Return whether this is the name of an archive of a kind that is not opened."""
    return not is_archive(name) and UNOPENED.fullmatch(name) is not None


def wanted(path: str, course: Course) -> int | None:
    """Return the most bytes to read of this file; None if we do not read it.

    `path` is relative to the student's folder, with `/`.
    """
    parts = PurePosixPath(path).parts
    if not all(worth_entering(part) for part in parts):
        return None
    kind = named(parts[-1], course.modules).kind
    if kind == "archive":
        return LARGEST_NESTED
    return {"notebook": LARGEST_NOTEBOOK, "module": LARGEST_FILE, "answers": LARGEST_FILE, None: None}[kind]
