"""No hand-in ends or holds up the reading of a class, and none drops out of an archive of the class unsaid."""

from __future__ import annotations

import io
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from tfm_quiz.manifest import load_course
from tfm_quiz.submission import caps
from tfm_quiz.submission.entries import read_class
from tfm_quiz.submission.ipython import as_python
from tfm_quiz.submission.pieces import pieces
from tfm_quiz.submission.submission import Submission

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
ROWS = "def double(x):\n    return x + x\n"
QUICK = 8.0  # seconds on a machine with much else to do; what is tested took minutes


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


def read(tmp_path: Path, name: str, data: bytes) -> Submission:
    """This hand-in, read in a class of two; what is read can be sent to a grader."""
    (tmp_path / "class" / "student-02").mkdir(parents=True)
    (tmp_path / "class" / "student-02" / "rows.py").write_text(ROWS)
    (tmp_path / "class" / name).write_bytes(data)
    first, second = read_class(tmp_path / "class", COURSE)
    assert second.modules == {"rows": ROWS}
    msgspec.json.encode([first, second])
    return first


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_member_without_a_name_costs_itself(tmp_path, pack):
    ending = "zip" if pack is zipped else "tar"
    found = read(tmp_path, f"student-01.{ending}", pack({"exercises/rows.py": ROWS, ".": "x"}))
    assert found.modules == {"rows": ROWS}
    assert found.problems == (". is a file without a name, so it was not read.",)


def test_names_in_a_tar_that_are_no_utf8_are_written_out(tmp_path):
    files = {"exercises/rows.py": ROWS, "exercises/\udcff.py": "x = 1", "\udcfe.bin": "x"}
    found = read(tmp_path, "student-01.tar", tarred(files))
    assert found.modules == {"rows": ROWS}
    assert any(r"\xff.py" in note for note in found.notes)
    assert any(r"\xfe.bin" in note for note in found.notes)


def test_a_class_in_a_tar_may_have_names_that_are_no_utf8(tmp_path):
    (tmp_path / "class.tar").write_bytes(tarred({"a\udcff/rows.py": ROWS, "b/rows.py": ROWS}))
    assert [one.name for one in read_class(tmp_path / "class.tar", COURSE)] == [r"a\xff", "b"]


@pytest.mark.parametrize("depth", [300, *range(880, 1000, 4), 3000])
def test_an_expression_of_any_depth_is_read(tmp_path, depth):
    deep = "def double(x):\n    return " + "+".join(["x"] * depth) + "\n"
    for ending in ("", "x = = 1\n"):
        found = read(tmp_path / str(len(ending)), "student-01.zip", zipped({"exercises/rows.py": deep + ending}))
        assert "rows" in found.modules


def test_what_is_refused_counts_towards_what_a_submission_may_unpack(tmp_path, monkeypatch):
    monkeypatch.setattr(caps, "MOST_UNPACKED", 3 * 1024 * 1024)
    large = b"#" * 1100 * 1024
    files = {"rows.py": ROWS, **{f"part{n}.py": large for n in range(9)}}
    found = read(tmp_path, "student-01.zip", zipped(files))
    assert found.modules == {"rows": ROWS}
    assert sum("is larger than 1 MB" in sentence for sentence in found.problems) == 2
    assert sum("the submission unpacks to more than 3 MB" in sentence for sentence in found.problems) == 7


@pytest.mark.parametrize(
    "line", ["a" * 60_000 + " ?", "a." * 30_000 + " b ?", "a" + "[0]" * 20_000 + " ?", "a[" + "1" * 60_000 + "?"]
)
def test_a_line_that_seems_to_ask_for_help_is_looked_at_once(line):
    started = time.monotonic()
    as_python(line)
    assert time.monotonic() - started < QUICK


def test_brackets_that_are_never_closed_are_given_up_and_what_follows_is_read():
    never_closed = ("x = (" + "1, " * 30 + "\n") * 300
    started = time.monotonic()
    found = pieces(never_closed + ROWS)
    assert time.monotonic() - started < QUICK
    assert [one.text for one in found.statements] == [ROWS.rstrip()]


def test_a_sentence_does_not_repeat_a_name_of_any_length(tmp_path):
    text = "import a" + ".a" * 3000 + "\n" + ROWS
    found = read(tmp_path, "student-01.zip", zipped({"exercises/rows.py": text}))
    assert all(len(sentence) < 300 for sentence in (*found.problems, *found.notes))
    assert any("imports a.a.a" in note for note in found.notes)


@pytest.mark.parametrize(
    "others",
    [{}, {"student-03/rows.py": ROWS}],
    ids=["flat files", "flat files and a folder"],
)
def test_who_hands_in_an_archive_among_a_platform_s_flat_files_is_read(tmp_path, others):
    ours = zipped({"exercises/rows.py": ROWS})
    files = {"doejane_123_1_rows.py": ROWS, "roejohn_124_2_work.zip": ours, "poeann_125_3_rows.py": ROWS, **others}
    (tmp_path / "submissions.zip").write_bytes(zipped(files))
    found = {one.name: one for one in read_class(tmp_path / "submissions.zip", COURSE)}
    assert set(found) == {"doejane_123", "poeann_125", "roejohn_124_2_work", *(name[:10] for name in others)}
    assert all(one.modules == {"rows": ROWS} for one in found.values())


def test_one_flat_file_and_one_archive_are_two_students(tmp_path):
    ours = zipped({"exercises/rows.py": ROWS})
    (tmp_path / "submissions.zip").write_bytes(zipped({"doejane_123_1_rows.py": ROWS, "roejohn_124_2_work.zip": ours}))
    assert [one.name for one in read_class(tmp_path / "submissions.zip", COURSE)] == [
        "doejane_123",
        "roejohn_124_2_work",
    ]


def test_every_folder_and_archive_beside_those_of_a_class_is_listed(tmp_path):
    files = {
        "student-01/rows.py": ROWS,
        "student-02/rows.py": ROWS,
        "student-03/homework.py": ROWS,
        "student-04/answers.toml": "x = 1\n",
        "student-05/work.rar": "x",
        "student-06.7z": "x",
        "student-07/report.pdf": "x",
    }
    (tmp_path / "class.zip").write_bytes(zipped(files))
    found = {one.name: one for one in read_class(tmp_path / "class.zip", COURSE)}
    assert set(found) == {*(f"student-0{n}" for n in (1, 2, 3, 4, 5, 7)), "student-06.7z"}
    assert found["student-03"].modules == {"rows": ROWS}
    assert found["student-04"].answers == "x = 1\n"
    assert found["student-05"].problems
    assert found["student-06.7z"].problems == (
        "student-06.7z in class.zip is neither a folder nor a zip, so nothing of it was read.",
    )
    assert found["student-07"].problems


@pytest.mark.parametrize("text", ["def double(x) return 2 * x\n", "@a\n@b\ndef double(x): return x\n)\n"])
def test_a_module_of_which_nothing_is_python_is_told_as_that(tmp_path, text):
    found = read(tmp_path, "student-01.zip", zipped({"exercises/rows.py": text}))
    (problem,) = found.problems
    assert problem.startswith("exercises/rows.py is not Python ")
    assert problem.endswith("so `double` cannot be run.")


BLACKBOARD = "Week_{}_attempt_2026-11-20-10-11-12_"


@pytest.mark.parametrize(
    ("ann", "bob", "names"),
    [
        (
            "Ann_1234567_assignsubmission_file_Bob_7654321_assignsubmission_file_rows.py",
            "Bob_7654321_assignsubmission_file_rows.py",
            ["Ann_1234567", "Bob_7654321"],
        ),
        (
            BLACKBOARD.format("ann") + BLACKBOARD.format("bob") + "rows.py",
            BLACKBOARD.format("bob") + "rows.py",
            ["ann_2026-11-20-10-11-12", "bob_2026-11-20-10-11-12"],
        ),
        ("ann_12_3_" + BLACKBOARD.format("bob") + "rows.py", "bob_45_6_rows.py", ["ann_12", "bob_45"]),
    ],
    ids=["Moodle", "Blackboard", "Canvas"],
)
def test_a_file_named_like_another_student_s_stays_with_who_handed_it_in(tmp_path, ann, bob, names):
    (tmp_path / "submissions.zip").write_bytes(zipped({ann: ROWS, bob: ROWS}))
    assert [one.name for one in read_class(tmp_path / "submissions.zip", COURSE)] == names
