"""A class of sixty in which forty are hostile: it is graded completely, and the honest twenty lose nothing by it."""

import csv
import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXERCISES = ("causal_mask", "scaled_dot_product_attention", "layer_norm", "positional_encoding", "label_smoothed_loss")
NAMES = (  # of folders, by people who know where they will be shown
    "=HYPERLINK(1)",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)<",
    "[bold]{7*7}",
    "\x1b[31mred",
    "\u202etxt.exe",
    "two\nlines",
    "a,b;c\"d'e",
    "$(touch x)",
)
TIDY, UNTIDY, SLOW, PARTLY, HELPED = range(5)


def honest(number: int, solutions: dict[str, str]) -> dict[str, str]:
    """One of twenty honest submissions: file name to text."""
    kind = number % 5
    files = {f"exercises/{module}.py": text for module, text in solutions.items()}
    masks, attention = files["exercises/masks.py"], files["exercises/attention.py"]
    if kind == UNTIDY:
        files["exercises/masks.py"] = masks + UNTIDY_END
    elif kind == SLOW:
        files["exercises/attention.py"] = attention + SLOW_END
    elif kind == PARTLY:
        files["exercises/masks.py"] = masks + "\n\ndef causal_mask(length, device=None):\n    return torch.ones(1)\n"
        del files["exercises/layers.py"]
    elif kind == HELPED:
        files["exercises/helper.py"] = f"NUMBER = {number}\n"
        files["exercises/masks.py"] = "from .helper import NUMBER\n" + masks
    return files


UNTIDY_END = """

import threading, warnings
print("loaded")
warnings.warn("untidy")
torch.set_num_threads(4)
try:
    threading.Thread(target=print).start()
except RuntimeError as error:
    print(error)
_right = causal_mask

def causal_mask(length, device=None):
    print("called", length)
    assert length >= 0
    return _right(length, device)
"""
SLOW_END = """

import time
_right = scaled_dot_product_attention

def scaled_dot_product_attention(*args, **kwargs):
    time.sleep(0.2)
    return _right(*args, **kwargs)
"""


@pytest.fixture(scope="module")
def classroom(bait, every_attack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders of submissions: the twenty honest ones alone, and all sixty."""
    folder = tmp_path_factory.mktemp("classroom")
    solutions = {path.stem: path.read_text() for path in (bait.course / "solutions").glob("*.py")}
    solutions.pop("__init__")
    modules = {"causal_mask": "masks", "layer_norm": "layers", "scaled_dot_product_attention": "attention"}
    modules |= {"positional_encoding": "positions", "label_smoothed_loss": "training"}
    for number in range(1, 21):
        for path, text in honest(number, solutions).items():
            for group in ("alone", "all"):
                place = folder / group / f"student-{number:02}" / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
    usable = [attack for attack in every_attack if attack.exercise in EXERCISES]
    chosen = usable[:: max(1, len(usable) // 40)][:40]
    for number, attack in enumerate(chosen):
        name = NAMES[number] if number < len(NAMES) else f"hostile-{number:02}"
        place = folder / "all" / name / "exercises" / f"{modules[attack.exercise]}.py"
        place.parent.mkdir(parents=True)
        text = attack.text
        for word, meaning in bait.words().items():
            text = text.replace(f"@{word}@", meaning)
        place.write_text(text)
        (place.parents[1] / "answers.toml").write_text('[answers]\nx = "\\u001b[31m"\n')
    return folder / "alone", folder / "all"


def grade(bait, submissions: Path, out: Path) -> tuple[dict[str, dict], subprocess.CompletedProcess[str]]:
    """`tfm-quiz teach grade`, and its reports by name, without what differs from run to run."""
    command = [sys.executable, "-m", "tfm_quiz", "teach", "grade", str(submissions), "--out", str(out)]
    command += ["--seed", "7", "--time-factor", "0.4", "--no-labs", "--jobs", "2", "--no-sandbox"]
    command += [word for name in EXERCISES for word in ("--only", name)]
    done = subprocess.run(command, cwd=bait.course, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]
    return {line["submission"]: line for line in lines}, done


@pytest.fixture(scope="module")
def runs(bait, classroom, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("results")
    alone, everybody = classroom
    yield grade(bait, alone, out / "alone"), grade(bait, everybody, out / "all"), out / "all"
    shutil.rmtree(out)


def test_everybody_is_graded(runs, classroom) -> None:
    _, (reports, done), _ = runs
    assert done.returncode == 0, done.stderr
    assert len(reports) == len(list(classroom[1].iterdir())) == 60


def test_the_honest_get_exactly_what_they_get_alone(runs) -> None:
    (alone, _), (everybody, _), _ = runs
    assert len(alone) == 20
    for name, report in alone.items():
        among = everybody[name]
        assert among["points"] == report["points"], name
        assert among["exercises"] == report["exercises"], name


def test_honest_but_untidy_work_keeps_its_marks(runs) -> None:
    (alone, _), _, _ = runs
    for number in range(1, 21):
        report = alone[f"student-{number:02}"]
        if number % 5 != PARTLY:
            assert report["points"] == report["out_of"], report["exercises"]


def test_no_output_holds_anything_that_steers_or_runs(runs) -> None:
    _, (_, done), out = runs
    shown = {"the screen": done.stdout + done.stderr}
    shown |= {str(path): path.read_text("utf-8") for path in out.rglob("*") if path.suffix in (".txt", ".csv")}
    assert len(shown) > 60
    for where, text in shown.items():
        strange = [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") and char not in "\n"]
        assert not strange, (where, strange[:5])
    rows = csv.reader((out / "grades.csv").read_text("utf-8").splitlines())
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]


def test_nothing_of_the_course_was_changed(runs, bait) -> None:
    assert bait.snapshot() == bait.tree
