"""Prose questions with their rubrics: reading them, and what a rubric suggests for an answer.

A suggestion is never a mark. It says which key points were found, with the student's own sentences, and gives a person
who reviews the answer the points that this would make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tfm_quiz.errors import CourseError, Fault

from .bank import Question
from .kinds.prose import Prose
from .reading import read_questions
from .rubric.guards import SENTENCES, Abstained, speaks_to_grader
from .rubric.model import KeyPoint, Lexicon, Misconception
from .rubric.patterns import PatternError
from .rubric.rubric import Reading, Rubric, State, compile_rubric
from .topic_files import LEXICON

FOLDER = Path("solutions", "quiz", "prose")  # graded questions, and the lexicon of all
PRACTICE = Path("quiz", "practice", "prose")  # practice questions, and the part of the lexicon that they use
Need = Literal["abstained", "flagged", "disagreement", "ordinary"]  # why a person should look, worst first


class KeyPointRead(Struct, frozen=True, kw_only=True):
    """One key point in an answer. `evidence` are the student's sentences; `reason` says why it is not simply found."""

    id: str  # `A3.1`
    text: str
    state: State
    evidence: tuple[str, ...] = ()
    reason: str = ""


class Flagged(Struct, frozen=True, kw_only=True):
    """A sentence of the student that reads like a misconception."""

    id: str  # `A3.m2`
    text: str
    say: str
    section: str
    evidence: str


class Suggestion(Struct, frozen=True, kw_only=True):
    """What the rubric of a question suggests for an answer; `points` only ever count once a person accepts them."""

    question: str  # id in the bank
    points: float
    out_of: float
    key_points: tuple[KeyPointRead, ...]
    misconceptions: tuple[Flagged, ...] = ()
    abstained: Abstained | None = None
    reasons: tuple[str, ...] = ()  # why a person should look, in sentences

    @property
    def need(self) -> Need:
        """Return how urgently a person should look at it."""
        return "abstained" if self.abstained else "flagged" if self.misconceptions else "ordinary"


@dataclass(frozen=True)
class ProseQuestion:
    """A prose question with its compiled rubric."""

    question: Prose
    rubric: Rubric

    def suggest(self, text: str, asked: str | None = None) -> Suggestion:
        """Return what the rubric reads in an answer, with ids of the source question `asked` (None: the first one)."""
        return suggestion(self.question, self.rubric, self.rubric.read(text), text, asked)


@dataclass(frozen=True)
class Rubrics:
    """The prose questions of a course, found by id or by the source question that they serve."""

    compiled: tuple[ProseQuestion, ...]

    @property
    def questions(self) -> tuple[Prose, ...]:
        """The questions alone."""
        return tuple(one.question for one in self.compiled)

    @property
    def sources(self) -> tuple[str, ...]:
        """The source questions that have a rubric, such as `A3`."""
        return tuple(source for question in self.questions for source in question.source)

    def find(self, name: str) -> ProseQuestion | None:
        """Return the question of this id, or the one that serves this source question."""
        return next((one for one in self.compiled if name == one.question.id or name in one.question.source), None)

    def suggest(self, question: Question | str, text: str) -> Suggestion | None:
        """Return what the rubric of a question (or an id or source) suggests for an answer; None without a rubric."""
        found = self.find(question if isinstance(question, str) else question.id)
        return found.suggest(text, question if isinstance(question, str) else None) if found else None


def load_rubrics(course_root: Path) -> Rubrics:
    """Load a checkout's prose questions, graded and practice. Raises CourseError with every mistake in their files."""
    folders = [course_root / FOLDER, course_root / PRACTICE]
    files = sorted(path for folder in folders for path in folder.glob("*.toml") if path.name != LEXICON)
    if not files:
        wanted = "holds no prose questions; write each as a [[question]] of type prose"
        raise CourseError([Fault(str(folders[0]), wanted)])
    return read_rubrics(files, folders[0] / LEXICON)


def read_rubrics(files: Sequence[Path], lexicon: Path) -> Rubrics:
    """Return the prose questions of these files with their lexicon. Raises CourseError with every mistake."""
    faults: list[Fault] = []
    words = Lexicon()
    try:
        words = msgspec.toml.decode(lexicon.read_bytes(), type=Lexicon)
    except OSError as error:
        faults.append(Fault(str(lexicon), f"cannot be read: {error.strerror}"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # a ValidationError is a DecodeError
        faults.append(Fault(lexicon.name, str(error)))
    questions: list[Prose] = []
    for path in files:
        try:
            found = read_questions(path)
        except CourseError as error:
            faults += error.faults
            continue
        faults += [Fault(path.name, f"question {q.id}: is of another type") for q in found if not isinstance(q, Prose)]
        questions += [question for question in found if isinstance(question, Prose)]
    compiled: dict[str, ProseQuestion] = {}
    for question in [] if faults else questions:
        try:
            compiled[question.id] = ProseQuestion(question, _compiled(question, words))
        except CourseError as error:
            faults += error.faults
    if faults:
        raise CourseError(faults)
    return Rubrics(tuple(compiled.values()))


def practice_rubric(course_root: Path, question: Prose) -> ProseQuestion:
    """Compile a practice question's rubric with the lexicon that ships beside it (none is an empty one).

    Raises CourseError for a mistake in either.
    """
    file = course_root / PRACTICE / LEXICON
    try:
        words = msgspec.toml.decode(file.read_bytes(), type=Lexicon) if file.is_file() else Lexicon()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CourseError([Fault(str(file), str(error))]) from error
    return ProseQuestion(question, _compiled(question, words))


def suggestion(question: Prose, rubric: Rubric, reading: Reading, text: str, asked: str | None = None) -> Suggestion:
    """Return a reading as a suggestion with points and reasons."""
    name = asked if asked in question.source else question.source[0]
    key_points = tuple(
        KeyPointRead(
            id=f"{name}.{number}", text=point.text, state=idea.state, evidence=idea.evidence, reason=idea.reason
        )
        for number, (point, idea) in enumerate(zip(rubric.key_points, reading.ideas, strict=True), start=1)
    )
    flagged = tuple(
        Flagged(
            id=f"{name}.m{flag.number}",
            text=rubric.misconceptions[flag.number - 1].text,
            say=rubric.misconceptions[flag.number - 1].say,
            section=rubric.misconceptions[flag.number - 1].section,
            evidence=flag.evidence,
        )
        for flag in reading.flags
    )
    reasons: list[str] = []
    if reading.abstained:
        reasons.append(SENTENCES[reading.abstained])
        if reading.abstained == "instructions":
            reasons.append(f"It says: {speaks_to_grader(text)}")
    reasons += [f"This sentence reads like a misconception ({flag.text}): {flag.evidence}" for flag in flagged]
    reasons += [f"{point.id} is not sure: {point.reason}" for point in key_points if point.state == "unsure"]
    found = sum(point.state == "found" for point in key_points)
    return Suggestion(
        question=question.id,
        points=round(question.points * found / len(key_points), 2),
        out_of=float(question.points),
        key_points=key_points,
        misconceptions=flagged,
        abstained=reading.abstained,
        reasons=tuple(reasons),
    )


def _compiled(question: Prose, lexicon: Lexicon) -> Rubric:
    where = f"question {question.id}"
    try:
        key_points = msgspec.convert(question.key_points, list[KeyPoint])
        misconceptions = msgspec.convert(question.misconceptions, list[Misconception])
        return compile_rubric(question.ask, key_points, misconceptions, lexicon, [question.model_answer])
    except (msgspec.ValidationError, PatternError) as error:
        raise CourseError([Fault(where, str(error))]) from error
