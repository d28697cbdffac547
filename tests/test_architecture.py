"""docs/architecture.md is true where that can be checked."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PATH = re.compile(r"`((?:src|tests|graders|docs|quiz|solutions)/[\w/.*-]*)`")


def test_every_path_it_names_is_there():
    missing = [path for path in PATH.findall(PAGE) if not list(ROOT.glob(path.replace("NAME.*", "*")))]
    assert len(PATH.findall(PAGE)) > 20
    assert missing == []


def test_every_folder_of_the_engine_is_in_its_table():
    folders = {path.name for path in (ROOT / "src" / "tfm_quiz").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(re.findall(r"^\| `src/tfm_quiz/(\w+)/` \|", PAGE, re.MULTILINE))


def test_its_import_rule_is_the_tested_one():
    rules = runpy.run_path(str(Path(__file__).with_name("test_imports.py")))
    assert " → ".join(rules["LAYERS"]) in PAGE
