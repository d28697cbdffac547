"""The gradebook of a course folder: made as nbgrader makes it, and told which kernel our notebooks name."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from .assignment import KERNEL, Assignment

GRADEBOOK = "gradebook.db"


def create(folder: Path) -> Path:
    """Make `gradebook.db` in a course folder, if it is not there."""
    path = folder.resolve() / GRADEBOOK
    with scripts_on_path(), Gradebook(f"sqlite:///{path}"):
        path.chmod(0o600)
    return path


def has_gradebook(coursedir: Any) -> bool:
    """Whether a gradebook is there; to open one that is not would make it."""
    path = coursedir.db_url.removeprefix("sqlite:///")
    return path == coursedir.db_url or Path(coursedir.root, path).is_file()


def notebooks_known(coursedir: Any) -> dict[str, list[str]]:
    """The notebooks of each assignment, as the gradebook has them."""
    with opened(coursedir) as gradebook:
        return {one.name: [notebook.name for notebook in one.notebooks] for one in gradebook.assignments}


@contextmanager
def opened(coursedir: Any) -> Generator[Gradebook]:
    """The gradebook of a course folder."""
    with warnings.catch_warnings(), scripts_on_path():
        warnings.simplefilter("ignore")  # SQLAlchemy's remarks on nbgrader's own queries
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            yield gradebook


def name_kernel(coursedir: Any, assignment: Assignment) -> None:
    """Enter our kernel for the notebooks of an assignment, so that nbgrader's own autograde refuses to run them.

    `generate_assignment` enters it once, and leaves what an older version's notebooks named as soon as somebody has
    handed in. An assignment that the gradebook does not know is left alone.
    """
    with opened(coursedir) as gradebook:
        try:
            found = gradebook.find_assignment(assignment.name)
        except MissingEntry:
            return
        for notebook in found.notebooks:
            if notebook.name in assignment.contents:
                notebook.kernelspec = json.dumps(KERNEL)
        gradebook.db.commit()


@contextmanager
def scripts_on_path() -> Generator[None]:
    """nbgrader starts `alembic` by its bare name; it lies beside our Python, which need not be an activated one."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
