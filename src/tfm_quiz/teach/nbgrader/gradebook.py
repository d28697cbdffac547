"""The gradebook of a course folder, made as nbgrader makes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook

GRADEBOOK = "gradebook.db"


def create(folder: Path) -> Path:
    """Make `gradebook.db` in a course folder, if it is not there."""
    path = folder.resolve() / GRADEBOOK
    with scripts_on_path(), Gradebook(f"sqlite:///{path}"):
        path.chmod(0o600)
    return path


@contextmanager
def scripts_on_path() -> Generator[None]:
    """nbgrader starts `alembic` by its bare name; it lies beside our Python, which need not be an activated one."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
