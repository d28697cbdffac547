"""What every kind of question has, and what a new kind must answer.

What a person wrote is read against the prompt alone, without the key, so reading belongs to the class; marking belongs
to the question. An answer is one plain value:

    choice, wrong-line   "b"                        number   64.0
    several              ["a", "c"]                 shape    [2, 8, 5, 7]
    order, code-order    ["c", "a", "b"]            tensor   [[1.0, 0.0], [1.0, 1.0]]
    match                ["b", "a"], one per item   blank, prose   text
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Annotated, Any, ClassVar, TypeAlias

from msgspec import Meta, Struct

from tfm_quiz.quiz.prompts import Prompt

from .fields import Option, Points, Section, Slug, SourceId, Text
from .forms import Form

Answer: TypeAlias = str | float | list[str] | list[int] | list[list[float]]
Complaint: TypeAlias = tuple[tuple[str | int, ...], str]  # where inside the question, and what is wrong

LONGEST_LINE = 400  # characters of a short answer; longer is a paste gone wrong
MOST_ENTRIES = 400  # of a list in a file


class Unclear(ValueError):
    """The text is not an answer to this question; the message says what to write. It is never counted as wrong."""


class Reply(Struct, frozen=True):
    """One thing to say to an answer, and the misconception that it answers ("" if none)."""

    say: str
    misconception: str = ""


class Mark(Struct, frozen=True):
    """How much of the points an answer earns (0 to 1), and the replies to what was wrong in it."""

    share: float
    replies: tuple[Reply, ...] = ()

    @property
    def right(self) -> bool:
        """Return whether nothing is missing."""
        return self.share == 1.0


class Question(Struct, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What every question has, and how its kind asks."""

    one_key: ClassVar[bool] = False  # one key of the keyboard answers it
    verbatim: ClassVar[bool] = False  # its options are lines of code or text, shown as they are
    paragraphs: ClassVar[bool] = False  # its answer has several lines

    id: Slug
    source: Annotated[list[SourceId], Meta(min_length=1)]  # what it covers
    section: list[Section]  # of the course's text, where the reason can be read; [] if it gives none
    ask: Text
    points: Points = 1

    @classmethod
    def tag(cls) -> str:
        """Return the kind's name in a file: "choice"."""
        return str(cls.__struct_config__.tag)

    def prompt(self) -> Prompt:
        """Return the question without its key."""
        return Prompt(
            id=self.id,
            type=self.tag(),
            ask=self.asked(),
            points=self.points,
            code=self.code_shown(),
            options=[*self.listed()],
            right=[*self.partners()],
        )

    def asked(self) -> str:
        """Return the text of the prompt."""
        return self.ask

    def code_shown(self) -> str:
        """Return the code of the prompt."""
        return ""

    def listed(self) -> Sequence[str]:
        """Return what the prompt lists, in the order that fixes the letters: options, items, lines, the left side."""
        return ()

    def partners(self) -> Sequence[str]:
        """Return what the prompt lists beside that: the right side of a match."""
        return ()

    def forms(self) -> Sequence[Form]:
        """Return the question in neutral forms, best first. An exporter takes the first that it can carry."""
        raise NotImplementedError

    def complaints(self) -> Iterator[Complaint]:
        """Yield what makes no sense in a well-typed question: no right answer, or a near answer that is right."""
        yield from ()

    def flaws(self) -> Iterator[str]:
        """List what `teach lint` says of a question that works but is badly written."""
        yield from ()

    @classmethod
    def how_to_answer(cls, prompt: Prompt, *, in_file: bool) -> str:
        """Say what to write, in a few words: "a number from 1 to 4".

        Examples are such as no question has for its answer.
        """
        raise NotImplementedError

    @classmethod
    def read_line(cls, prompt: Prompt, typed: str, how: str) -> Answer:
        """Return the answer that a line means, typed or a text in a file. Raises Unclear."""
        text = typed.strip()
        if len(text) > LONGEST_LINE:
            raise Unclear(f"That is {len(text)} characters long; an answer here has at most {LONGEST_LINE}.")
        if not text:
            raise Unclear(f"That is empty; write {how}.")
        return cls.read(prompt, text, how)

    @classmethod
    def read(cls, prompt: Prompt, text: str, how: str) -> Answer:
        """Return the answer that a text of sensible length means. Raises Unclear."""
        return text

    @classmethod
    def read_number(cls, prompt: Prompt, value: float, how: str) -> Answer:
        """Return the answer that a number in a file means. Raises Unclear."""
        raise Unclear(f"{toml_type(value)} is not an answer here; write {how}.")

    @classmethod
    def read_list(cls, prompt: Prompt, value: list[Any], how: str) -> Answer:
        """Return the answer that a list in a file means (at most MOST_ENTRIES long). Raises Unclear."""
        check_entries(value, (str, int), how)
        raise Unclear(f"A list is not an answer here; write {how}.")

    @classmethod
    def show(cls, prompt: Prompt, answer: Answer) -> str:
        """Return an answer as the screen writes it."""
        return str(answer)


class Closed(Question, kw_only=True):
    """What every question with an exact answer has, and how its kind marks."""

    habits: ClassVar[bool] = False  # a bank may have the habit of putting the right option first, or writing it longest
    reply_leads: ClassVar[bool] = True  # a single reply stands in one paragraph with "Not quite."

    why: Text  # the reason, shown after every answer
    code: str = ""  # shown verbatim under the question

    def mark(self, answer: Any) -> Mark:
        """Judge an answer that this kind has read."""
        raise NotImplementedError

    def key(self) -> Answer:
        """Return the answer that has full marks."""
        raise NotImplementedError

    def shown_key(self) -> str:
        """Return the right answer in the words of the screen: "2", "1 and 3", "(2, 8, 5, 7)"."""
        return type(self).show(self.prompt(), self.key())

    def choices(self) -> Sequence[Option]:
        """Return the options of a question that is answered by choosing among them; none for the others."""
        return ()

    def foreseen(self) -> list[tuple[str, str]]:
        """Return each wrong answer that is foreseen, in the words of the screen, and what is said to it."""
        return []

    def code_shown(self) -> str:
        """Return the code of the prompt."""
        return self.code

    def listed(self) -> Sequence[str]:
        """Return what the prompt lists: the texts of the options, unless the kind says otherwise."""
        return [option.text for option in self.choices()]


def all_or_nothing(right: bool, near: Sequence[Any]) -> Mark:
    """Full marks, or none and the reply of the first near answer that was met."""
    return Mark(1.0) if right else Mark(0.0, tuple(Reply(n.say, n.misconception) for n in near[:1]))


def distinct(key: str, values: Sequence[object]) -> Iterator[Complaint]:
    """Yield a complaint about each value that stands twice in a list."""
    for (i, first), (j, second) in combinations(enumerate(values), 2):
        if first == second:
            yield (key, j), f"`{key}` {i + 1} and {j + 1} are the same"


def typed_flaws(question: Closed, near: Sequence[object]) -> Iterator[str]:
    """Flaws of a question whose answer is typed."""
    if not near:
        yield "no near answer: which wrong ones will be given, and why?"
    how = type(question).how_to_answer(question.prompt(), in_file=False).partition("such as ")[2]
    examples = [part for part in how.replace(" or ", ", ").split(", ") if part]
    if plain(question.shown_key()) in map(plain, examples):
        yield "the example of how to answer is the answer"


def order_flaws(near: Sequence[object]) -> Iterator[str]:
    """Flaws of a question whose answer is put together."""
    if not near:
        yield "no near answer: which mistake is the likeliest?"


def plain(text: str) -> str:
    """Text to compare: no case, brackets or commas, single blanks."""
    return " ".join(text.casefold().replace("(", "").replace(")", "").replace(",", "").split())


def check_entries(value: list[Any], wanted: type | tuple[type, ...], how: str) -> None:
    """Refuse entries of a list of letters or whole numbers that have another type or size. Raises Unclear."""
    for place, item in enumerate(value, start=1):
        if isinstance(item, bool) or not isinstance(item, wanted):
            raise Unclear(f"Entry {place} is {toml_type(item).lower()}; write {how}.")
        if (isinstance(item, str) and len(item) > 10) or (isinstance(item, int) and not 0 <= item < 10**9):
            raise Unclear(f"Entry {place} is not one of the answers; write {how}.")


def toml_type(value: Any) -> str:
    """Return TOML's name for the type of a value."""
    names = {bool: "True or false", int: "A whole number", float: "A number", str: "A text", list: "A list"}
    return names.get(type(value), "A table" if isinstance(value, dict) else "A date or time")


def quoted(text: str) -> str:
    """Quote what was written, short and without control characters."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return f"“{clean if len(clean) <= 40 else clean[:39] + '…'}”"
