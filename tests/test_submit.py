"""Handing in: one zip that the graders read back as the same work."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from tfm_quiz.cli import main
from tfm_quiz.errors import SubmissionProblem, UsageProblem
from tfm_quiz.manifest import load_course
from tfm_quiz.student.submit import pack
from tfm_quiz.student.workspace import Workspace, make_workspace
from tfm_quiz.submission.entries import read_class

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
SOLVED = "def double(x):\n    return x + x\n\n\ndef row_sums(x):\n    return x.sum(-1)\n"


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "mine"
    make_workspace(COURSE, root)
    (root / "exercises" / "rows.py").write_text(SOLVED)
    (root / "exercises" / "helper.py").write_text("# √d_k\n", "utf-8")
    (root / "answers.toml").write_text("[answers]\n")
    (root / "notes.txt").write_text("private")
    (root / ".tfm-quiz" / "progress.json").write_text("{}")
    return Workspace(root, COURSE)


def test_what_is_handed_in_is_read_back_as_the_same_work(workspace, tmp_path):
    (tmp_path / "class").mkdir()
    packed = pack(workspace, tmp_path / "class" / "student-01.zip")
    (submission,) = read_class(tmp_path / "class", COURSE)
    mine = workspace.submission()
    assert submission.name == "student-01"
    assert (submission.modules, submission.helpers, submission.answers) == (mine.modules, mine.helpers, mine.answers)
    assert submission.problems == ()
    assert packed.untouched == ("gain", "twice")
    assert not packed.replaced


def test_the_zip_holds_the_work_and_a_manifest_of_hashes_and_nothing_private(workspace, tmp_path):
    pack(workspace, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        contents = {name: archive.read(name) for name in names if name != "manifest.json"}
    assert sorted(names) == [
        "answers.toml",
        "exercises/__init__.py",
        "exercises/gains.py",
        "exercises/helper.py",
        "exercises/rows.py",
        "manifest.json",
    ]
    assert manifest["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    assert (manifest["format"], manifest["course"], manifest["version"]) == (1, "tiny", "1")


def test_the_same_work_gives_the_same_bytes(workspace, tmp_path):
    pack(workspace, tmp_path / "a.zip")
    os.utime(workspace.root / "exercises" / "rows.py", (1, 1_000_000_000))
    pack(workspace, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_an_earlier_zip_is_replaced_and_anything_else_is_left_alone(workspace, tmp_path):
    pack(workspace, tmp_path / "a.zip")
    (workspace.root / "exercises" / "rows.py").write_text("x = 1\n")
    assert pack(workspace, tmp_path / "a.zip").replaced
    for content in (b"my thesis", b""):
        (tmp_path / "b.zip").write_bytes(content)
        with pytest.raises(UsageProblem, match=r"b\.zip is there, and it was not made by tfm-quiz submit"):
            pack(workspace, tmp_path / "b.zip")
        assert (tmp_path / "b.zip").read_bytes() == content
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("photo.jpg", "")
    with pytest.raises(UsageProblem):
        pack(workspace, tmp_path / "c.zip")
    with pytest.raises(UsageProblem, match=r"does not end in \.zip"):
        pack(workspace, tmp_path / "a.tar")


def test_ctrl_c_while_packing_leaves_the_earlier_zip_as_it_was(workspace, tmp_path, monkeypatch):
    pack(workspace, tmp_path / "a.zip")
    before = (tmp_path / "a.zip").read_bytes()
    (workspace.root / "exercises" / "rows.py").write_text("x = 1\n")

    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pack(workspace, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "mine"]


def test_an_empty_folder_has_nothing_to_hand_in(tmp_path):
    with pytest.raises(SubmissionProblem, match="nothing to pack"):
        pack(Workspace(tmp_path, COURSE), tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_the_command_says_what_it_packed_and_what_is_missing(workspace, monkeypatch):
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(COURSE.root))
    monkeypatch.chdir(workspace.root)
    result = CliRunner().invoke(main, ["submit"])
    assert result.exit_code == 0
    assert "Wrote submission.zip: 5 files" in result.output
    assert "Not written yet: gain, twice" in result.output
    assert "Replaced submission.zip" in CliRunner().invoke(main, ["submit"]).output
    (workspace.root / "exercises" / "gains.py").write_bytes(b"\xff")
    result = CliRunner().invoke(main, ["submit", "-o", "student-01.zip"])
    assert result.exit_code == 1
    assert "exercises/gains.py is not UTF-8 text (line 1), so it was not read." in result.output


def test_what_a_grader_would_not_read_or_read_otherwise_is_told_before_it_is_handed_in(workspace, monkeypatch):
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(COURSE.root))
    monkeypatch.chdir(workspace.root)
    stub = COURSE.stub_path("rows").read_text()
    (workspace.root / "exercises" / "rows.py").write_text(stub)
    (workspace.root / "exercises" / "rows (1).py").write_text(SOLVED)
    (workspace.root / "answers.toml").write_text('[answers]\nfirst = "a"\nsecond = b\n')
    (workspace.root / "homework.ipynb").write_text("{}")
    (workspace.root / "week1").mkdir()
    (workspace.root / "week1" / "gains.py").write_text("x = 1")
    result = CliRunner().invoke(main, ["submit"])
    said = " ".join(result.output.split())
    assert result.exit_code == 1
    assert "exercises/rows (1).py was taken as rows.py: exercises/rows.py is still the stub." in said
    assert "answers.toml line 3: " in said
    assert "so the answer to `second` was not read; the others were." in said
    assert "Not packed, though it may be work: homework.ipynb, week1/gains.py" in said
    assert "Not packed: notes.txt." in said
    again = CliRunner().invoke(main, ["submit"])  # the zip itself is not told
    assert "submission.zip" not in again.output.partition("Not packed")[2]
