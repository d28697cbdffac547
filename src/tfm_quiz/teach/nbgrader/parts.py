"""What our parts of nbgrader's chain share: which assignment they are in, where its folders are, where reports are."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum, Float, TraitError, Unicode, validate
from traitlets.config import LoggingConfigurable

from tfm_quiz.errors import CouldNotCheck, UsageProblem
from tfm_quiz.manifest import load_course
from tfm_quiz.teach.classroom import Plan

from .assignment import read_assignment
from .configuration import require
from .desk import Desk
from .gradebook import late_rules

DESK = "_tfm_quiz_desk"  # the converter's attribute: preprocessors live for one notebook, the converter for a class


class Grading(LoggingConfigurable):
    """How work is graded: `c.Grading` in nbgrader_config.py."""

    course = Unicode("", help="The course whose graders are used (default: the one that tfm-quiz finds)").tag(
        config=True
    )
    labs = Bool(True, help="Whether the training labs count").tag(config=True)
    time_factor = Float(1.0, help="Stretches every time limit, by 0.1 to 100").tag(config=True)
    require = Enum(
        ["none", "basic", "strong", "full"], "strong", help="The weakest isolation that student code may run in"
    ).tag(config=True)
    at_most = Enum(["none", "basic", "strong", "full"], "full", help="The strongest that is tried").tag(config=True)

    @validate("time_factor")
    def _in_range(self, proposal: Any) -> float:
        if not 0.1 <= proposal["value"] <= 100:  # NaN is not in any range
            raise TraitError(f"c.Grading.time_factor is {proposal['value']}, not a number from 0.1 to 100.")
        return proposal["value"]


def make_desk(parent: Any, coursedir: Any, assignment_id: str, jobs: int = 1) -> Desk:
    """Return a desk for an assignment of nbgrader's course directory.

    Raises UsageProblem if the assignment was not released or is not one that `build` made, CouldNotCheck for values of
    `c.Grading` that are none.
    """
    try:
        options = Grading(parent=parent)
    except TraitError as error:
        raise CouldNotCheck(f"nbgrader_config.py has a value that cannot be: {error}") from error
    course = load_course(Path(options.course) if options.course else None)
    if not course.can_teach:
        raise CouldNotCheck(
            "This install of the course has no hidden graders.",
            where=str(course.root),
            next_step="Set c.Grading.course in nbgrader_config.py to a checkout of the course.",
        )
    assignment = read_assignment(
        Path(coursedir.format_path(coursedir.release_directory, ".", assignment_id)), assignment_id
    )
    plan = Plan(
        course=course,
        exercises=[course.exercise(key) for key in assignment.exercises],
        jobs=jobs,
        time_factor=options.time_factor,
        labs=options.labs,
        at_least=options.require,
        at_most=options.at_most,
    )
    results = Path(coursedir.root) / "results" / assignment_id
    return Desk(plan, assignment, results, late_rules(parent, coursedir, assignment_id))


def desk_for(converter: Any, resources: Any) -> Desk | None:
    """Return the desk of the assignment that a converter works on; None for an assignment that is not ours.

    Raises CouldNotCheck if the converter is not configured to grade in the sandbox.
    """
    assignment_id = resources["nbgrader"]["assignment"]
    desks: dict[str, Desk | None] = converter.__dict__.setdefault(DESK, {})
    if assignment_id not in desks:
        try:
            desk = make_desk(converter, converter.coursedir, assignment_id)
        except UsageProblem as error:
            converter.log.warning("%s", error)
            desks[assignment_id] = None
        else:
            require(converter, Path(converter.coursedir.root))  # a configuration may name some of our parts only
            desks[assignment_id] = desk
            weakref.finalize(converter, desk.close)  # the formgrader lives long, its converters do not
    return desks[assignment_id]


class Part(NbGraderPreprocessor):
    """A preprocessor of ours: knows its place in the class."""

    enabled = Bool(True)  # no option, as it is elsewhere: without grading, an empty output means full marks

    @property
    def converter(self) -> Any:
        """The Autograde that runs it."""
        return self.parent.parent

    def desk(self, resources: Any) -> Desk:
        """Return the desk of this assignment. Raises UsageProblem for an assignment that `build` did not make."""
        desk = desk_for(self.converter, resources)
        if desk is None or resources["nbgrader"]["notebook"] not in desk.assignment.contents:
            name = f"{resources['nbgrader']['assignment']}/{resources['nbgrader']['notebook']}"
            raise UsageProblem(
                f"{name} was not made by tfm-quiz, which grades its own notebooks only.",
                next_step="Keep other assignments in a course folder with nbgrader's own configuration.",
            )
        return desk

    def submitted(self, resources: Any) -> Path:
        """Return the folder that the student handed in."""
        coursedir, place = self.converter.coursedir, resources["nbgrader"]
        return Path(coursedir.format_path(coursedir.submitted_directory, place["student"], place["assignment"]))
