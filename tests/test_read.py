"""Reading a class: honest work arrives whole, and whatever else people hand in costs a sentence and nothing more."""

from __future__ import annotations

import io
import os
import resource
import socket
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.errors import SubmissionProblem
from tfm_quiz.manifest import load_course
from tfm_quiz.submission.entries import Entry, entries, load, read_class
from tfm_quiz.submission.submission import Submission

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
ROWS = "def double(x):\n    return x + x\n\n\ndef row_sums(x):\n    return x.sum(-1)\n"
GAINS = "from .rows import double\nfrom .rows import row_sums as twice\n"
SECRET = "THE REFERENCE"


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        os.fsencode(path).decode("latin-1"): path.read_bytes()[:4096] if stat.S_ISREG(path.lstat().st_mode) else b""
        for path in folder.rglob("*")
        if os.access(path, os.R_OK)
    }


@pytest.fixture
def classroom(tmp_path):
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


def read(classroom: Path) -> dict[str, Submission]:
    """The class by name; and whatever it holds, reading has changed nothing on the disk."""
    before = snapshot(classroom.parent)
    submissions = {submission.name: submission for submission in read_class(classroom, COURSE)}
    assert snapshot(classroom.parent) == before
    return submissions


def put(folder: Path, **files: str | bytes) -> Path:
    """Write files; `__` in a name is `/`, and a single `_` before an ending is `.`."""
    for name, content in files.items():
        path = folder / (name.replace("__", "/").rpartition("_")[0] + "." + name.rpartition("_")[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(path: Path, members: dict[str, str | bytes], **attributes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.items():
                setattr(info, key, value)
            archive.writestr(info, content)
    return path


# --- honest work -----------------------------------------------------------------------------------------------------


def test_modules_helpers_and_answers_arrive_from_folders_and_zips_alike(classroom):
    files = {"exercises__rows_py": ROWS, "exercises__gains_py": GAINS, "exercises__helper_py": "def twice(): ..."}
    put(classroom / "student-01", **files, answers_toml='[answers]\na = "b"\n', notes_txt="mine")
    zipped(
        classroom / "student-02.zip",
        {
            "exercises/rows.py": ROWS,
            "exercises/gains.py": GAINS,
            "exercises/helper.py": "def twice(): ...",
            "answers.toml": '[answers]\na = "b"\n',
            "notes.txt": "mine",
        },
    )
    first, second = read(classroom).values()
    assert first.modules == second.modules == {"rows": ROWS, "gains": GAINS}
    assert first.helpers == second.helpers == {"helper": "def twice(): ..."}
    assert first.answers == second.answers == '[answers]\na = "b"\n'
    assert first.problems == second.problems == ()
    assert (first.name, second.name) == ("student-01", "student-02")


@pytest.mark.parametrize("place", ["", "exercises", "homework", "homework/exercises", "a/b/c/exercises"])
def test_the_root_is_the_shallowest_folder_that_holds_a_module(classroom, place):
    folder = classroom / "student-01" / place
    folder.mkdir(parents=True)
    (folder / "rows.py").write_text(ROWS)
    (folder / "helper.py").write_text("x = 1")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "rows.py").write_text("old")
    (submission,) = read(classroom).values()
    assert submission.modules == {"rows": ROWS}
    assert submission.helpers == {"helper": "x = 1"}


def test_of_two_folders_side_by_side_the_one_with_work_counts_and_two_with_other_work_are_told(classroom):
    put(classroom / "student-01", a__rows_py="old = 1", a__gains_py=GAINS, b__rows_py=ROWS)
    put(classroom / "student-02", a__rows_py=ROWS, b__rows_py=ROWS)
    put(classroom / "two-people", a__rows_py=ROWS, b__rows_py=ROWS.replace("x + x", "2 * x"))
    first, same, two = read(classroom).values()
    assert first.modules == {"rows": ROWS, "gains": GAINS}
    assert first.notes == ("b/rows.py was taken as rows.py: there is no work in a/rows.py.",)
    assert same.modules == {"rows": ROWS}
    assert same.problems == ()
    assert two.modules == {}
    assert two.problems == (
        "a/rows.py and b/rows.py each hold other work for rows, so none of them was read: hand in one, as "
        "exercises/rows.py (and each student's work by itself).",
    )


def test_what_tools_leave_behind_is_passed_over_in_silence(classroom):
    folder = put(
        classroom / "student-01",
        exercises__rows_py=ROWS,
        __pycache____rows_py="x",
    )
    for junk in ("__MACOSX/exercises/._rows.py", ".venv/lib/rows.py", ".ipynb_checkpoints/rows.ipynb", ".git/gains.py"):
        (folder / junk).parent.mkdir(parents=True, exist_ok=True)
        (folder / junk).write_text("x")
    (submission,) = read(classroom).values()
    assert submission.modules == {"rows": ROWS}
    assert submission.problems == ()


def test_a_byte_order_mark_and_other_newlines_are_read_as_text(classroom):
    put(classroom / "student-01", rows_py=b"\xef\xbb\xbfx = 1\r\ny = 2\rz = 3\n")
    (submission,) = read(classroom).values()
    assert submission.modules == {"rows": "x = 1\ny = 2\nz = 3\n"}


def test_of_two_copies_of_a_module_the_one_that_was_edited_counts(classroom):
    stub = COURSE.stub_path("rows").read_text()
    put(classroom / "student-01", exercises__rows_py=stub, rows_py=ROWS)
    put(classroom / "student-02", exercises__rows_py=ROWS, rows_py=stub)
    put(classroom / "student-03", exercises__rows_py=ROWS, rows_py="x = 1")
    first, second, third = read(classroom).values()
    assert first.modules == second.modules == third.modules == {"rows": ROWS}
    assert first.problems == second.problems == ()
    assert third.problems == ("exercises/rows.py and rows.py were both edited; exercises/rows.py counts.",)


def test_a_single_submission_is_a_class_of_one(classroom):
    put(classroom / "student-01", exercises__rows_py=ROWS)
    archive = zipped(classroom / "student-02.zip", {"rows.py": ROWS})
    assert [submission.name for submission in read_class(classroom / "student-01", COURSE)] == ["student-01"]
    assert [submission.modules for submission in read_class(archive, COURSE)] == [{"rows": ROWS}]


def test_entries_are_found_without_reading_any(classroom):
    put(classroom / "student-01", exercises__rows_py=ROWS)
    (classroom / "student-02.zip").write_bytes(b"broken")
    (classroom / ".hidden").mkdir()
    (classroom / "grades.csv").write_text("")
    found = entries(classroom, COURSE)
    assert [entry.name for entry in found] == ["student-01", "student-02"]


# --- bad input, one sentence each ------------------------------------------------------------------------------


def test_a_missing_folder_an_empty_one_and_a_file_say_so(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("")
    for name, words in [("missing", "There is no folder"), ("empty", "holds no submissions"), ("file.txt", "neither")]:
        with pytest.raises(SubmissionProblem, match=words) as caught:
            entries(tmp_path / name, COURSE)
        assert name in str(caught.value)


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "rows.py")


def linked(folder: Path) -> None:
    (folder / "rows.py").symlink_to(COURSE.solution_path("rows"))


def linked_folder(folder: Path) -> None:
    (folder / "exercises").symlink_to(COURSE.root / "solutions")


def a_socket(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("rows.py")
    finally:
        os.chdir(here)


def sparse(folder: Path) -> None:
    with (folder / "rows.py").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)


def deep(folder: Path) -> None:
    place = folder.joinpath(*"abcdefghi")
    place.mkdir(parents=True)
    (place / "rows.py").write_text(ROWS)


BAD_FOLDERS = {
    "empty": (lambda folder: None, "No exercises were found: there is no module such as exercises/rows.py."),
    "not utf-8": (
        lambda folder: put(folder, rows_py=b"# ok\n# caf\xe9"),
        "rows.py is not UTF-8 text (line 2), so it was",
    ),
    "zero byte": (lambda folder: put(folder, rows_py=b"x\0"), "rows.py is not text: it holds a zero byte (line 1), so"),
    "100 MB": (sparse, "rows.py is larger than 1 MB, so it was not read."),
    "a pipe": (fifo, "rows.py is not a regular file, so it was not read."),
    "a socket": (a_socket, "rows.py cannot be read (No such device or address), so it was not read."),
    "a link": (linked, "rows.py is a link, so it was not read."),
    "a linked folder": (linked_folder, "exercises is a link, so it was not read."),
    "a folder for a file": (lambda folder: (folder / "rows.py").mkdir(), "No exercises were found"),
    "too deep": (deep, "a/b/c/d/e/f/g/h/i is more than 8 folders deep, so it was not read."),
    "answers not utf-8": (lambda folder: put(folder, rows_py=ROWS, answers_toml=b"\xff"), "answers.toml is not UTF-8"),
    "a helper that hides torch": (lambda folder: put(folder, rows_py=ROWS, torch_py="x"), "torch.py was left out: it"),
}


@pytest.mark.parametrize(("spoil", "sentence"), BAD_FOLDERS.values(), ids=BAD_FOLDERS.keys())
def test_a_bad_folder_costs_one_sentence_and_not_the_others(classroom, spoil, sentence):
    (classroom / "student-01").mkdir()
    spoil(classroom / "student-01")
    put(classroom / "student-02", rows_py=ROWS)
    bad, good = read_class(classroom, COURSE)
    assert [problem for problem in bad.problems if problem.startswith(sentence)], bad.problems
    assert len(bad.problems) == 1
    assert SECRET not in str(bad)
    assert good.modules == {"rows": ROWS}
    assert good.problems == ()


def test_a_submission_that_is_a_link_is_refused_whatever_it_points_to(classroom, tmp_path):
    put(tmp_path / "elsewhere", rows_py=SECRET)
    archive = zipped(tmp_path / "elsewhere.zip", {"rows.py": SECRET})
    (classroom / "student-01").symlink_to(tmp_path / "elsewhere")
    (classroom / "student-02.zip").symlink_to(archive)
    (classroom / "student-03").symlink_to(tmp_path / "nowhere")
    for submission in read(classroom).values():
        assert submission.modules == {}
        (problem,) = submission.problems
        assert problem.endswith("is a link, so nothing of it was read.")


def test_two_submissions_of_one_name_are_both_refused_in_one_sentence(classroom):
    put(classroom / "student-01", rows_py=ROWS)
    zipped(classroom / "student-01.zip", {"rows.py": "x = 1"})
    put(classroom / "student-02", rows_py=ROWS)
    first, second = entries(classroom, COURSE)
    with pytest.raises(SubmissionProblem, match=r"student-01 and student-01\.zip have the same name, so neither was"):
        load(first, COURSE)
    assert load(second, COURSE).modules == {"rows": ROWS}


@pytest.mark.parametrize("name", ["student-01.tar.bz2", "student-01.rar", "student-01.7z"])
def test_another_archive_is_told_and_not_overlooked(classroom, name):
    (classroom / name).write_bytes(b"anything")
    (submission,) = read(classroom).values()
    assert submission.name == "student-01"
    assert submission.problems == (f"{name} is neither a folder nor a zip, so nothing of it was read.",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(classroom):
    put(classroom / "student-01", rows_py=ROWS)
    (classroom / "student-01" / "rows.py").chmod(0)
    (submission,) = read(classroom).values()
    assert submission.problems == ("rows.py cannot be read (Permission denied), so it was not read.",)


def test_names_that_are_no_utf8_too_long_or_full_of_control_characters_do_no_harm(classroom):
    (classroom / os.fsdecode(b"student-\xff")).mkdir()
    (classroom / ("x" * 255)).mkdir()
    (classroom / "student\n\x1b[31m").mkdir()
    folder = classroom / "student-02"
    put(folder, rows_py=ROWS)
    (folder / os.fsdecode(b"\xff.py")).write_text("x = 1")
    submissions = read(classroom)
    assert set(submissions) == {
        "student-\\xff",
        "student\n\x1b[31m",
        "student-02",
        *(n for n in submissions if n[0] == "x"),
    }
    assert max(len(name.encode()) for name in submissions) <= 150
    for submission in submissions.values():
        str(submission).encode()  # everything told of them is text


def test_names_that_differ_only_after_the_cut_stay_two(classroom):
    for letter in "ab":
        (classroom / ("x" * 254 + letter)).mkdir()
    assert len(read(classroom)) == 2


def test_thousands_of_files_are_cut_short_with_a_sentence(classroom):
    put(classroom / "student-01", rows_py=ROWS)
    many = classroom / "student-01" / "many"
    many.mkdir()
    for number in range(5100):
        (many / f"{number}.txt").touch()
    (submission,) = read(classroom).values()
    assert submission.modules == {"rows": ROWS}
    assert submission.problems == ("There are more than 5000 files, and not all of them were looked at.",)


def test_a_hundred_helpers_are_cut_short_with_a_sentence(classroom):
    put(classroom / "student-01", rows_py=ROWS)
    for number in range(100):
        (classroom / "student-01" / f"h{number:02}.py").write_text("x = 1")
    (submission,) = read(classroom).values()
    assert len(submission.helpers) == 50
    assert submission.problems == (
        "h50.py and what follows was left out: 50 helper modules of 1 MB in all are enough.",
    )


def test_a_submission_in_all_is_capped_and_its_modules_come_first(classroom):
    put(classroom / "student-01", rows_py=ROWS)
    for number in range(70):
        (classroom / "student-01" / f"a{number:02}.py").write_bytes(b"#" * 1024 * 1024)
    (submission,) = read_class(classroom, COURSE)
    assert submission.modules == {"rows": ROWS}
    assert any("holds more than 64 MB" in problem for problem in submission.problems)
    assert len(submission.problems) <= 22


def test_a_folder_that_becomes_a_link_while_it_is_read_is_not_followed(classroom, tmp_path, monkeypatch):
    put(tmp_path / "elsewhere", rows_py=SECRET)
    put(classroom / "student-01", exercises__rows_py=ROWS)
    folder = classroom / "student-01" / "exercises"
    real_open = os.open

    def open_and_swap(path, flags, *args, **kwargs):
        if path == "exercises" and not folder.is_symlink():
            (folder / "rows.py").unlink()
            folder.rmdir()
            folder.symlink_to(tmp_path / "elsewhere")
        return real_open(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", open_and_swap)
    (submission,) = read_class(classroom, COURSE)
    assert submission.modules == {}
    assert submission.problems == ("exercises is a link, so it was not read.",)


# --- zips ------------------------------------------------------------------------------------------------------

LINK = {"external_attr": (stat.S_IFLNK | 0o777) << 16, "create_system": 3}
REFUSED_MEMBERS = {
    "dots": ("../rows.py", {}, "../rows.py points outside the zip, so it was not read."),
    "dots inside": ("exercises/../../rows.py", {}, "points outside the zip"),
    "absolute": ("/tmp/rows.py", {}, "/tmp/rows.py points outside the zip, so it was not read."),
    "drive": ("C:\\exercises\\rows.py", {}, "points outside the zip"),
    "backslash dots": ("..\\rows.py", {}, "points outside the zip"),
    "link": ("exercises/rows.py", LINK, "exercises/rows.py is a link, so it was not read."),
    "pipe": ("exercises/rows.py", {"external_attr": stat.S_IFIFO << 16}, "is not a regular file"),
    "deep": ("a/" * 9 + "rows.py", {}, "is more than 8 folders deep"),
}


@pytest.mark.parametrize(("name", "attributes", "words"), REFUSED_MEMBERS.values(), ids=REFUSED_MEMBERS.keys())
def test_a_member_that_is_a_trick_is_refused_and_the_others_are_read(classroom, tmp_path, name, attributes, words):
    with zipfile.ZipFile(classroom / "student-01.zip", "w") as archive:
        info = zipfile.ZipInfo(name)
        for key, value in attributes.items():
            setattr(info, key, value)
        archive.writestr(info, SECRET)
        archive.writestr("exercises/gains.py", GAINS)
    (submission,) = read(classroom).values()
    assert submission.modules == {"gains": GAINS}
    (problem,) = submission.problems
    assert words in problem
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["class", "student-01.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns the one who writes it
@pytest.mark.parametrize("other", ["rows.py", "./rows.py", ".//rows.py", ".\\rows.py"])
def test_a_zip_with_one_name_twice_is_not_read(classroom, other):
    with zipfile.ZipFile(classroom / "student-01.zip", "w") as archive:
        archive.writestr("rows.py", ROWS)
        archive.writestr(other, "x = 1")
    (submission,) = read(classroom).values()
    assert submission.modules == {}
    assert submission.problems == ("student-01.zip holds rows.py more than once, so nothing of it was read.",)


def test_windows_backslashes_in_a_zip_are_folders(classroom):
    zipped(classroom / "student-01.zip", {"exercises\\rows.py": ROWS})
    (submission,) = read(classroom).values()
    assert submission.modules == {"rows": ROWS}


def test_a_zip_that_unpacks_to_a_hundred_megabytes_costs_one_megabyte(classroom):
    zipped(classroom / "student-01.zip", {"exercises/rows.py": b"#" * 100_000_000, "exercises/gains.py": GAINS})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (submission,) = read_class(classroom, COURSE)
    assert submission.modules == {"gains": GAINS}
    assert submission.problems == ("exercises/rows.py is larger than 1 MB, so it was not read.",)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_what_a_zip_says_of_a_members_size_is_not_believed(classroom):
    archive = zipped(classroom / "student-01.zip", {"exercises/rows.py": b"#" * 10_000_000})
    data = bytearray(archive.read_bytes())
    directory = data.index(b"PK\1\2")
    struct.pack_into("<I", data, directory + 24, 10)  # the unpacked size in the table of contents
    archive.write_bytes(data)
    (submission,) = read(classroom).values()
    assert submission.modules == {}
    assert len(submission.problems) == 1
    assert submission.problems[0].startswith("exercises/rows.py ")


def test_an_encrypted_or_oddly_packed_member_is_told(classroom):
    archive = zipped(classroom / "student-01.zip", {"exercises/rows.py": ROWS})
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    archive.write_bytes(data)
    with zipfile.ZipFile(classroom / "student-02.zip", "w", zipfile.ZIP_LZMA) as lzma:
        lzma.writestr("exercises/rows.py", ROWS)
    first, second = read(classroom).values()
    assert first.problems == ("exercises/rows.py is encrypted, so it was not read.",)
    assert "packed in an unusual way" in second.problems[0]


def test_a_zip_with_a_huge_table_of_contents_is_refused_before_it_is_read(classroom):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"exercises/{number:05}.txt", "")
    (classroom / "student-01.zip").write_bytes(buffer.getvalue())
    with zipfile.ZipFile(classroom / "student-02.zip", "w") as archive:
        for number in range(5001):
            archive.writestr(f"{number}", "")
    first, second = read(classroom).values()
    assert "table of contents" in first.problems[0]
    assert "more than 5000 files" in second.problems[0]


def test_a_zip_larger_than_any_submission_is_not_opened(classroom):
    with (classroom / "student-01.zip").open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    (submission,) = read_class(classroom, COURSE)
    assert submission.problems == ("student-01.zip is larger than 64 MB, so nothing of it was read.",)
    (classroom / "student-01.zip").unlink()


def good_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("exercises/rows.py", ROWS * 20)
        archive.writestr("exercises/gains.py", GAINS)
    return buffer.getvalue()


GOOD_ZIP = good_zip()


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD_ZIP) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    st.integers(0, len(GOOD_ZIP)),
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_zip_gives_true_sources_or_a_sentence_and_never_an_exception(tmp_path_factory, changes, length):
    data = bytearray(GOOD_ZIP[: max(length, len(GOOD_ZIP) // 2)])
    for place, value in changes:
        data[place % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data)
    submission = load(Entry("damaged", (path,)), COURSE)
    assert submission.problems or submission.modules
    for module, source in submission.modules.items():
        assert source == {"rows": ROWS * 20, "gains": GAINS}[module]


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\5\6" + b"\0" * 18 + b"x", b"PK\3\4" * 1000])
def test_a_broken_zip_is_told(classroom, data):
    (classroom / "student-01.zip").write_bytes(data)
    (submission,) = read(classroom).values()
    assert len(submission.problems) == 1
    assert submission.problems[0].startswith(("student-01.zip is broken or not a zip", "No exercises were found"))
