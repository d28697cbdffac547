"""The build hook: the manifest is the allow-list of what ships, for the wheel and for the sdist alike.

A content file that `course.toml` does not name for students never leaves the checkout, whatever lies about in it; one
that it does name stops the build if it is missing or would give something away.
"""

import re
import tomllib
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MARKER = re.compile(r"\b(BEGIN|END)[ _-]*(SOLUTION|FAULT)\b", re.IGNORECASE)
FAULT = re.compile(r"^ *### BEGIN FAULT\n((?: *#.*\n)+) *### END FAULT$", re.MULTILINE)
PROMPT_KEYS = {"id", "type", "ask", "points", "code", "options", "right"}  # of a graded question without its key


class ManifestHook(BuildHookInterface):
    """Puts the course's files for students into the wheel (at tfm_quiz/course/) and into the sdist (where they are)."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Add the files to what hatchling packs. An editable install needs none: it finds the checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        folder = "tfm_quiz/course/" if self.target_name == "wheel" else ""
        for name in student_files(root):
            build_data["force_include"][str(root / name)] = folder + name


def student_files(root: Path) -> list[str]:
    """The files that the manifest names for students, relative to `root`.

    Raises SystemExit naming every file that is missing or that holds a solution, a grader or a key.
    """
    manifest = tomllib.loads((root / "course.toml").read_text("utf-8"))
    exercises = [exercise["id"] for unit in manifest["unit"] for exercise in unit["exercise"]]
    graded = [entry["file"] for entry in manifest.get("questions", []) if entry["kind"] == "graded"]
    modules = [f"exercises/{unit['id']}.py" for unit in manifest["unit"]]
    practice = [entry["file"] for entry in manifest.get("questions", []) if entry["kind"] == "practice"]
    notebooks = [entry["file"] for entry in manifest.get("notebooks", [])]
    questions = [part for name in practice for part in topic_files(root, name)]
    names = ["course.toml", "exercises/__init__.py", *modules, *questions, *graded, *notebooks]
    names += [f"exercises/probes/{exercise}.npz" for exercise in exercises]
    faults = [f"{name}: {fault}" for name in names if (fault := refused(root, name, name in graded))]
    if faults:
        raise SystemExit("This must not ship:\n  " + "\n  ".join(faults))
    return names


def topic_files(root: Path, name: str) -> list[str]:
    """The file of a practice topic, or the files of the folder of its name: a question each, and their lexicon."""
    folder = root / name.removesuffix(".toml")
    if (root / name).is_file() or not folder.is_dir():
        return [name]
    return sorted(path.relative_to(root).as_posix() for path in folder.glob("*.toml"))


def refused(root: Path, name: str, graded: bool) -> str | None:
    """Why this file must not ship, or None."""
    path = root / name
    if path.is_symlink() or not path.is_file():
        return "is named by course.toml but is not there; run `tfm-quiz teach stubs`"
    if path.resolve() != root.resolve() / name:
        return "lies behind a link"
    if path.suffix == ".npz":
        return None
    text = path.read_text("utf-8")
    solution = root / "solutions" / path.name
    if MARKER.search(text):
        return "holds a solution's marker; run `tfm-quiz teach stubs`"
    if re.search(r"\bpytest\b", text):
        return "holds a grader"
    if name.startswith("exercises/") and solution.is_file():
        solved = solution.read_text("utf-8")
        planted = [re.sub(r"^ *#$|^( *)# ", r"\1", code, flags=re.MULTILINE) for code in FAULT.findall(solved)]
        regions = len(re.findall(r"^\s*### BEGIN SOLUTION$", solved, re.MULTILINE)) - len(planted)
        if text.count("raise NotImplementedError()") < regions or not all(code in text for code in planted):
            return "holds a solved exercise; run `tfm-quiz teach stubs`"
    if graded and (told := {key for table in tomllib.loads(text)["question"] for key in table} - PROMPT_KEYS):
        return f"tells more than the question: {', '.join(sorted(told))}"
    return None
