"""Item statistics: what the answers of a class say about the questions.

difficulty       the mean share of the points, of all who handed in answers; a question left open counts as 0
discrimination   the correlation of a question's points with the points in all the others: well above 0 for a question
                 that those who know more get right; below 0 hints at a wrong key or a misleading text

Both mean little below twenty answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import StatisticsError, correlation, fmean

import msgspec
from msgspec import Struct

from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.outcome import ItemScore, QuestionScore
from tfm_quiz.quiz.bank import Closed, Question
from tfm_quiz.quiz.kinds.fields import LETTERS
from tfm_quiz.quiz.kinds.letters import right_letters
from tfm_quiz.quiz.kinds.numbers import show_number

from .results import read_reports

ENOUGH = 20  # answers, below which a figure says little
HARD, EASY = 0.20, 0.95
CHANCE = 1.6  # standard errors: one question in twenty that tells nothing apart lies further below 0
MOST_VALUES = 5  # of a question that is typed, the wrong answers to show


class Item(Struct, frozen=True, kw_only=True):
    """The statistics of one question."""

    id: str
    type: str
    students: int  # who handed in answers
    answered: int
    difficulty: float
    discrimination: float | None  # None where everybody has the same
    chosen: dict[str, float]  # share of the answers by option, or by typed answer where it is a wrong one
    right: tuple[str, ...] = ()  # the right options
    misconceptions: dict[str, int] = {}
    remarks: tuple[str, ...] = ()

    @property
    def suspected(self) -> bool:
        """Return whether the key may be wrong: below 0 by more than chance would often do in a class of this size."""
        return self.discrimination is not None and self.discrimination < -CHANCE / self.students**0.5


def class_scores(results: Path) -> list[QuestionScore]:
    """Return the scored answers of a RESULTS folder, from all who answered. Raises CouldNotCheck if it has none."""
    kept = [report.questions for report in read_reports(results).values() if report.questions is not None]
    scores = [score for score in kept if any(item.outcome != "unanswered" for item in score.items.values())]
    if not scores:
        raise CouldNotCheck(
            "There are no answered questions in these results.",
            where=str(results),
            next_step="tfm-quiz teach grade scores the answers.toml of each submission.",
        )
    return scores


def item_statistics(questions: Sequence[Question], scores: Sequence[QuestionScore]) -> list[Item]:
    """Return the statistics of each closed question, suspected keys first, then the least discriminating."""
    closed = [question for question in questions if isinstance(question, Closed)]
    found = [_item(question, scores) for question in closed if any(question.id in score.items for score in scores)]
    return sorted(found, key=lambda item: 2.0 if item.discrimination is None else item.discrimination)


def _item(question: Closed, scores: Sequence[QuestionScore]) -> Item:
    seen = [(score, score.items[question.id]) for score in scores if question.id in score.items]
    shares = [item.points / item.out_of for _, item in seen]
    rest = [score.points - item.points for score, item in seen]
    answers = [item for _, item in seen if item.answer is not None]
    counted = Counter(key for item in answers for key in _keys(question, item))
    item = Item(
        id=question.id,
        type=seen[0][1].type,
        students=len(seen),
        answered=len(answers),
        difficulty=fmean(shares),
        discrimination=_correlation(shares, rest),
        chosen={key: count / max(1, len(answers)) for key, count in _ordered(question, counted)},
        right=tuple(right_letters(question.choices())),
        misconceptions=dict(Counter(name for item in answers for name in item.misconceptions).most_common()),
    )
    best = sorted(seen, key=lambda pair: pair[0].points - pair[1].points, reverse=True)[: max(1, len(seen) // 3)]
    best_choice = Counter(key for _, item in best for key in _keys(question, item)).most_common(1)
    return msgspec.structs.replace(item, remarks=tuple(_remarks(question, item, best_choice)))


def _remarks(question: Closed, item: Item, best_choice: list[tuple[str, int]]) -> Iterator[str]:
    if item.answered < ENOUGH:
        yield f"{item.answered} answers only: the figures say little"
    if item.suspected:
        yield "those who are good elsewhere get it wrong: is the key right?"
    elif item.discrimination is not None and item.discrimination < 0:
        yield "it does not tell those who know more from those who know less"
    single = len(item.right) == 1 and question.one_key
    if single and best_choice and best_choice[0][0] not in item.right and item.answered >= ENOUGH:
        yield f"the best third chose {best_choice[0][0]} most often, and the key is {item.right[0]}"
    if item.difficulty > EASY:
        yield "nearly all get it right"
    if item.difficulty < HARD:
        yield "almost nobody gets it right"
    if question.choices() and item.answered >= ENOUGH:
        unused = [letter for letter, share in item.chosen.items() if share == 0 and letter not in item.right]
        if unused:
            yield f"nobody chose {', '.join(unused)}: not a mistake that people make"


def _keys(question: Closed, item: ItemScore) -> list[str]:
    """Return what to count an answer under: its options, or the answer itself if it is a wrong one."""
    if item.answer is None:
        return []
    if question.choices():
        return [str(letter) for letter in (item.answer if isinstance(item.answer, list) else [item.answer])]
    return [] if item.outcome == "right" else [_typed(item)]


def _typed(item: ItemScore) -> str:
    if isinstance(item.answer, float):
        return show_number(item.answer)
    return item.answer if isinstance(item.answer, str) else msgspec.json.encode(item.answer).decode()


def _ordered(question: Closed, counted: Counter[str]) -> list[tuple[str, int]]:
    """Return all options in their order, or the commonest wrong answers."""
    if options := question.choices():
        return [(letter, counted[letter]) for letter in LETTERS[: len(options)]]
    return counted.most_common(MOST_VALUES)


def _correlation(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    try:
        return correlation(shares, rest)
    except StatisticsError:  # fewer than two students, or all alike
        return None
