"""Work that is handed in oddly comes to the points of the same work handed in plainly, or the loss is said."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import Report
from tfm_quiz.submission.entries import entries

ROOT = Path(__file__).parent.parent
SUFFIXES = (".zip", ".tar.gz", ".tgz", ".7z", ".py", ".ipynb")


def _strangers(module: str) -> Any:
    if "strangers" not in sys.modules:
        folder = Path(__file__).with_name("strangers")
        spec = importlib.util.spec_from_file_location(
            "strangers", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None and spec.loader is not None
        sys.modules["strangers"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["strangers"])
    return importlib.import_module(f"strangers.{module}")


work, forms = _strangers("work"), _strangers("forms")
_strangers("forms_text")  # registers more
FORMS, WORKS = forms.FORMS, work.WORKS
PLAIN = {name: f"plain-{name}" for name in WORKS}
FEW = (
    *PLAIN.values(),
    "Doe Jane_4411_assignsubmission_file_",
    "zip-in-zip.zip",
    "alone.tar.gz",
    "tar-xz",
    "mac.zip",
    "windows.zip",
    "locked.zip",
    "attempts",
    "browser-copy",
    "jupyter-copy",
    "notebook-alone.ipynb",
    "one-file-alone.py",
    "beside",
    "html-export",
    "same-ids",
    "empty-ids",
    "answer-as-markdown",
    "magics",
    "writefile",
    "nan-output",
    "nbconvert-script",
    "colab-script",
    "utf-16",
    "cp1252-without-header",
    "one-tab",
    "one-broken",
    "missing-packages",
    "jaxtyping",
    "hints-not-imported",
    "opens-a-file",
    "exit-in-the-middle",
    "no-imports",
    "merge-conflict",
    "circular",
    "json-in-py",
    "py-in-ipynb",
    "everything-at-once",
)


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Report]]:
    """Write these forms as one class and grade it by the command, on these exercises."""

    def run(names: tuple[str, ...], exercises: tuple[str, ...]) -> dict[str, Report]:
        there = tmp_path_factory.mktemp("class")
        for name in names:
            FORMS[name].write(there / "in" / name, WORKS.get(FORMS[name].work, {}))
        command = [sys.executable, "-m", "tfm_quiz", "teach", "grade", "in", "--out", "out", "--seed", "1", "--no-labs"]
        command += [f"--only={exercise}" for exercise in exercises] + ["--require", "strong"]
        environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "TFM_QUIZ_COURSE": str(ROOT)}
        done = subprocess.run(command, cwd=there, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert environment
        return {}

    return run
