"""The bank in the formats of other systems, each with remarks on what could not be carried as it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.quiz.bank import Question
from tfm_quiz.quiz.reading import Topic

from .anki import anki
from .canvas import canvas
from .exported import Exported
from .jupyterquiz import jupyterquiz
from .moodle import moodle

TARGETS: dict[str, Callable[..., Exported]] = {
    "canvas": canvas,
    "moodle": moodle,
    "anki": anki,
    "jupyterquiz": jupyterquiz,
}


def export(
    topics: Sequence[Topic[Question]],
    target: str,
    title: str,
    cite: str = "the source",
    *,
    graded: bool = False,
    without: Collection[str] = (),
) -> Exported:
    """Return the topics for one of TARGETS; `cite` is what sections are of.

    `graded` and `without` are for those targets that make a difference. Raises CouldNotCheck if the target's library is
    not installed, UsageProblem for a `without` that it cannot do.
    """
    if without and target != "moodle":
        raise UsageProblem(f"--without is for moodle; {target} needs no question type that it may lack.")
    options = {"canvas": {"graded": graded}, "moodle": {"without": without}}.get(target, {})
    try:
        return TARGETS[target](topics, title, cite, **options)
    except ModuleNotFoundError as error:
        raise CouldNotCheck(
            f"The export to {target} needs `{error.name}`, which is not installed.",
            next_step='pip install "tfm-quiz[export]"',
        ) from None


def grouped(exported: Exported) -> list[tuple[str, list[str]]]:
    """Return the remarks, each once, with the questions that it is about."""
    found: dict[str, list[str]] = {}
    for remark in exported.remarks:
        found.setdefault(remark.said, []).append(remark.question)
    return sorted(found.items())
