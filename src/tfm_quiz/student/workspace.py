"""A student's folder: where it is, how it is made, and what of it is looked at.

transformer/
  exercises/        the modules to fill in, and helper modules of the student's own
  answers.toml      answers to the graded questions, once there are any
  .tfm-quiz/        what the commands remember
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path, PurePosixPath

from msgspec import Struct

from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError, Fault, NoWorkspace, UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.quiz.topic_files import question_files
from tfm_quiz.submission.assemble import NOTEBOOK_FOLDERS, SOURCE_FOLDERS, assemble
from tfm_quiz.submission.file_names import named, wanted, worth_entering
from tfm_quiz.submission.submission import Submission

from .progress import FOLDER

MOST_DEPTH = 4  # folders below the student's that are looked through for work that would be left behind
MOST_LOOKED_AT = 2000


class Workspace(Struct, frozen=True):
    """A folder with a student's exercises."""

    root: Path
    course: Course

    def path(self, module: str) -> Path:
        """Return where a module is edited: its file, or its notebook where there is no such file."""
        places = [self.root / folder / f"{module}.py" for folder in SOURCE_FOLDERS]
        places += [self.root / folder / f"{module}.ipynb" for folder in NOTEBOOK_FOLDERS]
        return next((place for place in places if place.is_file()), places[0])

    def shown(self, path: Path) -> str:
        """Return a path in this folder as the student would type it here."""
        here = Path.cwd()
        return str(path.relative_to(here) if path.is_relative_to(here) else path)

    def files(self) -> dict[str, Path]:
        """Return the files that would be handed in, by path relative to this folder."""
        found: dict[str, Path] = {}
        for folder in dict.fromkeys((*SOURCE_FOLDERS, *NOTEBOOK_FOLDERS)):
            place = self.root / folder
            for path in sorted(place.iterdir()) if place.is_dir() else []:
                name = path.relative_to(self.root).as_posix()
                if self._is_packed(name) and path.is_file():
                    found[name] = path
        return found

    def left_out(self) -> list[str]:
        """List other files below this folder, as deep as one would look: paths relative to it, modules first."""
        packed = self.files()
        found: list[str] = []
        for place, folders, names in os.walk(self.root):
            folder = Path(place).relative_to(self.root)
            deep = len(folder.parts) >= MOST_DEPTH
            folders[:] = [] if deep else sorted(name for name in folders if worth_entering(name))
            paths = [(folder / name).as_posix() for name in sorted(names) if not name.startswith(".")]
            found += [path for path in paths if path not in packed]
            if len(found) > MOST_LOOKED_AT:
                break
        return sorted(found, key=lambda path: (not wanted(path, self.course), path))

    def _is_packed(self, name: str) -> bool:
        """Return whether a file of one of the folders is handed in: by its name a module, a helper or answers."""
        if not wanted(name, self.course):
            return False
        found = named(PurePosixPath(name).name, self.course.modules)
        if found.kind == "notebook":
            return found.module is not None
        return found.kind in ("module", "answers")

    def submission(self) -> Submission:
        """Return the student's work, read as it would be read after handing it in."""
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
    """Return the student's folder around `start` (the current folder unless given).

    Raises NoWorkspace if there is none, or if what lies there belongs to another user than the caller and the owner of
    `start`: its modules would be run.
    """
    here = (start or Path.cwd()).resolve()
    trusted = {_owner(here), getattr(os, "getuid", lambda: None)()}
    while here.name in ("exercises", "notebooks"):  # inside of a student's folder, which is the one above
        here = here.parent
    for folder in (here, *here.parents):
        if folder == course.root:
            break  # its exercises are the course's own
        workspace = Workspace(folder, course)
        modules = [path for module in course.modules if (path := workspace.path(module)).is_file()]
        if not modules and not (folder / FOLDER).is_dir():
            continue
        if strange := [path for path in (folder / FOLDER, *modules) if path.exists() and _owner(path) not in trusted]:
            raise NoWorkspace(
                f"{strange[0]} belongs to another user, so it is not run.",
                next_step="cd to a folder of your own, or tfm-quiz init DIR        makes one",
            )
        return workspace
    place = f"./{course.id}"
    raise NoWorkspace("No exercises here yet.", next_step=f"tfm-quiz init        puts them in {place}")


def _owner(path: Path) -> int:
    """Return the number of the user that a file or folder belongs to; 0 for all on Windows."""
    return path.stat().st_uid


def folder_to_make(course: Course) -> Path:
    """Choose where `init` puts the exercises if no folder is given: the student's folder around here, or a new one."""
    here = Path.cwd()
    while here.name in ("exercises", "notebooks"):
        here = here.parent
    workspace = Workspace(here, course)
    ours = (here / FOLDER).is_dir() or any(workspace.path(module).is_file() for module in course.modules)
    return here if ours and here.resolve() != course.root else Path(course.id)


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
    """Count the practice questions. The quiz itself says what is wrong with them."""
    count = 0
    for listed in course.questions:
        for path in question_files(course.root / listed.file) if listed.kind == "practice" else ():
            try:
                data = tomllib.loads(path.read_text("utf-8"))
            except (OSError, ValueError):
                continue
            count += len(data.get("question", []))
    return count
