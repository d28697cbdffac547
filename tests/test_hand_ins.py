"""Forms in which people hand in: each comes to what the plain one does, or a sentence says what is missing."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tfm_quiz.manifest import load_course
from tfm_quiz.submission.entries import read_class
from tfm_quiz.submission.submission import Submission

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
STUBS = {module: COURSE.stub_path(module).read_text() for module in COURSE.modules}
SOLVED = {module: COURSE.solution_path(module).read_text() for module in COURSE.modules}
ROWS, GAINS = SOLVED["rows"], SOLVED["gains"]
ANSWERS = '[answers]\nfirst = "a"\n'
PLAIN = {"exercises/rows.py": ROWS, "exercises/gains.py": GAINS, "answers.toml": ANSWERS}
NAMES = {exercise.name: exercise.module for exercise in COURSE.exercises}

Files = Mapping[str, str | bytes]


def code(source: str, **more: object) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


def notebook(*cells: str | dict, **more: object) -> bytes:
    made = [cell if isinstance(cell, dict) else code(cell) for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made, **more}).encode()


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Files, *, packed: bool = True) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue()) if packed else buffer.getvalue()


def with_rows(files: Files) -> dict[str, str | bytes]:
    """The plain hand-in with these files in the place of exercises/rows.py."""
    return {"exercises/gains.py": GAINS, "answers.toml": ANSWERS, **files}


def read(tmp_path: Path, files: Files) -> Submission:
    folder = tmp_path / "class" / "student-01"
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (other := tmp_path / "class" / "student-02").mkdir()
    (other / "rows.py").write_text(ROWS)
    return next(one for one in read_class(tmp_path / "class", COURSE) if one.name == "student-01")


LEFTOVERS = "from tfm_quiz.notebook import check\nimport matplotlib.pyplot as plt\n"
TABS = ROWS.replace("    return", "\treturn", 1)
SESSION = """\
>>> def double(x):
...     return 2 * x
...
>>> def row_sums(x):
...     if x.dim() != 2:
...         raise ValueError
...     return x.sum(-1)
"""
EXPORTED = f"""\
#!/usr/bin/env python
{LEFTOVERS}# In[1]:
{ROWS}
!pip install x
get_ipython().system('ls')
check('double')
display(double(1))
"""
NOT_JSON = {"data": [1, float("nan"), float("-inf")], "text": '"NaN"'}
NO_ANSWERS = {name: text for name, text in PLAIN.items() if name != "answers.toml"}

LOSSLESS: dict[str, Files] = {
    "plainly": PLAIN,
    "at the top": {"rows.py": ROWS, "gains.py": GAINS, "answers.toml": ANSWERS},
    "our zip in a platform's folder": {"submission.zip": zipped(PLAIN)},
    "a zip with a folder in it": {"work.zip": zipped({f"student/{name}": text for name, text in PLAIN.items()})},
    "a tar.gz": {"work.tar.gz": tarred(PLAIN)},
    "a tar": {"work.tar": tarred(PLAIN, packed=False)},
    "a tgz beside a pdf": {"work.tgz": tarred(PLAIN), "report.pdf": b"%PDF"},
    "stubs beside the zip": {"submission.zip": zipped(PLAIN), "exercises/rows.py": STUBS["rows"]},
    "a browser's second download": with_rows({"exercises/rows (1).py": ROWS}),
    "a stub beside it": with_rows({"exercises/rows (1).py": ROWS, "exercises/rows.py": STUBS["rows"]}),
    "capital letters": with_rows({"exercises/Rows.py": ROWS}),
    "all capitals": with_rows({"exercises/ROWS.PY": ROWS}),
    "a hidden ending": with_rows({"exercises/rows.py.txt": ROWS}),
    "text": with_rows({"rows.txt": ROWS}),
    "a copy by Windows": with_rows({"exercises/rows - Copy (2).py": ROWS}),
    "a copy by Jupyter": with_rows({"exercises/notebooks/rows-Copy1.ipynb": notebook(ROWS)}),
    "final": with_rows({"rows_final_v2.py": ROWS, "exercises/rows.py": STUBS["rows"]}),
    "a folder a week": {"week1/rows.py": ROWS, "week2/gains.py": GAINS, "answers.toml": ANSWERS},
    "a notebook a week": {
        "week1/rows.ipynb": notebook(ROWS),
        "week2/gains.ipynb": notebook(GAINS),
        "answers.toml": ANSWERS,
        "exercises/rows.py": STUBS["rows"],
        "exercises/gains.py": STUBS["gains"],
    },
    "all in one notebook": {
        "homework.ipynb": notebook(ROWS, GAINS.replace("from .", "from ")),
        "answers.toml": ANSWERS,
    },
    "all in one notebook beside the stubs": {
        "homework.ipynb": notebook(ROWS, GAINS),
        "answers.toml": ANSWERS,
        **{f"exercises/{module}.py": text for module, text in STUBS.items()},
    },
    "one script of any name": with_rows({"solution.py": ROWS}),
    "Canvas's names": {
        "doe_123_456_rows.py": ROWS,
        "doe_123_457_gains-1.py": GAINS,
        "doe_123_458_answers.toml": ANSWERS,
    },
    "the same twice": with_rows({"exercises/rows.py": ROWS, "old/rows.py": ROWS, "rows (1).py": ROWS}),
    "a byte order mark": with_rows({"exercises/rows.py": b"\xef\xbb\xbf" + ROWS.encode()}),
    "UTF-16": with_rows({"exercises/rows.py": ROWS.encode("utf-16")}),
    "UTF-16 without a mark": with_rows({"exercises/rows.py": ROWS.encode("utf-16-le")}),
    "Latin-1 that says so": with_rows({"exercises/rows.py": ("# coding: latin-1\n# é\n" + ROWS).encode("latin-1")}),
    "a notebook in UTF-16": with_rows({"exercises/rows.ipynb": notebook(ROWS).decode().encode("utf-16")}),
    "a notebook with NaN": with_rows({"exercises/rows.ipynb": notebook(code(ROWS, outputs=[NOT_JSON]))}),
    "a cell copied with its id": with_rows(
        {"rows.ipynb": notebook(code(ROWS, id="double"), code("double(1)", id="double"))}
    ),
    "all ids empty": with_rows({"rows.ipynb": notebook(*(code(part, id="") for part in ROWS.split("\n\n\n")))}),
    "no ids": with_rows({"rows.ipynb": notebook(*ROWS.split("\n\n\n"))}),
    "the stub below the copy": with_rows({"rows.ipynb": notebook(code(ROWS, id="a"), code(STUBS["rows"], id="a"))}),
    "an answer turned into Markdown": with_rows(
        {"rows.ipynb": notebook({"cell_type": "markdown", "id": "double", "metadata": {}, "source": ROWS})}
    ),
    "an answer turned into raw text": with_rows(
        {"rows.ipynb": notebook({"cell_type": "raw", "metadata": {"nbgrader": {"grade_id": "double"}}, "source": ROWS})}
    ),
    "shell and magics": with_rows(
        {
            "rows.ipynb": notebook(
                "%matplotlib inline\nfiles = !ls\nr = %timeit -o 1\n!pip install \\\n  torch\n" + ROWS,
                "%%bash\ndef double(): rm -rf",
                "double?",
            )
        }
    ),
    "a pasted session": with_rows({"rows.ipynb": notebook(SESSION)}),
    "captured and timed": with_rows({"rows.ipynb": notebook("%%capture\n%%time\n" + ROWS)}),
    "an indented cell": with_rows({"rows.ipynb": notebook("\n".join(f"    {line}" for line in ROWS.split("\n")))}),
    "a notebook exported to a script": with_rows({"exercises/rows.py": EXPORTED}),
    "an import of what is not there": with_rows({"exercises/rows.py": f"import pandas as pd\n{ROWS}"}),
    "a file opened at the top": with_rows({"exercises/rows.py": f"DATA = open('data.txt').read()\n{ROWS}"}),
    "tabs": with_rows({"exercises/rows.py": TABS}),
    "one tab": with_rows({"exercises/rows.py": f"{ROWS}\n\ndef mine(x):\n    if x:\n\treturn 1\n    return 2\n"}),
    "a broken helper in it": with_rows({"exercises/rows.py": f"{ROWS}\n\ndef mine(x:\n    return x\n"}),
    "Windows": with_rows({"exercises/rows.py": ROWS.replace("\n", "\r\n")}),
    "answers of another name": {**NO_ANSWERS, "answers (1).toml": ANSWERS},
    "answers in exercises": {**NO_ANSWERS, "exercises/answers.toml": ANSWERS},
    "answers beside empty ones": {**PLAIN, "answers.toml": "[answers]\n", "exercises/answers.toml": ANSWERS},
    "a mixture": {
        "hand in.zip": zipped(
            {
                "homework/Rows (1).py.txt": (LEFTOVERS + TABS).encode("utf-16"),
                "homework/gains-Copy1.ipynb": notebook(code(GAINS, id=""), code("!ls", id="")),
                "homework/answers (2).toml": ANSWERS,
                "__MACOSX/._rows.py": b"\0",
            }
        )
    },
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Submission:
    return read(tmp_path_factory.mktemp("plain"), PLAIN)


def meaning(submission: Submission) -> dict[str, object]:
    """What the exercises do, as far as it can be told without grading: run on a number that counts."""
    import torch

    found: dict[str, object] = {}
    x = torch.arange(6.0).reshape(2, 3)
    for name in ("double", "row_sums"):
        namespace: dict[str, Callable] = {}
        exec(compile(submission.modules["rows"], "rows", "exec"), namespace)  # our own text
        found[name] = namespace[name](x).tolist()
    for name in ("Gain", "twice"):
        found[name] = (
            f" {name}" in submission.modules["gains"] and "NotImplementedError" not in submission.modules["gains"]
        )
    return found


@pytest.mark.parametrize("form", LOSSLESS.values(), ids=LOSSLESS.keys())
def test_the_same_work_in_another_form_is_the_same_work(tmp_path, plain, form):
    submission = read(tmp_path, form)
    assert meaning(submission) == meaning(plain), (submission.problems, submission.notes)
    assert submission.answers == plain.answers
    assert submission.problems == ()


@pytest.mark.slow
def test_every_form_has_the_points_of_the_plain_one(tmp_path, tiny_pool):
    from tfm_quiz.grading.messages import GradeRequest
    from tfm_quiz.outcome import Report

    orders = []
    for number, form in enumerate(LOSSLESS.values()):
        submission = read(tmp_path / str(number), form)
        orders.append(GradeRequest(work=submission, key=str(number)))
    points = {}
    for order in orders:
        (report,) = tiny_pool.grade([order])
        assert isinstance(report, Report)
        points[list(LOSSLESS)[int(report.key)]] = report.points
    assert set(points.values()) == {points["plainly"]}, points


TOLD: dict[str, tuple[Files, str]] = {
    "two versions": (
        with_rows({"rows (1).py": ROWS, "rows (2).py": ROWS.replace("2 * x", "x * 2")}),
        "rows (1).py and rows (2).py each hold other work for rows, so none of them was read",
    ),
    "another version beside it": (
        {**PLAIN, "rows (1).py": ROWS.replace("return ", "return 1 * ")},
        "rows (1).py holds other work for rows; exercises/rows.py counts.",
    ),
    "one broken function": (
        with_rows({"exercises/rows.py": ROWS.replace("def double(", "def double((")}),
        "left out: `double`",
    ),
    "a broken cell": (
        with_rows({"rows.ipynb": notebook("def double(x:\n    return x", "x = 1")}),
        "has a cell that is not Python (cell 1)",
    ),
    "a cell of another language": (
        with_rows({"rows.ipynb": notebook("%%bash\ndef double(x): pass", "%%timeit\ndef row_sums(x): pass")}),
        "has `row_sums` in a cell of %%timeit (cell 2), where it does not count",
    ),
    "Markdown that is not ours": (
        with_rows({"rows.ipynb": notebook({"cell_type": "markdown", "source": ROWS, "metadata": {}})}),
        "has `double`, `row_sums` in a cell of markdown text (cell 1), where it does not count",
    ),
    "an unknown encoding": (
        with_rows({"exercises/rows.py": "# coding: klingon\n" + ROWS}),
        "names an encoding that is not read here (klingon, line 1)",
    ),
    "two files of answers": (
        {**NO_ANSWERS, "answers (1).toml": ANSWERS, "b/answers.toml": "x = 1"},
        "all hold answers; none was read",
    ),
    "answers in two places": (
        {**PLAIN, "exercises/answers.toml": '[answers]\nfirst = "b"\n'},
        "exercises/answers.toml was not read: answers.toml holds answers, too, and counts.",
    ),
    "two people in one folder": (
        {"a/rows.py": ROWS, "b/rows.py": ROWS.replace("2 * x", "x * 2")},
        "a/rows.py and b/rows.py each hold other work for rows",
    ),
    "two people in one zip": (
        {"class.zip": zipped({"a/rows.py": ROWS, "b/rows.py": ROWS.replace("2 * x", "x * 2")})},
        "each hold other work for rows",
    ),
    "a broken archive": (
        {"submission.zip": b"PK broken"},
        "submission.zip is broken or not a zip, so it was not read.",
    ),
    "an old notebook": (
        with_rows({"rows.ipynb": json.dumps({"worksheets": [], "nbformat": 3})}),
        "rows.ipynb is not a notebook of format 4",
    ),
}


@pytest.mark.parametrize(("form", "sentence"), TOLD.values(), ids=TOLD.keys())
def test_what_cannot_be_read_without_a_guess_is_told(tmp_path, form, sentence):
    submission = read(tmp_path, form)
    assert any(sentence in problem for problem in submission.problems), (submission.problems, submission.notes)


def test_what_stands_alone_in_a_broken_module_is_read_and_keeps_its_lines(tmp_path):
    broken = ROWS.replace("def double(", "def double((")
    submission = read(tmp_path, with_rows({"exercises/rows.py": broken}))
    line = next(number for number, text in enumerate(broken.split("\n")) if text.startswith("def row_sums"))
    assert submission.modules["rows"].split("\n")[line] == broken.split("\n")[line]


def test_everything_that_was_not_read_is_in_the_inventory(tmp_path):
    inner = zipped({"exercises/rows.py": ROWS})
    files = {
        **PLAIN,
        "report.pdf": b"",
        "exercises/helper.py": "x = 1",
        "scratch.ipynb": notebook("print(1)"),
        ".git/config": "",
        "venv/lib/rows.py": ROWS,
        "pictures.zip": zipped({"a.png": b"", "more.zip": inner}),
    }
    submission = read(tmp_path, files)
    assert submission.problems == ()
    assert submission.notes == (
        "Not read, not being a module, notebook, answers or archive of this course: report.pdf, pictures.zip/a.png.",
        "Not read, being made by tools or hidden: .git, venv.",
        "Not opened, being an archive inside an archive: pictures.zip/more.zip.",
        "Read as helper modules: helper.py.",
        "Searched, without work for an exercise in it: scratch.ipynb.",
    )


# --- a class in an archive -------------------------------------------------------------------------------------------

OTHER = ROWS.replace("2 * x", "x * 2")
CLASSES: dict[str, tuple[str, bytes]] = {
    "folders": ("class.zip", zipped({"student-01/rows.py": ROWS, "student-02/rows.py": OTHER})),
    "folders in a folder": (
        "class.zip",
        zipped({"hand-in/student-01/exercises/rows.py": ROWS, "hand-in/student-02/exercises/rows.py": OTHER}),
    ),
    "our zips": (
        "class.tar.gz",
        tarred({f"student-0{n}.zip": zipped({"exercises/rows.py": text}) for n, text in ((1, ROWS), (2, OTHER))}),
    ),
    "our zips in a platform's folders": (
        "class.zip",
        zipped(
            {f"student-0{n}/submission.zip": zipped({"exercises/rows.py": text}) for n, text in ((1, ROWS), (2, OTHER))}
        ),
    ),
}


@pytest.mark.parametrize(("name", "data"), CLASSES.values(), ids=CLASSES.keys())
@pytest.mark.parametrize("alone", [True, False])
def test_an_archive_that_holds_a_class_is_read_as_one(tmp_path, name, data, alone):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / name).write_bytes(data)
    found = read_class(tmp_path / "class" / name if alone else tmp_path / "class", COURSE)
    assert [one.name.removesuffix("_submission") for one in found] == ["student-01", "student-02"] or [
        one.name for one in found
    ] == ["submission", "submission~2"]
    assert [one.modules["rows"] for one in found] == [ROWS, OTHER]


def test_canvas_s_flat_files_are_one_submission_a_student_unpacked_or_in_its_zip(tmp_path):
    files = {
        "doejane_123_1_rows.py": ROWS,
        "doejane_123_2_gains-2.py": GAINS,
        "roejohn_LATE_124_3_rows.ipynb": notebook(OTHER),
    }
    (tmp_path / "flat").mkdir()
    for name, data in files.items():
        (tmp_path / "flat" / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    (tmp_path / "submissions.zip").write_bytes(zipped(files))
    for place in ("flat", "submissions.zip"):
        first, second = read_class(tmp_path / place, COURSE)
        assert (first.name, second.name) == ("doejane_123", "roejohn_124")
        assert first.modules == {"rows": ROWS, "gains": GAINS}
        assert "x * 2" in second.modules["rows"]


def test_an_archive_of_one_person_s_old_and_new_work_is_no_class(tmp_path):
    files = {"exercises/rows.py": ROWS, "old/rows.py": OTHER, "older/rows.py": "x = 1"}
    (tmp_path / "student-01.zip").write_bytes(zipped(files))
    (only,) = read_class(tmp_path / "student-01.zip", COURSE)
    assert only.modules == {"rows": ROWS}
    assert only.problems == ("old/rows.py holds other work for rows; exercises/rows.py counts.",)


def test_thousands_of_modules_that_are_no_work_cost_no_more_than_to_be_looked_at(tmp_path):
    many = tmp_path / "class" / "student-01" / "many"
    many.mkdir(parents=True)
    for number in range(4900):
        (many / f"m{number}.py").write_text("x = 1\n")
    (tmp_path / "class" / "student-02").mkdir()
    begun = time.process_time()
    read_class(tmp_path / "class", COURSE)
    assert time.process_time() - begun < 20  # half a second; minutes where each was compared with all others
