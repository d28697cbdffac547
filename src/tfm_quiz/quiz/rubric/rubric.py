"""A question's rubric, compiled, and what it reads in an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from .answer import Sentence, read_sentences
from .guards import ENOUGH_WORDS, Abstained, abstains, is_word_list
from .model import KeyPoint, Lexicon, Misconception
from .notation import Notation, rewrites
from .patterns import Compiler, Index, Occurrences, Pattern, PatternError, places
from .vetoes import Veto, sentence_vetoes, veto
from .vocabulary import Vocabulary, make_join

State = Literal["found", "unsure", "not_found"]
_DOUBTS = ("reported", "asked", "imagined")  # vetoes after which the idea may still be the student's own
_TOPIC_REACH = 3  # sentences back in which a topic was last named


class Idea(Struct, frozen=True):
    """What was read of one key point: its state, the student's sentences, and why it is not simply found."""

    state: State
    evidence: tuple[str, ...] = ()
    reason: str = ""


class Flag(Struct, frozen=True):
    """A sentence that reads like a misconception: its number (from 1) and the student's sentence."""

    number: int
    evidence: str


class Reading(Struct, frozen=True):
    """What a rubric read in an answer: one idea per key point, in order, the flags, and why it kept silent."""

    ideas: tuple[Idea, ...]
    flags: tuple[Flag, ...] = ()
    abstained: Abstained | None = None


@dataclass(frozen=True)
class _Claim:
    text: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True)
class Rubric:
    """The compiled rubric of one question. `read` takes well under 10 ms an answer and needs nothing but this."""

    ask: str
    key_points: tuple[KeyPoint, ...]
    misconceptions: tuple[Misconception, ...]
    claims: tuple[tuple[_Claim, ...], ...]  # of each key point
    wrong: tuple[tuple[Pattern, ...], ...]  # of each misconception
    index: Index
    vocabulary: Vocabulary
    notation: Notation
    rivals_of: Mapping[int, frozenset[int]]
    confidence: Mapping[str, str]  # how often each state is right, in words that were measured

    def read(self, text: str) -> Reading:
        """Read what the answer says, as far as the patterns can tell."""
        sentences = read_sentences(text, self.vocabulary.rewritten, self.notation)
        where = [self.index.occurrences(sentence) for sentence in sentences]
        finder = _Finder(self, sentences, where)
        flags = tuple(finder.flags())
        ideas = [finder.idea(number, flags) for number in range(len(self.key_points))]
        abstained = abstains(text, sentences, self.notation.tokens(self.ask))
        words = sum(len(sentence.words) for sentence in sentences)
        if abstained is None and words >= ENOUGH_WORDS and not flags and all(i.state == "not_found" for i in ideas):
            abstained = "other_words"
        if abstained is not None:
            ideas = [_unjudged(idea) for idea in ideas]
        return Reading(tuple(ideas), flags, abstained)


class _Finder:
    """The patterns of one rubric in the sentences of one answer."""

    def __init__(self, rubric: Rubric, sentences: Sequence[Sentence], where: Sequence[Occurrences]) -> None:
        self.rubric = rubric
        self.sentences = sentences
        self.where = where
        self.listed = [is_word_list(sentence) for sentence in sentences]
        self.denied = sentence_vetoes(sentences, self.carries_idea)

    def carries_idea(self, at: int) -> bool:
        """Return whether a sentence holds a pattern of some key point or misconception."""
        keys = self.where[at].keys()
        patterns = [pattern for claims in self.rubric.claims for claim in claims for pattern in claim.patterns]
        patterns += [pattern for group in self.rubric.wrong for pattern in group]
        return any(pattern.needs <= keys and self.placed(pattern, at) is not None for pattern in patterns)

    def flags(self) -> Iterable[Flag]:
        """Yield the misconceptions that some sentence states."""
        for number, (misconception, patterns) in enumerate(
            zip(self.rubric.misconceptions, self.rubric.wrong, strict=True), start=1
        ):
            for at, why in self.found(patterns, misconception.polarity):
                if why is None:
                    yield Flag(number, self.sentences[at].source)
                    break

    def idea(self, number: int, flags: Sequence[Flag]) -> Idea:
        """Return the state of one key point."""
        said: list[str] = []
        missing: list[str] = []
        doubts: list[Veto] = []
        doubtful: list[str] = []
        for claim in self.rubric.claims[number]:
            hits = list(self.found(claim.patterns, self.rubric.key_points[number].polarity))
            clear = [at for at, why in hits if why is None]
            if clear:
                said.append(self.sentences[clear[0]].source)
                continue
            missing.append(claim.text)
            doubts += [why for _, why in hits if why in _DOUBTS]
            doubtful += [self.sentences[at].source for at, why in hits if why in _DOUBTS][:1]
        evidence = tuple(dict.fromkeys(said or doubtful))
        if not missing:
            for flag in flags:
                misconception = self.rubric.misconceptions[flag.number - 1]
                if number + 1 in misconception.against:
                    return Idea("unsure", evidence, f"the answer also says: {misconception.text}")
            return Idea("found", evidence)
        if said:
            return Idea("unsure", evidence, "said in part; not found: " + "; ".join(missing))
        if doubts:
            return Idea("unsure", evidence, f"the sentence is {doubts[0]}, not said")
        return Idea("not_found")

    def found(self, patterns: Sequence[Pattern], polarity: str) -> Iterable[tuple[int, Veto | None]]:
        """Sentences in which one of the patterns stands, with what speaks against counting it."""
        for at, where in enumerate(self.where):
            keys = where.keys()
            best: Veto | None = None
            for pattern in patterns:
                if not pattern.needs <= keys:
                    continue
                why = self.placed(pattern, at)
                if why is None:
                    continue
                best = self.denied.get(at) or ("listed" if self.listed[at] else why)
                if best == "negated" and polarity == "either":
                    best = ""
                if not best:
                    break
            if best is not None:
                yield at, best or None

    def placed(self, pattern: Pattern, at: int) -> Veto | None:
        """Return the least veto over the ways a pattern matches a sentence: empty if simply said, None if not there."""
        sentence, where = self.sentences[at], self.where[at]
        vetoes: list[Veto] = []
        for run in pattern.runs:
            ways = places(run, sentence, where)
            if not ways:
                return None
            found = [veto(way, sentence) for way in ways]
            vetoes.append("" if None in found else next(why for why in found if why))
        if any(places(run, sentence, where) for run in pattern.absent):
            return None
        if not all(self.speaks_of(topic, at) for topic in pattern.topics):
            return None
        return next((why for why in vetoes if why), "")

    def speaks_of(self, topic: int, at: int) -> bool:
        """Return whether the text at this sentence is about an element: named here, or last among it and its rivals."""
        rivals = self.rubric.rivals_of.get(topic, frozenset())
        for back in range(at, max(at - _TOPIC_REACH, 0) - 1, -1):
            if topic in self.where[back]:
                return True
            if rivals & self.where[back].keys():
                return False
        return False


def _unjudged(idea: Idea) -> Idea:
    if idea.state != "found":
        return idea
    return Idea("unsure", idea.evidence, "the answer as a whole is not judged")


def compile_rubric(
    ask: str,
    key_points: Sequence[KeyPoint],
    misconceptions: Sequence[Misconception],
    lexicon: Lexicon,
    prose: Iterable[str] = (),
) -> Rubric:
    """Compile what an author wrote; `prose` is more text whose words are known (the model answer).

    Raises `PatternError`, naming the place, for the first pattern that cannot be read.
    """
    compiler = Compiler({word: [word] for word in lexicon.join} | lexicon.words, lexicon.rivals)
    claims = tuple(_claims(compiler, number, point) for number, point in enumerate(key_points, start=1))
    wrong = tuple(
        _patterns(compiler, misconception.any, misconception.unless, f"misconception {number}")
        for number, misconception in enumerate(misconceptions, start=1)
    )
    index = Index(compiler.elements)
    known = {word for phrases in compiler.elements for phrase in phrases for word in phrase if not word.endswith("*")}
    texts = [ask, *prose]
    texts += [text for point in key_points for text in (point.text, point.hint)]
    texts += [text for misconception in misconceptions for text in (misconception.text, misconception.say)]
    known |= {word for text in texts for word in re.findall(r"[a-z]{5,}", text.casefold())}
    joins = tuple(
        make_join(word, (compiler.phrases(part) for part in line.split()))
        for word, lines in lexicon.join.items()
        for line in lines
    )
    vocabulary = Vocabulary(index, frozenset(known), frozenset(" ".join(lexicon.ordinary).split()), joins)
    try:
        notation = Notation(rewrites(lexicon.terms), frozenset(lexicon.subjects))
    except ValueError as error:
        raise PatternError(f"the lexicon's terms: {error}") from error
    rivals = {number: frozenset(others) for number, others in compiler.rivals_of.items()}
    return Rubric(
        ask,
        tuple(key_points),
        tuple(misconceptions),
        claims,
        wrong,
        index,
        vocabulary,
        notation,
        rivals,
        dict(lexicon.confidence.items()),
    )


def _claims(compiler: Compiler, number: int, point: KeyPoint) -> tuple[_Claim, ...]:
    place = f"key point {number}"
    if bool(point.any) == bool(point.claims):
        raise PatternError(f"{place}: give either `any` or `claims`")
    if point.any:
        return (_Claim(point.text, _patterns(compiler, point.any, point.unless, place)),)
    return tuple(
        _Claim(claim.text, _patterns(compiler, claim.any, [*claim.unless, *point.unless], f"{place}, {claim.text!r}"))
        for claim in point.claims
    )


def _patterns(compiler: Compiler, lines: Sequence[str], unless: Sequence[str], place: str) -> tuple[Pattern, ...]:
    patterns: list[Pattern] = []
    for line in lines:
        try:
            patterns.append(compiler.pattern(" & ! ".join([line, *unless])))
        except PatternError as error:
            raise PatternError(f"{place}: {line!r}: {error}") from error
    return tuple(patterns)
