"""Start slow imports in parallel before the first submission: torch in grader processes, nbgrader in this one."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tfm_quiz.grading.pool import Pool
from tfm_quiz.teach.results import LINES

from .build import CONFIG

GRAMMARS = "rfc3987_syntax"  # jsonschema takes a second of CPU to compile them, for a format that no notebook has


@contextmanager
def head_start(folder: Path, name: str, jobs: int) -> Generator[Pool | None]:
    """Grader processes that import torch already, for an assignment that has no results yet; they end with the block.

    None where there may be nothing to grade. What is looked at here are the usual places, since nbgrader, which knows
    them all, is not imported yet: a wrong guess costs some time and nothing else.
    """
    submitted = folder / "submitted"
    known = (folder / CONFIG).is_file() and submitted.is_dir() and not (folder / "results" / name / LINES).exists()
    handed_in = sum((student / name).is_dir() for student in submitted.iterdir()) if known else 0
    if not handed_in:
        yield None
        return
    pool = Pool(None, min(jobs, handed_in))
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def quick_import() -> Generator[None]:
    """Import nbgrader in this block: its hundred packages in half of the time."""
    skipped = GRAMMARS not in sys.modules
    if skipped:
        sys.modules[GRAMMARS] = None  # type: ignore[assignment]  # so Python reports that it can't be imported
    gc.disable()  # imports make much that stays, and little garbage
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        if skipped:
            sys.modules.pop(GRAMMARS, None)
