"""Everything that lies in a submission and was not read, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterable

MOST_NAMES = 6
LONGEST_PATH = 100
OTHER = "Not read, not being a module, notebook, answers or archive of this course"
TOOLS = "Not read, being made by tools or hidden"
NESTED = "Not opened, being an archive inside an archive"
UNOPENED = "Not opened, being an archive that is neither a zip nor a tar.gz"
REASONS = (OTHER, TOOLS, NESTED, UNOPENED)
HELPERS = "Read as helper modules"
NO_WORK = "Searched, without work for an exercise in it"


def shortened(path: str) -> str:
    """Return a path that is short enough for a sentence."""
    return path if len(path) <= LONGEST_PATH else path[: LONGEST_PATH - 3] + "..."


class Inventory:
    """What was passed over, by reason: the first few names, and how many there are."""

    def __init__(self) -> None:
        self.first: dict[str, list[str]] = {}
        self.count: dict[str, int] = {}

    def pass_over(self, path: str, reason: str) -> None:
        """Note that this file or folder is not read."""
        first = self.first.setdefault(reason, [])
        if path in first:  # a folder that was named before
            return
        self.count[reason] = self.count.get(reason, 0) + 1
        if len(first) < MOST_NAMES:
            first.append(path)

    def sentences(self) -> list[str]:
        """Return one for each reason."""
        return [
            f"{reason}: {listed(self.first[reason], self.count[reason])}." for reason in REASONS if reason in self.first
        ]


def listed(names: Iterable[str], count: int) -> str:
    """Return the names, and how many more there are."""
    first = list(names)
    more = count - len(first)
    return ", ".join(map(shortened, first)) + (f" and {more} more" if more > 0 else "")


def is_listing(note: str) -> bool:
    """Return whether a note only lists files, and says of none that it was taken otherwise than its name says."""
    return note.startswith((*REASONS, HELPERS, NO_WORK))
