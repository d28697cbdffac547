"""A student's folder of an assignment, as the submission that the graders judge. No nbgrader needed.

It is read by what reads for `teach grade`, so that the same work earns the same marks by either way. Two things are
added: a notebook of exercises from several units stands for each of their modules, and replies to questions in
notebooks stand beside those in `answers.toml`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from tfm_quiz.course import Course
from tfm_quiz.files import decoded
from tfm_quiz.quiz.answers_file import LARGEST
from tfm_quiz.submission.definitions import source_of_cells
from tfm_quiz.submission.entries import Entry, load
from tfm_quiz.submission.file_names import ANSWERS
from tfm_quiz.submission.notebook import Cell, find_cell, read_cells, restored
from tfm_quiz.submission.submission import Submission

from .assignment import NO_REPLY, Assignment, reply_id
from .reading import read_regular

ENCLOSING = "*_`\"'“”$ \t"  # what Markdown and habit put around a short answer


def read_work(course: Course, assignment: Assignment, student: str, folder: Path) -> Submission:
    """Read what a student handed in for an assignment. Never raises for what it is or holds."""
    mixed = [name for name in assignment.contents if name not in course.modules]
    if len(mixed) < len(assignment.contents):
        work = load(Entry(student, (folder,)), course)
    else:
        work = Submission(name=student)
    problems = list(work.problems)
    modules = dict(work.modules)
    said: dict[str, str] = {}
    answers = work.answers
    if answers is None and mixed:
        answers = _text(folder / ANSWERS)
    for name, contents in assignment.contents.items():
        try:
            data = read_regular(folder / f"{name}.ipynb")
            cells = read_cells(data) if name in mixed or contents.questions else []  # else `load` has read them
        except ValueError as error:
            if name in mixed or str(error) == "is missing":
                problems.append(f"{name}.ipynb {error}.")
            continue
        if name in mixed and contents.exercises:
            source, sentences = _source(course, cells, contents.exercises)
            problems += [f"{name}.ipynb {sentence}." for sentence in sentences]
            modules |= {course.exercise(key).module: source for key in contents.exercises}
        said |= replies(cells, contents.questions)
    return msgspec.structs.replace(
        work, modules=modules, answers=answers, replies=said, problems=tuple(dict.fromkeys(problems))
    )


def replies(cells: list[Cell], questions: tuple[str, ...]) -> dict[str, str]:
    """Return the student's words for each question that has some."""
    found: dict[str, str] = {}
    for question in questions:
        cell = find_cell(cells, reply_id(question))
        said = cell.source.replace(NO_REPLY, "").strip() if cell else ""
        if said:
            found[question] = said if len(said) > 40 else said.strip(ENCLOSING)
    return found


def _source(course: Course, cells: list[Cell], exercises: tuple[str, ...]) -> tuple[str, list[str]]:
    try:
        return source_of_cells(restored(cells, exercises), [course.exercise(key).name for key in exercises])
    except ValueError as error:
        return "", [f"{error}, so it was not read"]


def _text(path: Path) -> str | None:
    try:
        return decoded(read_regular(path, LARGEST))
    except ValueError:
        return None
