"""A submission: the few files of a student's folder that count, whatever else lies in it.

The bytes come from a folder, a zip or the student's own workspace; which of them count is decided here, once, so that
what `check` looks at is what is graded. Everything in it is hostile data: it is decoded and never executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from tfm_quiz.course import Course, Unit
from tfm_quiz.files import decoded
from tfm_quiz.manifest import NOT_MODULES

from .notebook import notebook_source
from .untouched import untouched

ANSWERS = "answers.toml"
LARGEST_FILE = 1024 * 1024  # bytes, of a source or answers
LARGEST_NOTEBOOK = 8 * 1024 * 1024  # bytes; outputs with pictures are large
MOST_HELPERS = 50
MOST_HELPER_TEXT = 1024 * 1024  # characters of all helpers together
NOT_THEIRS = {"__pycache__", "__MACOSX", "site-packages", "node_modules", "venv", "env"}  # nor hidden folders

# Where a module may lie below the root, the first place first; a notebook may also lie in a folder `notebooks`.
SOURCE_FOLDERS = ("exercises", "")
NOTEBOOK_FOLDERS = ("exercises/notebooks", "exercises", "notebooks", "")


class Submission(Struct, frozen=True, kw_only=True):
    """What a student handed in: the source of each module by its name, and everything else that is looked at.

    `helpers` are other modules beside them; `answers` is the text of answers.toml; `problems` are sentences that say
    what was wrong with the submission, and where.
    """

    name: str
    modules: dict[str, str] = {}
    helpers: dict[str, str] = {}
    answers: str | None = None
    problems: tuple[str, ...] = ()


def worth_entering(folder: str) -> bool:
    """Whether a folder of this name may hold something of the student's: not hidden, not made by a tool."""
    return not folder.startswith(".") and folder not in NOT_THEIRS


def wanted(path: str, course: Course) -> int | None:
    """How many bytes of this file are wanted at most; None if it is not one that we read.

    `path` is relative to the student's folder, with `/`.
    """
    name = PurePosixPath(path)
    if not all(worth_entering(part) for part in name.parts):
        return None
    if name.suffix == ".ipynb":
        return LARGEST_NOTEBOOK if name.stem in course.modules else None
    return LARGEST_FILE if name.suffix == ".py" or name.name == ANSWERS else None


def assemble(name: str, files: Mapping[str, bytes], course: Course, problems: Iterable[str] = ()) -> Submission:
    """Decide which of a student's files count. Never raises: what is wrong becomes a sentence.

    `files` are the wanted ones, by path relative to the student's folder; `problems` are those met while reading.
    """
    return _Assembly(name, files, course, list(problems)).submission()


class _Assembly:
    def __init__(self, name: str, files: Mapping[str, bytes], course: Course, problems: list[str]) -> None:
        self.name = name
        self.files = files
        self.course = course
        self.problems = problems
        self.root = self._root()

    def submission(self) -> Submission:
        modules: dict[str, str] = {}
        for unit in self.course.units:
            source = self._module(unit)
            if source is not None:
                modules[unit.id] = source
        answers = self._text(self._path("", ANSWERS))
        helpers = self._helpers()
        if not modules and answers is None and not self.problems:
            first = self.course.modules[0] if self.course.modules else "NAME"
            self.problems.append(f"No exercises were found: there is no module such as exercises/{first}.py.")
        return Submission(
            name=self.name,
            modules=modules,
            helpers=helpers,
            answers=answers,
            problems=tuple(self.problems),
        )

    def _root(self) -> PurePosixPath:
        """The shallowest folder that holds a module of the course, or its answers if there is no module at all."""
        roots: dict[PurePosixPath, int] = {}
        for path in map(PurePosixPath, self.files):
            if path.suffix in (".py", ".ipynb") and path.stem in self.course.modules:
                folder = path.parent
                if path.suffix == ".ipynb" and folder.name == "notebooks":
                    folder = folder.parent
                if folder.name == "exercises":
                    folder = folder.parent
                roots[folder] = roots.get(folder, 0) + 1
        if not roots:
            roots = {path.parent: 1 for path in map(PurePosixPath, self.files) if path.name == ANSWERS}
        ranked = sorted(roots, key=lambda folder: (len(folder.parts), -roots[folder], str(folder)))
        if not ranked:
            return PurePosixPath()
        rivals = [folder for folder in ranked[1:] if len(folder.parts) == len(ranked[0].parts)]
        if rivals:
            self.problems.append(f"Exercises lie in {ranked[0]}/ and in {rivals[0]}/; those in {ranked[0]}/ count.")
        return ranked[0]

    def _path(self, folder: str, name: str) -> str:
        return (self.root / folder / name).as_posix()

    def _text(self, path: str) -> str | None:
        """The text of a file, None if it is not there; a sentence if it cannot be read."""
        if path not in self.files:
            return None
        try:
            return decoded(self.files[path])
        except ValueError as error:
            self.problems.append(f"{path} {error}, so it was not read.")
            return None

    def _module(self, unit: Unit) -> str | None:
        """The source of a module. Of several files the first that is not still the stub counts."""
        names = [exercise.name for exercise in unit.exercises]
        found: dict[str, str] = {}
        for folder in SOURCE_FOLDERS:
            path = self._path(folder, f"{unit.id}.py")
            if (source := self._text(path)) is not None:
                found[path] = source
        for folder in NOTEBOOK_FOLDERS:
            path = self._path(folder, f"{unit.id}.ipynb")
            if path in self.files:
                try:
                    found[path], left_out = notebook_source(self.files[path], names, self._importable())
                except ValueError as error:
                    left_out = [f"{error}, so it was not read"]
                self.problems += [f"{path} {sentence}." for sentence in left_out]
        if len(found) < 2:
            return next(iter(found.values()), None)
        stub = self._stub(unit)
        edited = {path: source for path, source in found.items() if not untouched(source, stub, names)}
        (path, source), *others = (edited or found).items()
        if edited and (other := next((other for other, text in others if text != source), None)):
            self.problems.append(f"{path} and {other} were both edited; {path} counts.")
        return source

    def _stub(self, unit: Unit) -> str:
        path = self.course.stub_path(unit.id)
        return path.read_text("utf-8") if path.is_file() else ""

    def _helper_paths(self) -> dict[str, str]:
        """Other modules beside the course's: name and path, those in exercises/ first."""
        found: dict[str, str] = {}
        for folder in SOURCE_FOLDERS:
            parent = self.root / folder
            for path in sorted(map(PurePosixPath, self.files)):
                if path.parent == parent and path.suffix == ".py" and path.stem.isidentifier():
                    found.setdefault(path.stem, str(path))
        return {name: path for name, path in found.items() if name not in self.course.modules and name != "__init__"}

    def _importable(self) -> set[str]:
        return {*self.course.modules, *self._helper_paths()}

    def _helpers(self) -> dict[str, str]:
        helpers: dict[str, str] = {}
        left = MOST_HELPER_TEXT
        for name, path in self._helper_paths().items():
            if name in NOT_MODULES:
                self.problems.append(f"{path} was left out: it would hide the real module {name}.")
            elif len(helpers) == MOST_HELPERS or len(self.files[path]) > left:
                self.problems.append(
                    f"{path} and what follows was left out: {MOST_HELPERS} helper modules of 1 MB in all are enough."
                )
                break
            elif (text := self._text(path)) is not None:
                helpers[name] = text
                left -= len(self.files[path])
        return helpers
