"""A student's folder: where it is, how it is made, and what of it is looked at.

transformer/
  exercises/        the modules to fill in, and helper modules of the student's own
  answers.toml      answers to the graded questions, once there are any
  .tfm-quiz/        what the commands remember
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from msgspec import Struct

from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError, Fault, NoWorkspace, UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.quiz.topic_files import question_files
from tfm_quiz.submission.submission import ANSWERS, NOTEBOOK_FOLDERS, SOURCE_FOLDERS, Submission, assemble, wanted

from .progress import FOLDER


class Workspace(Struct, frozen=True):
    """A folder with a student's exercises."""

    root: Path
    course: Course

    def path(self, module: str) -> Path:
        """Where a module is edited: its file, or its notebook where there is no such file."""
        places = [self.root / folder / f"{module}.py" for folder in SOURCE_FOLDERS]
        places += [self.root / folder / f"{module}.ipynb" for folder in NOTEBOOK_FOLDERS]
        return next((place for place in places if place.is_file()), places[0])

    def shown(self, path: Path) -> str:
        """A path in this folder as the student would type it here."""
        here = Path.cwd()
        return str(path.relative_to(here) if path.is_relative_to(here) else path)

    def files(self) -> dict[str, Path]:
        """The files that would be handed in, by path relative to this folder."""
        found: dict[str, Path] = {}
        for folder in dict.fromkeys((*SOURCE_FOLDERS, *NOTEBOOK_FOLDERS)):
            place = self.root / folder
            for path in sorted(place.iterdir()) if place.is_dir() else []:
                name = path.relative_to(self.root).as_posix()
                counts = path.suffix != ".toml" or name == ANSWERS
                if counts and wanted(name, self.course) and path.is_file():
                    found[name] = path
        return found

    def submission(self) -> Submission:
        """The student's work, read as it would be read after handing it in."""
        contents: dict[str, bytes] = {}
        problems: list[str] = []
        for name, path in self.files().items():
            most = wanted(name, self.course) or 0
            try:
                with path.open("rb") as stream:
                    data = stream.read(most + 1)
            except OSError as error:
                problems.append(f"{name} cannot be read ({error.strerror}), so it was not read.")
                continue
            if len(data) > most:
                problems.append(f"{name} is larger than {most // 1024 // 1024} MB, so it was not read.")
            else:
                contents[name] = data
        return assemble("you", contents, self.course, problems)


class Made(Struct, frozen=True):
    """What `init` did: the files that it wrote, and those that were there and stayed as they were."""

    root: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def find_workspace(course: Course, start: Path | None = None) -> Workspace:
    """The student's folder around `start` (the current folder unless given). Raises NoWorkspace."""
    here = (start or Path.cwd()).resolve()
    while here.name in ("exercises", "notebooks"):  # inside of a student's folder, which is the one above
        here = here.parent
    for folder in (here, *here.parents):
        if folder == course.root:
            break  # its exercises are the course's own
        workspace = Workspace(folder, course)
        if (folder / FOLDER).is_dir() or any(workspace.path(module).is_file() for module in course.modules):
            return workspace
    place = f"./{course.id}"
    raise NoWorkspace("No exercises here yet.", next_step=f"tfm-quiz init        puts them in {place}")


def make_workspace(course: Course, root: Path, *, notebooks: bool = False) -> Made:
    """Copy the exercises into `root`, and the lesson notebooks if asked for; what is there is never overwritten.

    Raises UsageProblem if `root` is a file or the course itself, CourseError if the course lacks a file that it names,
    and OSError if `root` cannot be written.
    """
    if root.resolve() == course.root:
        raise UsageProblem("This is the folder of the course itself.", next_step=f"tfm-quiz init ~/{course.id}")
    if root.exists() and not root.is_dir():
        raise UsageProblem(f"{root} is a file.", next_step="tfm-quiz init DIR        takes another folder")
    names = ["exercises/__init__.py", *(f"exercises/{module}.py" for module in course.modules)]
    names += [notebook.file for notebook in course.notebooks if notebooks]
    if missing := [name for name in names if not (course.root / name).is_file()]:
        raise CourseError(Fault(name, "is named by course.toml but is not there") for name in missing)
    written, kept = [], []
    for name in names:
        target = root / name
        if target.exists() or target.is_symlink():
            kept.append(name)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, (course.root / name).read_bytes())
        written.append(name)
    (root / FOLDER).mkdir(exist_ok=True)
    return Made(root, tuple(written), tuple(kept))


def count_questions(course: Course) -> int:
    """How many practice questions there are. Counted only: the quiz itself says what is wrong with them."""
    count = 0
    for listed in course.questions:
        for path in question_files(course.root / listed.file) if listed.kind == "practice" else ():
            try:
                data = tomllib.loads(path.read_text("utf-8"))
            except (OSError, ValueError):
                continue
            count += len(data.get("question", []))
    return count
