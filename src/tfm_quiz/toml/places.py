"""Where things stand in a TOML file: the line of every key and every element.

The standard library's parser forgets lines, and a fault without its line is no help in a file of forty questions.
`line_of_places` walks a text that `tomllib` has already accepted, so it only has to skip values, not to judge them.
"""

from __future__ import annotations

import re
import tomllib

Place = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\s#]*(?: \d[^,\]}\s#]*)?")  # a date and its time may stand apart
_BASIC_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_LITERAL_STRING = re.compile(r"'[^']*'")
_LONG_STRING = re.compile(r'"""(?:\\[\s\S]|[^\\])*?"{3,5}' r"|'''[\s\S]*?'{3,5}")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SYNTAX_ERROR_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def line_of_places(text: str) -> dict[Place, int]:
    """Return the line (from 1) of each place of a valid TOML text: `("question", 3, "options", 0, "say")` -> 42."""
    return _Walk(text.replace("\r\n", "\n")).document()


def spans_of_pairs(text: str) -> dict[Place, tuple[int, int]]:
    """Find where each `key = value` of a valid TOML text begins and ends (line ends must be plain newlines)."""
    walk = _Walk(text)
    walk.document()
    return walk.spans


def nearest_line(lines: dict[Place, int], place: Place) -> int | None:
    """Return the line of a place, or of the nearest thing around it that has one (a missing key has none)."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place)


def syntax_error(message: str) -> tuple[int | None, str]:
    """Return the line of a `tomllib` message (None at the end of the file), and the message without its coordinates."""
    found = _SYNTAX_ERROR_AT.search(message)
    if found is None:
        return None, message
    sentence = message[: found.start()]
    if found[1] is None:
        return None, f"{sentence} at the end of the file"
    return int(found[1]), f"{sentence} at column {found[2]}"


class _Walk:
    """One pass over the text; `at` is the next character to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Place, int] = {}
        self.spans: dict[Place, tuple[int, int]] = {}
        self.counts: dict[Place, int] = {}
        self.line_seen = (0, 1)  # an offset and its line, so that counting newlines stays linear

    def document(self) -> dict[Place, int]:
        table: Place = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.lines

    def header(self) -> Place:
        """`[table]` or `[[array of tables]]`: the place of the pairs that follow."""
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        line = self.line()
        self.at += brackets
        *outer, last = self.key()
        self.skip(_BLANK)
        self.at += brackets
        here: Place = ()
        for part in outer:
            here = self.newest((*here, part))
        here = (*here, last)
        if brackets == 2:
            self.lines.setdefault(here, line)
            self.counts[here] = self.counts.get(here, 0) + 1
            here = self.newest(here)
        self.lines[here] = line
        return here

    def newest(self, place: Place) -> Place:
        """Return the newest element, if the place is an array of tables."""
        return (*place, self.counts[place] - 1) if place in self.counts else place

    def pair(self, table: Place) -> None:
        """`key = value` at this point of the given table."""
        start, line = self.at, self.line()
        place = (*table, *self.key())
        self.lines[place] = line
        self.skip(_BLANK)
        self.at += 1  # the equals sign
        self.value(place)
        self.spans[place] = (start, self.at)

    def value(self, place: Place) -> None:
        self.skip(_BLANK)
        opening = self.text[self.at]
        if self.text.startswith(('"""', "'''"), self.at):
            self.skip(_LONG_STRING)
        elif opening in "\"'":
            self.skip(_BASIC_STRING if opening == '"' else _LITERAL_STRING)
        elif opening == "[":
            self.items(place, "]")
        elif opening == "{":
            self.items(place, "}")
        else:
            self.skip(_SCALAR)

    def items(self, place: Place, closing: str) -> None:
        """The elements of an array, or the pairs of an inline table."""
        self.at += 1
        index = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == closing:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "}":
                self.pair(place)
            else:
                self.lines[(*place, index)] = self.line()
                self.value((*place, index))
                index += 1

    def key(self) -> list[str]:
        """Return a dotted key, its quotes taken off."""
        parts: list[str] = []
        while True:
            self.skip(_BLANK)
            start = self.at
            if self.text[start] in "\"'":
                self.skip(_BASIC_STRING if self.text[start] == '"' else _LITERAL_STRING)
                parts.append(tomllib.loads(f"key = {self.text[start : self.at]}")["key"])
            else:
                self.skip(_BARE_KEY)
                parts.append(self.text[start : self.at])
            self.skip(_BLANK)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise AssertionError(f"not valid TOML at line {self.line()}: this walk is for text that tomllib accepts")
        self.at = found.end()

    def line(self) -> int:
        offset, line = self.line_seen
        line += self.text.count("\n", offset, self.at)
        self.line_seen = (self.at, line)
        return line
