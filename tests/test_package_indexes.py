"""The docstring of a package names each of its modules and nothing else: a reader finds the right one from there."""

import ast
import re
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[1] / "src" / "tfm_quiz"
MODULE = re.compile(r"(?<![/\w])[a-z_]+\.py\b")
QUOTED = re.compile(r"`[^`]+`")  # files elsewhere


def modules(package: Path) -> set[str]:
    return {path.name for path in package.glob("*.py")} - {"__init__.py"}


def index(package: Path) -> str:
    return ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""


PACKAGES = [
    path.parent
    for path in sorted(ENGINE.rglob("__init__.py"))
    if len(modules(path.parent)) > 3 and "cli" not in path.parts and path.parent != ENGINE  # those of cli/ are commands
]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_index_of_a_package_names_its_modules(package):
    assert set(MODULE.findall(QUOTED.sub("", index(package)))) == modules(package)
