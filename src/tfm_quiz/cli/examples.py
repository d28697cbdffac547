"""Examples in `--help` name the course's own exercises, units and topics, so that they can be copied and run."""

from __future__ import annotations

from tfm_quiz.errors import TfmQuizError
from tfm_quiz.manifest import load_course


def with_examples(text: str) -> str:
    """Return the help text with `{exercise}`, `{other}`, `{unit}`, `{next_unit}`, `{topic}` and `{course}` filled in.

    A course that cannot be read leaves the words in capitals: help must never fail.
    """
    for word, name in _names().items():
        text = text.replace(f"{{{word}}}", name)
    return text


def _names() -> dict[str, str]:
    words = ("exercise", "other", "unit", "next_unit", "topic", "course")
    try:
        course = load_course()
    except TfmQuizError:
        return {word: word.upper() for word in words}
    exercises = [exercise.id for exercise in course.exercises] or ["EXERCISE"]
    units = list(course.modules) or ["UNIT"]
    topics = [questions.id for questions in course.questions if questions.kind == "practice"] or ["TOPIC"]
    return {
        "exercise": exercises[0],
        "other": exercises[min(1, len(exercises) - 1)],
        "unit": units[0],
        "next_unit": units[min(1, len(units) - 1)],
        "topic": topics[0],
        "course": course.id,
    }
