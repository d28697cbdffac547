"""nbgrader is an extra: without it everything else works, and what needs it says what to install."""

import sys

import pytest

from tfm_quiz.cli.teach.nbgrader import nbgrader
from tfm_quiz.errors import CouldNotCheck


@pytest.fixture
def without(monkeypatch):
    """As if nbgrader were not installed."""
    for name in [name for name in sys.modules if name.startswith(("nbgrader", "tfm_quiz.teach.nbgrader"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nbgrader", None)


def run(*arguments):
    nbgrader.main(list(arguments), standalone_mode=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "class"),
        ("adopt", "."),
        ("build", "--name", "week1"),
        ("autograde", "week1"),
        ("export", "week1", "--to", "x.csv"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_commands_that_need_it_say_what_to_install_and_change_nothing(without, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CouldNotCheck, match="needs nbgrader") as raised:
        run(*arguments)
    assert raised.value.next_step == "pip install 'tfm-quiz[nbgrader]'"
    assert not list(tmp_path.iterdir())
