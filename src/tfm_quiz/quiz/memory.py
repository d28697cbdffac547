"""What the quiz remembers of a student: the best share of the points of each practice question.

It lives under "quiz" in `.tfm-quiz/progress.json` beside the exercises (`student.progress` reads it), and is safe to
delete. The rest of that file belongs to other commands and is kept as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfm_quiz.files import write_whole

LARGEST = 1024 * 1024  # bytes; a larger file is none of ours


def recall(file: Path) -> dict[str, float]:
    """Best share so far by question id. What can't be read counts as never answered."""
    kept = _read(file).get("quiz")
    if not isinstance(kept, dict):
        return {}
    return {name: float(share) for name, share in kept.items() if type(share) in (int, float) and 0 <= share <= 1}


def remember(file: Path, name: str, share: float) -> None:
    """Keep the share of one question if it is the best so far. Raises OSError if the folder cannot be written."""
    best = recall(file)
    best[name] = max(share, best.get(name, 0.0))
    file.parent.mkdir(exist_ok=True)
    write_whole(file, json.dumps({**_read(file), "quiz": best}, indent=1, sort_keys=True) + "\n")


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            data = json.loads(stream.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
