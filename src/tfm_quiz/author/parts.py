"""The parts of an exercise: which are there, and for each that is not, what to do, as one command where one helps."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tfm_quiz.course import Course, Exercise
from tfm_quiz.submission.syntax import first_line, source_of
from tfm_quiz.submission.untouched import open_regions

TO_WRITE = "TO WRITE"  # what `teach new` leaves to the author, and lint finds again


def authored(course: Course, exercise: Exercise) -> dict[str, Path]:
    """Return the files of an exercise that an author writes, besides the manifest, by what they are."""
    patches, in_full = course.patches_path(exercise.id), course.misconceptions_path(exercise.id)
    both = patches.is_file() and in_full.is_file()
    return {
        "the reference": course.solution_path(exercise.module),
        "the grader": course.grader_path(exercise.id),
        "the misconceptions": in_full if in_full.is_file() and not both else patches,
        **({"the misconceptions in full": in_full} if both else {}),
        "the proofs": course.proofs_path(exercise.id),
    }


def missing_parts(course: Course, exercise: Exercise) -> Iterator[str]:
    """List, in sentences, the parts without which the exercise cannot be proved: missing, or still the skeleton."""
    again = f"tfm-quiz teach lint {exercise.id}"
    unfinished = [text for text in (exercise.title, exercise.success, *exercise.hints) if TO_WRITE in text]
    if unfinished:
        yield f"course.toml: {len(unfinished)} texts of {exercise.id} are still to be written; then `{again}`"
    for part, path in authored(course, exercise).items():
        name = path.relative_to(course.root).as_posix()
        if not path.is_file():
            yield f"{part} is missing: write {name} (`tfm-quiz teach new --help` shows a skeleton), then `{again}`"
            continue
        text = path.read_text("utf-8")
        if path != course.solution_path(exercise.module):
            own, line = text, 1
        elif (found := definition(text, exercise.name)) is not None:
            own, line = found
        else:
            yield f"{part} is missing: {name} does not define `{exercise.name}`; write it, then `{again}`"
            continue
        if TO_WRITE in own:
            line += own[: own.index(TO_WRITE)].count("\n")
            verb, it = ("are", "them") if part.endswith("s") else ("is", "it")
            yield f"{name}:{line}: {part} {verb} still the skeleton; write {it}, then `{again}`"


def missing_generated(course: Course, exercise: Exercise) -> Iterator[str]:
    """List the generated files that are missing, though the exercise can be proved without them."""
    stub = course.stub_path(exercise.module)
    text = stub.read_text("utf-8") if stub.is_file() else ""
    if definition(text, exercise.name) is not None and not open_regions(text, exercise.name):
        yield (
            f"{stub.relative_to(course.root).as_posix()} leaves nothing of `{exercise.name}` open: put markers around "
            f"its body in solutions/{exercise.module}.py, then `tfm-quiz teach stubs`"
        )
    probes = course.probes_path(exercise.id)
    if not probes.is_file():
        name = probes.relative_to(course.root).as_posix()
        yield f"{name} is missing: run `tfm-quiz teach stubs {exercise.id}`"


def definition(source: str, name: str) -> tuple[str, int] | None:
    """Return the source of a top-level function or class, and its first line; None if there is none of this name."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return source_of(node, source.split("\n")), first_line(node)
    return None
