"""Stubs: what students get of a solution, and whether they touched it."""

from __future__ import annotations

import shutil
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.author.stubs import make_stub, stale_stubs, without_marks, write_stubs
from tfm_quiz.errors import CourseError
from tfm_quiz.manifest import load_course
from tfm_quiz.submission.syntax import line_owner
from tfm_quiz.submission.untouched import is_planted, open_regions, same_as_stub

CHECKOUT = Path(__file__).parents[1]
TINY = Path(__file__).parent / "courses" / "tiny"

SOLUTION = '''"""A module."""

import math

from .masks import causal_mask  # only the solution needs it


def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    secret = 2
    return secret * x
    ### END SOLUTION


class Gain:
    """A gain."""

    def __init__(self, d_model):
        self.d_model = d_model

    def forward(self, x):
        """Twice x."""
        y = x
        ### BEGIN SOLUTION
        y = 2 * y
        ### END SOLUTION
        return y

    def backward(self, x):
        ### BEGIN SOLUTION
        return x
        ### END SOLUTION

    def given(self):
        raise NotImplementedError()
'''

STUB = '''"""A module."""

import math

from .masks import causal_mask  # only the solution needs it


def double(x):
    """Twice x."""
    # YOUR CODE HERE
    raise NotImplementedError()


class Gain:
    """A gain."""

    def __init__(self, d_model):
        self.d_model = d_model

    def forward(self, x):
        """Twice x."""
        y = x
        # YOUR CODE HERE
        raise NotImplementedError()
        return y

    def backward(self, x):
        # YOUR CODE HERE
        raise NotImplementedError()

    def given(self):
        raise NotImplementedError()
'''


def test_a_stub_is_the_solution_byte_for_byte_outside_of_the_marks():
    assert make_stub(SOLUTION, "a.py") == STUB


def test_a_region_that_is_indented_with_tabs_keeps_its_indent():
    assert make_stub("def f():\n\t### BEGIN SOLUTION\n\treturn 1\n\t### END SOLUTION\n", "a.py") == (
        "def f():\n\t# YOUR CODE HERE\n\traise NotImplementedError()\n"
    )


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        (["x = 1"], ["a.py: no part of it is marked as a solution"]),
        (["### BEGIN SOLUTION", "x"], ["a.py:1: the solution that begins here never ends"]),
        (["x", "### END SOLUTION"], ["a.py:2: a solution ends that did not begin"]),
        (
            ["### BEGIN SOLUTION", "### BEGIN SOLUTION", "### END SOLUTION"],
            ["a.py:2: a solution begins inside the one of line 1"],
        ),
        (["x = 1  ### BEGIN SOLUTION", "### END SOLUTION"], ["a.py:1: write ", "a.py:2: a solution ends"]),
        (["# BEGIN SOLUTION", "# END SOLUTION"], ["a.py:1: write ", "a.py:2: write "]),
        (["### begin solution", "### END  SOLUTION"], ["a.py:1: write ", "a.py:2: write "]),
        (["### BEGIN SOLUTION", '"BEGIN SOLUTION"', "### END SOLUTION"], ["a.py:2: write "]),
    ],
)
def test_mistaken_marks_are_all_told_with_their_lines(lines, faults):
    with pytest.raises(CourseError) as caught:
        make_stub("\n".join(lines), "a.py")
    told = [str(fault) for fault in caught.value.faults]
    assert len(told) == len(faults)
    assert all(line.startswith(start) for line, start in zip(told, faults, strict=True))


PLANTED = '''def double(x):
    """Twice x."""
    ### BEGIN FAULT
    # if x > 0:
    #     # half of it
    #     return x / 2
    #
    # return 2 * x
    ### END FAULT
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


def half(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION
'''

FAULTY = '''def double(x):
    """Twice x."""
    # FIND THE BUG
    if x > 0:
        # half of it
        return x / 2

    return 2 * x


def half(x):
    # YOUR CODE HERE
    raise NotImplementedError()
'''


def test_a_planted_fault_takes_the_place_of_the_solution_below_it_and_of_no_other():
    assert make_stub(PLANTED, "a.py") == FAULTY
    solution = without_marks(PLANTED).split("\n")
    assert solution[2:] == ["    return 2 * x", "", "", "def half(x):", "    return x / 2", ""]


def test_faulty_code_that_nobody_touched_was_not_attempted():
    assert (is_planted(FAULTY, "double"), is_planted(FAULTY, "half")) == (True, False)
    assert open_regions(FAULTY, "double") == ["double"]
    assert same_as_stub(FAULTY, FAULTY, "double")
    assert same_as_stub(FAULTY.replace("# FIND THE BUG", "# I cannot find it"), FAULTY, "double")
    assert not same_as_stub(FAULTY.replace("x > 0", "x >= 0"), FAULTY, "double")
    assert not same_as_stub(FAULTY.replace("x / 2", "2 * x"), FAULTY, "double")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    # if x > 0:", "    if x > 0:", 3),  # not in comments
        ("    # if x > 0:", "# if x > 0:", 3),  # of another indent
        ("    # if x > 0:", "    #if x > 0:", 3),
        ("    ### END FAULT\n", "", 3),
        ("    ### BEGIN FAULT\n", "", 8),
        ("    ### END FAULT\n", "    ### END FAULT\n\n", 3),  # not right above the solution
        ("### BEGIN FAULT", "### Begin fault", 3),
    ],
)
def test_a_planted_fault_of_another_form_is_told_with_its_line(old, new, line):
    assert old in PLANTED
    with pytest.raises(CourseError) as caught:
        make_stub(PLANTED.replace(old, new), "a.py")
    assert caught.value.faults[0].where == f"a.py:{line}"
    assert "right above ### BEGIN SOLUTION" in caught.value.faults[0].message


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["### BEGIN SOLUTION", "    ### BEGIN SOLUTION", "### END SOLUTION", "  ### END SOLUTION  "]),
        st.text(string.ascii_lowercase + " #\t", max_size=8).map(lambda text: f"given {text}"),
        st.text(string.ascii_lowercase + " #\t", max_size=8).map(lambda text: f"secret {text}"),
    ),
    max_size=12,
)


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_nothing_between_marks_ever_gets_into_a_stub_and_nothing_outside_is_lost(lines):
    source = "\n".join(lines)
    try:
        stub = make_stub(source, "a.py")
    except CourseError:
        return
    inside, outside = [], []
    within = False
    for line in lines:
        if line.strip() == "### BEGIN SOLUTION":
            within = True
        elif line.strip() == "### END SOLUTION":
            within = False
        else:
            (inside if within else outside).append(line)
    text = ("# YOUR CODE HERE", "raise NotImplementedError()")
    assert [line for line in stub.split("\n") if line.strip() not in text] == outside
    assert stub.count("# YOUR CODE HERE") == source.count("### BEGIN SOLUTION")


def test_the_stubs_of_both_courses_are_fresh():
    for root in (CHECKOUT, TINY):
        stale = [str(path.relative_to(root)) for path in stale_stubs(load_course(root))]
        assert not stale, f"{', '.join(stale)} stale: run `tfm-quiz teach stubs` (or `make stubs`)"


def test_refreshing_writes_only_what_is_stale(tmp_path):
    shutil.copytree(TINY, tmp_path / "course")
    course = load_course(tmp_path / "course")
    course.stub_path("rows").write_text("old", "utf-8")
    course.stub_path("gains").unlink()
    assert stale_stubs(course) == [course.stub_path("rows"), course.stub_path("gains")]
    assert write_stubs(course) == [course.stub_path("rows"), course.stub_path("gains")]
    assert write_stubs(course) == []
    assert course.stub_path("rows").read_bytes() == (TINY / "exercises" / "rows.py").read_bytes()
    assert sorted(path.name for path in (course.root / "exercises").iterdir()) == ["__init__.py", "gains.py", "rows.py"]


def test_all_solutions_that_cannot_be_made_stubs_are_told(tmp_path):
    shutil.copytree(TINY, tmp_path / "course")
    course = load_course(tmp_path / "course")
    course.solution_path("rows").unlink()
    course.solution_path("gains").write_bytes(b"\xff")
    with pytest.raises(CourseError) as caught:
        stale_stubs(course)
    assert [fault.where for fault in caught.value.faults] == ["solutions/rows.py", "solutions/gains.py"]


def test_open_regions_are_the_functions_that_a_stub_leaves_open():
    assert open_regions(STUB, "double") == ["double"]
    assert open_regions(STUB, "Gain") == ["Gain.forward", "Gain.backward"]
    assert open_regions(STUB, "given") == []


UNTOUCHED = {
    "as it came": STUB,
    "other docstrings": STUB.replace('"""Twice x."""', '"""My notes."""'),
    "no docstrings": STUB.replace('    """Twice x."""\n', "", 1),
    "comments and blank lines": STUB.replace("    # YOUR CODE HERE", "\n    # TODO: tomorrow\n"),
    "another signature": STUB.replace("def double(x)", "def double(x: float, times: int = 2) -> float"),
    "windows newlines": STUB.replace("\n", "\r\n"),
    "a helper beside it": STUB + "\n\ndef helper(x):\n    return double(x)\n",
    "a call at the end": STUB + "\n\nif __name__ == '__main__':\n    print(double(3))\n",
    "an invalid escape elsewhere": STUB + "\n\nPATTERN = '\\d'\n",
}


@pytest.mark.parametrize("source", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_what_was_not_attempted_is_told_from_what_was(source):
    assert same_as_stub(source, STUB, "double")


ATTEMPTS = {
    "a body": STUB.replace("raise NotImplementedError()", "return x + x", 1),
    "a body before the raise": STUB.replace("    # YOUR CODE HERE\n", "    return x + x\n", 1),
    "a decorator": STUB.replace("def double", "@solved\ndef double"),
    "another definition below": STUB + "\n\ndef double(x):\n    return x + x\n",
    "a name bound below": STUB + "\n\ndouble = lambda x: x + x\n",
    "an import below": STUB + "\n\nfrom .helper import solved as double\n",
    "a star import below": STUB + "\n\nfrom .helper import *\n",
    "a definition under a condition": STUB + "\n\nif True:\n    def double(x):\n        return x + x\n",
    "a message of its own": STUB.replace("NotImplementedError()", "NotImplementedError('not yet')", 1),
    "async": STUB.replace("def double", "async def double"),
    "deleted": STUB.replace("def double", "def doubled"),
}


@pytest.mark.parametrize("source", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_an_attempt_in_any_style_is_an_attempt(source):
    assert not same_as_stub(source, STUB, "double")
    assert same_as_stub(source, STUB, "Gain") == ("import *" not in source)


def test_a_class_is_attempted_as_soon_as_one_of_its_open_methods_is():
    assert same_as_stub(STUB.replace("self.d_model = d_model", "self.width = d_model"), STUB, "Gain")
    for old, new in [
        (
            "    def backward(self, x):\n        # YOUR CODE HERE\n        raise NotImplementedError()",
            "    backward = f",
        ),
        ("class Gain:", "@finish\nclass Gain:"),
        ("        y = x\n", "        return 2 * x\n"),
    ]:
        assert old in STUB
        assert not same_as_stub(STUB.replace(old, new), STUB, "Gain")
    assert not same_as_stub(STUB + "\n\nGain.forward = lambda self, x: 2 * x\n", STUB, "Gain")
    assert not same_as_stub(STUB + "\n\nsetattr(Gain, 'forward', f)\n", STUB, "Gain")


HOSTILE = {
    "not python": "def (:",
    "nothing": "",
    "null bytes": STUB + "\0",
    "lone surrogate": STUB + "# \ud800",
    "deep brackets": "(" * 100_000,
    "deep unary": STUB + "\nx = " + "-" * 100_000 + "1",
    "deep sum": STUB + "\nx = 1" + "+1" * 30_000,
    "deep attributes": STUB + "\nx = a" + ".b" * 30_000 + "\na" + ".b" * 900 + " = 1",
    "a long integer": STUB + "\nx = " + "1" * 10_000,
    "many format strings": STUB + "\nx = f'" + "{a}" * 20_000 + "'",
    "huge": STUB + "#" * 3_000_000,
}


HARMLESS = [HOSTILE["many format strings"]]  # slow to parse, but the exercise is still the stub


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_source_is_an_attempt_soon_and_never_an_exception(source):
    started = time.process_time()
    assert same_as_stub(source, STUB, "double") is (source in HARMLESS)
    assert line_owner(source, 3) is None
    assert time.process_time() - started < 3


def test_a_line_belongs_to_the_top_level_function_or_class_around_it():
    source = "import x\n\n@a\n@b\ndef f():\n    def g():\n        pass\n\nclass C:\n    def m(self): ...\n"
    owners = [line_owner(source, line) for line in range(1, 11)]
    assert owners == [None, None, "f", "f", "f", "f", "f", None, "C", "C"]
