"""Questions: exact points for closed ones; for free text the points of a person, else a comment that suggests."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from tfm_quiz.outcome import ItemScore
from tfm_quiz.untrusted import for_terminal

from .assignment import reply_id
from .desk import Desk
from .parts import Part
from .plain import as_written
from .prose import comment as words_of


class SuggestManual(Part):
    """After SaveAutoGrades, which leaves every written answer to a person: enters what the engine knows of it.

    A closed question gets its points and needs no person, nor does free text with points from `teach review`. Other
    free text keeps waiting; what the rubric found is
    the suggestion that the formgrader shows in the empty comment box. It is no part of the total, and no part of the
    feedback: an empty comment by hand stands above it until a person writes one. Scores and comments given by hand
    are never touched.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook as it was; the gradebook has the questions' points and comments."""
        desk, place = self.desk(resources), resources["nbgrader"]
        asked = desk.assignment.contents[place["notebook"]].questions
        if not asked:
            return nb, resources
        items = desk.questions(place["student"], self.submitted(resources))
        with Gradebook(place["db_url"]) as gradebook:
            for question in asked:
                if question in items:
                    self._enter(gradebook, place, question, items[question], desk)
            gradebook.db.commit()
        return nb, resources

    def _enter(self, gradebook: Any, place: Any, question: str, item: ItemScore, desk: Desk) -> None:
        cell = (reply_id(question), place["notebook"], place["assignment"], place["student"])
        grade, comment = gradebook.find_grade(*cell), gradebook.find_comment(*cell)
        if item.type == "prose":
            if item.outcome == "unanswered":
                grade.auto_score, grade.needs_manual_grade = 0.0, grade.manual_score is not None
            elif item.outcome == "reviewed":
                grade.auto_score = min(max(item.points, 0.0), float(grade.max_score))
                grade.needs_manual_grade = False
            elif isinstance(item.answer, str) and (found := desk.rubrics.find(question)) is not None:
                comment.auto_comment = words_of(found.suggest(item.answer))
                if comment.manual_comment is None:  # feedback takes this one; the formgrader shows the other in grey
                    comment.manual_comment = ""
            return
        grade.auto_score = min(max(item.points, 0.0), float(grade.max_score))
        grade.needs_manual_grade = False
        comment.auto_comment = _words(question, item)


def _words(question: str, item: ItemScore) -> str | None:
    """Return the text of a closed question for the student; nbgrader renders it as Markdown."""
    if item.outcome == "unanswered":
        return "No response."
    if item.outcome == "unreadable":  # the one sentence that quotes the student
        return as_written(f"Not understood: {item.message.partition(f'{question}: ')[2]}")
    return for_terminal(item.message) if item.message else ("Right." if item.outcome == "right" else None)
