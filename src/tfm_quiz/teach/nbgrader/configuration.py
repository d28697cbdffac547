"""Check the configuration that nbgrader loads: submissions are graded in the sandbox, and no kernel runs them.

What counts is the converter that nbgrader makes of all its files (home folder, environment, system, the folder where
a command is typed, the course folder; .py and .json), not the text of one of them.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from traitlets.utils.importstring import import_item

from tfm_quiz.errors import CouldNotCheck, UsageProblem

from .folder import AUTOGRADERS, CONFIG, EXPORTER, SANITIZERS, grading_lines
from .names import check_folder

MUST_BE_ON = (SANITIZERS[0], SANITIZERS[4], AUTOGRADERS[0], AUTOGRADERS[4], AUTOGRADERS[5])  # `enabled` is an option


def require_sandbox(folder: Path) -> None:
    """Raise CouldNotCheck unless nbgrader grades in the sandbox, by our commands and as typed in this course folder.

    Raises UsageProblem if the folder is no course folder.
    """
    for app in (load(folder), load(folder, typed_there=True)):
        require(Autograde(coursedir=app.coursedir, parent=app), folder)
        root = Path(app.coursedir.root).resolve()
        if root != folder.resolve():
            raise CouldNotCheck(
                f"nbgrader commands that are typed in {folder} work on another course folder, {root}.",
                where=_files(app),
                next_step=f"Set c.CourseDirectory.root = {str(folder.resolve())!r} in {folder / CONFIG}.",
            )


def require(converter: Autograde, folder: Path) -> None:
    """Raise CouldNotCheck unless this converter grades in the sandbox; the message says which lines to add."""
    found = faults(converter)
    if found:
        raise CouldNotCheck(
            "nbgrader's configuration would not grade in the sandbox:\n"
            + "".join(f"  - {fault}\n" for fault in found)
            + f"Nothing was run. These lines are needed at the end of {folder / CONFIG}:\n\n{grading_lines()}",
            where=_files(converter.parent),
            next_step=f"tfm-quiz teach nbgrader adopt {folder}",
        )


def faults(converter: Autograde) -> list[str]:
    """List what keeps a converter from grading in the sandbox, a sentence each; [] if nothing does."""
    found = []
    if not issubclass(converter.exporter_class, import_item(EXPORTER)):
        found.append(f"Autograde.exporter_class is {_name(converter.exporter_class)}, not {EXPORTER}.")
    for trait, places in (("sanitize_preprocessors", SANITIZERS), ("autograde_preprocessors", AUTOGRADERS)):
        try:
            made = _made(converter, getattr(converter, trait))
        except Exception as error:  # a class of the instructor's own may raise anything when it is imported or made
            found.append(f"Autograde.{trait} cannot be loaded ({type(error).__name__}: {error}).")
            continue
        found += [f"Autograde.{trait} {fault}" for fault in _misplaced(made, places)]
    return found


def load(folder: Path, *, typed_there: bool = False) -> AutogradeApp:
    """nbgrader's autograde application for a course folder, with its configuration loaded.

    `typed_there` loads what a plain command that is typed in the folder loads. Else the folder is given as an option
    and no other folder's configuration is read. Raises UsageProblem if the folder has none.
    """
    check_folder(folder)
    if not (folder / CONFIG).is_file():
        raise UsageProblem(
            f"{folder} is not a course folder of nbgrader: it has no {CONFIG}.",
            next_step=f"tfm-quiz teach nbgrader init {folder}",
        )
    app = AutogradeApp()
    app.log_level = logging.ERROR
    app.load_cwd_config = typed_there
    before = list(sys.path)
    try:
        with contextlib.chdir(folder) if typed_there else contextlib.nullcontext():
            app.initialize([] if typed_there else ["--course-dir", str(folder.resolve())])
    except SystemExit as error:  # how traitlets ends the program for a value of the wrong type
        raise CouldNotCheck("nbgrader refuses its own configuration; see above.", where=_files(app)) from error
    finally:
        if typed_there:
            sys.path[:] = before
    app.log.setLevel(logging.ERROR)
    app.log.propagate = False
    return app


def _made(converter: Autograde, configured: Sequence[Any]) -> list[Any]:
    """Return the preprocessors that nbgrader would run, made as it makes them."""
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    exporter._preprocessors = []
    for one in configured:
        exporter.register_preprocessor(one)
    return list(exporter._preprocessors)


def _misplaced(made: Sequence[Any], places: Sequence[str]) -> Iterator[str]:
    """Say what is wrong with a list of preprocessors; `places` are the needed ones in their order."""
    for one in made:
        if isinstance(one, NotebookClient):
            yield f"holds {_name(type(one))}, which runs student code in a kernel."
    if not made or not isinstance(made[0], import_item(places[0])):
        yield f"does not begin with {places[0]}."
        return
    rest = iter(made)
    for name in places:
        needed = import_item(name)
        found = next((one for one in rest if isinstance(one, needed)), None)
        if found is None:
            yield f"lacks {name}, or has it in another place."
            return
        if name in MUST_BE_ON and not found.enabled:
            yield f"has {name}, but it is switched off ({needed.__name__}.enabled)."


def _name(found: type) -> str:
    return f"{found.__module__}.{found.__qualname__}"


def _files(app: Any) -> str | None:
    """Return the files that an application loaded; the last one wins."""
    return ", ".join(dict.fromkeys(getattr(app, "loaded_config_files", []))) or None
