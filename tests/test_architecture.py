"""docs/architecture.md is true where that can be checked; `test_docs.py` looks for the paths that it names."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_folder_of_the_engine_is_in_its_table():
    folders = {path.name for path in (ROOT / "src" / "tfm_quiz").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(re.findall(r"^\| `src/tfm_quiz/(\w+)/` \|", PAGE, re.MULTILINE))


def test_its_import_rule_is_the_tested_one():
    rules = runpy.run_path(str(Path(__file__).with_name("test_imports.py")))
    assert " → ".join(rules["LAYERS"]) in PAGE
