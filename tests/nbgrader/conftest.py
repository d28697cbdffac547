"""A class in nbgrader's own folders, driven through the commands that an instructor types."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tfm_quiz.author.lessons import read_module, solved
from tfm_quiz.course import Course

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Classroom:
    """A course folder of nbgrader's."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Our sources, and the scripts beside this Python."""
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": "1",
            "JUPYTER_CONFIG_DIR": str(self.folder / ".jupyter"),
            "JUPYTER_PATH": str(self._kernels()),
        }

    def _kernels(self) -> Path:
        """A folder where Jupyter finds our kernel, as the wheel installs it."""
        kernel = self.folder.parent / "jupyter" / "kernels" / "tfm-quiz"
        if not kernel.exists():
            shutil.copytree(ROOT / "src" / "tfm_quiz" / "student" / "kernelspec", kernel)
        return kernel.parents[1]

    def run(self, *command: str, check: bool = True, typed: str = "") -> subprocess.CompletedProcess[str]:
        """A command in the course folder, and what is typed into it."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, input=typed, capture_output=True, text=True
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def tfm(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`tfm-quiz teach nbgrader ...`."""
        return self.run(sys.executable, "-P", "-m", "tfm_quiz", "teach", "nbgrader", *arguments, check=check)

    def nbgrader(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`nbgrader ...`."""
        return self.run(sys.executable, "-P", "-m", "nbgrader", *arguments, check=check)

    def released(self, name: str, notebook: str | None = None) -> dict[str, Any]:
        """A released notebook, as students get it."""
        return json.loads((self.folder / "release" / name / f"{notebook or name}.ipynb").read_text("utf-8"))

    def hand_in(self, student: str, name: str, work: dict[str, Any] | bytes, notebook: str | None = None) -> Path:
        """Put a notebook where nbgrader collects it."""
        path = self.folder / "submitted" / student / name / f"{notebook or name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(work if isinstance(work, bytes) else json.dumps(work).encode())
        return path

    def grades(self, name: str) -> dict[str, dict[str, Any]]:
        """Everything that the gradebook holds for an assignment: by student, by cell."""
        from nbgrader.api import Gradebook

        found: dict[str, dict[str, Any]] = {}
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            for submission in gradebook.assignment_submissions(name):
                cells = found.setdefault(submission.student.id, {})
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        cells[grade.cell.name] = grade.to_dict()
                    for comment in notebook.comments:
                        said = cells.setdefault(comment.name, {})
                        said["said"], said["suggested"] = comment.comment, comment.auto_comment
        return found


def answer(notebook: dict[str, Any], cell_id: str, source: str) -> None:
    """Write into the cell of this id."""
    (cell,) = [cell for cell in notebook["cells"] if cell["id"] == cell_id]
    cell["source"] = source


def filled(notebook: dict[str, Any], answers: dict[str, str], **instead: str) -> dict[str, Any]:
    """A copy with these answers, some of them replaced."""
    work = copy.deepcopy(notebook)
    for cell in work["cells"]:
        if cell["id"] in answers:
            cell["source"] = instead.get(cell["id"], answers[cell["id"]])
    return work


@pytest.fixture(scope="session")
def right(course: Course) -> dict[str, str]:
    """A right answer to every exercise: the reference's own."""
    found: dict[str, str] = {}
    for unit in course.units:
        found |= {key: solved(source) for key, source in read_module(course, unit).answers.items()}
    return found


@pytest.fixture(scope="session")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Classroom]:
    """Makes course folders, each with nbgrader's configuration by `init`."""

    def make(name: str) -> Classroom:
        folder = tmp_path_factory.mktemp(name) / "class"
        Classroom(folder.parent).tfm("init", str(folder))
        return Classroom(folder)

    return make


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Classroom]:
    """Makes course folders as `nbgrader quickstart` does: its own configuration, with an assignment of its own."""
    pristine = Classroom(tmp_path_factory.mktemp("pristine"))
    pristine.nbgrader("quickstart", "class")

    def make(name: str) -> Classroom:
        folder = tmp_path_factory.mktemp(name) / "class"
        shutil.copytree(pristine.folder / "class", folder)
        return Classroom(folder)

    return make
