"""Read the mistakes that are written as changes of the solution's lines: `graders/misconceptions/<id>.patch`.

    # A comment.

    [no_clip]
    The gradients are not clipped when the optimizer steps.
    Hint: what is the norm of all gradients when the optimizer steps?
    Seen: teaching
    - nn.utils.clip_grad_norm_(model.parameters(), max_norm)

A line that begins with `-` goes, one that begins with `+` comes, and one that begins with two spaces stays and says
where the change is. A line `...` ends one change and begins the next, elsewhere. Where little would stay, lines that
begin with `=` are what stands between the solution's markers instead. Nothing is run or imported here.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from tfm_quiz.errors import CourseError, Fault

LABELS = ("Hint", "Seen", "Same as")
HEAD = re.compile(r"\[(.*)\]")
ELSEWHERE = "..."

Mark = Literal[" ", "-", "+", "="]


class PatchLine(NamedTuple):
    """One line of a change: its mark, its indent in spaces and its code without a comment at the end."""

    mark: Mark
    indent: int
    code: str


class Change(NamedTuple):
    """Lines that follow one another in the solution, with what is done to them; `line` is in the file of patches."""

    line: int
    lines: tuple[PatchLine, ...]


@dataclass(frozen=True)
class Patch:
    """A mistake: what a student reads, and the changes that make it. `file` and `line` say where it is written."""

    id: str
    sentence: str
    hint: str
    seen: str
    same_as: str
    changes: tuple[Change, ...]
    file: str
    line: int

    def fault(self, message: str, line: int = 0) -> Fault:
        """Return a mistake of this patch at a line of its file, or at its head."""
        return Fault(f"{self.file}:{line or self.line}", f"{self.id}: {message}")


def read_patches(path: Path, name: str) -> list[Patch]:
    """Return the patches of a file, in its order; none if there is no such file. `name` is how messages call it.

    Raises CourseError with all mistakes of the file: no sentence, no change, an id that is none or stands twice.
    """
    if not path.is_file():
        return []
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        raise CourseError([Fault(name, "is not UTF-8 text; save the file as UTF-8")]) from None
    entries: list[_Entry] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if head := HEAD.fullmatch(line.rstrip()):
            entries.append(_Entry(head[1], number))
        elif line.strip() and not line.startswith("#"):
            if not entries:
                faults.append(Fault(f"{name}:{number}", "is before the first [id]; a comment begins with #"))
            elif fault := entries[-1].take(number, line.rstrip()):
                faults.append(Fault(f"{name}:{number}", fault))
    for place, entry in enumerate(entries):
        faults += [Fault(f"{name}:{entry.line}", f"[{entry.id}] {fault}") for fault in entry.faults(entries[:place])]
    if faults:
        raise CourseError(faults)
    return [entry.patch(name) for entry in entries]


def text_parts(text: str) -> dict[str, str]:
    """Return the sentence (under "") and what follows each label, of a docstring or of a patch."""
    parts: dict[str, list[str]] = {"": []}
    part = ""
    for line in map(str.strip, text.splitlines()):
        label, colon, rest = line.partition(":")
        if colon and label in LABELS:
            part, line = label, rest.strip()
        parts.setdefault(part, []).append(line)
    found = {label: " ".join(line for line in lines if line) for label, lines in parts.items()}
    hint = found.get("Hint", "")
    return {**dict.fromkeys(LABELS, ""), **found, "Hint": hint[:1].upper() + hint[1:]}


def without_comment(line: str) -> str:
    """Return a line of code without the comment at its end. A `#` inside of a string is none."""
    if "#" not in line:
        return line.rstrip()
    try:
        for token in tokenize.generate_tokens(iter([line.lstrip()]).__next__):
            if token.type == tokenize.COMMENT:
                return line[: len(line) - len(line.lstrip()) + token.start[1]].rstrip()
    except (tokenize.TokenError, SyntaxError):  # the line opens a bracket or a string, and has no comment
        pass
    return line.rstrip()


def marked(line: str) -> PatchLine | None:
    """Return the line of a change; None if it has no mark."""
    mark, space, rest = line[:1], line[1:2], line[2:]
    if mark not in get_args(Mark) or space not in (" ", ""):
        return None
    return code_of(cast(Mark, mark), rest)


def code_of(mark: Mark, text: str) -> PatchLine:
    """Return a line of code with a mark; the code is empty if there is only a comment."""
    code = without_comment(text)
    return PatchLine(mark, len(code) - len(code.lstrip()), code.strip())


@dataclass
class _Entry:
    """What stands under one [id]."""

    id: str
    line: int
    text: list[str] = field(default_factory=list)
    changes: list[list[PatchLine]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ended: bool = True  # so the next marked line begins a change

    def take(self, number: int, line: str) -> str:
        """Add a line; say what is wrong with it, if anything is."""
        if line == ELSEWHERE:
            self.ended = True
            return "" if self.changes else f"`{ELSEWHERE}` must be between two changes; there is none above it"
        if (change := marked(line)) is None:
            self.text.append(line)
            return "the sentence goes above the changes; an unchanged line begins with two spaces" * bool(self.changes)
        if self.ended:
            self.changes.append([])
            self.starts.append(number)
            self.ended = False
        self.changes[-1].append(change)
        return ""

    def faults(self, before: Sequence[_Entry]) -> list[str]:
        """List what is wrong with the whole."""
        found = []
        if not self.id.isidentifier() or self.id.startswith("_"):
            found.append("is not an id: take letters, digits and underscores, like [mask_inverted]")
        if any(entry.id == self.id for entry in before):
            found.append("appears twice; each mistake has an id of its own")
        if not self.text or self.text[0].partition(":")[0] in LABELS:
            found.append("has no sentence: its first line is what the student reads")
        if all(line.mark == " " for lines in self.changes for line in lines):
            found.append("changes nothing: write lines that go after `- ` and lines that come after `+ `")
        whole = {line.mark == "=" for lines in self.changes for line in lines}
        if True in whole and (False in whole or len(self.changes) > 1):
            found.append("has lines with `=`, which are the whole body, so there can be no other change")
        return found

    def patch(self, file: str) -> Patch:
        parts = text_parts("\n".join(self.text))
        changes = tuple(Change(number, tuple(lines)) for number, lines in zip(self.starts, self.changes, strict=True))
        texts = parts[""], parts["Hint"], parts["Seen"], parts["Same as"] or self.id
        return Patch(self.id, *texts, changes, file, self.line)
