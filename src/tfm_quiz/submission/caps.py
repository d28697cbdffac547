"""What has been read of one submission so far, and what is left of its caps."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Protocol

from tfm_quiz.course import Course

LARGEST_TOTAL = 64 * 1024 * 1024  # bytes read of one submission
MOST_ENTRIES = 5000  # files and folders looked at in one submission
MOST_DEPTH = 8
MOST_PROBLEMS = 20


class Stream(Protocol):
    """What can be read in parts."""

    def read(self, size: int = -1, /) -> bytes | None:
        """At most `size` bytes; none at the end."""


class Refused(Exception):
    """The reason why a file, a folder or a whole zip is not read: the end of a sentence that its name begins."""


class Found:
    """The wanted files of one submission so far, and what is left of the caps."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.files: dict[str, bytes] = {}
        self.problems: list[str] = []
        self.entries_left = MOST_ENTRIES
        self.bytes_left = LARGEST_TOTAL

    def take(self, path: str, stream: Stream, most: int) -> None:
        """Read a wanted file, at most `most` bytes of it. Raises Refused if there is more, or no budget is left."""
        data = bytearray()
        while len(data) <= most and (chunk := stream.read(min(65536, most + 1 - len(data)))):
            data += chunk
        if len(data) > most:
            raise Refused(f"is larger than {most // 1024 // 1024} MB")
        if len(data) > self.bytes_left:
            raise Refused(f"is too much: the submission holds more than {LARGEST_TOTAL // 1024 // 1024} MB")
        self.bytes_left -= len(data)
        self.files[path] = bytes(data)

    def rank(self, path: PurePosixPath) -> tuple[int, bool, str]:
        """The order in which files are read: shallow ones first, modules of the course before others."""
        return len(path.parts), path.stem not in self.course.modules, str(path)

    def look(self) -> bool:
        """Count one more file or folder; false, with a sentence, if there are too many."""
        self.entries_left -= 1
        if self.entries_left == 0:
            self.problems.append(f"There are more than {MOST_ENTRIES} files, and not all of them were looked at.")
        return self.entries_left > 0

    def refuse(self, path: str, reason: object) -> None:
        """Note that a file was not read."""
        self.problems.append(f"{path if len(path) <= 100 else path[:97] + '...'} {reason}, so it was not read.")

    def sentences(self) -> list[str]:
        """The problems, the first ones if there are many."""
        more = len(self.problems) - MOST_PROBLEMS
        return self.problems[:MOST_PROBLEMS] + ([f"There are {more} more problems like these."] if more > 0 else [])
