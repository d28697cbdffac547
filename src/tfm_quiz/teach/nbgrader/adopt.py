"""Add our lines to the configuration of an nbgrader course that exists already."""

from __future__ import annotations

import difflib
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.files import write_whole

from .assignment import Assignment, contents_of, read_assignment
from .configuration import load, require_sandbox
from .folder import CONFIG, grading_lines
from .gradebook import has_gradebook, name_kernel, notebooks_known

BEGIN = "# BEGIN tfm-quiz: written by `tfm-quiz teach nbgrader adopt`; it must stay the last part of this file."
END = "# END tfm-quiz"
BLOCK = f"{BEGIN}\nc = get_config()  # noqa: F821\n{grading_lines()}{END}\n"


class Adoption(Struct, frozen=True, kw_only=True):
    """What adopting a course folder would change."""

    folder: Path
    before: str
    after: str
    replaced: tuple[str, ...]  # options that the configuration sets to something else now
    others: dict[str, tuple[str, ...]]  # assignments with notebooks that `build` did not make, and those notebooks

    @property
    def diff(self) -> str:
        """The change of the configuration file, as a unified diff; "" if there is none."""
        lines = [text.splitlines(keepends=True) for text in (self.before, self.after)]
        return "".join(difflib.unified_diff(*lines, CONFIG, CONFIG, n=2))


def plan(folder: Path) -> Adoption:
    """Plan what has to change in a course folder. Nothing is written.

    Raises UsageProblem if it has no configuration, CouldNotCheck if that cannot be read.
    """
    app = load(folder)
    path = folder / CONFIG
    try:
        before = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotCheck(f"The configuration cannot be read: {error}.", where=str(path)) from error
    return Adoption(
        folder=folder,
        before=before,
        after=before if _holds(folder) else _with_block(before),
        replaced=tuple(_replaced(app)),
        others=_others(app.coursedir),
    )


def carry_out(adoption: Adoption) -> Path | None:
    """Change the configuration; returns the copy of the old one, None where nothing had to change.

    Raises CouldNotCheck, and leaves all as it was, if nbgrader would not load the new lines as they are: something
    that it reads later sets the same options.
    """
    path = (adoption.folder / CONFIG).resolve()
    backup = None
    if adoption.after != adoption.before:
        backup = _backup(path)
        write_whole(path, adoption.after)
        try:
            require_sandbox(adoption.folder)
        except CouldNotCheck as error:
            write_whole(path, adoption.before)
            backup.unlink()
            raise CouldNotCheck(
                f"With our lines added, {error.message.partition('Nothing was run.')[0].rstrip()}\n"
                f"Another file, or a more specific section such as c.NbGrader.Autograde, sets these options and "
                f"wins. {CONFIG} is as it was.",
                where=error.where,
                next_step="Take those lines out there, then adopt again. (In this order nbgrader read: the last wins.)",
            ) from error
    app = load(adoption.folder)
    for assignment in _ours(app.coursedir) if has_gradebook(app.coursedir) else ():
        name_kernel(app.coursedir, assignment)
    return backup


def _holds(folder: Path) -> bool:
    try:
        require_sandbox(folder)
    except CouldNotCheck:
        return False
    return True


def _with_block(text: str) -> str:
    """Return the configuration with our lines once, at its end, where they win over what is set above."""
    head, begin, rest = text.partition(BEGIN)
    if begin:
        text = head + rest.partition(END + "\n")[2]
    return f"{text.rstrip()}\n\n{BLOCK}".lstrip("\n")


def _replaced(app: Any) -> Iterator[str]:
    for option in ("exporter_class", "sanitize_preprocessors", "autograde_preprocessors"):
        if option in app.config.Autograde:
            yield f"c.Autograde.{option}"


def _backup(path: Path) -> Path:
    """Return a copy of the file beside it, under a name that is free."""
    names = (path.with_name(f"{path.name}.before-adopt{number or ''}") for number in range(1000))
    target = next(name for name in names if not name.exists())
    shutil.copy2(path, target)
    return target


def _notebooks(coursedir: Any) -> dict[str, dict[str, Path]]:
    """Return the notebooks of each assignment, as its source or its release has them."""
    found: dict[str, dict[str, Path]] = {}
    for directory in (coursedir.source_directory, coursedir.release_directory):
        pattern = Path(coursedir.format_path(directory, ".", "\0"))
        above = next(parent for parent in pattern.parents if "\0" not in str(parent))
        for folder in sorted(above.iterdir()) if above.is_dir() else []:
            for path in sorted(folder.glob("*.ipynb")):
                found.setdefault(folder.name, {})[path.stem] = path
    return found


def _ours(coursedir: Any) -> Iterator[Assignment]:
    for name, paths in _notebooks(coursedir).items():
        with suppress(UsageProblem):
            yield read_assignment(next(iter(paths.values())).parent, name)


def _others(coursedir: Any) -> dict[str, tuple[str, ...]]:
    """Return the notebooks that `build` did not make, by their assignment."""
    known = notebooks_known(coursedir) if has_gradebook(coursedir) else {}
    paths = _notebooks(coursedir)
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted({*paths, *known}):
        stems = {*paths.get(name, ()), *known.get(name, ())}
        foreign = sorted(stem for stem in stems if not _is_ours(paths.get(name, {}).get(stem)))
        if foreign:
            found[name] = tuple(foreign)
    return found


def _is_ours(path: Path | None) -> bool:
    try:
        document = json.loads(path.read_text("utf-8")) if path else {}
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and contents_of(document) is not None
