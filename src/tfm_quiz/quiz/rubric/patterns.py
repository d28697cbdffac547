"""The pattern vocabulary of the rubric, and how a pattern is found in a sentence.

A pattern is a line of text:

    @cost .. from|of .. @table           words in this order
    word  stem*  a|b  one_phrase         a word, words that begin so, alternatives, several words
    @name                                a list of the lexicon (`lexicon.toml`)
    a b                                  next to each other (articles and fillers may stand between)
    a .. b                               at most 4 other words between, within one clause
    a ... b                              at most 9, across commas but not across a contrast (but, while, ;)
    a & b                                both in the sentence, in any order
    & !a                                 ... and this one not
    & ~a                                 ... and this is what the text speaks of: here, or last before

A gap never skips a **rival** of a word of the pattern: in "costs come from the table and names from the index"
`@cost .. from .. @index` would have to skip `table`, so it is not found. The lexicon names the rivals.

Words are looked up in a dictionary and gaps are bounded, so the time is linear in the length of the answer; no regular
expression of a pattern ever runs on what a student wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .answer import COMMA, CONTRAST, Sentence
from .english import words

Phrase = tuple[str, ...]  # words or stems (`normali*`)
Span = tuple[int, int]  # from word, to word (exclusive)
Occurrences = Mapping[int, Sequence[Span]]  # where each element stands in a sentence

NEXT, NEAR, FAR = 0, 4, 9
_GAPS = {"..": NEAR, "...": FAR}
_MOST_PATHS = 24  # ways to place the words of one pattern in one sentence that are followed up

LIGHT = words("""
    a an the its their his her our your this that these those each every all any own then also just simply only both
    very quite really actually always usually basically therefore thus of itself themselves already still now so
    directly again here respectively
""")


class PatternError(ValueError):
    """A pattern that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Elements in a fixed order: `gaps[i]` words at most lie between element i and i + 1."""

    elements: tuple[int, ...]
    gaps: tuple[int, ...]
    rivals: frozenset[int]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Runs that all have to be in one sentence, runs that must not be, and what the text has to be about."""

    source: str
    runs: tuple[Run, ...]
    absent: tuple[Run, ...] = ()
    topics: tuple[int, ...] = ()
    needs: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one run was found: the spans of its elements, in order."""

    spans: tuple[Span, ...]

    @property
    def start(self) -> int:
        """The first word."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """One past the last word."""
        return self.spans[-1][1]

    def covers(self, word: int) -> bool:
        """Return whether the word was used by an element, not skipped by a gap."""
        return any(start <= word < end for start, end in self.spans)


class Compiler:
    """Turns pattern lines into patterns over a table of elements, which all patterns of a question share."""

    def __init__(self, lexicon: Mapping[str, Sequence[str]], rivals: Iterable[Sequence[str]] = ()) -> None:
        self.lexicon = lexicon
        self.rival_groups = [tuple(group) for group in rivals]
        self.elements: dict[frozenset[Phrase], int] = {}
        self.rivals_of: dict[int, set[int]] = {}
        self.named: set[str] = set()  # words of patterns whose rivals have been looked up

    def pattern(self, line: str) -> Pattern:
        """Compile one line; raises `PatternError`."""
        runs: list[Run] = []
        absent: list[Run] = []
        topics: list[int] = []
        for part in line.split("&"):
            words = part.split()
            if not words:
                raise PatternError("an & has nothing beside it")
            if words[0].startswith("!"):
                absent.append(self.run([word for word in (words[0].removeprefix("!"), *words[1:]) if word]))
            elif words[0].startswith("~"):
                if len(words) > 1:
                    raise PatternError(f"~ takes one word, not {part.strip()!r}")
                topics.append(self.element(words[0].removeprefix("~")))
            else:
                runs.append(self.run(words))
        if not runs:
            raise PatternError("only ! and ~ parts, so nothing to quote as evidence")
        needs = frozenset(element for run in runs for element in run.elements)
        return Pattern(line, tuple(runs), tuple(absent), tuple(topics), needs)

    def run(self, words: Sequence[str]) -> Run:
        """Elements with gaps between them."""
        elements: list[int] = []
        gaps: list[int] = []
        gap: int | None = None
        for word in words:
            if word in _GAPS:
                if gap is not None or not elements:
                    raise PatternError("a gap must be between two words")
                gap = _GAPS[word]
                continue
            if elements:
                gaps.append(NEXT if gap is None else gap)
            elements.append(self.element(word))
            gap = None
        if gap is not None:
            raise PatternError("a gap must be between two words")
        rivals = frozenset[int]().union(*(self.rivals_of[element] for element in elements))
        return Run(tuple(elements), tuple(gaps), rivals - frozenset(elements))

    def element(self, word: str) -> int:
        """Return the number of an element, given as alternatives."""
        phrases = frozenset(self.phrases(word))
        if phrases not in self.elements:
            number = self.elements[phrases] = len(self.elements)
            self.rivals_of[number] = set()
        if word not in self.named:
            self.named.add(word)
            names = {name.removeprefix("@") for name in word.split("|") if name.startswith("@")}
            for group in self.rival_groups:
                if names & set(group):
                    others = [name for name in group if name not in names]
                    rivals = {self.element("|".join(_literal(self.lexicon[name]))) for name in others}
                    self.rivals_of[self.elements[phrases]] |= rivals
        return self.elements[phrases]

    def phrases(self, word: str, depth: int = 0) -> Iterable[Phrase]:
        """Yield the alternatives of a word of a pattern."""
        if depth > 4:
            raise PatternError(f"{word!r} refers to itself in the lexicon")
        for alternative in word.split("|"):
            if alternative.startswith("@"):
                name = alternative.removeprefix("@")
                if name not in self.lexicon:
                    raise PatternError(f"the lexicon has no @{name}")
                for line in self.lexicon[name]:
                    yield from self.phrases(line.replace(" ", "_"), depth + 1)
            elif not alternative.strip("_*"):
                raise PatternError(f"an empty alternative in {word!r}")
            else:
                yield tuple(part for part in alternative.split("_") if part)


def _literal(lines: Sequence[str]) -> list[str]:
    return [line.replace(" ", "_") for line in lines]


class Index:
    """Finds the elements of a compiled rubric in a sentence, in one pass over its words."""

    def __init__(self, elements: Mapping[frozenset[Phrase], int]) -> None:
        self.words: dict[str, list[tuple[Phrase, int]]] = {}
        self.stems: dict[str, list[tuple[Phrase, int]]] = {}
        for phrases, number in elements.items():
            for phrase in phrases:
                table = self.stems if phrase[0].endswith("*") else self.words
                table.setdefault(phrase[0].rstrip("*"), []).append((phrase[1:], number))
        self.longest_stem = max(map(len, self.stems), default=0)

    def starting(self, word: str) -> list[tuple[Phrase, int]]:
        """Return the rests of the phrases that may begin with this word, with their elements."""
        found = list(self.words.get(word, ()))
        for length in range(1, min(len(word), self.longest_stem) + 1):
            found += self.stems.get(word[:length], ())
        return found

    def occurrences(self, sentence: Sentence) -> dict[int, list[Span]]:
        """Find where each element stands in a sentence."""
        found: dict[int, list[Span]] = {}
        for at, word in enumerate(sentence.words):
            for rest, number in self.starting(word):
                end = _phrase_end(sentence, at + 1, rest)
                if end:
                    spans = found.setdefault(number, [])
                    if (at, end) not in spans:
                        spans.append((at, end))
        return found

    def knows(self, word: str, letters: int) -> bool:
        """Return whether some element begins with this word, or with a stem of it that has so many letters."""
        return word in self.words or any(word[:i] in self.stems for i in range(letters, len(word) + 1))


def _phrase_end(sentence: Sentence, at: int, rest: Phrase) -> int:
    """Return one past the last word of a phrase whose rest begins at `at`, or 0."""
    words = sentence.words
    for part in rest:
        skipped = 0
        while at < len(words) and not _same(words[at], part) and words[at] in LIGHT and skipped < 2:
            at += 1
            skipped += 1
        if at >= len(words) or not _same(words[at], part) or sentence.breaks[at] == CONTRAST:
            return 0
        at += 1
    return at


def _same(word: str, part: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


def places(run: Run, sentence: Sentence, where: Occurrences) -> list[Placed]:
    """Return all ways (within reason) in which a run stands in a sentence."""
    if any(element not in where for element in run.elements):
        return []
    rivals = {word for rival in run.rivals for start, end in where.get(rival, ()) for word in range(start, end)}
    for element in run.elements:  # a word that serves as its own rival (`kv` as key, beside value) is none
        for start, end in where[element]:
            rivals.difference_update(range(start, end))
    paths: list[tuple[Span, ...]] = [(span,) for span in where[run.elements[0]]]
    for gap, element in zip(run.gaps, run.elements[1:], strict=True):
        longer: list[tuple[Span, ...]] = [
            (*path, span)
            for path in paths
            for span in where[element]
            if _reaches(sentence, path[-1][1], span[0], gap, rivals)
        ]
        paths = longer[:_MOST_PATHS]
    return [Placed(path) for path in paths]


def _reaches(sentence: Sentence, end: int, start: int, gap: int, rivals: set[int]) -> bool:
    """Return whether a gap leads from one element's end to the next one's start."""
    if start < end or start - end > gap + 6:
        return False
    if any(word in rivals for word in range(end, start)):
        return False
    strongest = max(sentence.breaks[end : start + 1], default=0)
    if strongest >= (CONTRAST if gap == FAR else COMMA):
        return False
    return sum(word not in LIGHT for word in sentence.words[end:start]) <= gap
