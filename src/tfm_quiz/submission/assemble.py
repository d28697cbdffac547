"""Decide which of a student's files count, and say of all the others why they do not.

The bytes come from a folder, an archive or the student's own workspace; what counts is decided here, once, so that what
`check` looks at is what is graded. A module lies where it should, or, if nothing was written there, in the one other
file that holds work for it, whatever its name. Everything is hostile data: it is decoded and never executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from tfm_quiz.course import Course, Unit
from tfm_quiz.files import decoded
from tfm_quiz.manifest import NOT_MODULES

from .choice import Candidate, choose
from .file_names import ANSWERS, Named, named
from .inventory import HELPERS, MOST_NAMES, NO_WORK, listed, shortened
from .sources import Sources
from .submission import Submission

MOST_HELPERS = 50
MOST_HELPER_TEXT = 1024 * 1024  # characters of all helpers together

# Where a module may lie below the root, the first place first; a notebook may also lie in a folder `notebooks`.
SOURCE_FOLDERS = ("exercises", "")
NOTEBOOK_FOLDERS = ("exercises/notebooks", "exercises", "notebooks", "")


def assemble(
    name: str,
    files: Mapping[str, bytes],
    course: Course,
    problems: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> Submission:
    """Decide which of a student's files count. Never raises: what is wrong becomes a sentence.

    `files` are the wanted ones, by path relative to the student's folder; `problems` and `notes` are those met while
    reading.
    """
    return _Assembly(name, files, course, list(problems), list(notes)).submission()


class _Assembly:
    def __init__(
        self, name: str, files: Mapping[str, bytes], course: Course, problems: list[str], notes: list[str]
    ) -> None:
        self.name, self.files, self.course = name, files, course
        self.problems, self.notes = problems, notes
        self.names: dict[str, Named] = {path: named(PurePosixPath(path).name, course.modules) for path in files}
        self.plain: dict[str, str] = {}  # where a file would lie under its plain name, and where it does
        for path in sorted(files, key=lambda path: (self.names[path].plain != PurePosixPath(path).name, path)):
            if self.names[path].exact or self.names[path].plain.endswith(".py"):
                self.plain.setdefault((PurePosixPath(path).parent / self.names[path].plain).as_posix(), path)
        self.root, self.rivals = self._root()
        self.used: set[str] = set()
        self.sources = Sources(files, course, self._importable())

    def submission(self) -> Submission:
        modules: dict[str, str] = {}
        for unit in self.course.units:
            source = self._module(unit)
            if source is not None:
                modules[unit.id] = source
        answers = self._answers()
        helpers = self._helpers()
        self._tell_unused(helpers)
        if not modules and answers is None and not self.problems:
            first = self.course.modules[0] if self.course.modules else "NAME"
            self.problems.append(f"No exercises were found: there is no module such as exercises/{first}.py.")
        return Submission(
            name=self.name,
            modules=modules,
            helpers=helpers,
            answers=answers,
            problems=tuple(dict.fromkeys(self.problems)),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def _root(self) -> tuple[PurePosixPath, list[PurePosixPath]]:
        """Return the shallowest folder that holds a module of the course, and others beside it.

        It is that of the answers if there is no module at all.
        """
        roots: dict[PurePosixPath, int] = {}
        for plain, path in self.plain.items():
            if self.names[path].exact and self.names[path].kind != "answers":
                folder = PurePosixPath(plain).parent
                if self.names[path].kind == "notebook" and folder.name == "notebooks":
                    folder = folder.parent
                if folder.name == "exercises":
                    folder = folder.parent
                roots[folder] = roots.get(folder, 0) + 1
        if not roots:
            roots = {PurePosixPath(plain).parent: 1 for plain in self.plain if PurePosixPath(plain).name == ANSWERS}
        ranked = sorted(roots, key=lambda folder: (len(folder.parts), -roots[folder], str(folder)))
        if not ranked:
            return PurePosixPath(), []
        return ranked[0], [folder for folder in ranked[1:] if len(folder.parts) == len(ranked[0].parts)]

    def _at(self, folder: str, name: str) -> str | None:
        """Find the file in a folder below the root that has this name, or this name decorated by a platform."""
        return self.plain.get((self.root / folder / name).as_posix())

    def _module(self, unit: Unit) -> str | None:
        """Return the source of a module: what lies where it should, unless only another file holds work for it."""
        places = [path for folder in SOURCE_FOLDERS if (path := self._at(folder, f"{unit.id}.py"))]
        places += [path for folder in NOTEBOOK_FOLDERS if (path := self._at(folder, f"{unit.id}.ipynb"))]
        plain = [one for path in places if (one := self.sources.read(path, unit))]
        others = [one for path in self._others(places) if (one := self._candidate(path, unit))]
        chosen = choose(unit.id, plain, others, rivals=[f"{folder}/" for folder in self.rivals])
        self.problems += chosen.problems
        self.notes += chosen.notes
        self.used |= {*places, *chosen.told, *([chosen.path] if chosen.path else [])}
        for path in [*places, *([chosen.path] if chosen.path else [])]:
            problems, notes = self.sources.told(path, unit, counts=path == chosen.path)
            self.problems += problems
            self.notes += notes
        return chosen.source

    def _others(self, places: list[str]) -> list[str]:
        return [
            path for path, found in self.names.items() if found.kind in ("module", "notebook") and path not in places
        ]

    def _candidate(self, path: str, unit: Unit) -> Candidate | None:
        """Return what another file holds of a module, if it holds work for it."""
        found = self.names[path]
        if found.module not in (None, unit.id) and found.exact:
            return None  # another module, with a copy of what it needs
        is_helper = self._helper_paths.get(PurePosixPath(path).stem) == path
        one = self.sources.read(path, unit, elsewhere=True, is_helper=is_helper)
        return one if one is not None and one.work else None

    def _answers(self) -> str | None:
        """Return the text of the answers: at the root under their own name, or the one other file of answers."""
        place = self._at("", ANSWERS)
        others = sorted(path for path, found in self.names.items() if found.kind == "answers" and path != place)
        self.used |= {*others, *([place] if place else [])}
        texts = {path: text for path in ([place] if place else []) + others if (text := self._text(path)) is not None}
        if place in texts and ("=" in texts[place] or len(texts) == 1):
            told = [path for path in others if path in texts and texts[path] != texts[place]]
            if told:
                self.problems.append(f"{_all(told)} was not read: {place} holds answers, too, and counts.")
            return texts[place]
        written = {path: text for path, text in texts.items() if "=" in text}
        if len(set(written.values())) > 1:
            self.problems.append(f"{_all(list(written))} all hold answers; none was read: hand in one, as {ANSWERS}.")
            return None
        for path, text in written.items():
            self.notes.append(f"{shortened(path)} was read as {ANSWERS}.")
            return text
        return None

    def _text(self, path: str) -> str | None:
        """Return the text of a file; None, and a sentence, if it cannot be read."""
        try:
            return decoded(self.files[path])
        except ValueError as error:
            self.problems.append(f"{shortened(path)} {error}, so it was not read.")
            return None

    @cached_property
    def _helper_paths(self) -> dict[str, str]:
        """Other modules beside the course's: name and path, those in exercises/ first."""
        found: dict[str, str] = {}
        for folder in SOURCE_FOLDERS:
            parent = self.root / folder
            for plain, path in sorted(self.plain.items()):
                name = PurePosixPath(plain)
                if name.parent == parent and name.suffix == ".py" and name.stem.isidentifier():
                    found.setdefault(name.stem, path)
        return {name: path for name, path in found.items() if name not in self.course.modules and name != "__init__"}

    def _importable(self) -> set[str]:
        return {*self.course.modules, *self._helper_paths}

    def _helpers(self) -> dict[str, str]:
        helpers: dict[str, str] = {}
        left = MOST_HELPER_TEXT
        for name, path in self._helper_paths.items():
            self.used.add(path)
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

    def _tell_unused(self, helpers: Mapping[str, str]) -> None:
        """Say what else was there: nothing is passed over."""
        if helpers:
            names = listed([f"{name}.py" for name in list(helpers)[:MOST_NAMES]], len(helpers))
            self.notes.append(f"{HELPERS}: {names}.")
        unused = sorted(path for path in self.files if path not in self.used and not path.endswith("__init__.py"))
        if unused:
            self.notes.append(f"{NO_WORK}: {listed(unused[:MOST_NAMES], len(unused))}.")


def _all(paths: list[str]) -> str:
    return (
        listed(paths[:MOST_NAMES], len(paths)) if len(paths) < 2 else " and ".join(map(shortened, paths[:MOST_NAMES]))
    )
