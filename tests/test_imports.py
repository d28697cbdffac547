"""Imports point down, and the light commands stay light."""

from __future__ import annotations

import ast
import graphlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
TINY = Path(__file__).parent / "courses" / "tiny"
# Each layer may import itself and what is below it; the leaves at the bottom may import each other.
LAYERS = ("cli", "student teach author", "grading quiz", "submission wall", "leaves")
HEAVY = ("torch", "numpy", "pytest", "rich")


def layer_of(parts: list[str]) -> int:
    return next((i for i, names in enumerate(LAYERS) if parts[0] in names.split()), len(LAYERS) - 1)


def imports_of(path: Path) -> list[list[str]]:
    """The parts of each name imported from this package, below it: ["course"], ["wall", "wire"]."""
    here = ["tfm_quiz", *path.relative_to(SOURCE / "tfm_quiz").parent.parts]
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            module = base + (node.module or "").split(".") if node.module else base
            found += [module] if module != ["tfm_quiz"] else [[*module, alias.name] for alias in node.names]
    return [name[1:] for name in found if name[0] == "tfm_quiz" and len(name) > 1 and name[1] != "__version__"]


def imported_names(path: Path) -> list[list[str]]:
    """As `imports_of`, down to what is imported from a module: it may be a module itself."""
    here = ["tfm_quiz", *path.relative_to(SOURCE / "tfm_quiz").parent.parts]
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            found += [[*base, *(node.module or "").split("."), alias.name] for alias in node.names]
    return [[part for part in name[1:] if part] for name in found if name[0] == "tfm_quiz" and len(name) > 1]


def test_imports_point_down():
    upward = []
    for path in sorted((SOURCE / "tfm_quiz").rglob("*.py")):
        own = list(path.relative_to(SOURCE / "tfm_quiz").with_suffix("").parts)
        if own in (["__main__"], ["__init__"], ["notebook"]):
            continue  # the front doors
        above = [name for name in imports_of(path) if layer_of(name) < layer_of(own)]
        upward += [f"{'.'.join(own)} imports {'.'.join(name)}" for name in above]
    assert not upward


def modules() -> dict[str, Path]:
    """Every module of the package by its name below it."""
    root = SOURCE / "tfm_quiz"
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in sorted(root.rglob("*.py"))}


def test_no_modules_import_each_other_in_a_circle_not_even_from_inside_a_function():
    found = modules()
    graph: dict[str, set[str]] = {}
    for name, path in found.items():
        names = [".".join(parts) for parts in imported_names(path)]
        targets = {target for one in names for target in (one, one.rpartition(".")[0]) if target in found}
        graph[name] = targets - {name}
    try:
        list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_what_runs_beside_a_student_imports_the_wall_alone():
    for path in [
        *SOURCE.glob("tfm_quiz/wall/worker/*.py"),
        *SOURCE.glob("tfm_quiz/wall/wire/*.py"),
        *SOURCE.glob("tfm_quiz/wall/zygote/*.py"),
    ]:
        assert all(imported[0] == "wall" for imported in imports_of(path)), path


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY),
        (["--version"], HEAVY),
        ([], HEAVY),
        (["status"], HEAVY),
        (["hint", "double"], HEAVY),
        (["quiz", "--list"], ("torch", "numpy", "pytest")),
        (["quiz", "shapes"], ("torch", "numpy", "pytest")),
        (["init", "elsewhere"], HEAVY),
        (["submit"], HEAVY),
        (["teach", "--help"], HEAVY),
        (["doctor"], ("torch", "numpy", "pytest")),
    ],
)
def test_light_commands_start_without_torch_and_numpy(tmp_path, arguments, heavy):
    program = f"""
import sys
sys.argv[0] = "tfm-quiz"
from tfm_quiz.cli import main
try:
    main(prog_name="tfm-quiz")
except SystemExit as end:
    code = end.code
loaded = sorted({{name.partition(".")[0] for name in sys.modules}} & set({heavy!r}))
print("CODE", code, "LOADED", *loaded, file=sys.stderr)
"""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TFM_QUIZ_COURSE": str(TINY)}
    run = [sys.executable, "-P", "-c", program]
    subprocess.run([*run, "init", "."], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=60)
    result = subprocess.run(
        [*run, *arguments], cwd=tmp_path, env=environment, input="4\n", capture_output=True, text=True, timeout=60
    )
    assert result.stderr.splitlines()[-1] == "CODE 0 LOADED", result.stderr
