"""The gradebook of a course folder: made as nbgrader makes it, with the kernel that our notebooks name."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Collection, Generator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties

from tfm_quiz.errors import UsageProblem

from .assignment import KERNEL, Assignment

GRADEBOOK = "gradebook.db"


def create(folder: Path) -> Path:
    """Make `gradebook.db` in a course folder, if it is not there."""
    path = folder.resolve() / GRADEBOOK
    with scripts_on_path(), Gradebook(f"sqlite:///{path}"):
        path.chmod(0o600)
    return path


def has_gradebook(coursedir: Any) -> bool:
    """Return whether a gradebook is there; to open one that is not would make it."""
    path = coursedir.db_url.removeprefix("sqlite:///")
    return path == coursedir.db_url or Path(coursedir.root, path).is_file()


def notebooks_known(coursedir: Any) -> dict[str, list[str]]:
    """Return the notebooks of each assignment, as the gradebook has them."""
    with opened(coursedir) as gradebook:
        return {one.name: [notebook.name for notebook in one.notebooks] for one in gradebook.assignments}


@contextmanager
def opened(coursedir: Any) -> Generator[Gradebook]:
    """The gradebook of a course folder."""
    with warnings.catch_warnings(), scripts_on_path():
        warnings.simplefilter("ignore")  # SQLAlchemy's remarks on nbgrader's own queries
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            yield gradebook


def require_same_cells(coursedir: Any, name: str, cells: Mapping[str, Set[str]], others: Collection[str] = ()) -> None:
    """Raise UsageProblem if nbgrader could not release these notebooks because somebody has handed in already.

    It then neither adds nor removes a cell or a notebook, and deletes the release before it says so. `cells` are the
    grade ids in each notebook, `others` the notebooks that stay beside them.
    """
    if not has_gradebook(coursedir):
        return
    with opened(coursedir) as gradebook:
        try:
            assignment = gradebook.find_assignment(name)
        except MissingEntry:
            return
        if not assignment.submissions:
            return
        known = {one.name: {cell.name for cell in one.source_cells} for one in assignment.notebooks}
        handed_in = len(assignment.submissions)
    kept = {notebook: ids for notebook, ids in known.items() if notebook not in others or notebook in cells}
    more = _listed(cells, kept)
    less = _listed(kept, cells)
    if more or less:
        change = " and ".join(
            part for part in (more and f"would add {more}", less and f"would take away {less}") if part
        )
        raise UsageProblem(
            f"{name} has {handed_in} submission{'s' if handed_in != 1 else ''} in the gradebook, and nbgrader then "
            f"accepts no other cells: this build {change}. Nothing was written.",
            next_step="Build the same exercises and questions again (answers, checks and texts may change), "
            "or take another --name.",
        )


def _listed(cells: Mapping[str, Set[str]], without: Mapping[str, Set[str]]) -> str:
    """List the cells of each notebook that the other side lacks; a notebook that it lacks is listed by its name."""
    found = [f"the notebook {notebook}" for notebook in sorted(cells.keys() - without.keys())]
    for notebook in sorted(cells.keys() & without.keys()):
        found += [f"`{cell}`" for cell in sorted(cells[notebook] - without[notebook])]
    return ", ".join(found[:6]) + (f" and {len(found) - 6} more" if len(found) > 6 else "")


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


def late_rules(parent: Any, coursedir: Any, name: str) -> str:
    """Return what nbgrader's late penalty depends on: the due date, the policy's class and its options."""
    due = None
    if has_gradebook(coursedir):
        with opened(coursedir) as gradebook, suppress(MissingEntry):
            due = gradebook.find_assignment(name).duedate
    policy = AssignLatePenalties(parent=parent).plugin_class
    options = [parent.config.get(section) for section in ("AssignLatePenalties", *(c.__name__ for c in policy.__mro__))]
    return f"{due} {policy.__module__}.{policy.__qualname__} {[one for one in options if one]}"


@contextmanager
def scripts_on_path() -> Generator[None]:
    """nbgrader starts `alembic` by its bare name; it lies beside our Python, which need not be an activated one."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
