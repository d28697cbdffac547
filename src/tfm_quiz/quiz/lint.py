"""Flaws that a bank can have although every file in it is valid: habits that give answers away, and gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError
from tfm_quiz.manifest import load_course
from tfm_quiz.toml.file import did_you_mean

from .bank import Closed, Question
from .giveaways import giveaways, read_related
from .kinds.fields import Option
from .outline import read_outline, unread_sections
from .places import place_habits
from .reading import Topic, graded_topics, practice_topics
from .sources import NAME, read_sources

ENOUGH = 12  # questions from which on a habit can be told from chance
MOST_BY_LENGTH = 0.35  # of the choices may have the right option as their longest, or shortest; chance is a quarter
MOST_IN_ONE_PLACE = 0.40
LEAST_CLOSED = 3  # closed questions for each source question


class Coverage(Struct, frozen=True):
    """How often a source question is asked."""

    source: str
    practice: int
    graded: int
    prose: int


def lint_bank(course_root: Path) -> list[str]:
    """List everything to fix in the questions of a course, one sentence each; none if all is well."""
    course = load_course(course_root)
    found: list[str] = []
    sets: dict[str, tuple[Topic[Question], ...]] = {}
    for kind, read in (("practice", practice_topics), ("graded", graded_topics)):
        try:
            sets[kind] = read(course)
        except CourseError as error:
            found += [str(fault) for fault in error.faults]
    found += _unnamed_files(course)
    questions = {kind: [question for topic in topics for question in topic.questions] for kind, topics in sets.items()}
    found += _shared_ids(questions)
    sources = read_sources(course_root)
    found += _unknown_sources(sources, questions)
    for kind, asked in questions.items():
        found += _habits(kind, asked)
        for question in asked:
            found += [f"question {question.id}: {flaw}" for flaw in question.flaws()]
    if len(questions) == 2:
        found += _gaps(coverage_of(questions, sources))
        found += giveaways(questions["practice"], questions["graded"], read_related(course_root))
    everything = [question for asked in questions.values() for question in asked]
    found += place_habits(everything)
    found += unread_sections(everything, read_outline(course_root))
    return found


def coverage(course_root: Path) -> list[Coverage]:
    """Count how often each source is asked about: in practice, graded and as prose. Raises CourseError."""
    course = load_course(course_root)
    topics = {"practice": practice_topics(course), "graded": graded_topics(course)}
    questions = {kind: [q for topic in part for q in topic.questions] for kind, part in topics.items()}
    return coverage_of(questions, read_sources(course_root))


def coverage_of(questions: dict[str, list[Question]], sources: Iterable[str]) -> list[Coverage]:
    """Count likewise for questions already read and the course's sources (or those in use, if it names none)."""
    closed = {kind: _sources(q for q in asked if isinstance(q, Closed)) for kind, asked in questions.items()}
    prose = _sources(q for asked in questions.values() for q in asked if not isinstance(q, Closed))
    named = [*sources] or sorted({*closed["practice"], *closed["graded"], *prose})
    return [Coverage(s, closed["practice"][s], closed["graded"][s], prose[s]) for s in named]


def _unknown_sources(sources: Iterable[str], questions: dict[str, list[Question]]) -> Iterator[str]:
    known = [*sources]
    for question in (question for asked in questions.values() for question in asked):
        for unknown in [source for source in question.source if known and source not in known]:
            yield f"question {question.id}: source `{unknown}` is not in {NAME}{did_you_mean(unknown, known)}"


def _sources(questions: Iterable[Question]) -> Counter[str]:
    return Counter(str(source) for question in questions for source in question.source)


def coverage_table(rows: Iterable[Coverage]) -> str:
    """Return the coverage as lines of text."""
    rows = list(rows)
    lines = [f"{'source':<8}{'practice':>9}{'graded':>8}{'prose':>7}"]
    lines += [f"{row.source:<8}{row.practice:>9}{row.graded:>8}{row.prose:>7}" for row in rows]
    return "\n".join(lines)


def _shared_ids(questions: dict[str, list[Question]]) -> Iterator[str]:
    practice, graded = ({question.id for question in questions.get(kind, [])} for kind in ("practice", "graded"))
    for name in sorted(practice & graded):
        yield f"question {name}: the id is used in practice and graded; practice shows its answers"


def _unnamed_files(course: Course) -> Iterator[str]:
    named = {listed.file for listed in course.questions}
    for folder, shown in (("quiz/practice", "quiz/practice"), ("solutions/quiz", "quiz/graded")):
        for path in sorted((course.root / folder).glob("*.toml")):
            if f"{shown}/{path.name}" not in named:
                yield f'{folder}/{path.name}: add it to course.toml as [[questions]] file = "{shown}/{path.name}"'


def _gaps(rows: Iterable[Coverage]) -> Iterator[str]:
    """A source question that is asked in prose wants closed questions as well."""
    for row in rows:
        if row.prose and row.practice + row.graded < LEAST_CLOSED:
            closed = row.practice + row.graded
            yield f"source {row.source}: {closed} closed questions; write at least {LEAST_CLOSED}"


def _habits(kind: str, asked: Sequence[Question]) -> Iterator[str]:
    choices = [question for question in asked if isinstance(question, Closed) and question.habits]
    if len(choices) < ENOUGH:
        return
    for word, far in (("longest", max), ("shortest", min)):
        told = [question.id for question in choices if _right_is(far, question.choices())]
        if len(told) > MOST_BY_LENGTH * len(choices):
            share = f"{len(told)} of {len(choices)} choices"
            yield f"{kind}: the right option is the {word} in {share}; change some of: {', '.join(told)}"
    places = Counter(next(i for i, option in enumerate(q.choices(), 1) if option.correct) for q in choices)
    place, count = places.most_common(1)[0]
    if count > MOST_IN_ONE_PLACE * len(choices):
        yield f"{kind}: option {place} is the right one in {count} of {len(choices)} choices; move some"
    for empty in sorted({1, 2, 3, 4} - places.keys()):
        yield f"{kind}: option {empty} is never the right one in {len(choices)} choices; move some there"


def _right_is(far: Callable[[Iterable[int]], int], options: Sequence[Option]) -> bool:
    """Return whether the right option alone has the greatest (max) or the smallest (min) length."""
    lengths = [len(option.text) for option in options]
    extreme = far(lengths)
    return lengths.count(extreme) == 1 and options[lengths.index(extreme)].correct
