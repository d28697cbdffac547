"""`tfm-quiz teach nbgrader`: nbgrader's own workflow, with this engine beneath it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from tfm_quiz.cli.screen import counted, glyphs, say
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.untrusted import for_terminal

from . import isolation, staff_course

INSTALL = "pip install 'tfm-quiz[nbgrader]'"
course_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="nbgrader's course folder.  [default: the current one]",
)


@click.group()
def nbgrader() -> None:
    """Use nbgrader (gradebook, formgrader, feedback) with this engine's graders.

    Student code never runs in a kernel: it is graded behind the same wall, with the same marks, as by teach grade.

    \b
    Examples:
      tfm-quiz teach nbgrader init class/
      cd class/
      tfm-quiz teach nbgrader build --name week1 --units {unit},{next_unit}
      nbgrader generate_assignment week1
      tfm-quiz teach nbgrader autograde week1 --jobs 4
      nbgrader generate_feedback week1
    """


@nbgrader.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--exchange", type=click.Path(path_type=Path), help="Turn nbgrader's exchange on, in this folder.")
def init(folder: Path, exchange: Path | None) -> None:
    """Make a course folder with a configuration that plain nbgrader commands run on.

    \b
    Example:
      tfm-quiz teach nbgrader init ~/{course}-class
    """
    from tfm_quiz.teach.nbgrader.folder import init as make

    with _needs_nbgrader():
        from tfm_quiz.teach.nbgrader.gradebook import create
    made = make(staff_course(), folder, exchange=exchange)
    create(folder)
    say(f"\n  Wrote {for_terminal(str(folder))}/: nbgrader_config.py and {counted(len(made) - 1, 'folder')}.\n")
    say(f"  cd {for_terminal(str(folder))}")
    say("  tfm-quiz teach nbgrader build --name week1 --units UNIT,UNIT")


@nbgrader.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
def adopt(folder: Path, yes: bool) -> None:
    """Set up a course folder that exists already, such as one by `nbgrader quickstart`.

    Adds the lines by which nbgrader grades in the sandbox to the end of its nbgrader_config.py, shows them first, and
    keeps a copy of the old file. Run it again at any time.

    \b
    Examples:
      tfm-quiz teach nbgrader adopt ~/courses/nlp
      tfm-quiz teach nbgrader adopt . --yes
    """
    with _needs_nbgrader():
        from tfm_quiz.teach.nbgrader import adopt as adopting
    adoption = adopting.plan(folder)
    if adoption.diff:
        say(f"\n{for_terminal(adoption.diff)}")
        for option in adoption.replaced:
            say(f"  The lines above win over your own {option}.")
    if adoption.others:
        say("  These notebooks were not made by tfm-quiz teach nbgrader build:\n")
        for name, notebooks in adoption.others.items():
            say(f"    {for_terminal(name, lines=False)}: {for_terminal(', '.join(notebooks), lines=False)}")
        say("\n  In an adopted folder nbgrader cannot autograde them: it stops with an error and enters no marks.")
        say("  What the gradebook holds of them stays. To have both, leave this folder as it is and make another:")
        say("    tfm-quiz teach nbgrader init OTHER_DIR\n")
    if adoption.diff and not yes:
        click.confirm(f"  Change {for_terminal(str(folder))}/nbgrader_config.py?", abort=True)
    backup = adopting.carry_out(adoption)
    if backup is None:
        say(f"  {glyphs().passed} {for_terminal(str(folder))} is set up; nothing had to change.")
        return
    say(f"  {glyphs().passed} nbgrader grades in the sandbox here. The old file: {for_terminal(str(backup))}")


@nbgrader.command()
@click.option("--name", required=True, help="The assignment.")
@click.option("--units", help="Whole units, one notebook each, as UNIT,UNIT.  [default: all]")
@click.option("--only", multiple=True, metavar="EXERCISE", help="One notebook of these exercises; may be repeated.")
@click.option(
    "--questions", help="Graded questions, as TOPIC or QUESTION ids; `none` for none.  [default: those of the units]"
)
@course_folder
def build(name: str, units: str | None, only: tuple[str, ...], questions: str | None, folder: Path) -> None:
    """Write the notebooks of an assignment into source/NAME/.

    Refused where nbgrader's configuration would not grade them in the sandbox; `adopt` adds what is missing.

    They hold stubs, public checks and questions; no solution, no key and no hidden check is in them.

    \b
    Examples:
      tfm-quiz teach nbgrader build --name week1 --units positions,masks
      tfm-quiz teach nbgrader build --name warmup --only {exercise} --only {other} --questions {topic}
    """
    from tfm_quiz.teach.nbgrader.build import build as write
    from tfm_quiz.teach.nbgrader.build import default_units, to_bring

    with _needs_nbgrader():
        from tfm_quiz.teach.nbgrader.configuration import load, require_sandbox
        from tfm_quiz.teach.nbgrader.gradebook import require_same_cells
    course = staff_course()
    require_sandbox(folder)
    if units and only:
        raise click.UsageError("--units and --only exclude each other.")
    exercises = [course.exercise(key) for key in only]
    taken = [course.unit(key) for key in _listed(units)] if units else [] if only else default_units(course)
    topics = None if questions is None else [] if questions == "none" else _listed(questions)
    allowed = partial(require_same_cells, load(folder).coursedir, name)
    written = write(course, folder, name, units=taken, only=exercises, topics=topics, allowed=allowed)
    for path in written:
        say(f"  {glyphs().passed} {for_terminal(str(path))}")
    if bring := to_bring(course, exercises or [exercise for unit in taken for exercise in unit.exercises]):
        say(
            f"\n  They call functions of {', '.join(bring)}: students hand in theirs beside them, as a notebook or .py."
        )
    say(f"\n  nbgrader generate_assignment {for_terminal(name)}")


@nbgrader.command()
@click.argument("name")
@click.option("--jobs", type=click.IntRange(1, 64), help="Grader processes.  [default: one per core]")
@click.option("--student", "only", multiple=True, help="This student only; may be repeated.")
@click.option("--force", is_flag=True, help="Record also those that are up to date.")
@course_folder
def autograde(name: str, jobs: int | None, only: tuple[str, ...], force: bool, folder: Path) -> int:
    """Grade all submissions of an assignment in parallel, then let nbgrader record them.

    Stop it at any time: the same command goes on, and does only what is new. Scores and comments that were given by
    hand stay. Plain `nbgrader autograde` and the formgrader's button give the same marks, one student after another.

    \b
    Examples:
      tfm-quiz teach nbgrader autograde week1 --jobs 4
      tfm-quiz teach nbgrader autograde week1 --student student-01
    \b
    Exit codes: 0 all graded   3 somebody could not be graded   130 interrupted: what was graded is kept
    """
    from tfm_quiz.teach.nbgrader.head_start import head_start

    from .bars import watching

    jobs = jobs or os.cpu_count() or 1
    with head_start(folder, name, min(jobs, len(only) or jobs)) as early:
        with _needs_nbgrader():
            from tfm_quiz.teach.nbgrader.autograde import autograde as run
        with watching() as watch:
            done = run(folder, name, jobs=jobs, only=only, force=force, early=early, watch=watch)
    say(
        f"\n  {counted(len(done.students), 'submission')}: {len(done.graded)} graded, {len(done.recorded)} recorded"
        f"{isolation(done.levels)}"
    )
    for student, lines in done.told.items():
        for line in lines:
            say(f"  {for_terminal(student, lines=False)}: {for_terminal(line, lines=False)}")
    for student, why in done.failed.items():
        say(f"  {for_terminal(student, lines=False)} was not graded: {for_terminal(why, lines=False)}", err=True)
    say(f"\n  Reports are in {for_terminal(str(done.results))}. The gradebook: jupyter lab, menu Nbgrader, Formgrader.")
    return 3 if done.failed else 0


@nbgrader.command()
@click.argument("name")
@click.option("--to", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["questions", "canvas", "moodle"]),
    default="questions",
    show_default=True,
    help="A column per question, or what the gradebook of Canvas or Moodle imports.",
)
@course_folder
def export(name: str, to: Path, kind: str, folder: Path) -> None:
    """Write the gradebook's scores of an assignment as CSV, manual scores and late penalties included.

    \b
    Examples:
      tfm-quiz teach nbgrader export week1 --to week1.csv
      tfm-quiz teach nbgrader export week1 --format canvas --to canvas.csv
    """
    with _needs_nbgrader():
        from tfm_quiz.teach.nbgrader.export import export_assignment
    rows = export_assignment(folder, name, kind, to)
    say(f"  {glyphs().passed} {for_terminal(str(to))}: {counted(rows, 'student')}")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@contextmanager
def _needs_nbgrader() -> Generator[None]:
    """Around an import of what needs nbgrader."""
    from tfm_quiz.teach.nbgrader.head_start import quick_import

    try:
        with quick_import():
            yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tfm_quiz"):
            raise
        raise CouldNotCheck(f"This needs nbgrader: `{error.name}` is not installed.", next_step=INSTALL) from error
