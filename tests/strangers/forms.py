"""Hand-ins as people and learning platforms make them: each writes one submission and says whose work it holds."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .work import CYD, MODULES, Work, filled, lesson, short, stub


@dataclass(frozen=True)
class Form:
    """One hand-in. `lost` are the exercises that cannot be found in it; `says` are words that must then be read."""

    name: str
    work: str
    write: Callable[[Path, Work], None]
    lost: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


FORMS: dict[str, Form] = {}


def form(name: str, work: str = "ada", lost: tuple[str, ...] = (), says: tuple[str, ...] | str = ()):
    """Register a writer of a submission; it gets the path of the submission and the work to be put there."""

    def register(write: Callable[[Path, Work], None]) -> Callable[[Path, Work], None]:
        assert name not in FORMS
        words = (says,) if isinstance(says, str) else says
        FORMS[name] = Form(name, work, write, lost, words)
        return write

    return register


ALL = (
    "token_embedding",
    "positional_encoding",
    "padding_mask",
    "causal_mask",
    "decoder_mask",
    "noam_rate",
    "mean_loss",
)
MASKS = ("padding_mask", "causal_mask", "decoder_mask")

# --- pieces ----------------------------------------------------------------------------------------------------------


def put(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))


def modules(folder: Path, work: Work, but: tuple[str, ...] = ()) -> None:
    for module in MODULES:
        if module not in but:
            put(folder / f"{module}.py", filled(module, work))


def files(work: Work, prefix: str = "") -> dict[str, bytes]:
    return {f"{prefix}{module}.py": filled(module, work).encode() for module in MODULES}


def zipped(entries: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: some write backslashes
            archive.writestr(info, data)
    return raw.getvalue()


def tarred(entries: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def code(source: str, **more) -> dict:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source, **more}


def notebook(cells: list[dict], minor: int = 5) -> dict:
    meta = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": meta, "nbformat": 4, "nbformat_minor": minor}


def ipynb(path: Path, book: dict) -> None:
    put(path, json.dumps(book, indent=1))


def rest(here: Path, work: Work) -> None:
    """Everything but masks, in files."""
    modules(here / "exercises", work, but=("masks",))


# --- plain ------------------------------------------------------------------------------------------------------------


@form("plain-ada", "ada")
@form("plain-bob", "bob")
@form("plain-cyd", "cyd")
def plain(here, work):
    modules(here / "exercises", work)


# --- archives and platforms -------------------------------------------------------------------------------------------


@form("Doe Jane_4411_assignsubmission_file_", "bob")
def moodle_zip(here, work):
    put(here / "submission.zip", zipped(files(work, "exercises/")))


@form("Roe Richard_4412_assignsubmission_file", "ada")
def moodle_zipped_workspace(here, work):
    put(
        here / "transformer-main.zip",
        zipped(files(work, "transformer-main/exercises/") | {"transformer-main/README.md": b"# hi"}),
    )


@form("Poe Edgar_4413_assignsubmission_file_", "cyd")
def moodle_loose(here, work):
    modules(here, work)


@form("Sakai, Sam(ssakai)", "bob")
def sakai(here, work):
    modules(here / "Submission attachment(s)", work)
    put(here / "timestamp.txt", "20261120101010")
    put(here / "comments.txt", "")
    put(here / "Feedback Attachment(s)" / "x", "")


@form("zip-in-zip.zip", "bob")
def zip_in_zip(here, work):
    put(here, zipped({"submission.zip": zipped(files(work, "exercises/"))}))


@form("three-zips-deep.zip", "ada", lost=ALL, says="zip")
def three_deep(here, work):
    put(here, zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped(files(work))})})}))


@form("tar-in-a-folder", "ada")
def tar_in_folder(here, work):
    put(here / "homework.tar.gz", gzip.compress(tarred(files(work, "./transformer/exercises/"))))


@form("alone.tar.gz", "bob")
def tar_alone(here, work):
    put(here, gzip.compress(tarred(files(work, "exercises/"))))


@form("alone-tgz.tgz", "cyd")
def tgz_alone(here, work):
    put(here, gzip.compress(tarred(files(work))))


@form("tar-xz", "cyd", lost=ALL, says="neither a zip nor a tar.gz: hw.tar.xz")
def tar_xz(here, work):
    put(here / "hw.tar.xz", lzma.compress(tarred(files(work))))


@form("zip-per-module", "bob")
def zip_per_module(here, work):
    for module in MODULES:
        put(here / f"{module}.zip", zipped({f"{module}.py": filled(module, work).encode()}))


@form("mac.zip", "ada")
def mac_zip(here, work):
    junk = {
        f"__MACOSX/transformer/exercises/._{module}.py": b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(60) for module in MODULES
    }
    put(here, zipped(files(work, "transformer/exercises/") | {"transformer/.DS_Store": b"\0\0\0\1Bud1"} | junk))


@form("mac-folder", "bob")
def mac_folder(here, work):
    modules(here / "exercises", work)
    put(here / ".DS_Store", b"\0\0\0\1Bud1")
    put(here / "exercises" / "._masks.py", b"\0\5\x16\7")


@form("windows.zip", "bob")
def windows_zip(here, work):
    put(here, zipped(files(work, "transformer\\exercises\\")))


@form("git-clone", "ada")
def git_clone(here, work):
    modules(here / "exercises", work)
    put(here / ".git" / "HEAD", "ref: refs/heads/main\n")
    put(here / ".git" / "objects" / "ab" / "cdef", b"x\x9c")
    put(here / ".idea" / "workspace.xml", "<x/>")
    put(here / "exercises" / "__pycache__" / "masks.cpython-312.pyc", b"\0\0")
    put(here / "exercises" / ".ipynb_checkpoints" / "masks-checkpoint.py", stub("masks"))
    put(here / "venv" / "lib" / "site-packages" / "foo" / "masks.py", "x = 1\n")


@form("Müller Łukasz", "ada")
def unicode_name(here, work):
    modules(here / "Übungen – Abgabe", work)


@form("empty-folder", "none", lost=ALL, says="No exercises were found")
def empty_folder(here, work):
    here.mkdir()


@form("empty-zip.zip", "none", lost=ALL, says="No exercises were found")
def empty_zip(here, work):
    put(here, zipped({}))


@form("zero-bytes.zip", "none", lost=ALL, says="zip")
def zero_bytes(here, work):
    put(here, b"")


@form("cut-off.zip", "ada", lost=ALL, says="zip")
def cut_off(here, work):
    put(here, zipped(files(work))[:3000])


@form("locked.zip", "ada", lost=ALL, says="masks.py is encrypted")
def locked(here, work):
    raw = bytearray(zipped(files(work)))
    at = 0
    while (at := raw.find(b"PK\x03\x04", at)) >= 0:
        raw[at + 6] |= 1
        at += 4
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 8] |= 1
        at += 4
    put(here, bytes(raw))


@form("rar", "ada", lost=ALL, says="homework.rar")
def rar(here, work):
    put(here / "homework.rar", b"Rar!\x1a\x07\x01\0" + bytes(100))


@form("seven.7z", "ada", lost=ALL, says="7z")
def seven(here, work):
    put(here, b"7z\xbc\xaf\x27\x1c" + bytes(100))


@form("two-zips", "bob", lost=("noam_rate",), says="each hold other work for training")
def two_zips(here, work):
    put(here / "submission.zip", zipped(files(CYD, "exercises/")))
    put(here / "submission (1).zip", zipped(files(work, "exercises/")))


@form("attempts", "bob", lost=(*MASKS, "noam_rate"), says="each hold other work for masks")
def attempts(here, work):
    modules(here / "attempt1", CYD)
    modules(here / "attempt2", work)


# --- names ------------------------------------------------------------------------------------------------------------


@form("browser-copy", "bob", says="masks (1).py")
def browser_copy(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py", stub("masks"))
    put(here / "exercises" / "masks (1).py", filled("masks", work))


@form("jupyter-copy", "ada", says="masks-Copy1.ipynb")
def jupyter_copy(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py", stub("masks"))
    ipynb(here / "exercises" / "notebooks" / "masks.ipynb", lesson("masks", {}))
    ipynb(here / "exercises" / "notebooks" / "masks-Copy1.ipynb", lesson("masks", work))


@form("mac-copy", "cyd", says="masks copy.py")
def mac_copy(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py", stub("masks"))
    put(here / "exercises" / "masks copy.py", filled("masks", work))


@form("windows-copy", "bob", says="masks - Copy.py")
def windows_copy(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py", stub("masks"))
    put(here / "exercises" / "masks - Copy.py", filled("masks", work))


@form("colab-copy", "bob")
def colab_copy(here, work):
    for module in MODULES:
        ipynb(here / f"Copy of {module}.ipynb", lesson(module, work))


@form("final-final", "ada")
def final_final(here, work):
    modules(here, work, but=("masks",))
    put(here / "masks_final_FINAL.py", filled("masks", work))


@form("capitals", "ada")
def capitals(here, work):
    for module in MODULES:
        put(here / f"{module.capitalize()}.PY", filled(module, work))


@form("py-txt", "bob")
def py_txt(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py.txt", filled("masks", work))


@form("txt", "bob")
def txt(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.txt", filled("masks", work))


@form("one-file", "ada")
def one_file(here, work):
    everything = "import math\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn, Tensor\n\n"
    embedding = filled("positions", work).split("def positional_encoding")[0].split("class TokenEmbedding")[1]
    put(here / "solution.py", everything + "class TokenEmbedding" + embedding + short(work))


@form("one-file-alone.py", "bob")
def one_file_alone(here, work):
    one_file(here, work)
    (here / "solution.py").rename(here.parent / "x.tmp")
    here.rmdir()
    (here.parent / "x.tmp").rename(here)


@form("homework-notebook", "bob")
def homework_notebook(here, work):
    cells = [cell for module in MODULES for cell in lesson(module, work)["cells"]]
    ipynb(here / "homework.ipynb", notebook(cells))


@form("notebook-alone.ipynb", "ada")
def notebook_alone(here, work):
    ipynb(here, notebook([cell for module in MODULES for cell in lesson(module, work)["cells"]]))


@form("weeks", "bob")
def weeks(here, work):
    for week, module in enumerate(MODULES, 1):
        ipynb(here / f"week{week}" / f"{module}.ipynb", lesson(module, work))


@form("sub-folders", "ada")
def sub_folders(here, work):
    for module in MODULES:
        put(here / "src" / module / f"{module}.py", filled(module, work))


@form("function-files", "ada", lost=MASKS, says="each hold other work for masks")
def function_files(here, work):
    modules(here, work, but=("masks",))
    for name in MASKS:
        extra = (
            "from padding_mask import padding_mask\nfrom causal_mask import causal_mask\n"
            if name == "decoder_mask"
            else ""
        )
        put(here / f"{name}.py", f"import torch\n{extra}\n{short(work, name)}")


@form("with-a-helper", "ada")
def with_helper(here, work):
    rest(here, work)
    put(
        here / "exercises" / "my_utils.py",
        "import torch\n\n" + short(work, "padding_mask").replace("padding_mask", "pads"),
    )
    text = filled("masks", work | {"padding_mask": "return pads(tokens, pad_id)"})
    put(
        here / "exercises" / "masks.py", text.replace("import torch\n", "import torch\nfrom .my_utils import pads\n", 1)
    )


@form("helper-plain-import", "ada")
def helper_plain(here, work):
    modules(here, work, but=("masks",))
    put(here / "my_utils.py", "import torch\n\n" + short(work, "padding_mask").replace("padding_mask", "pads"))
    text = filled("masks", work | {"padding_mask": "return pads(tokens, pad_id)"})
    put(here / "masks.py", text.replace("import torch\n", "import torch\nfrom my_utils import pads\n", 1))


@form("absolute-imports", "ada")
def absolute_imports(here, work):
    modules(here / "exercises", work, but=("training",))
    text = filled("training", work).replace("from .masks", "from exercises.masks")
    put(here / "exercises" / "training.py", text)


@form("beside", "bob", says=("report.pdf", "README.md", "loss.png"))
def beside(here, work):
    modules(here / "exercises", work)
    put(here / "report.pdf", b"%PDF-1.4\n%" + bytes(range(128, 160)))
    put(here / "README.md", "# My homework\n\nI did everything but the last.\n")
    put(here / "plots" / "loss.png", b"\x89PNG\r\n\x1a\n" + bytes(40))


@form("only-a-pdf", "ada", lost=ALL, says="masks.pdf")
def only_pdf(here, work):
    put(here / "masks.pdf", b"%PDF-1.4\n")


@form("html-export", "ada", lost=MASKS, says="masks.html")
def html_export(here, work):
    rest(here, work)
    put(here / "masks.html", "<html><body><pre>" + filled("masks", work) + "</pre></body></html>")


@form("word", "ada", lost=MASKS, says="masks.docx")
def word(here, work):
    rest(here, work)
    put(here / "masks.docx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<w/>"}))


@form("fenced-markdown", "ada", lost=MASKS, says="masks.md")
def fenced(here, work):
    rest(here, work)
    put(here / "masks.md", "Here is my code\n\n```python\n" + filled("masks", work) + "```\n")


@form("empty-module", "ada", lost=MASKS, says="masks.py")
def empty_module(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py", "")


@form("empty-notebook", "ada", lost=MASKS, says="masks.ipynb")
def empty_notebook(here, work):
    rest(here, work)
    put(here / "exercises" / "notebooks" / "masks.ipynb", "")


@form("notebook-and-stub", "bob")
def notebook_and_stub(here, work):
    for module in MODULES:
        put(here / "exercises" / f"{module}.py", stub(module))
        ipynb(here / "exercises" / "notebooks" / f"{module}.ipynb", lesson(module, work))


@form("file-and-lesson-stub", "bob")
def file_and_lesson_stub(here, work):
    modules(here / "exercises", work)
    for module in MODULES:
        ipynb(here / "exercises" / "notebooks" / f"{module}.ipynb", lesson(module, {}))


@form("half-and-half", "ada", lost=("causal_mask", "decoder_mask"), says="were both edited")
def half_and_half(here, work):
    rest(here, work)
    put(here / "exercises" / "masks.py", filled("masks", {"padding_mask": work["padding_mask"]}))
    others = {name: work[name] for name in ("causal_mask", "decoder_mask")}
    ipynb(here / "exercises" / "notebooks" / "masks.ipynb", lesson("masks", others))
