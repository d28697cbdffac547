"""Scoring `answers.toml` against the keys: exact for closed questions, a review queue for free text.

The file is hostile data. Whatever is wrong with it costs at most the answers it touches, and a sentence says where.
Points for free text are never given here: those questions wait for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import ItemOutcome, ItemScore, QuestionScore

from .answers import Answer, Unclear, given_answer, is_blank
from .answers_file import NAME, Answers, AnswersUnreadable, clipped
from .bank import Closed, Question
from .reading import graded_topics
from .salvage import answers_in

MOST_PROBLEMS = 20


def graded_questions(course_root: Path) -> tuple[Question, ...]:
    """Return all graded questions with their keys. Raises CourseError."""
    return tuple(question for topic in graded_topics(load_course(course_root)) for question in topic.questions)


def score_with(
    questions: Sequence[Question], text: str | bytes | None, replies: Mapping[str, str] | None = None
) -> QuestionScore:
    """Score the text of an `answers.toml` (None: there is none) against these keys.

    `replies` are answers that stand in a notebook's cells, by the question's id; they win.
    """
    problems: list[str] = []
    answers = Answers({}, {})
    if text is not None:
        try:
            answers = answers_in(text)
        except AnswersUnreadable as error:
            problems.append(str(error))
    problems += answers.remarks
    replies = replies or {}
    known = [question.id for question in questions]
    unknown = [name for name in answers.values if name not in known]
    problems += [
        f"{NAME} line {answers.lines[name]}: there is no question `{clipped(name)}`{_nearest(name, known)}"
        for name in unknown[:MOST_PROBLEMS]
    ]
    items = {question.id: _item(question, answers, replies) for question in questions}
    problems += [item.message for item in items.values() if item.outcome == "unreadable"]
    if (more := len(problems) + len(unknown[MOST_PROBLEMS:]) - MOST_PROBLEMS) > 0:
        problems = [*problems[:MOST_PROBLEMS], f"{NAME}: and {more} more of this kind."]
    closed = [items[question.id] for question in questions if isinstance(question, Closed)]
    return QuestionScore(
        points=sum(item.points for item in closed),
        out_of=sum(item.out_of for item in closed),
        items=items,
        awaiting_review=tuple(name for name, item in items.items() if item.outcome == "awaiting_review"),
        problems=tuple(problems),
    )


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name[:60], known, n=1)
    return f"; did you mean `{near[0]}`?" if near else "."


def _item(question: Question, answers: Answers, replies: Mapping[str, str]) -> ItemScore:
    prompt = question.prompt()
    outcome: ItemOutcome = "unanswered"
    answer: Answer | None = None
    points, message = 0.0, ""
    names: tuple[str, ...] = ()
    value = replies.get(question.id, answers.values.get(question.id))
    if value is not None and not is_blank(value):
        try:
            answer = given_answer(prompt, value)
        except Unclear as unclear:
            in_cell = question.id in replies
            where = "question " if in_cell else f"{NAME} line {answers.lines[question.id]}, "
            outcome, message = "unreadable", f"{where}{question.id}: {unclear}"
    if answer is not None:
        if not isinstance(question, Closed):
            outcome = "awaiting_review"
        else:
            given = question.mark(answer)
            outcome = "right" if given.right else "partly" if given.share else "wrong"
            points = given.share * question.points
            names = tuple(reply.misconception for reply in given.replies if reply.misconception)
            message = " ".join(reply.say for reply in given.replies)
    return ItemScore(
        type=prompt.type,
        source=tuple(question.source),
        outcome=outcome,
        points=points,
        out_of=question.points,
        answer=answer,
        misconceptions=names,
        message=message,
    )
