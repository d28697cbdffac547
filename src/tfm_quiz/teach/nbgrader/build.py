"""Source notebooks for nbgrader, made from the one source of exercises and graded questions.

No solution, key or hidden check goes into them: answer cells hold the stub, marked as nbgrader marks a solution, so
that `generate_assignment` gives the student exactly the course's stub.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import msgspec

from tfm_quiz.author.lessons import Cell, exercise_cells, lesson, notebook_cell, notebook_text
from tfm_quiz.author.stubs import make_stub
from tfm_quiz.course import Course, Exercise, Unit
from tfm_quiz.errors import UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.markers import BEGIN, END, FIND, STUB
from tfm_quiz.quiz.answers import how_to_answer
from tfm_quiz.quiz.bank import TYPES
from tfm_quiz.quiz.kinds.fields import LETTERS
from tfm_quiz.quiz.prompts import Prompt
from tfm_quiz.quiz.reading import graded_topics
from tfm_quiz.toml.file import did_you_mean

from .assignment import KERNEL, KEY, NO_REPLY, Contents, contents_of, marks_id, reply_id
from .names import check_assignment

CONFIG = "nbgrader_config.py"
QUESTIONS = "questions"  # the notebook of those that belong to no unit of the assignment


def build(
    course: Course,
    folder: Path,
    name: str,
    *,
    units: Sequence[Unit] = (),
    only: Sequence[Exercise] = (),
    topics: Sequence[str] | None = None,
    allowed: Callable[[Mapping[str, Set[str]], Collection[str]], None] = lambda cells, others: None,
) -> list[Path]:
    """Write `source/NAME/` of a course folder; returns its notebooks.

    Whole `units` make a notebook each, with the lesson's text; `only` makes one notebook of these exercises. `topics`
    are the graded questions to add, as topics or single ids (None: the topics of the units taken). `allowed` is told
    the grade ids in each notebook, and the others that stay beside them, before anything is written; it may raise.
    Raises UsageProblem for what does not fit.
    """
    check_assignment(name)
    if not (folder / CONFIG).is_file():
        raise UsageProblem(
            f"{folder} is not a course folder of nbgrader: it has no {CONFIG}.",
            next_step=f"tfm-quiz teach nbgrader init {folder}",
        )
    if name in course.modules and not only and [unit.id for unit in units] != [name]:
        raise UsageProblem(f"`{name}` is the name of a unit; give an assignment of other contents another name.")
    texts = notebooks(course, name, units=units, only=only, topics=topics)
    target = folder / "source" / name
    foreign = [path.name for path in sorted(target.glob("*.ipynb")) if not _is_ours(path)]
    if clash := [stem for stem in texts if f"{stem}.ipynb" in foreign]:
        raise UsageProblem(f"{target / clash[0]}.ipynb is there and was not made by tfm-quiz; it stays as it is.")
    allowed({stem: _graded_ids(text) for stem, text in texts.items()}, [Path(other).stem for other in foreign])
    target.mkdir(parents=True, exist_ok=True)
    for path in target.glob("*.ipynb"):
        if path.name not in foreign and path.stem not in texts:
            path.unlink()  # of an earlier build: another choice of units
    for stem, text in texts.items():
        write_whole(target / f"{stem}.ipynb", text)
    return [target / f"{stem}.ipynb" for stem in texts]


def notebooks(
    course: Course,
    name: str,
    *,
    units: Sequence[Unit] = (),
    only: Sequence[Exercise] = (),
    topics: Sequence[str] | None = None,
) -> dict[str, str]:
    """Return the text of each notebook of an assignment, by its name."""
    asked = _asked_for(course, [unit.id for unit in units] if topics is None else topics, strict=topics is not None)
    texts: dict[str, str] = {}
    for unit in units:
        texts[unit.id] = _notebook(lesson(course, unit), asked.pop(unit.id, ()))
    rest = list({prompt.id: prompt for prompts in asked.values() for prompt in prompts}.values())
    if only:
        texts[name] = _notebook(exercise_cells(course, only, name), rest)
    elif rest:
        title = Cell(id="title", role="text", source=f"# {name}: questions")
        texts[QUESTIONS] = _notebook([title], rest)
    if not texts:
        raise UsageProblem("Nothing was chosen.", next_step="Name units with --units or exercises with --only.")
    return texts


def _graded_ids(text: str) -> set[str]:
    """Return the grade ids of a notebook's cells, all that nbgrader knows of it."""
    cells = json.loads(text)["cells"]
    return {cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]}


def default_units(course: Course) -> list[Unit]:
    """Return all units but those that are a bonus as a whole: nbgrader has no points outside the total."""
    return [unit for unit in course.units if not all(exercise.bonus for exercise in unit.exercises)]


def to_bring(course: Course, exercises: Sequence[Exercise]) -> list[str]:
    """Return the units that these exercises call and that are not among them: students hand their own in beside."""
    own = {exercise.id for exercise in exercises}
    needs = [course.exercise(need) for exercise in exercises for need in exercise.needs if need not in own]
    return list(dict.fromkeys(need.module for need in needs))


def _asked_for(course: Course, wanted: Sequence[str], *, strict: bool) -> dict[str, Sequence[Prompt]]:
    """Return the prompts of these topics and single questions, by what was asked for."""
    known: dict[str, Sequence[Prompt]] = {}
    for topic in graded_topics(course):
        prompts = [question.prompt() for question in topic.questions]
        known |= {prompt.id: [prompt] for prompt in prompts} | {topic.id: prompts}
    if strict and (missing := [name for name in wanted if name not in known]):
        raise UsageProblem(f"There are no graded questions on `{missing[0]}`{did_you_mean(missing[0], known)}")
    return {name: known[name] for name in wanted if name in known}


def _notebook(cells: Sequence[Cell], prompts: Sequence[Prompt]) -> str:
    made = [_cell(cell) for cell in cells]
    for number, prompt in enumerate(prompts, start=1):
        made += _question(number, prompt)
    exercises = tuple(cell.exercise.id for cell in cells if cell.role == "answer" and cell.exercise)
    contents = Contents(exercises=exercises, questions=tuple(prompt.id for prompt in prompts))
    return notebook_text(made, {KEY: msgspec.to_builtins(contents), "kernelspec": KERNEL})


def _cell(cell: Cell) -> dict[str, Any]:
    if cell.role == "answer":
        stub = make_stub(cell.source, cell.id)
        if FIND in stub:  # as a solution cell nbgrader would clear it: it is given, and what a student changes counts
            return notebook_cell(cell.id, True, stub)
        return notebook_cell(cell.id, True, _reopened(stub), _metadata(cell.id, code=True, solution=True))
    if cell.role == "check" and cell.exercise:
        metadata = _metadata(marks_id(cell.exercise.id), code=True, points=cell.exercise.points)
        return notebook_cell(cell.id, True, cell.source, metadata)
    return notebook_cell(cell.id, cell.role != "text", cell.source)


def _reopened(stub: str) -> str:
    """Return the stub with its open places marked as nbgrader expects: only the `raise` is between the marks."""
    lines: list[str] = []
    for line in stub.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() == STUB[0]:
            lines.append(indent + BEGIN)
        elif line.strip() == STUB[1]:
            lines += [line, indent + END]
        else:
            lines.append(line)
    return "\n".join(lines)


def _question(number: int, prompt: Prompt) -> list[dict[str, Any]]:
    """Return a question as two cells: the prompt, which the student cannot change, and the plain text reply."""
    asked = notebook_cell(f"q-{prompt.id}", False, _asked(number, prompt), _metadata(f"q-{prompt.id}", locked=True))
    cell_id = reply_id(prompt.id)
    reply = notebook_cell(cell_id, False, NO_REPLY, _metadata(cell_id, solution=True, points=prompt.points))
    return [asked, reply]


def _asked(number: int, prompt: Prompt) -> str:
    points = f"{prompt.points} point{'s' if prompt.points != 1 else ''}"
    parts = [f"### Question {number} ({points})", prompt.ask]
    if prompt.code:
        parts.append(f"```python\n{prompt.code.strip(chr(10))}\n```")
    lettered = [f"{letter}) {text}" for letter, text in zip(LETTERS, prompt.options, strict=False)]
    if TYPES[prompt.type].verbatim:
        parts.append("```\n" + "\n".join(lettered) + "\n```")
    elif prompt.right:
        parts.append("\n".join(f"{item}. {text}" for item, text in enumerate(prompt.options, start=1)))
        parts.append("\n".join(f"- {letter}) {text}" for letter, text in zip(LETTERS, prompt.right, strict=False)))
    elif lettered:
        parts.append("\n".join(f"- {line}" for line in lettered))
    parts.append(f"*Double-click the cell below and write {how_to_answer(prompt, in_file=True)}.*")
    return "\n\n".join(parts)


def _metadata(
    grade_id: str, *, code: bool = False, solution: bool = False, points: int | None = None, locked: bool = False
) -> dict[str, Any]:
    """nbgrader's metadata for a cell, schema version 3."""
    said: dict[str, Any] = {
        "cell_type": "code" if code else "markdown",
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": locked or (points is not None and not solution),
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": said | ({"points": points} if points is not None else {})}


def _is_ours(path: Path) -> bool:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, Mapping) and contents_of(document) is not None
