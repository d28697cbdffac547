"""What `teach lint` looks at: the course's files, and the proof of every grader."""

from collections.abc import Iterator, Sequence

from tfm_quiz.course import Course, Exercise
from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.quiz.lint import lint_bank
from tfm_quiz.wall.host.workers import Workers

from .prove import Proof, prove
from .stubs import stale_stubs


def content_faults(course: Course) -> list[str]:
    """List what is stale or missing in the course's files, each with the command that fixes it."""
    faults = [f"{path.relative_to(course.root)} is stale: run `tfm-quiz teach stubs`" for path in stale_stubs(course)]
    faults += lint_bank(course.root)
    core = sum(exercise.points for exercise in course.exercises if not exercise.bonus)
    if course.points is not None and core != course.points:
        faults.append(
            f"the exercises without bonus sum to {core} points, and `points` says {course.points}: fix course.toml"
        )
    return faults


def proofs(course: Course, exercises: Sequence[Exercise], seed: int) -> Iterator[Proof]:
    """Yield the proof of each exercise, as it is found. One exercise is one grading session."""
    with Workers() as workers:
        for exercise in exercises:
            found: list[Proof] = []

            def use(graders: Graders, exercise: Exercise = exercise, found: list[Proof] = found) -> None:
                found.append(prove(graders, exercise, seed))

            with_graders(course, [exercise], workers, use, seed=seed)
            yield found[0]


def table_of(found: Sequence[Proof]) -> str:
    """Return the figures as a Markdown table."""
    heads = ("exercise", "mistakes caught", "named", "named in a second wording", "right styles accepted", "misnamed")
    rows = [f"| {' | '.join(heads)} |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{p.exercise.id}` | {p.caught} of {p.variants} | {p.named} of {p.variants} "
        f"| {p.second_named} of {p.second} | {p.accepted} of {p.styles} | {p.misnamed} of {p.doubles} double faults |"
        for p in found
    ]
    return "\n".join(rows)
