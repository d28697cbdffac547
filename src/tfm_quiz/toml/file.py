"""A TOML file read strictly: typed tables, and every mistake with its line.

`msgspec` knows the types, but stops at the first mistake and knows no lines; `tomllib` forgets them. So a table
is filled field by field, and the line of a key is found in the text (`places`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import fields

from tfm_quiz.errors import CourseError, Fault

from .places import Place, line_of_places, nearest_line, syntax_error

T = TypeVar("T", bound=msgspec.Struct)
BLANK = r"\S"  # the pattern of text that must not be blank


class TomlFile:
    """A parsed file, the line of each of its keys, and the mistakes found in it so far.

    `data` is the parsed text; `faults` grows while tables are read; `finish` raises them all. Raises CourseError at
    once if the file is missing, is not UTF-8 or is not TOML, since there is nothing more to say about it then.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.name = name or path.name
        self.faults: list[Fault] = []
        try:
            text = path.read_bytes().decode()
            self.data: dict[str, Any] = tomllib.loads(text)
        except OSError as error:
            raise CourseError([Fault(str(path), f"cannot be read: {error.strerror}")]) from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise CourseError([Fault(f"{self.name}:{line}", "is not UTF-8 text; save the file as UTF-8")]) from None
        except tomllib.TOMLDecodeError as error:
            line, sentence = syntax_error(str(error))
            where = f"{self.name}:{line or text.count(chr(10)) + 1}"
            raise CourseError([Fault(where, f"is not TOML: {sentence}")]) from None
        self._text = text

    def where(self, place: Place) -> str:
        """`file:line` of the key or element at this place, or of the nearest table around it."""
        line = nearest_line(self._lines, place)
        return f"{self.name}:{line}" if line else self.name

    @cached_property
    def _lines(self) -> dict[Place, int]:
        return line_of_places(self._text)  # walked only once there is a mistake to place

    def fault(self, place: Place, message: str) -> None:
        """Note one mistake."""
        self.faults.append(Fault(self.where(place), message))

    def tables(self, parent: dict[str, Any], key: str, place: Place = ()) -> list[tuple[Place, dict[str, Any]]]:
        """Return the tables written as `[[key]]` under `parent`, each with its place; another type is a fault."""
        value = parent.get(key, [])
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            header = ".".join([*(str(part) for part in place if isinstance(part, str)), key])
            self.fault((*place, key), f"`{key}` holds something other than tables; write each as [[{header}]]")
            return []
        return [((*place, key, i), table) for i, table in enumerate(value)]

    def fill(
        self, kind: type[T], table: dict[str, Any], place: Place, label: str, tables: Iterable[str] = (), **given: Any
    ) -> T | None:
        """Return a `kind` from the keys of `table` and from what is `given`; None, and the faults noted, if that fails.

        `tables` are keys that the caller reads by itself. An example in a field's `msgspec.Meta` is what the message
        tells the author to write.
        """
        count = len(self.faults)
        known = {field.encode_name: field for field in fields(kind) if field.name not in given}
        for key in table.keys() - known.keys() - set(tables):
            self.fault((*place, key), f"{label}: unknown key `{key}`{did_you_mean(key, [*known, *tables])}")
        values = dict(given)
        for key, field in known.items():
            if key not in table:
                if field.required:
                    self.fault(place, f"{label}: `{key}` is missing{_example(key, field.type)}")
                continue
            try:
                values[field.name] = msgspec.convert(table[key], field.type)
            except msgspec.ValidationError as error:
                reason = _reason(str(error), table[key])
                self.fault((*place, key), f"{label}: `{key}` {reason}{_example(key, field.type)}")
        return kind(**values) if len(self.faults) == count else None

    def finish(self, value: T | None) -> T:
        """Return the finished value; raises every mistake noted so far instead, in the order of the file."""
        if self.faults or value is None:
            raise CourseError(sorted(self.faults, key=_line_number))
        return value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` if one of the known words is near, else the list of them."""
    words = sorted(known)
    if near := get_close_matches(word, words, n=1):
        return f"; did you mean `{near[0]}`?"
    return f"; known here: {', '.join(words)}" if words else ""


def _reason(message: str, value: Any) -> str:
    complaint, _, rest = message.partition(" - at `$[")
    position = rest.removesuffix("]`")
    item = f"item {int(position) + 1}: " if position.isdigit() else ""
    if " matching regex" in complaint:
        complaint = "blank" if repr(BLANK) in complaint else "this spelling is not allowed"
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."
    return f"is {shown}: {item}{complaint[:1].lower()}{complaint[1:].replace('`', '').replace('array', 'list')}"


def _example(key: str, kind: Any) -> str:
    examples = [example for meta in get_args(kind)[1:] for example in getattr(meta, "examples", None) or ()]
    return f"; write for example {key} = {_toml(examples[0])}" if examples else ""


def _toml(value: Any) -> str:
    return msgspec.json.encode(value).decode()  # JSON's strings, numbers, booleans and lists are TOML's too


def _line_number(fault: Fault) -> int:
    _, _, line = fault.where.rpartition(":")
    return int(line) if line.isdigit() else 0
