"""The voice of the project: what its texts have in common."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
QUESTION_WORD = re.compile(r"(What|Whether|Where|Why|How|Who|Whoever|Whom|Whose)\b")


def first_lines() -> Iterator[tuple[str, str]]:
    """Yield the place of each function that has a docstring, and the docstring's first line."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
                yield f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}", text.splitlines()[0]


def test_no_docstring_of_a_function_begins_like_a_question() -> None:
    lines = list(first_lines())
    assert len(lines) > 500  # the walk found the functions
    assert [f"{place}: {line}" for place, line in lines if QUESTION_WORD.match(line)] == []


def test_no_sentence_of_the_engine_uses_words_that_read_as_translated() -> None:
    odd = re.compile(r"\b(whoever|anew|mend(s|ed|ing)?)\b", re.IGNORECASE)
    lines = [(path, line) for path in SOURCE.rglob("*.py") for line in path.read_text("utf-8").splitlines()]
    assert len(lines) > 10_000  # the walk found the modules
    assert [f"{path.relative_to(SOURCE)}: {line.strip()}" for path, line in lines if odd.search(line)] == []
