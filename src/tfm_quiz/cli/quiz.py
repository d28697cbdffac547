"""`tfm-quiz quiz`: questions, one a screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck, NoWorkspace, UsageProblem
from tfm_quiz.files import write_whole
from tfm_quiz.manifest import load_course
from tfm_quiz.quiz import memory
from tfm_quiz.quiz.answers import Answer, Unclear, given_answer, is_blank
from tfm_quiz.quiz.answers_file import NAME, AnswersUnreadable, clipped, read_answers, with_answer
from tfm_quiz.quiz.asking import QuestionResult, practise, take_down, to_practise
from tfm_quiz.quiz.bank import Closed, Question
from tfm_quiz.quiz.prompts import Prompt
from tfm_quiz.quiz.reading import Topic, chosen_topic, practice_topics, prompt_topics
from tfm_quiz.student.progress import FOLDER
from tfm_quiz.student.workspace import find_workspace

from .quiz_screen import TerminalScreen
from .screen import say


def _topics_for_completion(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    kind = "graded" if context.params.get("graded") else "practice"
    return sorted({s.id for s in load_course().questions if s.kind == kind and s.id.startswith(incomplete)})


@click.command()
@click.argument("topic", required=False, shell_complete=_topics_for_completion)
@click.option("--again", is_flag=True, help="Only what you missed; with --graded, every question once more.")
@click.option("--graded", is_flag=True, help="The graded questions: answers are saved in answers.toml, not judged.")
@click.option("--list", "listing", is_flag=True, help="List the topics.")
@click.option("--plain", is_flag=True, help="Sentences only, for screen readers; also with TERM=dumb.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each question as JSON on stdout.")
def quiz(topic: str | None, again: bool, graded: bool, listing: bool, plain: bool, as_json: bool) -> int:
    """Answer questions; every wrong answer says why.

    Without a TOPIC it goes on where you stopped. Answers may be piped in, one per line; an empty line leaves a question
    open.

    \b
    Examples:
      tfm-quiz quiz                 the next questions you have not seen
      tfm-quiz quiz {topic}       one topic
      tfm-quiz quiz --again         those that you missed
      tfm-quiz quiz --graded        the ones that count

    \b
    Exit codes:
      0 all right (--graded: all answered)   1 something wrong or left open
      2 usage   3 a file cannot be read   130 interrupted, what was answered is kept
    """
    course = load_course()
    if listing:
        return _list(course)
    plain = plain or os.environ.get("TERM") == "dumb"
    screen = TerminalScreen(course, plain=plain, err=as_json)
    run = _graded if graded else _practice
    return run(course, topic, screen, again=again, as_json=as_json)


def _practice(course: Course, topic: str | None, screen: TerminalScreen, *, again: bool, as_json: bool) -> int:
    topics = practice_topics(course)
    chosen = [chosen_topic(topics, topic)] if topic else list(topics)
    workspace = _workspace(course)
    progress = workspace / FOLDER / "progress.json" if workspace else None
    remembered = memory.PracticeMemory(progress)
    questions = to_practise(chosen, remembered.shares(), again=again, whole=topic is not None)
    if not questions:
        _nothing_left(topic, screen, again=again)
        return _report([], as_json=as_json, code=0)
    before = 0 if again else sum(len(part.questions) for part in chosen) - len(questions)
    try:
        asked = practise(questions, screen, remembered, before=before)
    except KeyboardInterrupt:
        _sum_up(remembered.results, questions, topic, screen, remembered=progress is not None)
        _report(remembered.results, as_json=as_json, code=130)
        raise
    _sum_up(asked, questions, topic, screen, remembered=progress is not None)
    perfect = len(asked) == len(questions) and all(result.share == 1 for result in asked)
    return _report(asked, as_json=as_json, code=0 if perfect else 1)


def _nothing_left(topic: str | None, screen: TerminalScreen, *, again: bool) -> None:
    where = f" in {topic}" if topic else ""
    if again:
        screen.say(f"\n  Nothing missed{where}.\n")
    else:
        screen.say("\n  You have answered every practice question.\n")
        screen.say("  tfm-quiz quiz --again      asks what you missed")
        screen.say("  tfm-quiz quiz --list       shows the topics, to take one once more\n")


def _sum_up(
    results: Sequence[QuestionResult],
    questions: Sequence[tuple[str, Question]],
    topic: str | None,
    screen: TerminalScreen,
    *,
    remembered: bool,
) -> None:
    closed = {question.id for _, question in questions if isinstance(question, Closed)}
    answered = [result for result in results if result.outcome not in ("skipped", "unclear")]
    told = sum(result.outcome == "written" for result in answered)
    right = sum(result.outcome == "right" for result in answered)
    missed = [result for result in answered if result.share < 1]
    judged = sum(result.id in closed for result in answered)
    parts = [f"{right} of {judged} right"] if judged else []
    parts += [f"{told} in your own words"] if told else []
    parts += [f"{len(questions) - len(answered)} left open"] if len(questions) > len(answered) else []
    screen.say(f"\n  {', '.join(parts)}.")
    if missed and remembered:
        again = " ".join(["tfm-quiz quiz", *([topic] if topic else []), "--again"])
        screen.say(f"\n  {again}   asks what you missed")
    elif not remembered:
        screen.say("\n  There are no exercises in this folder, so nothing was remembered: see tfm-quiz init")
    screen.say()


def _graded(course: Course, topic: str | None, screen: TerminalScreen, *, again: bool, as_json: bool) -> int:
    topics = prompt_topics(course)
    chosen = [chosen_topic(topics, topic)] if topic else list(topics)
    prompts = [(part.title, prompt) for part in chosen for prompt in part.questions]
    if not prompts:
        raise UsageProblem("This course has no graded questions.")
    file = (_workspace(course) or Path.cwd()) / NAME
    given, remarks = _given(file, [prompt for part in topics for prompt in part.questions])
    for remark in remarks:
        screen.paragraph(remark)
    open_ones = [(title, prompt) for title, prompt in prompts if again or prompt.id not in given]
    saved: list[QuestionResult] = []

    def save(prompt: Prompt, answer: Answer) -> None:
        _save(file, prompt, answer, screen)
        given[prompt.id] = answer
        saved.append(QuestionResult(prompt.id, "written", answer=answer))

    def sum_up() -> None:
        answered = sum(prompt.id in given for _, prompt in prompts)
        screen.say(f"\n  {answered} of {len(prompts)} graded questions answered, in {_shown_path(file)}")
        screen.say(
            "  tfm-quiz quiz --graded"
            + (" --again to change an answer\n" if answered == len(prompts) else " goes on\n")
        )

    try:
        asked = take_down(open_ones, given, screen, save, before=len(prompts) - len(open_ones))
    except KeyboardInterrupt:
        sum_up()
        _report(saved, as_json=as_json, code=130)
        raise
    sum_up()
    return _report(asked, as_json=as_json, code=0 if all(prompt.id in given for _, prompt in prompts) else 1)


def _given(file: Path, prompts: Sequence[Prompt]) -> tuple[dict[str, Answer], list[str]]:
    """Return the answers that stand in the file and can be read, and a sentence for each that can't."""
    try:
        answers = read_answers(_text(file)) if file.exists() else None
    except AnswersUnreadable as error:
        raise CouldNotCheck(
            f"{error} Nothing was changed.",
            where=_shown_path(file),
            next_step="Fix it, or move it away to start again.",
        ) from None
    if answers is None:
        return {}, []
    by_id = {prompt.id: prompt for prompt in prompts}
    given: dict[str, Answer] = {}
    remarks = list(answers.remarks)
    for name, value in answers.values.items():
        if name not in by_id:
            remarks.append(
                f"{NAME} line {answers.lines[name]}: there is no question `{clipped(name)}`; it does not count."
            )
        elif not is_blank(value):
            try:
                given[name] = given_answer(by_id[name], value)
            except Unclear as unclear:
                remarks.append(f"{NAME} line {answers.lines[name]}, {name}: {unclear}")
    return given, remarks


def _save(file: Path, prompt: Prompt, answer: Answer, screen: TerminalScreen) -> None:
    """Put one answer into the file as it stands now, so that an edit made meanwhile is kept."""
    before = _text(file) if file.exists() else b""
    try:
        text, kept = with_answer(before.decode("utf-8"), prompt.id, answer, _note(prompt))
    except (AnswersUnreadable, UnicodeDecodeError) as error:
        raise CouldNotCheck(
            f"Your answer to {prompt.id} could not be saved: {error} The answer was {answer!r}.",
            where=_shown_path(file),
            next_step="Fix the file, then run tfm-quiz quiz --graded again.",
        ) from None
    if not kept:
        backup = file.with_name(f"{NAME}.bak")
        write_whole(backup, before.decode("utf-8"))
        screen.paragraph(f"{NAME} had to be rewritten; the old one is {backup.name}.")
    write_whole(file, text)


def _note(prompt: Prompt) -> str:
    """Return the question's first words, for readers of the file."""
    words = " ".join(prompt.ask.split())
    return words if len(words) <= 90 else words[:89].rsplit(" ", 1)[0] + " …"


def _text(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(2**20)
    except OSError as error:
        raise CouldNotCheck(f"{NAME} cannot be read: {error.strerror}", where=_shown_path(file)) from None


def _report(results: Sequence[QuestionResult], *, as_json: bool, code: int) -> int:
    if as_json:
        document: dict[str, Any] = {"format": 1, "questions": {result.id: result for result in results}}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    return code


def _list(course: Course) -> int:
    rows: list[tuple[str, Topic]] = [("practice", topic) for topic in practice_topics(course)]
    rows += [("graded", topic) for topic in prompt_topics(course)]
    if not rows:
        raise UsageProblem("This course has no questions.")
    say()
    for kind, topic in rows:
        count = len(topic.questions)
        say(f"  {topic.id:<14} {kind:<9} {count:>3}  {topic.title}")
    say("\n  tfm-quiz quiz TOPIC    for the graded ones tfm-quiz quiz TOPIC --graded\n")
    return 0


def _workspace(course: Course) -> Path | None:
    """Return the student's folder around the current one, if there is one."""
    try:
        return find_workspace(course).root
    except NoWorkspace:
        return None


def _shown_path(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
