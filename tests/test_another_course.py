"""A course of another subject goes through every screen, and no screen speaks of the real one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tfm_quiz.cli import COMMANDS
from tfm_quiz.cli.teach import COMMANDS as TEACH

SOURCE = Path(__file__).parents[1] / "src"
TOKENS = Path(__file__).parent / "courses" / "tokens"
OF_THE_REAL_COURSE = re.compile(
    r"transformer|attention|attend|may look|\bmask|encoder|decoder|embedding|softmax|split_heads|the paper\b|bleu", re.I
)
WRONG = """
import torch

def most_frequent_pair(ids):
    if len(ids) < 2:
        raise ValueError("two")
    pairs = list(zip(ids, ids[1:]))
    return max(pairs, key=pairs.count)

def merge_pair(ids, pair, new):
    raise NotImplementedError()

def piece_starts(ids, first):
    return ids >= first
"""

ANSWERS = """
[answers]
merge-of-five-ones = 4
why-from-the-left = "two ways, other ids"
"""


class Command:
    """The command in a process of its own, on a copy of the course of tokens. Its words are kept in `said`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course = folder / "course"
        self.said: list[str] = []
        shutil.copytree(TOKENS, self.course, ignore=shutil.ignore_patterns("__pycache__"))

    def __call__(self, *arguments: str, cwd: Path | None = None, reply: str = "", code: int | None = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tfm_quiz", *arguments],
            cwd=cwd or self.folder,
            env={**os.environ, "PYTHONPATH": str(SOURCE), "TFM_QUIZ_COURSE": str(self.course), "COLUMNS": "100"},
            input=reply,
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.said.append(f"$ tfm-quiz {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        assert code is None or done.returncode == code, self.said[-1]
        return done.stdout + done.stderr


@pytest.fixture
def tfm_quiz(tmp_path: Path) -> Command:
    return Command(tmp_path)


def speaks_of_the_real_course(texts: list[str]) -> list[str]:
    """The lines that do, without the paths of this checkout."""
    lines = [line.replace(str(SOURCE.parent), "") for text in texts for line in text.splitlines()]
    return [line for line in lines if OF_THE_REAL_COURSE.search(line)]


def test_no_screen_of_a_student_speaks_of_another_course(tfm_quiz, tmp_path):
    tfm_quiz("init")
    mine = tmp_path / "tokens"
    tfm_quiz(cwd=mine, code=None)
    (mine / "exercises" / "pairs.py").write_text(WRONG)
    shown = tfm_quiz("check", "--all", cwd=mine, code=1)
    assert "Of equally frequent pairs you take the one that was seen first, not the smallest." in shown
    alone = tfm_quiz("check", "piece_starts", cwd=mine, code=1)
    assert "begins a piece" in alone
    assert "goes on, but should begin one" in alone
    assert "You mark what goes on instead of what begins." in alone
    tfm_quiz("hint", "merge_pair", cwd=mine)
    tfm_quiz("quiz", "--list", cwd=mine)
    wrong = tfm_quiz("quiz", "counting", cwd=mine, reply="5\na\nabc\n", code=1)
    assert "The last id has no neighbour on its right." in wrong
    tfm_quiz("quiz", "--graded", cwd=mine, reply="4\ntwo ways\n\n", code=None)
    tfm_quiz("submit", cwd=mine, code=None)
    tfm_quiz("doctor", cwd=mine, code=None)
    assert not speaks_of_the_real_course(tfm_quiz.said)


def test_no_help_speaks_of_another_course(tfm_quiz):
    for arguments in ([], *([name] for name in COMMANDS), *(["teach", name] for name in TEACH)):
        tfm_quiz(*arguments, "--help")
    assert not speaks_of_the_real_course(tfm_quiz.said)


def test_no_screen_and_no_file_of_an_instructor_speaks_of_another_course(tfm_quiz, tmp_path):
    course = tfm_quiz.course
    right, wrong = tmp_path / "class" / "student-01", tmp_path / "class" / "student-02"
    for folder, text in ((right, (TOKENS / "solutions" / "pairs.py").read_text("utf-8")), (wrong, WRONG)):
        (folder / "exercises").mkdir(parents=True)
        (folder / "exercises" / "pairs.py").write_text(text)
        (folder / "answers.toml").write_text(ANSWERS)
    shown = tfm_quiz("teach", "grade", "class", "--out", "results", "--no-sandbox", "--seed", "1")
    assert "merge_pair" in shown
    results = tmp_path / "results"
    feedback = (results / "feedback" / "student-01.txt").read_text("utf-8")
    assert "Questions: 0 of 1 points" in feedback
    assert "Both pairs are merged, not the first alone." in feedback
    tfm_quiz("teach", "items", "results", code=None)
    tfm_quiz("teach", "preview", "merge_pair")
    tfm_quiz("teach", "new", "join_pieces", "--unit", "pairs", code=None)
    for target in ("moodle", "jupyter"):
        tfm_quiz("teach", "export", target, "--out", f"questions-{target}", code=None)
    files = [*results.rglob("*"), *tmp_path.glob("questions-*"), *course.rglob("*join_pieces*")]
    texts = [path.read_text("utf-8") for path in files if path.is_file()]
    assert len(texts) > 6
    assert not speaks_of_the_real_course([*tfm_quiz.said, *texts])


@pytest.mark.slow
@pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)")
def test_no_notebook_and_no_cell_of_nbgrader_speaks_of_another_course(tfm_quiz, tmp_path):
    tfm_quiz("teach", "nbgrader", "init", "nb")
    nb = tmp_path / "nb"
    tfm_quiz("teach", "nbgrader", "build", "--name", "week1", "--units", "pairs", cwd=nb)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*nbgrader, "generate_assignment", "week1"], cwd=nb, check=True, capture_output=True, timeout=120)
    handed_in = nb / "submitted" / "student-01" / "week1"
    shutil.copytree(nb / "release" / "week1", handed_in)
    config = nb / "nbgrader_config.py"
    config.write_text(config.read_text("utf-8") + '\nc.Grading.require = "none"\n')
    tfm_quiz("teach", "nbgrader", "autograde", "week1", cwd=nb)
    subprocess.run([*nbgrader, "generate_feedback", "week1"], cwd=nb, check=True, capture_output=True, timeout=120)
    (page,) = (nb / "feedback").rglob("*.html")
    feedback = re.sub(r"(?s)<style.*?</style>|<script.*?</script>", "", page.read_text("utf-8"))
    texts = [path.read_text("utf-8") for path in (nb / "source").rglob("*.ipynb")]
    assert "Merge a pair" in texts[0]
    assert not speaks_of_the_real_course([*tfm_quiz.said, *texts, feedback])
