"""What the quiz remembers of a student: the best share of the points, and the free text, of each practice question.

Both live in `.tfm-quiz/progress.json` beside the exercises, under "quiz" (which `student.progress` reads) and
"written". The file is safe to delete; the rest of it belongs to other commands and is kept as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfm_quiz.files import write_whole

from .asking import QuestionResult

LARGEST = 1024 * 1024  # bytes; a larger file is none of ours


class PracticeMemory:
    """What is remembered in `file` (None: nothing is), and the results of the questions of this run.

    Writing raises OSError if the folder cannot be written.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.results: list[QuestionResult] = []

    def shares(self) -> dict[str, float]:
        """Best share so far by question id. What can't be read counts as never answered."""
        kept = self._table("quiz")
        return {name: float(share) for name, share in kept.items() if type(share) in (int, float) and 0 <= share <= 1}

    def result(self, asked: QuestionResult) -> None:
        """Keep the share of a question if it is the best so far."""
        self.results.append(asked)
        best = self.shares()
        self._keep("quiz", {**best, asked.id: max(asked.share, best.get(asked.id, 0.0))})

    def written(self, name: str) -> str | None:
        """Return the free text that was written for a question before, if any."""
        text = self._table("written").get(name)
        return text if isinstance(text, str) else None

    def write(self, name: str, text: str) -> None:
        """Keep the free text written for a question."""
        self._keep("written", {**self._table("written"), name: text})

    def _table(self, key: str) -> dict[str, Any]:
        table = _read(self.file).get(key) if self.file else None
        return table if isinstance(table, dict) else {}

    def _keep(self, key: str, table: dict[str, Any]) -> None:
        if self.file:
            self.file.parent.mkdir(exist_ok=True)
            write_whole(self.file, json.dumps({**_read(self.file), key: table}, indent=1, sort_keys=True) + "\n")


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            data = json.loads(stream.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
