"""A screen names an isolation level only for the submissions that it held for."""

from tfm_quiz.cli.screen import counted
from tfm_quiz.cli.teach import isolation


def test_one_level_for_all_stands_alone():
    assert isolation(["full", "full"]) == "   isolation: full"


def test_several_levels_are_counted():
    assert isolation(["full", "strong", "full"]) == "   isolation: full for 2, strong for 1"


def test_where_nothing_was_run_there_is_no_level():
    assert isolation([]) == ""


def test_one_is_no_plural():
    assert [counted(count, "submission") for count in (0, 1, 2)] == ["0 submissions", "1 submission", "2 submissions"]
