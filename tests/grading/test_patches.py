"""Mistakes that are written as changes of the solution's lines: read, placed, compiled, put together, refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tfm_quiz.author.transplant import with_mistake
from tfm_quiz.course import Course
from tfm_quiz.errors import CourseError
from tfm_quiz.grading.content import Content
from tfm_quiz.grading.patch import Definition
from tfm_quiz.grading.patch_file import Patch, read_patches
from tfm_quiz.manifest import load_course

TINY = Path(__file__).parents[1] / "courses" / "tiny"

SOLUTION = '''\
"""A module."""

import math


def hypotenuse(a: float, b: float) -> float:
    """The longest side.

    total = a * a + b * b
    """
    ### BEGIN SOLUTION
    if a < 0:
        raise ValueError("no # side")
    if b < 0:
        raise ValueError("no # side")
    # squares

    total = a * a + b * b  # the sum
    return math.sqrt(total)
    ### END SOLUTION


class Two:
    size = 2

    def one(self):
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION

    def two(self):
        ### BEGIN SOLUTION
        return self.size
        ### END SOLUTION
'''

HEAD = "[wrong]\nYou are wrong.\n"
Read = Callable[[str], list[Patch]]


@pytest.fixture
def read(tmp_path) -> Read:
    def from_text(text: str) -> list[Patch]:
        path = tmp_path / "hypotenuse.patch"
        path.write_text(text, "utf-8")
        return read_patches(path, "hypotenuse.patch")

    return from_text


@pytest.fixture
def wrong(read: Read):
    """The wrong function that these changes make."""

    def patched(changes: str, name: str = "hypotenuse"):
        names: dict[str, object] = {}
        exec(SOLUTION, names)
        return definition(name).function(names, *read(HEAD + changes))

    return patched


def definition(name: str = "hypotenuse") -> Definition:
    return Definition("solutions/sides.py", "hypotenuse", name, SOLUTION)


def test_a_patch_has_what_a_student_reads_and_where_it_was_seen(read):
    (first, second) = read(
        "# Two of them.\n\n[first]\nYou are\nwrong.\nHint: why\nthat?\nSeen: here\n- a\n\n"
        "[second]\nThe same.\nSame as: first\n+ b\n  a\n"
    )
    texts = [(one.id, one.sentence, one.hint, one.seen, one.same_as) for one in (first, second)]
    assert texts == [
        ("first", "You are wrong.", "Why that?", "here", "first"),
        ("second", "The same.", "", "", "first"),
    ]
    assert (first.line, first.changes[0].line) == (3, 9)


def test_a_line_is_replaced_taken_away_or_added_before_or_after_another(wrong):
    assert wrong("- return math.sqrt(total)\n+ return total\n")(3, 4) == 25
    assert (
        wrong("- total = a * a + b * b\n+ total = a + b\n...\n- return math.sqrt(total)\n+ return total\n")(3, 4) == 7
    )
    assert wrong("  total = a * a + b * b\n+ total = 2 * total\n")(3, 4) == 50**0.5
    assert wrong("+ total = 4\n  return math.sqrt(total)\n")(3, 4) == 2
    assert wrong('- if a < 0:\n-     raise ValueError("no # side")\n')(-3, 4) == 5


def test_comments_and_blank_lines_and_the_depth_of_the_indent_do_not_count(wrong):
    assert wrong("-         return math.sqrt(total)  # root\n+         return total  # none\n")(3, 4) == 25
    joined = '-     raise ValueError("no # side")\n- total = a * a + b * b\n+     total = 9\n+ total = 9\n'
    assert wrong(joined)(3, -4) == 3


def test_lines_with_an_equals_sign_are_the_whole_body_and_keep_the_docstring(wrong):
    function = wrong("= if a > b:\n=     return a\n= return b\n")
    assert (function(3, 4), function(-1, -2)) == (4, -1)


def test_a_class_may_be_changed_in_any_of_its_methods_and_where_it_is_given(wrong):
    assert wrong("- size = 2\n+ size = 3\n", "Two")().two() == 3
    assert wrong("- return 1\n+ return 7\n", "Two")().one() == 7


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ("- return total\n", "3: wrong: the line `return total` is not in `hypotenuse` in solutions/sides.py"),
        ('- raise ValueError("no # side")\n', '`raise ValueError("no # side")` occurs 2 times in `hypotenuse`'),
        ("- if a < 0:\n- total = a * a + b * b\n", "the lines from `if a < 0:` on do not follow one another like this"),
        ('- if a < 0:\n- raise ValueError("no # side")\n', "the lines from `if a < 0:` on do not follow one another"),
        ("- return math.sqrt(total)\n+ return math.sqrt(total)  # root\n", "the new lines are the old ones"),
        ("+ a = 0\n", "only adds lines; also write the line before or after them, behind two spaces"),
        ("- if a < 0:\n+ if a < 0\n", "`hypotenuse` does not compile with it: expected ':', at `if a < 0`"),
        (
            "- return math.sqrt(total)\n+ return 0\n...\n+ a = 1\n  return math.sqrt(total)\n",
            "changes the same line twice",
        ),
    ],
)
def test_a_patch_that_does_not_fit_says_where_and_what_and_the_next_command(wrong, changes, sentence):
    with pytest.raises(CourseError) as caught:
        wrong(changes)
    assert sentence in caught.value.message
    assert caught.value.message.startswith("hypotenuse.patch:")
    assert "tfm-quiz teach lint hypotenuse" in (caught.value.next_step or "")


def test_a_line_that_stands_twice_is_told_apart_by_a_line_beside_it(wrong):
    function = wrong('  if b < 0:\n-     raise ValueError("no # side")\n+     b = 0\n')
    assert function(3, -4) == 3
    with pytest.raises(ValueError, match="no # side"):
        function(-3, 4)


def test_a_class_with_two_marked_regions_has_no_one_body(wrong):
    with pytest.raises(
        CourseError, match=r"`Two` in solutions/sides\.py has 2 marked regions, so `=` does not say which"
    ):
        wrong("= return 3\n", "Two")


def test_what_cannot_be_defined_is_a_mistake_of_the_patch(wrong):
    with pytest.raises(CourseError, match="`Two` cannot be defined with it: NameError: name 'three' is not defined"):
        wrong("- size = 2\n+ size = three\n", "Two")


def test_a_definition_that_is_not_there_is_told(read):
    with pytest.raises(CourseError, match=r"solutions/sides\.py: does not define `three`"):
        definition("three").function({}, *read(HEAD + "- a\n"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a\n", "hypotenuse.patch:1: is before the first [id]"),
        ("[a b]\nWrong.\n- a\n", "hypotenuse.patch:1: [a b] is not an id"),
        ("[a]\nWrong.\n- a\n[a]\nWrong.\n- b\n", "hypotenuse.patch:4: [a] appears twice"),
        ("[a]\nHint: why?\n- a\n", "[a] has no sentence"),
        ("[a]\nWrong.\n  a\n", "[a] changes nothing"),
        ("[a]\nWrong.\n- a\nAnd wrong.\n", "hypotenuse.patch:4: the sentence goes above the changes"),
        ("[a]\nWrong.\n...\n- a\n", "hypotenuse.patch:3: `...` must be between two changes"),
        ("[a]\nWrong.\n= a\n...\n- b\n", "[a] has lines with `=`, which are the whole body"),
    ],
)
def test_a_file_that_is_not_written_like_this_says_which_line(read, text, sentence):
    with pytest.raises(CourseError) as caught:
        read(text)
    assert sentence in caught.value.message


def test_all_mistakes_of_a_file_are_told_at_once(read):
    with pytest.raises(CourseError) as caught:
        read("lost\n[a]\n- a\n[b]\nWrong.\n")
    assert len(caught.value.faults) == 3


def test_a_file_that_is_not_text_is_told(tmp_path):
    path = tmp_path / "x.patch"
    path.write_bytes(b"[a]\n\xff\n")
    with pytest.raises(CourseError, match="is not UTF-8 text"):
        read_patches(path, "x.patch")


TWO = """\
[no_root]
You forgot the root.
- return math.sqrt(total)
+ return total

[no_squares]
You forgot the squares.
- total = a * a + b * b
+ total = a + b

[root_of_half]
You halve the sum.
+ total = total / 2
  return math.sqrt(total)

[unchecked]
You take negative sides.
- if a < 0:
-     raise ValueError("no # side")

[longest]
You take the longer one.
= return max(a, b)
"""


def test_two_patches_at_once_make_both_mistakes_in_either_order(read):
    no_root, no_squares, _, unchecked, _ = read(TWO)
    names = {"math": torch}
    for pair in ((no_root, no_squares), (no_squares, no_root)):
        assert definition().function(names, *pair)(3, 4) == 7
    assert definition().function(names, no_root, no_squares, unchecked)(-3, 4) == 1


@pytest.mark.parametrize(("one", "other"), [(0, 2), (2, 0), (0, 4), (4, 3), (1, 1)])
def test_patches_about_the_same_line_are_refused(read, one, other):
    patches = read(TWO)
    with pytest.raises(CourseError, match=r"cannot be joined with \w+: both are about the line `"):
        definition().compose(patches[one], patches[other])


@pytest.fixture
def copy(tmp_path: Path) -> Course:
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return load_course(tmp_path / "course")


@pytest.fixture
def load(copy: Course):
    """The known mistakes of an exercise of the tiny course, as the graders load them."""
    contents = []

    def known(name: str):
        contents.append(Content(copy))
        return contents[-1].misconceptions(copy.exercise(name))

    yield known
    for content in reversed(contents):
        content.forget()


def test_patches_and_functions_are_loaded_alike_and_equals_reach_across_both(load):
    known = load("row_sums")
    assert list(known) == ["sums_columns", "sums_everything", "means", "accepts_any_shape", "sums_twice"]
    assert {name: one.same_as for name, one in known.items() if one.same_as != name} == {
        "sums_twice": "sums_everything"
    }
    x = torch.arange(6.0).reshape(2, 3)
    assert known["sums_columns"].target(x).tolist() == [3, 5, 7]
    assert known["sums_twice"].target(x) == known["sums_everything"].target(x) == 15
    assert known["accepts_any_shape"].target(x[0]) == 3


def test_a_patched_function_still_calls_the_references_beside_it(load):
    gain = load("gain")["added"].target(2)
    assert gain(torch.ones(1, 2)).tolist() == [[3, 3]]


def test_the_same_mistake_as_a_submission_is_the_solution_with_its_lines_changed(copy, load):
    exercise = copy.exercise("row_sums")
    solution = copy.solution_path("rows").read_text("utf-8")
    known = load("row_sums")
    assert with_mistake(copy, exercise, known["means"], solution) == solution.replace(
        "x.sum(dim=-1)  # (B,)", "x.mean(dim=-1)"
    )
    assert "in the place of row_sums" in with_mistake(copy, exercise, known["sums_twice"], solution)


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        ("[sums_twice]\nTwice.\n- return x.sum(dim=-1)\n", "sums_twice is a patch, too; give one of them another name"),
        ("[other]\nTwice.\nSame as: nothing\n- return x.sum(dim=-1)\n", "no first of a group of equals called nothing"),
        ("[other]\nTwice.\nSame as: sums_twice\n- return x.sum(dim=-1)\n", "no first of a group of equals"),
        ("[other]\nTwice.\n- gone\n\n[more]\nTwice.\n- gone, too\n", "2 mistakes in the course"),
    ],
)
def test_what_does_not_fit_together_is_told(copy, load, patch, sentence):
    path = copy.patches_path("row_sums")
    path.write_text(f"{path.read_text('utf-8')}\n{patch}", "utf-8")
    with pytest.raises(CourseError) as caught:
        load("row_sums")
    assert sentence in caught.value.message


def test_composed_patches_are_a_known_mistake_like_any_other(copy, load):
    known = load("row_sums")
    content = Content(copy)
    exercise = copy.exercise("row_sums")
    double = content.compose(exercise, *known["means"].patches, *known["accepts_any_shape"].patches)
    assert double.id == double.same_as == "means + accepts_any_shape"
    assert double.target(torch.tensor([1.0, 3.0])) == 2
    assert "x.mean(dim=-1)" in with_mistake(copy, exercise, double, copy.solution_path("rows").read_text("utf-8"))
    with pytest.raises(CourseError, match=r"cannot be joined with means: both are about the line `return x.sum"):
        content.compose(exercise, *known["means"].patches, *known["sums_columns"].patches)
    content.forget()
