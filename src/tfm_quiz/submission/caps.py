"""What has been read of one submission so far, and what is left of its caps."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Protocol

from tfm_quiz.course import Course

from .file_names import is_archive, is_unopened, named, wanted, worth_entering
from .inventory import NESTED, OTHER, TOOLS, UNOPENED, Inventory, shortened

LARGEST_TOTAL = 64 * 1024 * 1024  # bytes kept of one submission
MOST_UNPACKED = 4 * LARGEST_TOTAL  # bytes read of one submission, archives in it and what is refused included
MOST_ENTRIES = 5000  # files and folders looked at in one submission
MOST_ARCHIVES = 20  # opened in one submission
MOST_DEPTH = 8
MOST_PROBLEMS = 20


class Stream(Protocol):
    """What can be read in parts."""

    def read(self, size: int = -1, /) -> bytes | None:
        """At most `size` bytes; none at the end."""


class Refused(Exception):
    """The reason why a file, a folder or a whole archive is not read: the end of a sentence that its name begins."""


class Found:
    """The wanted files of one submission so far, and what is left of the caps."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.files: dict[str, bytes] = {}
        self.inventory = Inventory()
        self.problems: list[str] = []
        self.entries_left = MOST_ENTRIES
        self.archives_left = MOST_ARCHIVES
        self.bytes_left = LARGEST_TOTAL
        self.unpacked_left = MOST_UNPACKED

    def wants(self, path: str, *, nested: bool = False) -> int | None:
        """Return the most bytes to read of a file; None, and a note, if it is not read."""
        most = wanted(path, self.course)
        name = PurePosixPath(path)
        if most and nested and is_archive(name.name):
            self.inventory.pass_over(path, NESTED)
            return None
        if not most:
            made = next((number for number, part in enumerate(name.parts) if not worth_entering(part)), None)
            shown = path if made is None else PurePosixPath(*name.parts[: made + 1]).as_posix()
            self.inventory.pass_over(shown, TOOLS if made is not None else UNOPENED if is_unopened(path) else OTHER)
        return most

    def take(self, path: str, stream: Stream, most: int) -> None:
        """Read a wanted file, at most `most` bytes of it. Raises Refused if there is more, or no budget is left."""
        data = self.read(stream, most)
        if len(data) > self.bytes_left:
            raise Refused(f"is over the limit: the submission holds more than {LARGEST_TOTAL // 1024 // 1024} MB")
        self.bytes_left -= len(data)
        self.files[path] = data

    def read(self, stream: Stream, most: int) -> bytes:
        """Return all bytes of a stream, `most` at most. Raises Refused if there are more, or no budget is left.

        What is refused is counted, too: unpacking it takes its time.
        """
        data = bytearray()
        while len(data) <= most and self.unpacked_left > 0 and (chunk := stream.read(min(65536, most + 1 - len(data)))):
            data += chunk
            self.unpacked_left -= len(chunk)
        if self.unpacked_left <= 0:
            raise Refused(f"is too much: the submission unpacks to more than {MOST_UNPACKED // 1024 // 1024} MB")
        if len(data) > most:
            raise Refused(f"is larger than {most // 1024 // 1024} MB")
        return bytes(data)

    def rank(self, path: PurePosixPath) -> tuple[int, int, bool, str]:
        """Return the order in which files are read: what is named as it should be, then shallow ones first."""
        return self.turn(path.name), len(path.parts), path.stem not in self.course.modules, str(path)

    def turn(self, name: str) -> int:
        """0: read at once; 1: once all of those are; 2: an archive, opened last."""
        found = named(name, self.course.modules)
        if found.kind == "archive":
            return 2
        return 0 if found.exact or (found.kind == "module" and name.endswith(".py")) else 1

    def look(self) -> bool:
        """Count one more file or folder; false, with a sentence, if there are too many."""
        self.entries_left -= 1
        if self.entries_left == 0:
            self.problems.append(f"There are more than {MOST_ENTRIES} files, and not all of them were looked at.")
        return self.entries_left > 0

    def refuse(self, path: str, reason: object) -> None:
        """Note that a file was not read."""
        self.problems.append(f"{shortened(path)} {reason}, so it was not read.")

    def sentences(self) -> list[str]:
        """Return the problems, the first ones if there are many."""
        more = len(self.problems) - MOST_PROBLEMS
        return self.problems[:MOST_PROBLEMS] + ([f"There are {more} more problems like these."] if more > 0 else [])
