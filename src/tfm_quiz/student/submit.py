"""Packing a student's work to hand it in: sources, notebooks, answers, and a manifest of hashes, in one zip.

The manifest says what the student packed and when it does not match; no verdict from the student's machine travels.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

from msgspec import Struct

from tfm_quiz import __version__
from tfm_quiz.course import Course
from tfm_quiz.errors import SubmissionProblem, UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.quiz.answers_file import AnswersUnreadable
from tfm_quiz.quiz.salvage import answers_in
from tfm_quiz.submission.file_names import wanted
from tfm_quiz.submission.inventory import MOST_NAMES, listed
from tfm_quiz.submission.submission import Submission
from tfm_quiz.submission.untouched import same_as_stub

from .workspace import Workspace

MANIFEST = "manifest.json"
A_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same work gives the same bytes


class Packed(Struct, frozen=True):
    """What `submit` packed, and what the student should know about it."""

    file: Path
    names: tuple[str, ...]
    untouched: tuple[str, ...]  # ids of exercises that are still the stub, or not there
    problems: tuple[str, ...]
    notes: tuple[str, ...]  # what a grader would read otherwise than its name says, and what was left out
    replaced: bool


def pack(workspace: Workspace, file: Path) -> Packed:
    """Write the zip: whole or not at all, and over an earlier one of ours only.

    Raises UsageProblem if `file` is something else that would be lost, SubmissionProblem if there is nothing to pack.
    """
    if file.suffix.lower() != ".zip":
        raise UsageProblem(f"{file} does not end in .zip.", next_step=f"tfm-quiz submit -o {file}.zip")
    replaced = file.exists()
    if replaced and not _is_ours(file):
        raise UsageProblem(
            f"{file} is there, and it was not made by tfm-quiz submit.",
            next_step="tfm-quiz submit -o FILE.zip        takes another name",
        )
    submission = workspace.submission()
    contents = {name: path.read_bytes() for name, path in workspace.files().items()}
    if not contents:
        raise SubmissionProblem("There is nothing to pack: no exercise, notebook or answer was found.")
    write_whole(file, _zipped(contents, workspace.course))
    return Packed(
        file,
        tuple(contents),
        _untouched(submission, workspace.course),
        (*submission.problems, *_unreadable_answers(submission)),
        (*submission.notes, *_left_out(workspace, file)),
        replaced,
    )


def _unreadable_answers(submission: Submission) -> tuple[str, ...]:
    """List what is wrong with the answers, line by line."""
    try:
        return answers_in(submission.answers).remarks if submission.answers is not None else ()
    except AnswersUnreadable as error:
        return (str(error),)


def _left_out(workspace: Workspace, file: Path) -> list[str]:
    """List what lies in the student's folder and is not packed, work first."""
    course = workspace.course
    others = [path for path in workspace.left_out() if not _is_our_zip(workspace.root / path, file)]
    work = [path for path in others if wanted(path, course)]
    rest = [path for path in others if path not in work]
    told = []
    if work:
        where = f"a module belongs in exercises/, as {course.modules[0]}.py" if course.modules else "it is not a module"
        told.append(f"Not packed, though it may be work: {listed(work[:MOST_NAMES], len(work))} ({where}).")
    if rest:
        told.append(f"Not packed: {listed(rest[:MOST_NAMES], len(rest))}.")
    return told


def _is_our_zip(path: Path, file: Path) -> bool:
    return path.suffix == ".zip" and (path == file.resolve() or _is_ours(path))


def _zipped(contents: dict[str, bytes], course: Course) -> bytes:
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}
    manifest = {"format": 1, "course": course.id, "version": course.version, "tfm_quiz": __version__, "files": hashes}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*sorted(contents.items()), (MANIFEST, json.dumps(manifest, indent=1).encode())]:
            info = zipfile.ZipInfo(name, A_MOMENT)
            info.external_attr = 0o100644 << 16  # a regular file, whatever system packs it
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def _is_ours(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def _untouched(submission: Submission, course: Course) -> tuple[str, ...]:
    stubs = {module: course.stub_path(module).read_text("utf-8") for module in course.modules}
    return tuple(
        exercise.id
        for exercise in course.exercises
        if exercise.module not in submission.modules
        or same_as_stub(submission.modules[exercise.module], stubs[exercise.module], exercise.name)
    )
