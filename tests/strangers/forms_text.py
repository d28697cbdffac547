# ruff: noqa: E501
"""Hand-ins whose text is not what a module or a notebook usually holds."""

import json

from .forms import MASKS, code, form, ipynb, modules, notebook, put, rest
from .work import MODULES, filled, lesson, short

# --- notebooks --------------------------------------------------------------------------------------------------------


def _masks(here, work, change):
    rest(here, work)
    book = lesson("masks", work)
    book = change(book) or book
    ipynb(here / "exercises" / "notebooks" / "masks.ipynb", book)


def _cell(book, name):
    return next(cell for cell in book["cells"] if cell.get("id") == name)


@form("same-ids", "bob")
def same_ids(here, work):
    def change(book):
        for name in MASKS:
            at = book["cells"].index(_cell(book, name))
            book["cells"].insert(at + 1, code("# scratch\nx = torch.tensor([[1, 0]])\nx == 0", id=name))
            book["cells"].insert(at, code("import torch  # try", id=name))

    _masks(here, work, change)


@form("empty-ids", "ada")
def empty_ids(here, work):
    def change(book):
        for cell in book["cells"]:
            cell["id"] = ""

    _masks(here, work, change)


@form("colab", "bob")
def colab(here, work):
    def change(book):
        for at, cell in enumerate(book["cells"]):
            cell["metadata"] = {"id": f"a{at}Xy", "colab": {"base_uri": "https://colab.research.google.com/"}}
            del cell["id"]
        book["cells"].insert(
            0, code("!pip install -q tfm-quiz\nfrom google.colab import drive\ndrive.mount('/content/drive')")
        )
        book["cells"].insert(1, code("%cd /content/drive/MyDrive/transformer"))
        book["nbformat_minor"] = 0
        book["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}

    _masks(here, work, change)


@form("answer-as-markdown", "ada")
def answer_as_markdown(here, work):
    def change(book):
        cell = _cell(book, "causal_mask")
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]

    _masks(here, work, change)


@form("answer-as-raw", "bob")
def answer_as_raw(here, work):
    def change(book):
        _cell(book, "padding_mask").update(cell_type="raw")

    _masks(here, work, change)


@form("magics", "ada")
def magics(here, work):
    def change(book):
        cells = book["cells"]
        cells.insert(1, code("%load_ext autoreload\n%autoreload 2\n%matplotlib inline"))
        cells.insert(
            2, code("files = !ls -la\nr = %timeit -o 1 + 1\n!pip install \\\n    einops\ntorch.ones?\n?len\nlen??")
        )
        cells.insert(3, code("%%bash\nls\nfor f in *; do echo $f; done"))
        cells.insert(4, code("%%html\n<b>not Python</b>"))
        cell = _cell(book, "padding_mask")
        cell["source"] = "%%time\n" + cell["source"]
        cell = _cell(book, "causal_mask")
        cell["source"] = (
            "# my answer\n\n!ls\n%pip install numpy\n" + cell["source"] + "\n%timeit causal_mask(5)\ncausal_mask?"
        )
        cell = _cell(book, "decoder_mask")
        cell["source"] = "%%capture out\n" + cell["source"]

    _masks(here, work, change)


@form("magics-two", "bob")
def magics_two(here, work):
    def change(book):
        cell = _cell(book, "padding_mask")
        cell["source"] = "%%capture\n%%time\n" + cell["source"]
        cell = _cell(book, "causal_mask")
        cell["source"] = "\n".join("    " + line for line in cell["source"].splitlines())
        cell = _cell(book, "decoder_mask")
        cell["source"] = (
            "%%timeit -n 1 -r 1\npass\n"
            and "print('now')\n/len 'abc'\n,print a b\n;print a b\n" + cell["source"] + "\n!echo {x} $HOME"
        )

    _masks(here, work, change)


@form(
    "writefile",
    "ada",
    lost=MASKS,
    says="`causal_mask`, `decoder_mask`, `cross_mask`, `shift_right` in a cell of %%writefile",
)
def writefile(here, work):
    rest(here, work)
    ipynb(
        here / "exercises" / "notebooks" / "masks.ipynb",
        notebook([code("%%writefile masks.py\n" + filled("masks", work))]),
    )


@form("prompts", "bob")
def prompts(here, work):
    def change(book):
        cell = _cell(book, "causal_mask")
        body = cell["source"].splitlines()
        cell["source"] = "\n".join([">>> " + body[0], *("... " + line for line in body[1:])])

    _masks(here, work, change)


@form("nan-output", "ada")
def nan_output(here, work):
    def change(book):
        book["cells"][1]["outputs"] = [
            {
                "output_type": "execute_result",
                "data": {"application/json": {"loss": float("nan"), "x": float("inf")}},
                "metadata": {},
                "execution_count": 1,
            }
        ]

    _masks(here, work, change)


@form("string-sources", "bob")
def string_lists(here, work):
    def change(book):
        for cell in book["cells"]:
            cell["source"] = cell["source"].splitlines(keepends=True)

    _masks(here, work, change)


@form("notebook-3", "ada", lost=MASKS, says="is not a notebook of format 4")
def notebook_3(here, work):
    def change(book):
        cells = []
        for cell in book["cells"]:
            if cell["cell_type"] == "code":
                cells.append(
                    {"cell_type": "code", "input": cell["source"], "language": "python", "outputs": [], "metadata": {}}
                )
            else:
                cells.append({"cell_type": "markdown", "source": cell["source"], "metadata": {}})
        return {"metadata": {"name": "masks"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}

    _masks(here, work, change)


@form("notebook-bom", "bob")
def notebook_bom(here, work):
    rest(here, work)
    put(here / "exercises/notebooks/masks.ipynb", "\ufeff" + json.dumps(lesson("masks", work)))


@form("notebook-cut-off", "ada", lost=MASKS, says="masks.ipynb")
def notebook_cut(here, work):
    rest(here, work)
    put(here / "exercises/notebooks/masks.ipynb", json.dumps(lesson("masks", work))[:4000])


@form("one-cell-broken", "ada", lost=("padding_mask",), says="padding_mask")
def one_cell_broken(here, work):
    def change(book):
        _cell(book, "padding_mask")["source"] = "def padding_mask(tokens, pad_id):\n    return (tokens != pad_id"

    _masks(here, work, change)


@form("stops-in-the-middle", "bob")
def stops_in_the_middle(here, work):
    def change(book):
        book["cells"].insert(3, code("model = torch.load('weights.pt')\nraise SystemExit"))
        book["cells"].insert(4, code("assert False, 'TODO'\nwhile True:\n    pass"))

    _masks(here, work, change)


@form("second-try-below", "bob")
def second_try(here, work):
    def change(book):
        _cell(book, "padding_mask")["source"] = "def padding_mask(tokens, pad_id):\n    return tokens"
        book["cells"].append(code(short(work, "padding_mask")))

    _masks(here, work, change)


# --- modules ----------------------------------------------------------------------------------------------------------


def _text(name, work="ada", lost=(), says=()):
    """Register a form whose masks.py is changed."""

    def register(change):
        @form(name, work, lost, says)
        def write(here, content):
            rest(here, content)
            put(here / "exercises" / "masks.py", change(filled("masks", content), content))

        return change

    return register


@_text("nbconvert-script", "ada")
def nbconvert_script(text, work):
    cells = [cell for cell in lesson("masks", work)["cells"] if cell["cell_type"] == "code"]
    top = "#!/usr/bin/env python\n# coding: utf-8\n\nget_ipython().system('pip install tfm-quiz')\nget_ipython().run_line_magic('matplotlib', 'inline')\n"
    return (
        top
        + "".join(f"\n\n# In[{at}]:\n\n\n{cell['source']}" for at, cell in enumerate(cells))
        + "\ndisplay(padding_mask)\n"
    )


@_text("vscode-script", "bob")
def vscode_script(text, work):
    out = "# %%\n# To add a new cell, type '# %%'\n# %%\nfrom IPython import get_ipython\n# %% [markdown]\n# # Masks\n"
    for cell in lesson("masks", work)["cells"]:
        out += "# %%\n" + cell["source"] + "\n" if cell["cell_type"] == "code" else "# %% [markdown]\n# text\n"
    return out


@_text("colab-script", "ada")
def colab_script(text, work):
    cells = [cell["source"] for cell in lesson("masks", work)["cells"] if cell["cell_type"] == "code"]
    top = '# -*- coding: utf-8 -*-\n"""masks.ipynb\n\nAutomatically generated by Colab.\n"""\n\n!pip install -q tfm-quiz\n%matplotlib inline\nfrom google.colab import files\n\n'
    return top + '\n\n"""## Hide the future\n\nText."""\n\n'.join(cells) + "\nfiles.download('x')\n"


@_text("databricks-script", "bob")
def databricks(text, work):
    cells = [cell["source"] for cell in lesson("masks", work)["cells"] if cell["cell_type"] == "code"]
    return (
        "# Databricks notebook source\n# MAGIC %md\n# MAGIC # Masks\n\n# COMMAND ----------\n\n# MAGIC %pip install x\n\n# COMMAND ----------\n"
        + "\n\n# COMMAND ----------\n\n".join(cells)
        + "\ndbutils.library.restartPython()\n"
    )


@_text("bom", "ada")
def bom(text, work):
    return "\ufeff" + text


@_text("utf-16", "bob")
def utf_16(text, work):
    return text.encode("utf-16")


@_text("latin-1-header", "ada")
def latin_1(text, work):
    return ("# -*- coding: latin-1 -*-\n# Lösung für Übung\n" + text.encode("ascii", "replace").decode()).encode(
        "latin-1"
    )


@_text("cp1252-without-header", "bob", lost=MASKS, says="is not UTF-8 text (line 1)")
def cp1252(text, work):
    return ("# Lösung\n" + text.encode("ascii", "replace").decode()).encode("cp1252")


@_text("crlf", "ada")
def crlf(text, work):
    return text.replace("\n", "\r\n")


@_text("old-mac-lines", "bob")
def old_mac(text, work):
    return text.replace("\n", "\r")


@_text("tabs", "ada")
def tabs(text, work):
    return text.replace("\n    ", "\n\t")


@_text("one-tab", "ada", lost=("padding_mask",), says="padding_mask")
def one_tab(text, work):
    return text.replace("    return (tokens != pad_id)", "\tmask = 1\n        return (tokens != pad_id)")


@_text("one-broken", "ada", lost=("causal_mask",), says="causal_mask")
def one_broken(text, work):
    return text.replace("    return torch.ones(1, length", "    retrun torch.ones(1, length")


@_text("missing-packages", "bob")
def missing_packages(text, work):
    return text.replace(
        "import torch\n",
        "import torch\nimport seaborn as sns\nfrom tqdm.notebook import tqdm\nimport einops\nimport numpy as np, pandas as pd\n",
        1,
    )


@_text("jaxtyping", "ada")
def jaxtyping(text, work):
    head = "import torch\nfrom jaxtyping import Bool, Int, jaxtyped\nfrom beartype import beartype\n"
    return text.replace("import torch\n", head, 1).replace(
        "tokens: Tensor, pad_id: int) -> Tensor", 'tokens: Int[Tensor, "b k"], pad_id: int) -> Bool[Tensor, "b 1 k"]'
    )


@_text("hints-not-imported", "bob")
def hints(text, work):
    return text.replace("pad_id: int) -> Tensor", "pad_id: Optional[int]) -> torch.BoolTensor").replace(
        "from torch import Tensor\n", "from torch import Tensor, nonesuch\n"
    )


@_text("opens-a-file", "ada")
def opens(text, work):
    return text.replace("import torch\n", "import torch\n\nlines = open('data/train.txt').read().splitlines()\n", 1)


@_text("prints-in-a-loop", "bob")
def prints(text, work):
    return text + "\n\nfor i in range(100000):\n    print('step', i, causal_mask(3))\n"


@_text("endless-loop-at-the-end", "ada")
def endless(text, work):
    return text + "\n\nwhile True:\n    pass\n"


@_text("asks-at-the-top", "ada")
def asks(text, work):
    return text.replace("import torch\n", "import torch\n\nlength = int(input('length? '))\n", 1)


@_text("main-tests", "bob")
def main_tests(text, work):
    return (
        text
        + "\n\nif __name__ == '__main__':\n    import sys\n    import pytest\n    print(padding_mask(torch.tensor([[1, 0]]), 0))\n    sys.exit(pytest.main())\n"
    )


@_text("asserts-at-the-top", "ada")
def asserts(text, work):
    return text.replace(
        "def cross_mask", "assert padding_mask(torch.tensor([[1]]), 0).shape == (2, 2), 'why?'\n\n\ndef cross_mask"
    )


@_text("exit-at-the-end", "bob")
def exits(text, work):
    return text + "\n\nexit()\n"


@_text("exit-in-the-middle", "ada")
def exits_middle(text, work):
    return text.replace("def decoder_mask", "import sys\nsys.exit(0)\n\n\ndef decoder_mask")


@_text("no-imports", "ada", lost=("causal_mask",), says="NameError in masks.py")
def no_imports(text, work):
    return text.replace("import torch\nfrom torch import Tensor\n", "")


@_text("merge-conflict", "ada", lost=("padding_mask",), says="padding_mask")
def merge_conflict(text, work):
    line = "    " + work["padding_mask"] + "\n"
    return text.replace(line, "<<<<<<< HEAD\n" + line + "=======\n    return tokens\n>>>>>>> theirs\n")


@_text("merge-conflict-between", "ada")
def merge_conflict_between(text, work):
    return text.replace("import torch\n", "<<<<<<< HEAD\nimport torch\n=======\nimport torch as t\n>>>>>>> theirs\n", 1)


@_text("smart-quotes", "bob", lost=("causal_mask",), says="causal_mask")
def smart_quotes(text, work):
    return text.replace("    return torch.ones(1, length", "    name = “causal”\n    return torch.ones(1, length")


@_text("hard-spaces", "ada", lost=("causal_mask",), says="causal_mask")
def hard_spaces(text, work):
    return text.replace("    return torch.ones(1, length", "\u00a0\u00a0\u00a0\u00a0return torch.ones(1, length")


@_text("null-bytes", "ada", lost=MASKS, says="masks.py")
def null_bytes(text, work):
    return text.encode() + bytes(200)


@_text("lambda", "ada")
def lambdas(text, work):
    return (
        "import torch\n\npadding_mask = lambda tokens, pad_id: (tokens != pad_id)[:, None, :]\nimport seaborn\n"
        + short(work, "causal_mask", "decoder_mask")
    )


@_text("alias", "bob")
def alias(text, work):
    return (
        "import torch, nonesuch\n\ndef pad(tokens, pad_id):\n    "
        + work["padding_mask"]
        + "\n\npadding_mask = pad\n"
        + short(work, "causal_mask", "decoder_mask")
    )


@_text("constants-and-helpers", "ada")
def constants(text, work):
    return (
        "import torch\nfrom transformers import AutoModel\n\nAXIS = 1\nDEVICE = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\nmodel = AutoModel.from_pretrained('x')\n\n\ndef _pad(tokens, pad_id):\n    return (tokens != pad_id).unsqueeze(AXIS)\n\n\ndef padding_mask(tokens, pad_id):\n    return _pad(tokens, pad_id)\n\n\n"
        + short(work, "causal_mask", "decoder_mask")
    )


@_text("decorated", "bob")
def decorated(text, work):
    return (
        text.replace(
            "def padding_mask",
            "import functools\n\n\ndef logged(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        print('called')\n        return f(*a, **k)\n\n    return g\n\n\n@logged\ndef padding_mask",
        )
        + "\nimport nonesuch\n"
    )


@_text("in-a-try", "ada")
def in_a_try(text, work):
    body = "".join(
        f"    {line}\n" if line else "\n" for line in text.split("from torch import Tensor\n")[1].splitlines()
    )
    return (
        "import torch\nfrom torch import Tensor\ntry:\n    import nonesuch\nexcept ImportError:\n    nonesuch = None\nif nonesuch is None:\n"
        + body
    )


@_text("in-a-class", "ada", lost=MASKS, says="masks")
def in_a_class(text, work):
    return "import torch\n\n\nclass Masks:\n" + "".join(
        f"    {line}\n" for line in short(work, *MASKS).replace("(tokens", "(self, tokens").splitlines()
    )


@_text("camel-names", "ada", lost=("padding_mask",), says="padding_mask")
def renamed(text, work):
    return text.replace("padding_mask", "paddingMask")


@_text("star-import", "bob")
def star_import(text, work):
    return text.replace(
        "import torch\n", "import torch\nfrom .attention import *\nfrom torch.nn.functional import *\n", 1
    )


@_text("circular", "ada")
def circular(text, work):
    return text.replace("import torch\n", "import torch\nfrom .training import noam_rate\n", 1)


@form("json-in-py", "bob")
def json_in_py(here, work):
    """A notebook that was saved under the name of a module."""
    rest(here, work)
    put(here / "exercises" / "masks.py", json.dumps(lesson("masks", work)))


@form("py-in-ipynb", "ada")
def py_in_ipynb(here, work):
    rest(here, work)
    put(here / "exercises" / "notebooks" / "masks.ipynb", filled("masks", work))


@form("everything-at-once", "bob")
def everything_at_once(here, work):
    cells = [code("!pip install x"), code("from google.colab import drive\ndrive.mount('/x')")]
    for module in MODULES:
        for cell in lesson(module, work)["cells"]:
            cell.pop("id")
            cell["metadata"] = {"id": "same"}
            cells.append(cell)
    cells.append(code("%%time\nwhile False: pass"))
    ipynb(here / "Kopie von Abgabe – Müller (2).ipynb", notebook(cells, 0))
    put(here / "Bericht.pdf", b"%PDF-1.4\n")
    modules(here / "exercises", {})
