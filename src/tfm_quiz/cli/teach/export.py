"""`tfm-quiz teach export`: the questions for other systems."""

from __future__ import annotations

from pathlib import Path

import click

from tfm_quiz.cli.screen import say

from . import staff_course


@click.command()
@click.argument("target", type=click.Choice(["canvas", "moodle", "anki", "jupyterquiz"]))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The file to write.")
@click.option("--topic", "names", multiple=True, help="Only this topic; may be given more than once.")
@click.option("--graded", is_flag=True, help="The graded questions, keys included, in place of the practice questions.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["ordering"]),
    help="moodle: a question type that it lacks (ordering before 4.4); another form is written.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def export(
    target: str, out: Path | None, names: tuple[str, ...], graded: bool, without: tuple[str, ...], force: bool
) -> int:
    """Write the questions for Canvas (QTI), Moodle (XML), Anki or JupyterQuiz, with what could not be carried.

    \b
    Examples:
      tfm-quiz teach export moodle
      tfm-quiz teach export moodle --without ordering
      tfm-quiz teach export canvas --graded -o graded.zip
      tfm-quiz teach export anki --topic {topic}

    \b
    Exit codes:
      0 written   2 usage   3 a library is missing or a question file has mistakes
    """
    from tfm_quiz.errors import UsageProblem
    from tfm_quiz.files import write_whole
    from tfm_quiz.quiz.reading import chosen_topic, graded_topics, practice_topics
    from tfm_quiz.teach.export.formats import export as exported_to
    from tfm_quiz.teach.export.formats import grouped

    course = staff_course()
    topics = graded_topics(course) if graded else practice_topics(course)
    chosen = [chosen_topic(topics, name) for name in names] or list(topics)
    made = exported_to(chosen, target, course.title, course.cite, graded=graded, without=without)
    path = out or Path(f"{course.id}-{'graded' if graded else 'practice'}-{target}{made.suffix}")
    if path.exists() and not force:
        raise UsageProblem(f"{path} is there already.", next_step="--force replaces it, -o FILE takes another name")
    if not path.parent.is_dir():
        raise UsageProblem(f"There is no folder {path.parent}.")
    write_whole(path, made.data)
    count = sum(len(topic.questions) for topic in chosen)
    say(f"\n  Wrote {path}: {made.carried} of {count} questions")
    if graded:
        say("  It holds the keys of the graded questions: keep it from students.")
    for said, questions in grouped(made):
        shown = ", ".join(questions[:4]) + (f" and {len(questions) - 4} more" if len(questions) > 4 else "")
        say(f"\n  {said}\n    {shown}")
    say()
    return 0
