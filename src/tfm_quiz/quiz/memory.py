"""What the quiz remembers of a student: the best share of the points of each practice question.

It lives under "quiz" in `.tfm-quiz/progress.json` beside the exercises, and is safe to delete. The rest of that file
belongs to others and is kept as it is.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = ".tfm-quiz"


def progress_file(workspace: Path) -> Path:
    """Where a workspace keeps its progress."""
    return workspace / FOLDER / "progress.json"


def recall(file: Path) -> dict[str, float]:
    """Best share so far by question id. What can't be read counts as never answered."""
    kept = _read(file).get("quiz", {})
    if not isinstance(kept, dict):
        return {}
    return {name: float(share) for name, share in kept.items() if type(share) in (int, float) and 0 <= share <= 1}


def remember(file: Path, name: str, share: float) -> None:
    """Keep the share of one question if it is the best so far; the file is replaced in one step."""
    data = _read(file)
    best = recall(file)
    best[name] = max(share, best.get(name, 0.0))
    file.parent.mkdir(exist_ok=True)
    write_in_one_step(file, json.dumps({**data, "quiz": best}, indent=1, sort_keys=True) + "\n")


def write_in_one_step(file: Path, text: str) -> None:
    """Replace a file's text so that, whatever happens, either the old or the new text is there in full."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _read(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
