"""Reading the bank: every mistake of every file at once, with its file, line, question and place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields

from tfm_quiz.course import Course, QuestionSet
from tfm_quiz.errors import CourseError, Fault, UsageProblem
from tfm_quiz.toml.file import TomlFile, did_you_mean
from tfm_quiz.toml.places import Place

from .bank import TYPES, Question
from .prompts import Prompt
from .topic_files import question_files

Entry = TypeVar("Entry", Question, Prompt)


class Topic(Struct, Generic[Entry], frozen=True):
    """One file of the bank with its title in the manifest; a topic of prompts is one whose keys don't ship."""

    id: str
    title: str
    questions: tuple[Entry, ...]


def practice_topics(course: Course) -> tuple[Topic[Question], ...]:
    """Return the practice questions, with their answers. Raises CourseError with every mistake in their files."""
    return _topics(course, "practice", course.root / "quiz" / "practice", _question)


def graded_topics(course: Course) -> tuple[Topic[Question], ...]:
    """Return the graded questions with their keys, which only staff have. Raises CourseError."""
    return _topics(course, "graded", course.root / "solutions" / "quiz", _question)


def prompt_topics(course: Course) -> tuple[Topic[Prompt], ...]:
    """Return the graded questions as they ship: prompts alone. Raises CourseError."""
    return _topics(course, "graded", course.root / "quiz" / "graded", _prompt)


def chosen_topic(topics: Iterable[Topic[Entry]], name: str) -> Topic[Entry]:
    """Return the topic of this id. Raises UsageProblem with the nearest one."""
    known = {topic.id: topic for topic in topics}
    if name not in known:
        raise UsageProblem(f"There is no topic `{name}`{did_you_mean(name, known)}")
    return known[name]


def read_questions(path: Path, name: str | None = None) -> list[Question]:
    """Read the questions of one file. Raises CourseError with every mistake, each with its line, question and place."""
    file = _File(path, name)
    return file.finish_list(_question)


def read_prompts(path: Path, name: str | None = None) -> list[Prompt]:
    """Return the prompts of one file. Raises CourseError like `read_questions`."""
    file = _File(path, name)
    return file.finish_list(_prompt)


class _File(TomlFile):
    """A file of questions."""

    def entries(self, make: Callable[[_File, dict[str, Any], Place], Entry | None]) -> list[tuple[Place, Entry]]:
        for key in self.data.keys() - {"question"}:
            self.fault((key,), f"unknown key `{key}`; a file of questions holds [[question]] tables only")
        found = [(place, make(self, table, place)) for place, table in self.tables(self.data, "question")]
        if "question" not in self.data:
            self.fault((), "holds no question; write each as a [[question]] table")
        return [(place, entry) for place, entry in found if entry is not None]

    def finish_list(self, make: Callable[[_File, dict[str, Any], Place], Entry | None]) -> list[Entry]:
        entries = self.entries(make)
        _refuse_doubles([(self, entries)])
        if self.faults:
            self.finish(None)
        return [entry for _, entry in entries]


def _topics(course: Course, kind: str, folder: Path, make: Callable) -> tuple[Topic, ...]:
    faults: list[Fault] = []
    read: list[tuple[_File, list[tuple[Place, Any]]]] = []
    topics: list[tuple[QuestionSet, list[list[tuple[Place, Any]]]]] = []
    for listed in course.questions:
        if listed.kind != kind:
            continue
        topics.append((listed, []))
        for path in question_files(folder / Path(listed.file).name):
            try:
                file = _File(path, path.relative_to(course.root).as_posix())
            except CourseError as error:
                faults += error.faults
                continue
            entries = file.entries(make)
            read.append((file, entries))
            topics[-1][1].append(entries)
    _refuse_doubles(read)
    faults += [fault for file, _ in read for fault in file.faults]
    if faults:
        raise CourseError(faults)
    return tuple(
        Topic(listed.id, listed.title, tuple(entry for entries in files for _, entry in entries))
        for listed, files in topics
    )


def _question(file: _File, table: dict[str, Any], place: Place) -> Question | None:
    label = _label(table, place)
    struct = _kind(file, table, place)
    if struct is None:
        return None
    nested = {field.encode_name: part for field in fields(struct) if (part := _table_type(field.type))}
    count = len(file.faults)
    given: dict[str, Any] = {}
    for key, part in nested.items():
        if key in table:
            given[key] = _parts(file, table[key], part, (*place, key), f"{label}, {key}")
    known = {key: value for key, value in table.items() if key != "type" and key not in given}
    question = file.fill(struct, known, place, label, **given)
    if question is None or len(file.faults) > count:
        return None
    for inside, message in question.complaints():
        file.fault((*place, *inside), f"{label}: {message}")
    return question if len(file.faults) == count else None


def _prompt(file: _File, table: dict[str, Any], place: Place) -> Prompt | None:
    return file.fill(Prompt, table, place, _label(table, place)) if _kind(file, table, place) else None


def _kind(file: _File, table: dict[str, Any], place: Place) -> type[Question] | None:
    """Return the kind that a table names; None, and the fault noted, if there is none such."""
    kind = table.get("type")
    if isinstance(kind, str) and kind in TYPES:
        return TYPES[kind]
    wrong = "`type` is missing" if kind is None else f"`type` is {kind!r}"
    file.fault((*place, "type"), f"{_label(table, place)}: {wrong}; {_known_types(kind)}")
    return None


def _label(table: dict[str, Any], place: Place) -> str:
    return f"question {table.get('id', place[-1])}"


def _parts(file: _File, value: Any, part: type[Struct], place: Place, label: str) -> list[Any]:
    """Return the tables of a list: options, lines, near answers."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        file.fault(place, f"{label}: must be a list of tables, {{ ... }} each on its line")
        return []
    filled = [file.fill(part, item, (*place, i), f"{label} {i + 1}") for i, item in enumerate(value)]
    return [item for item in filled if item is not None]


def _table_type(kind: Any) -> type[Struct] | None:
    """Return the table type of a `list[Struct]` field, with or without a length."""
    inner = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    element = get_args(inner)[0] if get_origin(inner) is list else None
    return element if isinstance(element, type) and issubclass(element, Struct) else None


def _known_types(kind: Any) -> str:
    words = did_you_mean(kind, TYPES) if isinstance(kind, str) else ""
    return words.removeprefix("; ") or f"it is one of {', '.join(TYPES)}"


def _refuse_doubles(read: list[tuple[_File, list[tuple[Place, Any]]]]) -> None:
    """An id is used once in all files, since answers are kept under it."""
    first: dict[str, str] = {}
    for file, entries in read:
        for place, entry in entries:
            if earlier := first.get(entry.id):
                file.fault((*place, "id"), f"question {entry.id}: this id is already taken at {earlier}")
            first.setdefault(entry.id, file.where((*place, "id")))
