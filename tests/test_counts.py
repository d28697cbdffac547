"""One is no plural: every count on a screen that may be 1 goes through `counted`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tfm_quiz.cli.screen import counted

CLI = Path(__file__).parents[1] / "src" / "tfm_quiz" / "cli"
BARE = re.compile(r"(?<!of )\{len\([^{}]*?\)(?: - 1)?\} [a-z]+s\b")


@pytest.mark.parametrize(("count", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_one_is_no_plural(count, words):
    assert counted(count, "file") == words


def test_the_search_finds_a_bare_count():
    assert BARE.search('say(f"{len(students)} students")')
    assert not BARE.search("say(f\"{counted(len(students), 'student')} of {len(all)} questions\")")


@pytest.mark.parametrize("path", sorted(CLI.rglob("*.py")), ids=lambda path: path.relative_to(CLI).as_posix())
def test_no_screen_has_a_bare_count(path):
    assert BARE.findall(path.read_text("utf-8")) == []
