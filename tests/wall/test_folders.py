"""Each folder of the wall is what it says: it imports what it may of the wall, and nothing else of the package."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfm_quiz.wall.host.workers import Strategy, Worker, Workers, loading
from tfm_quiz.wall.wire.frames import Name

SOURCE = Path(__file__).parents[2] / "src"
WALL = SOURCE / "tfm_quiz" / "wall"
ATTACKS = Path(__file__).parents[1] / "hostile" / "attacks"

# What the modules of a folder may reach, directly or through each other, of the package and beside it.
REACHES = {
    "wire": {"wire"},
    "lockdown": {"lockdown"},
    "worker": {"worker", "wire"},
    "tuning": {"tuning", "worker", "wire", "lockdown"},
    "zygote": {"zygote", "worker", "wire", "lockdown", "tuning"},
}
BESIDE_STUDENTS = {"wire", "worker"}  # besides the standard library these have torch
FRONT = {"tfm_quiz", "tfm_quiz.wall"}  # packages on the way to the folders: an import runs their top level only


def path_of(module: str) -> Path | None:
    place = SOURCE.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def modules_in(folder: str) -> list[str]:
    return [
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((WALL / folder).rglob("*.py"))
    ]


def imported(module: str) -> set[str]:
    """The modules that a module names in an import anywhere in it, inside functions too; and their packages."""
    path = path_of(module)
    assert path is not None, module
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found = set()
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if module in FRONT else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found |= {source} | {f"{source}.{alias.name}" for alias in node.names if path_of(f"{source}.{alias.name}")}
    return found | {".".join(name.split(".")[:n]) for name in found for n in range(1, name.count(".") + 1)}


def closure(modules: list[str]) -> set[str]:
    """Everything that importing these modules can lead to; of other packages only their names."""
    reached, waiting = set(), [*modules]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        if path_of(module):
            parents = [".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 1)]
            waiting += [*imported(module), *parents]
    return reached


@pytest.mark.parametrize("folder", REACHES)
def test_a_folder_reaches_no_other_than_it_may_not_even_indirectly(folder):
    reached = closure(modules_in(folder))
    ours = {name for name in reached if name.split(".")[0] == "tfm_quiz"}
    folders = {name.split(".")[2] for name in ours if name.startswith("tfm_quiz.wall.")}
    assert folders <= REACHES[folder]
    assert {name for name in ours if not name.startswith("tfm_quiz.wall.")} <= FRONT
    others = {name.split(".")[0] for name in reached - ours} - sys.stdlib_module_names
    assert others <= ({"torch", "numpy"} if folder != "lockdown" else set())


def test_the_closure_sees_an_import_behind_an_import_and_inside_a_function():
    """Otherwise the test above could not fail."""
    assert "tfm_quiz.wall.tuning.warmup" in closure(["tfm_quiz.wall.zygote.standalone"])
    assert "tfm_quiz.wall.worker.failure" in closure(["tfm_quiz.wall.tuning.preload"])
    assert "tfm_quiz.wall.wire.frames" in closure(["tfm_quiz.wall.host.process", "tfm_quiz.wall.host.reply"])


MODULE = """
import sys

def loaded():
    return sorted(name for name in sys.modules if name.split(".")[0] == "tfm_quiz")

def has(module, names):
    return sorted(name for name in names if not hasattr(sys.modules.get(module), name))

def installed():
    return sorted({name.split(".")[0] for name in sys.modules} - sys.stdlib_module_names)

def step():
    import torch
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([weight], lr=0.5)
    weight.sum().backward()
    optimizer.step()
    return torch.compile(lambda x: x + 1)(round(weight.detach().sum().item(), 3))
"""


@pytest.fixture
def worker(workers: Workers) -> Iterator[Worker]:
    with workers.spawn() as worker:
        worker.request(loading({"m": MODULE}), 10)
        yield worker


def answer(worker: Worker, name: str, *args):
    return worker.call(Name("m", name), args, seconds=30).value


def test_a_worker_holds_nothing_of_the_package_but_its_folders(worker: Worker):
    loaded = set(answer(worker, "loaded"))
    assert {".".join(name.split(".")[:3]) for name in loaded} - FRONT <= {
        f"tfm_quiz.wall.{folder}" for folder in REACHES["zygote"]
    }
    assert "tfm_quiz.wall.worker.worker" in loaded
    assert not {"pytest", "msgspec", "click", "rich"} & set(answer(worker, "installed"))


def named_by(path: Path) -> dict[str, set[str]]:
    """The engine's modules that an attack relies on, and the attributes that it uses of each."""
    text = re.sub(r"@[A-Z]+@", "0", path.read_text("utf-8"))  # words that a run fills in
    if "tfm_quiz" not in text:
        return {}  # some do not even parse: that is their attack
    tree = ast.parse(text)
    found: dict[str, set[str]] = {}
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], ast.Subscript(ast.Attribute(attr="modules"), ast.Constant(str(module)))):
                bound[name] = module
                found.setdefault(module, set())
            case ast.Subscript(ast.Attribute(attr="modules"), ast.Constant(str(module))):
                found.setdefault(module, set())
            case ast.ImportFrom(str(module), names, 0) if module.startswith("tfm_quiz"):
                found.setdefault(module, set()).update(alias.name for alias in names)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ast.Name(name), attribute) if name in bound:
                found[bound[name]].add(attribute)
            case ast.Constant(str(text)) if re.fullmatch(r"tfm_quiz\.wall(\.\w+)+", text):
                found.setdefault(text, set())
    return {module: names for module, names in found.items() if module.startswith("tfm_quiz")}


TARGETS = {path.name.removesuffix(".py.txt"): named_by(path) for path in sorted(ATTACKS.glob("*.py.txt"))}


def test_every_part_of_the_engine_that_an_attack_names_is_there_to_be_attacked(worker: Worker):
    """A renamed module would turn an attack into an ImportError of its own, which fails for no merit of ours."""
    assert sum(map(bool, TARGETS.values())) > 8
    missing = {
        f"{attack}: {module} has no {', '.join(lacks) or 'place in a worker'}"
        for attack, targets in TARGETS.items()
        for module, names in targets.items()
        if (lacks := answer(worker, "has", module, sorted(names))) or module not in answer(worker, "loaded")
    }
    assert not missing


def test_files_that_an_attack_looks_for_beside_the_wall_exist():
    """Names of hidden parts, which must be absent from a worker, are names of something."""
    quoted = re.compile(r'"((?:tfm_quiz|solutions|graders)\.[\w.]+)"')
    for path in ATTACKS.glob("*.py.txt"):
        for name in quoted.findall(path.read_text("utf-8")):
            course = SOURCE.parent.joinpath(*name.split("."))
            package = path_of(name) or (SOURCE.joinpath(*name.split("."))).is_dir()
            assert package or course.with_suffix(".py").is_file(), f"{path.name}: {name}"


@pytest.mark.parametrize("strategy", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_the_wall_works_without_any_of_its_tuning(strategy: Strategy, workers: Workers):
    if strategy == "fork" and sys.platform != "linux":
        pytest.skip("forks on Linux only")
    workers.wait()
    with Workers(strategy=strategy, tuned=False) as untuned, untuned.spawn() as worker:
        worker.request(loading({"m": MODULE}), 10)
        assert answer(worker, "step") == 2.0
        assert not [name for name in answer(worker, "loaded") if ".tuning" in name]
        assert untuned.level == (workers.level if strategy == "fork" else "basic")


def test_the_trusted_side_does_without_tuning_where_the_environment_says_so():
    program = """
import sys
sys.modules["tfm_quiz.wall.tuning"] = None  # an import of it raises
from tfm_quiz.wall.host.workers import Workers, loading
from tfm_quiz.wall.wire.frames import Name
with Workers() as workers, workers.spawn() as worker:
    worker.request(loading({"m": "def f(): return 5"}), 10)
    print(worker.call(Name("m", "f"), (), seconds=10).value)
"""
    environment = {"PYTHONPATH": str(SOURCE), "TFM_QUIZ_TUNING": "off", "PATH": "/usr/bin:/bin"}
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert done.stdout == "5\n", done.stderr
