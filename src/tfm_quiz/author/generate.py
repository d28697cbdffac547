"""All that is generated and committed: stubs, lesson notebooks, public probes, graded prompts."""

from collections.abc import Sequence

from tfm_quiz.course import Course, Exercise

from .lessons import stale_lessons, write_lessons
from .questions import refresh_questions
from .stubs import stale_stubs, write_stubs


def refresh(course: Course, exercises: Sequence[Exercise], *, probes: bool, write: bool) -> list[str]:
    """List what is stale, relative to the course; rewrite it if `write`."""
    found = [str(path.relative_to(course.root)) for path in stale_stubs(course)]
    if write and found:
        write_stubs(course)
    found += [str(path.relative_to(course.root)) for path in stale_lessons(course)]
    if write:
        write_lessons(course)
    found += refresh_questions(course.root, write=write)
    if probes:
        from .probes import recorded, stale_probes, write_probes

        fresh = recorded(course, exercises)
        stale = list(stale_probes(course, exercises, fresh))
        found += [str(course.probes_path(exercise.id).relative_to(course.root)) for exercise in stale]
        if write:
            write_probes(course, {exercise.id: fresh[exercise.id] for exercise in stale})
    return found
