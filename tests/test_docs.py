"""What the pages say is there, is there: links, headings, files, commands and options."""

import re
from pathlib import Path

import click
import pytest

from tfm_quiz.cli import main

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "src" / "tfm_quiz"
PAGES = [
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "findings/README.md")),
]
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*-]+(/[\w.*-]*)+")
NAMED = re.compile(r"[\w-]+\.(py|toml|md|sh|txt|cff)")
COMMAND = re.compile(r"tfm-quiz((?: (?!or |and )[^\s`|#;)]+)+)")
# Where the paths begin that are no files of this tree: a class's folders, an nbgrader course's, the system's.
ELSEWHERE = {
    "results",
    "RESULTS",
    "submissions",
    "feedback",
    "source",
    "release",
    "submitted",
    "dev",
    "practice",
    "graded",
}
ROOTS = (ROOT, ROOT / "tests" / "courses" / "tokens", ENGINE, ENGINE / "wall")
FOLDERS = ("src", "tests", "docs", "quiz", "solutions", "graders", "findings", "benchmarks")
MADE = {"answers.toml", "nbgrader_config.py"}  # by commands, in other folders


def anchor(heading: str) -> str:
    """The name that a code host gives to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def paths(text: str) -> set[str]:
    """The paths of this tree in backticks, placeholders as `*`."""
    found = set()
    for quoted in QUOTED.findall(FENCED.sub("", text)):
        for word in quoted.split():
            path = re.sub(r"NAME|<\w+>|\w*_123_\w*", "*", word).removeprefix("../")
            first = path.split("/")[0]
            if (PATH.fullmatch(path) and first not in ELSEWHERE | {"*", "1", "O"}) or NAMED.fullmatch(path):
                found.add(path)
    return found - MADE


def is_there(path: str) -> bool:
    """Whether a course, the engine or the wall has this path; a bare name may be anywhere in the tree."""
    if "/" not in path:
        return any(ROOT.glob(path)) or any(any((ROOT / folder).rglob(path)) for folder in FOLDERS)
    return any(any(root.glob(path.rstrip("/"))) for root in ROOTS)


def wrong_in(words: list[str]) -> str:
    """What of a command line the program does not know: a command or an option, or nothing."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0].rstrip(","))
        if found is None:
            return words[0]
        command, words = found, words[1:]
    known = {option for param in command.get_params(context) for option in param.opts}
    return next((word for word in words if word.startswith("-") and word.rstrip(",") not in known), "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" in target:
            continue
        file, _, heading = target.partition("#")
        path = page.parent / file if file else page
        assert path.exists(), target
        if heading:
            assert heading in map(anchor, HEADING.findall(path.read_text("utf-8"))), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_of_a_page_is_there(page):
    assert [path for path in sorted(paths(page.read_text("utf-8"))) if not is_there(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_and_option_of_a_page_is_known(page):
    text = page.read_text("utf-8")
    shown = "\n".join([*FENCED.findall(text), *QUOTED.findall(FENCED.sub("", text))])
    lines = [found.split() for found in COMMAND.findall(re.sub(r"\[(-[^\]]*)\]", r"\1", shown))]
    assert [(line, wrong) for line in lines if (wrong := wrong_in(line))] == []
