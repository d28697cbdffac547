"""The bank in the formats of other systems, each with remarks on what could not be carried as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.reading import Topic

from .anki import anki
from .canvas import canvas
from .forms import Exported
from .jupyterquiz import jupyterquiz
from .moodle import moodle

TARGETS: dict[str, Callable[[Sequence[Topic[Question]], str], Exported]] = {
    "canvas": canvas,
    "moodle": moodle,
    "anki": anki,
    "jupyterquiz": jupyterquiz,
}


def export(topics: Sequence[Topic[Question]], target: str, title: str) -> Exported:
    """The topics for one of TARGETS. Raises CouldNotCheck if its library is not installed."""
    try:
        return TARGETS[target](topics, title)
    except ModuleNotFoundError as error:
        raise CouldNotCheck(
            f"The export to {target} needs `{error.name}`, which is not installed.",
            next_step='pip install "tfm-quiz[export]"',
        ) from None


def grouped(exported: Exported) -> list[tuple[str, list[str]]]:
    """The remarks, each once, with the questions that it is about."""
    found: dict[str, list[str]] = {}
    for remark in exported.remarks:
        found.setdefault(remark.said, []).append(remark.question)
    return sorted(found.items())
