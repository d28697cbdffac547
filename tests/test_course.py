"""The manifest: what it says is found, and every mistake in it is told at once, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfm_quiz.errors import CourseError, UsageProblem
from tfm_quiz.manifest import find_course, load_course
from tfm_quiz.toml.places import line_of_places

CHECKOUT = Path(__file__).parents[1]
TINY = Path(__file__).parent / "courses" / "tiny"

GOOD = """format = 1
id = "small"
title = "Small"
version = "1"

[[unit]]
id = "rows"
title = "Rows"

[[unit.exercise]]
id = "double"
name = "double"
title = "Double"
points = 2
hints = ["a", "b", "c"]
success = "Well."

[[unit.exercise]]
id = "sums"
name = "sums"
title = "Sums"
points = 3
needs = ["double"]
hints = [
  "a",
  "b",
  "c",
]
success = "Well."
"""


def write(folder: Path, text: str) -> Path:
    (folder / "course.toml").write_text(text, "utf-8")
    return folder


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(CourseError) as caught:
        load_course(write(folder, text))
    return [str(fault) for fault in caught.value.faults]


def test_the_tiny_course_is_read_in_its_order():
    course = load_course(TINY)
    assert [exercise.id for exercise in course.exercises] == ["double", "row_sums", "gain", "twice"]
    assert course.modules == ("rows", "gains")
    gain = course.exercise("gain")
    assert (gain.module, gain.name, gain.points, gain.needs, gain.bonus) == ("gains", "Gain", 4, ("double",), False)
    assert course.exercise("twice").bonus
    assert course.questions[0].id == "shapes"
    assert course.can_teach


def test_every_path_lies_where_authors_are_told():
    course = load_course(TINY)
    for path in (course.stub_path("rows"), course.solution_path("rows"), course.grader_path("gain")):
        assert path.is_file()
    assert course.patches_path("gain").is_file()
    assert course.misconceptions_path("double").is_file()
    assert course.proofs_path("gain").is_file()
    assert course.staged_path("twice").is_file()
    assert course.probes_path("gain").relative_to(course.root).as_posix() == "exercises/probes/gain.npz"


def test_this_courses_core_exercises_are_worth_a_hundred_points():
    course = load_course(CHECKOUT)
    assert sum(exercise.points for exercise in course.exercises if not exercise.bonus) == 100


def test_an_exercise_is_found_by_the_name_of_its_function_and_a_typo_gets_the_nearest():
    course = load_course(TINY)
    assert course.exercise("Gain").id == "gain"
    with pytest.raises(UsageProblem, match=r"no exercise `row_sum`; did you mean `row_sums`\?"):
        course.exercise("row_sum")


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path):
    text = GOOD.replace('title = "Double"', 'titel = "Double"').replace("points = 3", 'points = "three"')
    text = text.replace('needs = ["double"]', 'needs = ["duoble"]')
    faults = faults_of(tmp_path, text)
    assert faults == [
        'course.toml:10: exercise double: `title` is missing; write for example title = "Sum each row"',
        "course.toml:13: exercise double: unknown key `titel`; did you mean `title`?",
        "course.toml:22: exercise sums: `points` is 'three': expected int, got str; write for example points = 3",
        "course.toml:23: exercise sums: needs `duoble`, which is not an exercise; did you mean `double`?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('id = "rows"', 'id = "Rows"', 7, "`id` is 'Rows'"),
        ('id = "rows"', 'id = "random"', 7, "is a module of Python"),
        ('id = "rows"', 'id = "torch"', 7, "is a module of Python or torch"),
        ('id = "double"', 'id = "../double"', 11, "spelling is not allowed"),
        ('id = "double"', 'id = "double\\n"', 11, "spelling is not allowed"),
        ('name = "double"', 'name = "lambda"', 12, "is a Python keyword"),
        ('name = "sums"', 'name = "double"', 20, "`name` is already taken at course.toml:12"),
        ('id = "sums"', 'id = "Double"', 19, "`id` is already taken at course.toml:11"),
        ('title = "Sums"', 'title = "  "', 21, "blank"),
        ("points = 3", "points = 0", 22, ">= 1"),
        ("points = 3", "points = true", 22, "got bool"),
        ('  "c",\n]', "]", 24, "of length >= 3"),
        ('  "c",\n]', '  "c",\n  "d",\n]', 24, "of length <= 3"),
        ('  "b",', '  "",', 24, "item 2: blank"),
        ('success = "Well."\n\n', 'success = ""\n\n', 16, "blank"),
        ('hints = ["a", "b", "c"]\n', 'hints = ["a", "b", "c"]\nneeds = ["sums"]\n', 16, "double -> sums -> double"),
        ('needs = ["double"]', 'needs = ["sums"]', 23, "sums -> sums"),
        ('needs = ["double"]', "needs = 3", 23, "got int"),
        ("[[unit]]", "[[units]]\nid = 1\n\n[[unit]]", 6, "unknown key `units`; did you mean `unit`?"),
        ("[[unit]]", "[unit]", 6, "write each as [[unit]]"),
        ('id = "small"', "id = 7", 2, "got int"),
        ("format = 1", "format = 2", 1, "update tfm-quiz"),
        ("format = 1", 'format = "1"', 1, "write format = 1"),
    ],
)
def test_each_kind_of_mistake_has_its_line_and_says_what_is_wrong(tmp_path, old, new, line, words):
    faults = faults_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(fault.startswith(f"course.toml:{line}: ") and words in fault for fault in faults), faults


def test_two_circles_of_needs_are_both_told(tmp_path):
    more = GOOD.replace('needs = ["double"]', 'needs = ["sums"]')
    more += '\n[[unit.exercise]]\nid = "c"\nname = "c"\ntitle = "C"\npoints = 1\nneeds = ["c"]\n'
    more += 'hints = ["a", "b", "c"]\nsuccess = "Well."\n'
    faults = faults_of(tmp_path, more)
    assert [fault.split("itself: ")[1].split(";")[0] for fault in faults] == ["sums -> sums", "c -> c"]


QUESTIONS = '\n[[questions]]\nfile = "quiz/practice/a.toml"\ntitle = "A"\nkind = "practice"\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("quiz/practice/a.toml", "quiz/practice/../../solutions/quiz/a.toml", "spelling is not allowed"),
        ("quiz/practice/a.toml", "solutions/quiz/a.toml", "spelling is not allowed"),
        ('kind = "practice"', 'kind = "graded"', 'kind = "graded" belongs in quiz/graded/'),
        ('kind = "practice"', 'kind = "practise"', "'practise'"),
    ],
)
def test_a_file_of_questions_lies_where_its_kind_says(tmp_path, old, new, words):
    faults = faults_of(tmp_path, GOOD + QUESTIONS.replace(old, new))
    assert any(words in fault for fault in faults), faults


def test_a_file_listed_twice_is_a_mistake(tmp_path):
    (fault,) = faults_of(tmp_path, GOOD + QUESTIONS + QUESTIONS)
    assert "already listed at course.toml:31" in fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = 1\nid = [\n", "course.toml:3: is not TOML"),
        ("format = 1\nid = 'a' b\n", "course.toml:2: is not TOML"),
        ("", "`format` is None; write format = 1"),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path, text, words):
    (fault,) = faults_of(tmp_path, text)
    assert words in fault


def test_a_manifest_that_is_not_utf8_is_told_with_its_line(tmp_path):
    (tmp_path / "course.toml").write_bytes(b"format = 1\nid = 'caf\xe9'\n")
    with pytest.raises(CourseError, match=r"course\.toml:2: is not UTF-8"):
        load_course(tmp_path)


def test_a_course_is_found_by_argument_then_by_environment_then_beside_the_package(tmp_path, monkeypatch):
    monkeypatch.delenv("TFM_QUIZ_COURSE", raising=False)
    assert find_course() == CHECKOUT
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(TINY))
    assert find_course() == TINY
    assert find_course(write(tmp_path, GOOD)) == tmp_path
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(tmp_path / "nothing"))
    with pytest.raises(CourseError, match=r"nothing: is not a course: it has no course\.toml") as caught:
        find_course()
    assert "Unset TFM_QUIZ_COURSE" in (caught.value.next_step or "")


def test_lines_are_those_of_keys_and_tables_not_of_text_in_strings():
    text = 'a = """\n[[unit]]\nid = 1\n"""\n[[unit]] # one\nid = "x"\n\n[[unit]]\n[[unit.exercise]]\nid = "y"\n'
    lines = line_of_places(text)
    assert lines[("unit", 0)] == 5
    assert lines[("unit", 0, "id")] == 6
    assert lines[("unit", 1, "exercise", 0, "id")] == 10


def test_a_legend_says_what_a_boolean_matrix_means(tmp_path):
    with_legend = GOOD.replace("points = 2\n", 'points = 2\nlegend = "chosen"\n')
    table = '\n[legends.chosen]\ntrue = "is chosen"\nfalse = "is not"\n'
    (tmp_path / "course.toml").write_text(with_legend.replace("\n[[unit]]", table + "\n[[unit]]", 1))
    double, sums = load_course(tmp_path).exercises
    assert (double.legend.true, double.legend.false) == ("is chosen", "is not")
    assert (double.legend.extra, sums.legend.true) == ("True, expected False", "True")


def test_a_legend_that_is_not_there_is_told_with_its_line(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD.replace("points = 2\n", 'points = 2\nlegend = "chose"\n'))
    with pytest.raises(CourseError) as caught:
        load_course(tmp_path)
    (fault,) = caught.value.faults
    line = 1 + GOOD.split("points = 2")[0].count("\n") + 1
    assert fault.where.endswith(f"course.toml:{line}")
    assert "there is no legend `chose`" in fault.message
