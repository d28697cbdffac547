"""`tfm-quiz teach`: the commands of those who grade a class and write the course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import click

from tfm_quiz.cli.lazy import Lazy, LazyGroup
from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import Level

COMMANDS = {
    "grade": Lazy("tfm_quiz.cli.teach.grade:grade", "Grade a folder of submissions with the hidden graders."),
    "lint": Lazy("tfm_quiz.cli.author.lint:lint", "Prove the course: stubs, graders, misconceptions, questions."),
    "new": Lazy("tfm_quiz.cli.author.new:new", "Begin an exercise: a skeleton of all its parts."),
    "preview": Lazy("tfm_quiz.cli.author.preview:preview", "Print what students will read about each mistake."),
    "mutants": Lazy(
        "tfm_quiz.cli.author.mutants:mutants", "Break each reference in many ways; list what no check sees."
    ),
    "validity": Lazy("tfm_quiz.cli.author.validity:validity", "Prove all graders; write the figures to docs/."),
    "nbgrader": Lazy("tfm_quiz.cli.teach.nbgrader:nbgrader", "nbgrader's own workflow, with these graders."),
    "stubs": Lazy("tfm_quiz.cli.author.stubs:stubs", "Generate exercises/ and its probes from solutions/."),
    "review": Lazy("tfm_quiz.cli.teach.review:review", "Walk through the free-text answers of a graded class."),
    "rubric": Lazy("tfm_quiz.cli.author.rubric:rubric", "Measure the rubrics on labelled answers."),
    "items": Lazy("tfm_quiz.cli.teach.items:items", "Difficulty and discrimination of each question."),
    "export": Lazy("tfm_quiz.cli.teach.export:export", "Questions for Canvas, Moodle, Anki and JupyterQuiz."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def teach() -> None:
    """Grade a class, and write the course.

    These commands need the staff's files (graders/, solutions/), which students' installs do not have: run them in a
    checkout of the course, or set TFM_QUIZ_COURSE to one.

    \b
    Examples:
      tfm-quiz teach grade submissions/ --out results/
      tfm-quiz teach lint {exercise}
      tfm-quiz teach stubs

    \b
    Exit codes:
      0 done   1 something to fix   2 usage   3 could not do it   130 interrupted
    """


def staff_course() -> Course:
    """Return the course, with its hidden graders. Raises CouldNotCheck where they are not."""
    course = load_course()
    if not course.can_teach:
        raise CouldNotCheck(
            "This install of the course has no hidden graders, which `teach` needs.",
            where=str(course.root),
            next_step="Run it in a checkout of the course, or set TFM_QUIZ_COURSE to one.",
        )
    return course


def isolation(levels: Iterable[Level]) -> str:
    """Name the isolation that student code had, for the end of a line: each level with its number of submissions.

    A level alone means that it held for all of them; "" means that nothing was run.
    """
    counts = Counter(levels)
    named = list(counts) if len(counts) == 1 else [f"{level} for {count}" for level, count in counts.items()]
    return f"   isolation: {', '.join(named)}" if named else ""
