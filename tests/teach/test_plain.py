"""`pytest graders --submission DIR`: the graders are plain pytest, too."""

import os
import subprocess
import sys
from pathlib import Path

from tfm_quiz.course import Course


def graders(tiny: Course, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "graders", *map(str, arguments)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tiny.root, env=environment, capture_output=True, text=True, timeout=300)


def test_a_submission_is_judged_on_pytests_own_screen(tiny: Course, tiny_sources: dict[str, str], tmp_path: Path):
    for module, text in tiny_sources.items():
        (tmp_path / f"{module}.py").write_text(text)
    right = graders(tiny, "--submission", tmp_path)
    assert right.returncode == 0, right.stdout + right.stderr
    assert "8 passed" in right.stdout
    (tmp_path / "rows.py").write_text(tiny_sources["rows"] + "\n\ndef double(x):\n    return x / 2\n")
    wrong = graders(tiny, "--submission", tmp_path, "-k", "twice_as_large")
    assert wrong.returncode == 1
    assert "test_every_entry_is_twice_as_large" in wrong.stdout
    assert "1 failed" in wrong.stdout


def test_without_a_submission_it_says_what_is_missing(tiny: Course):
    done = graders(tiny)
    assert done.returncode != 0
    assert "--submission" in done.stdout + done.stderr
