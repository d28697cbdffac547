"""A course folder for nbgrader: its configuration, which plain nbgrader commands and the formgrader read as well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfm_quiz.course import Course
from tfm_quiz.errors import UsageProblem
from tfm_quiz.files import write_whole

from .build import CONFIG
from .names import check_folder

STEPS = ("source", "release", "submitted", "autograded", "feedback", "results")

EXPORTER = "tfm_quiz.teach.nbgrader.incoming.AnyNotebook"
SANITIZERS = (
    "tfm_quiz.teach.nbgrader.graft.GraftOntoRelease",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
)
AUTOGRADERS = (
    "tfm_quiz.teach.nbgrader.sandbox.SandboxGrade",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "tfm_quiz.teach.nbgrader.suggest.SuggestManual",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)
NOTES = {AUTOGRADERS[0]: "in place of Execute", AUTOGRADERS[5]: "after SaveAutoGrades, which it completes"}


def grading_lines() -> str:
    """Return the lines of a configuration that make nbgrader grade in the sandbox."""

    def listed(names: Sequence[str]) -> str:
        return "".join(f'    "{name}",{"  # " + NOTES[name] if name in NOTES else ""}\n' for name in names)

    return (
        "# Submissions are read as data and graded outside of any kernel. The places of these classes matter.\n"
        f'c.Autograde.exporter_class = "{EXPORTER}"\n'
        f"c.Autograde.sanitize_preprocessors = [\n{listed(SANITIZERS)}]\n"
        f"c.Autograde.autograde_preprocessors = [\n{listed(AUTOGRADERS)}]\n"
        "c.OverwriteCells.add_missing_cells = True\n"
    )


TEMPLATE = '''\
"""nbgrader's configuration for this course folder, made by `tfm-quiz teach nbgrader init`. Change it as you like."""

from pathlib import Path

c = get_config()  # noqa: F821 - nbgrader puts it here

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = {course_id!r}
c.CourseDirectory.db_url = "sqlite:///" + str(Path(__file__).resolve().parent / "gradebook.db")

{grading}
# The reports of tfm-quiz are in results/; these options change their results.
# c.Grading.course = "/srv/the-course"   # whose graders are used; default: the one tfm-quiz finds
# c.Grading.labs = False                     # leave the training labs out
# c.Grading.require = "none"                 # grade even where student code cannot be locked in
# c.Grading.time_factor = 2.0                # stretch every time limit

{exchange}
'''

EXCHANGE = """\
c.Exchange.root = {root!r}"""

NO_EXCHANGE = """\
# The exchange is off. For students on this machine: tfm-quiz teach nbgrader init --exchange DIR, or
# c.Exchange.root = "/srv/nbgrader/exchange\""""


def init(course: Course, folder: Path, *, exchange: Path | None = None) -> list[Path]:
    """Make a course folder; what is there stays. Returns what was written.

    Raises UsageProblem if `folder` is a file, the course itself, or has a configuration already.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(f"{folder} is a file.")
    if folder.resolve() == course.root or course.root in folder.resolve().parents:
        raise UsageProblem(
            "Student work and a gradebook do not belong into the course's own folder.",
            next_step=f"tfm-quiz teach nbgrader init ~/{course.id}-class",
        )
    check_folder(folder)
    config = folder / CONFIG
    if config.exists():
        raise UsageProblem(f"{config} is there already and stays as it is.")
    said = EXCHANGE.format(root=str(exchange.resolve())) if exchange else NO_EXCHANGE
    written = [config]
    for path in [folder, *(folder / step for step in STEPS)]:
        if not path.is_dir():
            path.mkdir(parents=True)
            path.chmod(0o700)  # submissions, marks and the gradebook are nobody else's to read
            written.append(path)
    write_whole(config, TEMPLATE.format(course_id=course.id, grading=grading_lines(), exchange=said))
    return written
