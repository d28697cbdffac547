"""When words do not assert what they say: negated, put in another's mouth, asked, or taken back afterwards.

A pattern only says that words stand in a certain order. Whether the student means it is decided here, for the place
where it was found. English negation is not a solved problem; these rules are measured on the labelled answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .answer import BRACKET, COMMA, CONTRAST, Sentence
from .english import PATTERNS, WORDS
from .patterns import LIGHT, Placed

_REACH = 2  # words between a negation and what it negates
_VERB_REACH = 9  # ... if it negates a verb, and so what hangs on that

Veto = str  # "negated", "reported", "asked", "taken back", "listed" or "imagined"


def sentence_vetoes(sentences: Sequence[Sentence], carries_idea: Callable[[int], bool]) -> dict[int, Veto]:
    """Sentences that are denied by another one: the index of the sentence, and why.

    "Some people claim that A. They also say B. They are mistaken." denies the first two; "The following is false."
    denies all that comes after, and so does an opening like "Some people claim this, they are mistaken", which holds
    no idea of its own (`carries_idea(index)` says whether a sentence does).
    """
    vetoed: dict[int, Veto] = {}
    lines = [" ".join(sentence.words) for sentence in sentences]
    for at, line in enumerate(lines):
        if at and _imagines(sentences[at - 1]) and _unlike(line, sentences[at - 1]):
            vetoed[at - 1] = "imagined"
        if at and PATTERNS["exclaims"].search(line):
            vetoed[at - 1] = "taken back"
        if not (PATTERNS["denial_word"].search(line)) or carries_idea(at):
            continue
        ahead = PATTERNS["ahead"].search(line) or line.startswith(("some ", "many ", "people ", "others "))
        if ahead and any(PATTERNS[denial].search(line) for denial in ("taken_back", "denied", "lies")):
            before_is_meant = at > 0 and line.startswith(("this", "that", "these", "it ", "those"))
            if not before_is_meant:
                end = next((i for i in range(at + 1, len(lines)) if PATTERNS["true_again"].match(lines[i])), len(lines))
                vetoed.update(dict.fromkeys(range(at + 1, end), "taken back"))
        if (
            len(sentences[at].words) <= 14
            and PATTERNS["later_denial"].search(line)
            and not PATTERNS["affirms"].search(line)
        ):
            first = at - 1
            if PATTERNS["whole"].search(line):
                first = 0
            else:
                openers = [i for i in range(at) if PATTERNS["reported"].search(lines[i])]
                first = openers[-1] if openers else first
            vetoed.update(dict.fromkeys(range(max(first, 0), at), "taken back"))
    return vetoed


def _imagines(sentence: Sentence) -> bool:
    """Return whether a sentence opens with an imagined case: "if the scores were small, ... would ...".

    A negated case ("if they were not scaled, ...") says what the real one prevents, and counts.
    """
    line = " ".join(sentence.words)
    if not (PATTERNS["condition"].match(line) and PATTERNS["would"].search(line)):
        return False
    return (WORDS["negators"] | WORDS["without"]).isdisjoint(_case(sentence))


def _case(sentence: Sentence) -> tuple[str, ...]:
    """Return the words of the condition that a sentence opens with."""
    ends = (at for at, strength in enumerate(sentence.breaks) if at > 2 and strength >= COMMA)
    return sentence.words[: next(ends, len(sentence.words))]


def _unlike(line: str, imagined: Sentence, *, near: bool = False) -> bool:
    """Return whether the text after an imagined case says that it is not real; a "but" in the sentence is enough."""
    if PATTERNS["unlike_that"].match(line):
        return True
    sure = PATTERNS["inverted"].match(" ".join(imagined.words)) or (near and WORDS["harm"].isdisjoint(_case(imagined)))
    return bool(sure and PATTERNS["turns_away"].match(line))


def veto(placed: Placed, sentence: Sentence) -> Veto | None:
    """Say why a run that was found does not count as said here, or return None."""
    if sentence.question:
        return "asked"
    if placed.end <= sentence.heading and not _endorsed(sentence):
        return "listed"
    turn = _clause_end(sentence, placed.end)
    if turn < len(sentence.words) and _imagines(sentence):
        rest = _words(sentence, turn, len(sentence.words))
        if _unlike(rest, sentence, near=True):
            return "imagined"
    begins = _turn_before(sentence, placed.start)
    said = _words(sentence, begins, placed.end)
    if PATTERNS["denied"].search(said) or _in_cleft(placed, sentence):
        return "negated"
    after = _words(sentence, placed.end, _clause_end(sentence, placed.end))
    before = _words(sentence, _clause_start(sentence, placed.start), placed.start + 1)
    if PATTERNS["taken_back"].search(after) and not PATTERNS["taken_back"].search(before):
        return "taken back"
    if PATTERNS["reported"].search(said) or PATTERNS["cannot_say"].search(after):
        return "reported"
    not_after = PATTERNS["not_after"] if len(placed.spans) == 1 else PATTERNS["verb_not_after"]
    next_to_it = _words(sentence, placed.end, _clause_end(sentence, placed.end, COMMA))
    if _negated(placed, sentence) or not_after.match(next_to_it):
        return "negated"
    return None


def _in_cleft(placed: Placed, sentence: Sentence) -> bool:
    """Return whether it is what "it is not ... that ..." denies."""
    start = placed.start
    while start > 0 and (sentence.breaks[start] < COMMA or sentence.words[start] == "because"):
        start -= 1
    cleft = PATTERNS["cleft"].search(_words(sentence, start, _clause_end(sentence, placed.end)))
    return cleft is not None and cleft.start() < len(_words(sentence, start, placed.end))


def _endorsed(sentence: Sentence) -> bool:
    rest = sentence.words[sentence.heading :]
    return WORDS["negators"].isdisjoint(rest) and PATTERNS["endorsed"].search(" ".join(rest)) is not None


def _turn_before(sentence: Sentence, at: int) -> int:
    """Return the last word before `at` that turns against what was said, or 0."""
    words = sentence.words
    colon = sentence.colon
    if (
        0 < colon <= at
        and words[colon] in WORDS["truth"]
        and PATTERNS["denies_whole"].search(_words(sentence, 0, colon))
    ):
        return colon  # "it is not true that ...: it ..."
    turns = (
        i
        for i in range(at, -1, -1)
        if words[i] in WORDS["turns"] or PATTERNS["turning"].fullmatch(" ".join(words[i : i + 2]))
    )
    return next(turns, 0)


def _negated(placed: Placed, sentence: Sentence) -> bool:
    """Return whether a negation outside the matched words reaches into them."""
    words = _without_idioms(sentence)
    if (words[-1] == "either" and not WORDS["negators"].isdisjoint(words)) or words[-2:] == ["not", "so"]:
        return True  # "it is not needed because of ... either"; "...; not so."
    clause = _clause_start(sentence, placed.start)
    for instead in PATTERNS["instead"].finditer(" ".join(words[clause : placed.end])):
        at = clause + " ".join(words[clause : placed.end])[: instead.start()].count(" ")
        last = at + instead[0].count(" ")
        if any(
            at < start and not _boundary(sentence, last + 1, start) and "and" not in words[last + 1 : start]
            for start, _ in placed.spans
        ):
            return not placed.covers(at)
    for at in range(clause, placed.end):
        if placed.covers(at) or words[at] not in WORDS["negators"] | WORDS["without"]:
            continue
        following = next((start for start, _ in placed.spans if start > at), None)
        if following is not None and _reaches(words, sentence, at, following):
            return True
    return False


def _reaches(words: Sequence[str], sentence: Sentence, negator: int, target: int) -> bool:
    """Return whether the negation at one word reaches the word `target` after it."""
    if _boundary(sentence, negator + 1, target) or "->" in words[negator + 1 : target]:
        return False
    between = [word for word in words[negator + 1 : target] if word not in LIGHT]
    if words[negator] in WORDS["without"]:
        return not between
    if "and" in between and not WORDS["auxiliaries"].isdisjoint(between[between.index("and") :]):
        return False  # a clause of its own: "has no recurrence and can be trained ..."
    if any(word in WORDS["carriers"] for word in between):
        return True
    if "and" in between or "or" in between:
        return _joins_nouns(words, negator, target) or len(between) <= _REACH + 1
    if any(
        word in WORDS["new_clause"] and not (word == "what" and words[at - 1] in WORDS["prepositions"])
        for at, word in enumerate(words[negator + 1 : target], start=negator + 1)
    ):
        return False
    conditional = words[0] in ("had", "were") or any(
        word in WORDS["if"] for word in words[max(0, negator - 6) : negator]
    )
    return len(between) <= (0 if conditional else _VERB_REACH if words[negator] in ("not", "never") else _REACH)


def _joins_nouns(words: Sequence[str], start: int, end: int) -> bool:
    """Return whether the last "and" joins two things, so that what negates the first negates the second."""
    ands = [at for at in range(start + 1, end) if words[at] == "and"]
    if not ands:
        return False
    before, after = words[ands[-1] - 1], words[ands[-1] + 1]
    alike = len(before) > 3 and before[-4:] == after[-4:]
    goes_on = after in ("its", "their") or after in WORDS["prepositions"] or after in ("over", "in", "on", "to")
    return goes_on or alike or bool(PATTERNS["noun"].search(before) and PATTERNS["noun"].search(after))


def _boundary(sentence: Sentence, start: int, end: int) -> bool:
    """Return whether a clause ends before one of the words from `start` to `end`, `end` included."""
    return any(strength >= BRACKET for strength in sentence.breaks[start : end + 1])


def _clause_start(sentence: Sentence, at: int) -> int:
    """Return the first word after the last contrast before a word."""
    while at > 0 and sentence.breaks[at] < CONTRAST:
        at -= 1
    return at


def _clause_end(sentence: Sentence, at: int, strength: int = CONTRAST) -> int:
    """Return the first word from `at` on before which a boundary of this strength lies, or the sentence's end."""
    while at < len(sentence.words) and sentence.breaks[at] < strength:
        at += 1
    return at


def _words(sentence: Sentence, start: int, end: int) -> str:
    return PATTERNS["literal"].sub(r"\1 ·", " ".join(sentence.words[start:end]))


def _without_idioms(sentence: Sentence) -> list[str]:
    """Return the words, with the negations of idioms blanked out (the count stays)."""
    text = " ".join(sentence.words)
    if not PATTERNS["idioms"].search(text):
        return list(sentence.words)
    return PATTERNS["idioms"].sub(lambda found: " ".join(["·"] * (found[0].count(" ") + 1)), text).split(" ")
