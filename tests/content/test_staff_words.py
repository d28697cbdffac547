"""Staff's words stay with staff: nothing of rubrics, keys and hidden checks stands in what students get."""

from __future__ import annotations

import ast
import html
import importlib.util
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import msgspec
import pytest

from tfm_quiz.course import Course
from tfm_quiz.outcome import CheckResult, ExerciseResult, QuestionScore, Report
from tfm_quiz.quiz.bank import Closed, Question
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.quiz.reading import graded_topics, practice_topics
from tfm_quiz.quiz.scoring import score_with
from tfm_quiz.teach.export.formats import export
from tfm_quiz.teach.feedback import feedback

SHORTEST = 20  # characters of a text that is looked for: "right" and "n = 4" stand everywhere
KEYS = {"why", "say", "model_answer"}  # of a question, at any depth, besides its rubric
STAFF = ("hidden", "key", "rubric")


def plain(text: str) -> str:
    """Text to compare: no markup, signs or line ends."""
    return " ".join(re.findall(r"[\w\d]+", html.unescape(html.unescape(text)).casefold()))


def texts_of(value: Any, wanted: bool = False) -> Iterator[str]:
    """The texts under keys of KEYS, and all that stand in key points and misconceptions of a rubric."""
    if isinstance(value, str) and wanted:
        yield value
    elif isinstance(value, dict):
        for key, inside in value.items():
            rubric = key in ("key_points", "misconceptions") and isinstance(inside, list)
            yield from texts_of(inside, wanted or key in KEYS or rubric)
    elif isinstance(value, list):
        for inside in value:
            yield from texts_of(inside, wanted)


def hidden_checks(course: Course) -> Iterator[ast.FunctionDef]:
    """The hidden tests of all graders."""
    for exercise in course.exercises:
        for node in ast.parse(course.grader_path(exercise.id).read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any("hidden" in ast.unparse(one) for one in node.decorator_list):
                yield node


@pytest.fixture(scope="module")
def staff(course: Course) -> dict[str, set[str]]:
    """What students must not read, by its kind. What they are asked, and what they read in practice, is no secret."""
    graded = [question for topic in graded_topics(course) for question in topic.questions]
    keys = {plain(text) for one in graded if isinstance(one, Closed) for text in texts_of(msgspec.to_builtins(one))}
    rubric = {plain(text) for one in graded if isinstance(one, Prose) for text in texts_of(msgspec.to_builtins(one))}
    lines = set()
    for check in hidden_checks(course):
        body = check.body[1:] if ast.get_docstring(check) else check.body
        lines |= {plain(ast.get_docstring(check) or ""), *(plain(ast.unparse(one)) for one in body)}
    asked = plain(" ".join(f"{one.ask} {' '.join(one.prompt().options)}" for one in graded))
    said = plain(" ".join(text for topic in practice_topics(course) for text in every_text(topic.questions)))
    found = {"hidden": lines, "key": keys, "rubric": rubric}
    return {
        kind: {text for text in texts if len(text) >= SHORTEST and text not in asked and text not in said}
        for kind, texts in found.items()
    }


def every_text(questions: Any) -> Iterator[str]:
    """All texts of questions."""
    yield from texts_of(json.loads(msgspec.json.encode(questions)), wanted=True)


def found_in(text: str, staff: dict[str, set[str]], *kinds: str) -> list[str]:
    seen = plain(text)
    return [secret for kind in kinds for secret in staff[kind] if secret in seen]


def test_there_is_something_to_look_for(staff):
    assert all(len(staff[kind]) > 50 for kind in STAFF)
    for kind in STAFF:
        secret = min(staff[kind])
        assert secret in found_in(f"<p>...{secret.upper().replace(' ', ', ')}...</p>", staff, *STAFF)


def shipped(course: Course) -> Iterator[tuple[str, str]]:
    """What goes into wheel and sdist, by the build hook's own list, and the engine."""
    spec = importlib.util.spec_from_file_location("audited_hook", course.root / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    names = [course.root / name for name in hook.student_files(course.root)]
    for path in [*names, *(course.root / "src").rglob("*")]:
        if path.is_file() and path.suffix in (".py", ".toml", ".ipynb", ".json", ".ini", ".txt", ".npz"):
            text = path.read_bytes().decode("utf-8", "replace")
            yield path.name, " ".join(texts_in_json(json.loads(text))) if path.suffix == ".ipynb" else text


def texts_in_json(value: Any) -> Iterator[str]:
    """All texts of a document; a list of lines is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield "".join(value)
    elif isinstance(value, list | dict):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from texts_in_json(inside)


@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed")
def test_wheel_and_sdist_hold_none_of_them(course, staff):
    leaks = {name: found for name, text in shipped(course) if (found := found_in(text, staff, *STAFF))}
    assert leaks == {}


@pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)")
def test_notebooks_of_an_assignment_hold_none_of_them(course, staff):
    from tfm_quiz.teach.nbgrader.build import notebooks

    texts = notebooks(course, "all", units=course.units)
    assert texts
    for text in texts.values():
        assert found_in(" ".join(texts_in_json(json.loads(text))), staff, *STAFF) == []


def unpacked(data: str | bytes) -> Iterator[str]:
    """The texts of an export; those of an archive's members, and of the notes in Anki's database."""
    raw = data.encode() if isinstance(data, str) else data
    if not raw.startswith(b"PK"):
        yield raw.decode("utf-8")
        return
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            member = archive.read(name)
            if member.startswith(b"SQLite"):
                database = sqlite3.connect(":memory:")
                database.deserialize(member)
                yield from (row[0] for row in database.execute("select flds from notes"))
                database.close()
            else:
                yield member.decode("utf-8", "replace")


@pytest.mark.parametrize("target", ["moodle", "canvas", "anki", "jupyterquiz"])
def test_exports_of_practice_hold_none_of_them(course, staff, target):
    if library := {"anki": "genanki", "canvas": "text2qti"}.get(target):
        pytest.importorskip(library)
    made = export(practice_topics(course), target, course.title, course.cite)
    text = " ".join(unpacked(made.data))
    assert "softmax" in text
    assert found_in(text, staff, *STAFF) == []


WRONG = ("a", "b", "a, b", "b, a", "b, a, c", "d, c, b, a", "e, d, c, b, a", "0.123", "7, 7, 7", "nothing", "9 9; 9 9")


def answered_wrongly(course: Course) -> QuestionScore:
    """Every graded question answered: closed ones wrongly, if one of WRONG is; free text by its own model answer."""
    questions: list[Question] = [question for topic in graded_topics(course) for question in topic.questions]
    replies = {one.id: one.model_answer for one in questions if isinstance(one, Prose)}
    for one in (one for one in questions if isinstance(one, Closed)):
        tried = {text: score_with([one], None, {one.id: text}).items[one.id].outcome for text in WRONG}
        replies[one.id] = next((text for text in WRONG if tried[text] == "wrong"), WRONG[0])
    score = score_with(questions, None, replies)
    items = {
        name: msgspec.structs.replace(item, outcome="reviewed", points=1.0) if item.type == "prose" else item
        for name, item in score.items.items()
    }
    return msgspec.structs.replace(score, items=items)


def test_feedback_of_either_way_holds_no_key_no_rubric_and_no_detail_for_staff(course, staff):
    detail = "arguments were ([[7, 3, 11]], 4)"
    checks = (
        CheckResult(name="holds", outcome="wrong", points=0, out_of=1, hidden=True, message="odd", detail=detail),
    )
    result = ExerciseResult(points=0.0, out_of=1.0, outcome="wrong", checks=checks)
    score = answered_wrongly(course)
    report = Report(
        submission="student-01", points=0.0, out_of=100.0, isolation="full", versions={}, key="k", seconds=0.1,
        questions=score, exercises={course.exercises[0].id: result},
    )  # fmt: skip
    texts = [feedback(course, report)]
    if find_spec("nbgrader") is not None:
        from tfm_quiz.teach.nbgrader.suggest import _words
        from tfm_quiz.teach.nbgrader.words import outputs

        texts += [json.dumps(outputs(result, 1.0, [])), *(str(_words(name, one)) for name, one in score.items.items())]
    whole = "\n".join(texts)
    assert "holds" in whole
    wrong = [one for one in score.items.values() if one.outcome == "wrong"]
    assert len(wrong) > len(score.items) / 2
    said = plain(" ".join(one.message for one in wrong))  # the reply to a wrong answer is meant for who gave it
    assert [secret for secret in found_in(whole, staff, "key", "rubric") if secret not in said] == []
    whys = [one.why for topic in graded_topics(course) for one in topic.questions if isinstance(one, Closed)]
    assert [why for why in whys if plain(why) in plain(whole)] == []
    assert detail not in whole
