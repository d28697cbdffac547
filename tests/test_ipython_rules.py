"""A cell becomes Python by IPython's own rules, whether or not IPython is there."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.submission.ipython import as_python

pytestmark = pytest.mark.extra

manager = pytest.importorskip("IPython.core.inputtransformer2")

CELLS = [
    "x = 1\n",
    "x = !ls\n",
    "r = %timeit -o 1\n",
    "!pip install \\\n  torch\ny = 2\n",
    "%matplotlib inline\nimport math\n",
    "    def f(x):\n        return x\n",
    ">>> def f(x):\n...     return x\n",
    "In [1]: def f(x):\n   ...:     return x\n",
    "x?\n",
    "x??\n",
    "?x\n",
    "%time x = 3\n",
    "!ls\ndef f():\n    '''Is it so?\n    why?\n    '''\n    return 1\n",
    "def f(x):\n    !ls\n    return x\n",
    "if True:\n    x = !ls\n    y = 2\n",
    "def f(x):\n    %time x\n    return (x * 7\n        % 5)\n",
    ",f a b\n",
    ";f a b\n",
    "/f a b\n",
    "/ a\n",
    "x = (1,\n%y)\n",
    "x = '''\n!ls\n%magic\n'''\n",
    "f(x=1); !ls\n",
    "!!ls\n",
    "a = b = !ls\n",
    "a.b = %magic 1\n",
    "a = 5 %magic\n",
    "def f(:\n  !ls\n",
    "!echo 'unfinished\nx = 1\n",
    "x = %magic 'unfinished\ny = 1\n",
    "%%time?\n",
    "%magic?\n",
    "x = 1 # why?\n",
    "x = 1 !ls\n",
    "a[0]?\n",
    "a['k']?\n",
    "print(1)?\n",
    ">>> x = 1\n>>> y = 2\n1\n",
    "x = '''\n>>> y\n'''\n",
    "  >>> def f():\n  ...     return 1\n",
    "x = 1\n  y = 2\n!ls\n",
    "",
    "\n",
    "!",
    "%",
    "?",
]


class Emptied(ast.NodeTransformer):
    """IPython's calls, without what the command says."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        of = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "get_ipython":
            return of
        return node


def tree(source: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(Emptied().visit(ast.parse(source)))
        except (SyntaxError, ValueError):
            return None


def of_ipython(source: str) -> str | None:
    return tree(manager.TransformerManager().transform_cell(source))


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_means_what_it_means_in_ipython(cell):
    assert tree(as_python(cell).source) == of_ipython(cell)


LINES = [
    *("!ls", "x = !ls", "%time 1", "x = %who 2", "x?", "?x", "x = 1", "def f(x):", "    return x", "    !ls"),
    *("(", ")", "'''", "    y = 2", ">>> z = 1", "... ", "if x:", "    x = !ls \\", "# why?", "", "x = (1,", "@f"),
    *("!a \\", "    x??"),
]


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=8))
@settings(max_examples=600, deadline=None)
def test_cells_of_any_lines_mean_what_they_mean_in_ipython(lines):
    cell = "\n".join(lines) + "\n"
    try:
        expected = of_ipython(cell)
    except Exception:
        return
    assert tree(as_python(cell).source) == expected


def test_a_cell_in_another_language_is_none_and_says_which():
    assert as_python("%%bash\nls\n") == ("", "%%bash")
    assert as_python("%%timeit\ndef f(): ...\n").magic == "%%timeit"  # its names end with it


def test_magics_that_only_watch_are_looked_through_one_in_another():
    assert as_python("%%capture out\n%%time\ndef f():\n    !ls\n").source == "def f():\n    get_ipython()\n"


def test_nothing_of_ten_thousand_commands_is_read_twice():
    assert as_python("!ls\n" * 10_000).source == "get_ipython()\n" * 10_000


def test_commands_within_commands_end():
    as_python("," * 60_000 + "x\n")
