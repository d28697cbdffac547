"""What a student writes as Markdown reaches a reader's page as text, and as nothing else."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm_quiz.teach.nbgrader.plain import as_written

pytestmark = [
    pytest.mark.extra,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.filterwarnings("ignore"),
]

MARKED = [
    '<b id="mark">bold</b>',
    '<script>window.mark = "ran"</script>',
    '<img src="mark.png" onerror="window.mark = 1">',
    "<style>body { color: red }</style>",
    "[link](https://mark.invalid)",
    "![image](mark.png)",
    "<https://mark.invalid>",
    "[ref]\n\n[ref]: https://mark.invalid",
    "$$\\href{https://mark.invalid}{x}$$",
    "~~~\n<b>after a fence of their own</b>\n~~~",
    "~~~~~~~~\n\n<b>after a longer one</b>",
    "```\n<b>x</b>",
    "\\begin{align}x\\end{align}\n<b>x</b>",
    "</code></pre><b>x</b>",
    "    <b>x</b>\n\n<b>y</b>",
    "- [ ] <b>x</b>",
]


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert tag == "div" or not attrs

    def handle_data(self, data):
        self.text += data


def rendered(text):
    from nbconvert.filters import markdown2html

    return Page(markdown2html(text))


@pytest.mark.parametrize("text", MARKED)
def test_marks_are_text(text):
    page = rendered(as_written(text))
    assert page.tags <= {"pre", "code", "div"}
    assert page.text.split() == text.split()


@given(st.text(st.sampled_from("~`<>b$\\[](){}!#*-_&;: \n\tx=\"'|")))
def test_any_text_is_text(text):
    page = rendered(as_written(text))
    assert page.tags <= {"pre", "code", "div"}
    assert "".join(page.text.split()) == "".join(text.split())


def test_long_lines_are_wrapped_since_a_code_block_does_not():
    assert max(map(len, as_written("word " * 200).split("\n"))) <= 110


@pytest.mark.parametrize("where", ["a reply", "a cell of their own"])
def test_the_graft_neutralises_markup(course, where):
    from tfm_quiz.submission.notebook import read_cells
    from tfm_quiz.teach.nbgrader.build import notebooks
    from tfm_quiz.teach.nbgrader.graft import graft

    released = notebooks(course, "masks", units=[course.unit("masks")])["masks"]
    work = json.loads(released)
    reply = next(cell for cell in work["cells"] if cell["id"].startswith("a-"))
    mine = reply if where == "a reply" else {"cell_type": "markdown", "id": "mine", "metadata": {}}
    mine["source"] = "\n".join(MARKED)
    if where != "a reply":
        work["cells"].append(mine)
    grafted = graft(released, read_cells(json.dumps(work).encode()))
    found = [cell for cell in grafted.cells if "mark.invalid" in cell.source]
    assert len(found) == 1
    assert rendered(found[0].source).tags <= {"pre", "code", "div"}


def test_a_reply_that_nobody_wrote_stays_as_it_was(course):
    """nbgrader compares it with the release to see that there is no answer."""
    from tfm_quiz.submission.notebook import read_cells
    from tfm_quiz.teach.nbgrader.build import notebooks
    from tfm_quiz.teach.nbgrader.graft import graft

    released = notebooks(course, "masks", units=[course.unit("masks")])["masks"]
    before = {cell["id"]: "".join(cell["source"]) for cell in json.loads(released)["cells"]}
    assert {cell["id"]: cell.source for cell in graft(released, read_cells(released.encode())).cells} == before
