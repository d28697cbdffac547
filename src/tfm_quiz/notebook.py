"""`check`, for notebooks: the public checks of an exercise, asked of what the notebook's cells define.

    from tfm_quiz.notebook import check
    check("split_heads")

The cells' text is what is checked, in a process of its own, exactly as it would be after handing it in: what depends on
something that only this kernel remembers fails here and not first when it is graded. Importing this module in a
notebook makes the other units importable by their names (`from attention import split_heads` finds your own, in
whichever file or notebook you wrote it), and lets the checking process load torch in the background. No network.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import io
import os
from functools import cache
from pathlib import Path
from typing import Any

from .course import Course, Exercise
from .errors import CouldNotCheck, NoWorkspace
from .manifest import load_course
from .markers import BEGIN
from .student.check import Checked, check_exercise
from .student.workspace import Workspace, find_workspace
from .submission.definitions import source_of_cells
from .submission.notebook import MOST_CELLS, Cell
from .submission.syntax import bound_names, parsed
from .submission.untouched import same_as_stub
from .wall.host.workers import Workers
from .wall.worker import modules

UNDER_NBGRADER = ("autograde", "validate")  # of NBGRADER_EXECUTION, which nbgrader sets when it runs a notebook


class NotRightYet(AssertionError):
    """Raised by `check` where nbgrader itself runs a notebook, since it looks at exceptions alone."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback, which would lead through our code."""
        return [f"{type(self).__name__}: {self}"]


def check(*names: str) -> None:
    """Show what the public checks say of these exercises: a picture and a sentence, as in the terminal.

    Raises UsageProblem for a name that is no exercise, CouldNotCheck if code can't be run here. Under nbgrader's own
    commands, and there only, an exercise that is not right raises NotRightYet.
    """
    course = load_course()
    for exercise in [course.exercise(name) for name in names]:
        cells = executed_cells()
        sources, workspace = sources_for(course, exercise, cells)
        checked = _checked(course, exercise, sources)
        _show(checked, workspace)
        if os.environ.get("NBGRADER_EXECUTION") in UNDER_NBGRADER and checked.result.outcome != "passed":
            if _is_source(course, exercise, sources, cells):
                continue  # the instructor validates the source, which holds no solution to be right
            raise NotRightYet(checked.result.message)


def executed_cells() -> list[str]:
    """Return the code that was run in this notebook, in order; [] where there is none."""
    shell = _shell()
    if shell is None:
        return []
    history = getattr(shell, "history_manager", None)
    return [str(cell) for cell in getattr(history, "input_hist_raw", [])]


def sources_for(course: Course, exercise: Exercise, cells: list[str]) -> tuple[dict[str, str], Workspace]:
    """Return the modules to check: those of the folder around here, with the notebook's own for the exercise's."""
    workspace = _workspace(course)
    submission = workspace.submission()
    found = {**submission.helpers, **submission.modules}
    own = notebook_module(course, exercise, cells, set(found) | set(course.modules))
    return (found | {exercise.module: own} if own is not None else found), workspace


def notebook_module(course: Course, exercise: Exercise, cells: list[str], importable: set[str]) -> str | None:
    """Return the module that the cells define; None if they do not define the exercise."""
    kept = without_superseded(cells)
    code = [Cell(kind="code", source=source) for source in kept]
    source, _ = source_of_cells(code, [other.name for other in course.unit(exercise.module).exercises], importable)
    tree = parsed(source)
    own = [part for part in (tree.body if tree else []) if not isinstance(part, (ast.Import, ast.ImportFrom))]
    defined = {name for statement in own for name in bound_names(statement)}
    return source if exercise.name in defined else None


def without_superseded(cells: list[str]) -> list[str]:
    """Return the cells in order, without runs of a cell whose every name was defined again by a later run."""
    kept: list[str] = []
    seen: set[str] = set()
    for source in reversed(cells):
        tree = parsed(source)
        names = {name for statement in tree.body for name in bound_names(statement)} if tree else {source}
        if names - seen:
            kept.append(source)
            seen |= names
        if len(kept) == MOST_CELLS:
            break
    return kept[::-1]


def _checked(course: Course, exercise: Exercise, sources: dict[str, str]) -> Checked:
    try:
        return check_exercise(course, exercise, sources, _workers())
    except CouldNotCheck:
        _workers().close()
        _workers.cache_clear()  # a kernel lives for days: the next check starts over
        raise


@cache
def _workers() -> Workers:
    """Return the process that forks a worker for each check; it lives as long as the kernel."""
    workers = Workers()
    atexit.register(workers.close)
    return workers


def _is_source(course: Course, exercise: Exercise, sources: dict[str, str], cells: list[str]) -> bool:
    """Return whether this is an assignment's source: its stub is between nbgrader's marks, which students never see."""
    stub = course.stub_path(exercise.module).read_text("utf-8")
    marked = any(BEGIN in cell and exercise.name in cell for cell in cells)
    return marked and same_as_stub(sources.get(exercise.module, ""), stub, exercise.name)


def _workspace(course: Course) -> Workspace:
    """Return the student's folder around here: one that the commands made, or at least one with exercises in it."""
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / ".tfm-quiz").is_dir():
            return Workspace(folder, course)
    try:
        return find_workspace(course)
    except NoWorkspace:
        return Workspace(here, course)


def _show(checked: Checked, workspace: Workspace) -> None:
    from .cli.check_screen import show_checked

    if _shell() is None:
        show_checked(checked, workspace)
        return
    from IPython.display import display

    from .student.page import page

    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(text):
        show_checked(checked, workspace)
    text.seek(0)
    display({"text/html": page(checked), "text/plain": text.read()}, raw=True)


def _shell() -> Any:
    """Return the IPython shell that we run in; None outside of one."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    return get_ipython()


def _open() -> None:
    """Make the other units importable, and let torch load while the first cells are read."""
    course = load_course()
    submission = _workspace(course).submission()
    modules.install({**submission.helpers, **submission.modules})
    with contextlib.suppress(OSError):  # said by the first check, where somebody reads it
        _workers()


if _shell() is not None:
    _open()
