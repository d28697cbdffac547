"""When words do not assert what they say: negated, put in another's mouth, asked, or taken back afterwards.

A pattern only says that words stand in a certain order. Whether the student means it is decided here, for the place
where it was found. English negation is not a solved problem; these rules are measured on the labelled answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tfm_quiz.quiz.rubric.answer import BRACKET, CONTRAST, Sentence
from tfm_quiz.quiz.rubric.patterns import LIGHT, Placed

_NEGATORS = frozenset(
    "not never no none neither nor hardly barely nothing nobody nowhere unable incapable wrong wrongly false falsely "
    "stop stops lose loses refuse refuses forget forgets fail fails failed cease ceases".split()
)
_WITHOUT = frozenset("without lacking lack lacks missing absent".split())
_INSTEAD = re.compile(r"\b(?:rather than|instead of|in place of|as opposed to|in contrast to|unlike|far from)\b")
# Verbs through which a negation reaches on: "does not allow the heads to attend ...".
_CARRIERS = frozenset(
    "allow allows let lets enable enables help helps make makes cause causes force forces permit permits mean means "
    "imply implies lead leads result results require requires need needs want wants try tries seem seems matter "
    "ensure ensures guarantee guarantees able possible true case think believe say claim because reason purpose goal "
    "necessary needed required supposed meant used used there have has had give gives given get gets should do does "
    "be by been in".split()
)
_REACH = 2  # words between a negation and what it negates
_VERB_REACH = 6  # ... if it negates a verb, and so what hangs on that
_NEW_CLAUSE = frozenset("which that who it they we this without if when as what where".split())
_IF = frozenset("if unless had were when".split())

# Idioms with a negation that deny nothing of what follows.
_IDIOMS = re.compile(
    r"\b(?:not only|not just|not merely|not simply|no matter|without regard|no less|nothing but|"
    r"no problem|not to mention|no more than|whether or not|or not|no longer than|not least|if not|why not|"
    r"not that|not surprising\w*|not necessarily)\b"
)

_THAT = r"(?: that| to (?:say|think|believe|claim|assume|suppose)|:)"
_DENIED = re.compile(
    r"\b(?:(?:not|never|hardly|in no way) (?:(?:at all|really|quite|entirely|exactly|always|actually|even) )?(?:true|correct|right|the case|accurate|a fact|so|mean|believe|think|agree|say)\b"
    r"|(?:false|wrong|incorrect|untrue|mistaken|inaccurate|a mistake|an error|a myth|a misconception|a lie|nonsense|absurd)" + _THAT +
    r"|(?:myth|misconception|mistake|error|fallacy|misunderstanding|wrong idea|false claim|false belief|lie)\b"
    r"|by no means|under no circumstances|contrary to|i (?:doubt|deny|disagree|reject)"
    r"|nobody (?:should|would|can|may)|no evidence|no truth|in no way)"
)  # fmt: skip
_TAKEN_BACK = re.compile(
    r"\b(?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:false|wrong|incorrect|untrue|mistaken|not true|not correct|not right|"
    r"not the case|no problem|not a problem|no issue|harmless|nonsense|a myth|a misconception|a mistake|an error|rubbish|a lie|invalid)\b"
)  # fmt: skip
# "Dropout should not be used": what follows right after a thing that is merely named.
_NOT_AFTER = re.compile(
    r"(?:(?:is|are|was|were|should|must|can|could|may|do|does|did|will|would|need|has|have) )?(?:not|never)\b(?! (?:only|just|merely|the only))"
)  # fmt: skip
_REPORTED = re.compile(
    r"\b(?:(?:some|many|most|other|certain|several) (?:\w+ )?(?:say|claim|think|believe|argue|assume|suppose|write|state|assert|hold)"
    r"|(?:people|others|students|someone|somebody|they|everyone|everybody|one|you|critics|beginners|he|she) "
    r"(?:(?:often|sometimes|wrongly|falsely|mistakenly|might|may|could|would|will|tend to|used to|like to) ){0,2}"
    r"(?:claim|claims|think|thinks|believe|believes|argue|argues|assume|assumes|assert|asserts|thought|believed|claimed|suppose|supposes|object|objects)"
    r"|it (?:is|was|has been) (?:\w+ )?(?:said|claimed|believed|thought|assumed|rumoured|rumored|argued|alleged)"
    r"|(?:so called|allegedly|supposedly|according to (?:some|a rumour|a rumor))"
    r"|not sure (?:if|whether|that)|no idea (?:if|whether)|i wonder|unclear (?:if|whether)"
    r"|(?:idea|belief|claim|notion|theory|rumour|rumor) (?:is )?that)\b"
)  # fmt: skip
_LATER_DENIAL = re.compile(
    r"^(?:but |and |however |yet |of course |in fact |actually |in reality )*"
    r"(?:they|this|that|these|those|it|he|she|all|none|everything|nothing|people|such (?:claims|people|ideas)|neither|both|"
    r"the (?:above|opposite|contrary|reverse|previous|preceding)|i)\b.{0,60}?\b"
    r"(?:mistaken|wrong|false|incorrect|untrue|not true|not correct|not right|nonsense|rubbish|lie|lied|lies|myth|"
    r"is true|are true|is correct|are correct|opposite|joking|kidding|not the case|disagree|misconceptions?)\b"
)
_AFFIRMS = re.compile(r"^(?:but |and |however )*(?:this|that|these|those|it|all|everything|both|they)\b.{0,40}\b(?:is|are) (?:true|correct)\b")  # fmt: skip
_WHOLE = re.compile(r"\b(?:all|none|everything|nothing|neither|above|previous|preceding|these|those|opposite|contrary|reverse)\b")  # fmt: skip
_AHEAD = re.compile(r"\b(?:following|below|what follows|next (?:sentence|statement|sentences|statements)|this|these|lies|every sentence here|the rest)\b")  # fmt: skip

_DENIAL_WORD = re.compile(
    r"\b(?:mistaken|wrong|false|incorrect|untrue|true|correct|right|nonsense|rubbish|lie|lied|lies|myth|opposite|joking|kidding|case|"
    r"disagree|misconceptions?|mistake|error|invalid)\b"
)  # fmt: skip

Veto = str  # "negated", "reported", "asked" or "taken back"


def sentence_vetoes(sentences: Sequence[Sentence], carries_idea: Callable[[int], bool]) -> dict[int, Veto]:
    """Sentences that are denied by another one: the index of the sentence, and why.

    "Some people claim that A. They also say B. They are mistaken." denies the first two; "The following is false."
    denies all that comes after, and so does an opening like "Some people claim this, they are mistaken", which holds
    no idea of its own (`carries_idea(index)` says whether a sentence does).
    """
    vetoed: dict[int, Veto] = {}
    lines = [" ".join(sentence.words) for sentence in sentences]
    for at, line in enumerate(lines):
        if not (_DENIAL_WORD.search(line)) or carries_idea(at):
            continue
        ahead = _AHEAD.search(line) or line.startswith(("some ", "many ", "people ", "others "))
        if ahead and (_TAKEN_BACK.search(line) or _DENIED.search(line) or re.search(r"\b(?:lies|mistaken)\b", line)):
            before_is_meant = at > 0 and line.startswith(("this", "that", "these", "it ", "those"))
            if not before_is_meant:
                vetoed.update(dict.fromkeys(range(at + 1, len(lines)), "taken back"))
        if len(sentences[at].words) <= 14 and _LATER_DENIAL.search(line) and not _AFFIRMS.search(line):
            first = at - 1
            if _WHOLE.search(line):
                first = 0
            else:
                openers = [i for i in range(at) if _REPORTED.search(lines[i])]
                first = openers[-1] if openers else first
            vetoed.update(dict.fromkeys(range(max(first, 0), at), "taken back"))
    return vetoed


def veto(placed: Placed, sentence: Sentence) -> Veto | None:
    """Why a run that was found does not count as said here, or None."""
    if sentence.question:
        return "asked"
    before = _words(sentence, _clause_start(sentence, placed.start), placed.start + 1)
    whole = _words(sentence, 0, placed.end)
    if _DENIED.search(whole) and not _contrast_between(sentence, _last_word(whole, _DENIED), placed.start):
        return "negated"
    after = _words(sentence, placed.end, _clause_end(sentence, placed.end))
    if _TAKEN_BACK.search(after) and not _TAKEN_BACK.search(before):
        return "taken back"
    if _REPORTED.search(before):
        return "reported"
    if _negated(placed, sentence) or (len(placed.spans) == 1 and _NOT_AFTER.match(after)):
        return "negated"
    return None


def _negated(placed: Placed, sentence: Sentence) -> bool:
    """Whether a negation outside the matched words reaches into them."""
    words = _without_idioms(sentence)
    clause = _clause_start(sentence, placed.start)
    for instead in _INSTEAD.finditer(" ".join(words[clause : placed.end])):
        at = clause + " ".join(words[clause : placed.end])[: instead.start()].count(" ")
        last = at + instead[0].count(" ")
        if any(
            at < start and not _boundary(sentence, last + 1, start) and "and" not in words[last + 1 : start]
            for start, _ in placed.spans
        ):
            return not placed.covers(at)
    for at in range(clause, placed.end):
        if placed.covers(at) or words[at] not in _NEGATORS | _WITHOUT:
            continue
        following = next((start for start, _ in placed.spans if start > at), None)
        if following is not None and _reaches(words, sentence, at, following):
            return True
    return False


def _reaches(words: Sequence[str], sentence: Sentence, negator: int, target: int) -> bool:
    """Whether the negation at one word reaches the word `target` after it."""
    if _boundary(sentence, negator + 1, target) or "->" in words[negator + 1 : target]:
        return False
    between = [word for word in words[negator + 1 : target] if word not in LIGHT]
    if words[negator] in _WITHOUT:
        return not between
    if any(word in _CARRIERS for word in between):
        return True
    if "and" in between or "or" in between:
        return len(between) <= _REACH + 1
    if not _NEW_CLAUSE.isdisjoint(words[negator + 1 : target]):
        return False
    conditional = any(word in _IF for word in words[max(0, negator - 6) : negator])
    return len(between) <= (0 if conditional else _VERB_REACH if words[negator] in ("not", "never") else _REACH)


def _boundary(sentence: Sentence, start: int, end: int) -> bool:
    """Whether a clause ends before one of the words from `start` to `end`, `end` included."""
    return any(strength >= BRACKET for strength in sentence.breaks[start : end + 1])


def _clause_start(sentence: Sentence, at: int) -> int:
    """The first word after the last contrast before a word."""
    while at > 0 and sentence.breaks[at] < CONTRAST:
        at -= 1
    return at


def _clause_end(sentence: Sentence, at: int) -> int:
    while at < len(sentence.words) and sentence.breaks[at] < CONTRAST:
        at += 1
    return at


def _words(sentence: Sentence, start: int, end: int) -> str:
    return " ".join(sentence.words[start:end])


def _last_word(text: str, pattern: re.Pattern[str]) -> int:
    """The word at which the last match of a pattern begins."""
    last = 0
    for found in pattern.finditer(text):
        last = text[: found.start()].count(" ")
    return last


def _contrast_between(sentence: Sentence, start: int, end: int) -> bool:
    return any(strength >= CONTRAST for strength in sentence.breaks[start + 1 : end + 1])


def _without_idioms(sentence: Sentence) -> list[str]:
    """The words, with the negations of idioms blanked out (the count stays)."""
    text = " ".join(sentence.words)
    if not _IDIOMS.search(text):
        return list(sentence.words)
    return _IDIOMS.sub(lambda found: " ".join(["·"] * (found[0].count(" ") + 1)), text).split(" ")
