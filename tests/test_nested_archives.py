"""The caps hold at every depth: an archive inside a submission costs no more than the submission may."""

from __future__ import annotations

import gzip
import io
import os
import resource
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm_quiz.manifest import load_course
from tfm_quiz.submission.entries import Entry, load, read_class
from tfm_quiz.submission.submission import Submission

COURSE = load_course(Path(__file__).parent / "courses" / "tiny")
ROWS = "def double(x):\n    return x + x\n"
SECRET = "THE REFERENCE"
MB = 1024 * 1024


def zipped(files: dict[str, bytes | str], change: Callable[[zipfile.ZipInfo], None] = lambda info: None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, content)
    return buffer.getvalue()


def tarred(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def read(tmp_path: Path, **files: bytes) -> Submission:
    folder = tmp_path / "class" / "student-01"
    folder.mkdir(parents=True)
    for name, data in files.items():
        stem, _, ending = name.partition("_")
        (folder / f"{stem}.{ending.replace('_', '.')}").write_bytes(data)
    (tmp_path / "class" / "student-02").mkdir()
    before = sorted(os.walk(tmp_path))
    submission = read_class(tmp_path / "class", COURSE)[0]
    assert sorted(os.walk(tmp_path)) == before  # nothing is written
    return submission


def test_a_member_that_unpacks_to_a_hundred_megabytes_costs_one(tmp_path):
    bomb = zipped({"exercises/rows.py": b"#" * 100 * MB, "exercises/gains.py": "x = 1"})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    submission = read(tmp_path, work_zip=bomb)
    assert submission.modules == {"gains": "x = 1"}
    assert submission.problems == ("work.zip/exercises/rows.py is larger than 1 MB, so it was not read.",)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024


def test_a_tar_that_unpacks_to_two_hundred_megabytes_is_refused_at_its_cap(tmp_path):
    block = b"\0" * MB
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="w", compresslevel=9) as packed:
        for _ in range(200):
            packed.write(block)
    begun = time.perf_counter()
    submission = read(tmp_path, work_tar_gz=buffer.getvalue())
    assert submission.problems == ("work.tar.gz unpacks to more than 64 MB, so it was not read.",)
    assert time.perf_counter() - begun < 20


def test_a_nested_archive_that_is_too_large_is_not_opened(tmp_path):
    submission = read(tmp_path, work_zip=os.urandom(33 * MB))
    assert submission.problems == ("work.zip is larger than 32 MB, so it was not read.",)


def test_a_zip_in_a_zip_in_a_folder_is_not_opened_and_is_listed(tmp_path):
    deep = zipped({"exercises/rows.py": ROWS})
    for _ in range(5):
        deep = zipped({"more.zip": deep})
    submission = read(tmp_path, work_zip=deep)
    assert submission.modules == {}
    assert submission.notes == ("Not opened, being an archive inside an archive: work.zip/more.zip.",)


def test_of_many_archives_twenty_are_opened(tmp_path):
    submission = read(tmp_path, **{f"work{n:02}_zip": zipped({f"a{n}.py": ""}) for n in range(25)})
    assert sum("is one archive more than we open" in problem for problem in submission.problems) == 5


def test_a_nested_zip_of_many_files_or_one_name_twice_is_refused(tmp_path):
    submission = read(tmp_path, work_zip=zipped({f"{n}": b"" for n in range(5001)}), twice_zip=_twice())
    assert submission.modules == {}
    assert [problem.partition(" ")[0] for problem in submission.problems] == ["twice.zip", "work.zip"]
    assert "more than once" in submission.problems[0]
    assert "5000 files" in submission.problems[1]


def _twice() -> bytes:
    data = zipped({"rows.py": ROWS, "rowz.py": ROWS})
    return data.replace(b"rowz.py", b"rows.py")


def test_what_a_nested_zip_says_of_a_size_is_not_believed(tmp_path):
    data = bytearray(zipped({"exercises/rows.py": b"#" * 10 * MB}))
    struct.pack_into("<I", data, data.index(b"PK\1\2") + 24, 10)
    submission = read(tmp_path, work_zip=bytes(data))
    assert submission.modules == {}
    assert submission.problems[0].startswith("work.zip/exercises/rows.py ")


TRICKS = {
    "dots": (member("../rows.py"), "points outside the zip"),
    "absolute": (member("/tmp/rows.py"), "points outside the zip"),
    "a link": (member("rows.py", tarfile.SYMTYPE, str(COURSE.solution_path("rows"))), "is a link"),
    "a hard link": (member("rows.py", tarfile.LNKTYPE, "gains.py"), "is a link"),
    "a pipe": (member("rows.py", tarfile.FIFOTYPE), "is not a regular file"),
    "a device": (member("rows.py", tarfile.CHRTYPE), "is not a regular file"),
    "deep": (member("a/" * 9 + "rows.py"), "is more than 8 folders deep"),
    "a long name": (member("a" * 2000 + "/rows.py"), "a file whose name is too long"),
}


@pytest.mark.parametrize(("info", "words"), TRICKS.values(), ids=TRICKS.keys())
def test_a_member_of_a_tar_that_is_a_trick_is_refused(tmp_path, info, words):
    data = tarred([(info, b"" if info.type != tarfile.REGTYPE else SECRET.encode()), (member("gains.py"), b"x = 1")])
    submission = read(tmp_path, work_tar=data)
    assert "rows" not in submission.modules
    assert SECRET not in str(submission.modules)
    assert any(words in problem for problem in submission.problems)


def test_a_tar_of_a_huge_header_is_refused(tmp_path):
    info = member("rows.py")
    info.pax_headers = {"comment": "x" * 3 * MB}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b""))
    submission = read(tmp_path, work_tar=buffer.getvalue())
    assert submission.modules == {}
    assert submission.problems


GOOD = {
    "zip": zipped({"exercises/rows.py": ROWS * 20}),
    "tar": tarred([(member("exercises/rows.py"), (ROWS * 20).encode())]),
    "tar.gz": gzip.compress(tarred([(member("exercises/rows.py"), (ROWS * 20).encode())])),
}


@pytest.mark.parametrize("ending", GOOD)
@given(st.lists(st.tuples(st.integers(0, 11_000), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 11_000))
@settings(max_examples=150, deadline=None)
def test_a_damaged_archive_gives_true_sources_or_a_sentence_and_never_an_exception(
    tmp_path_factory, ending, changes, length
):
    good = GOOD[ending]
    data = bytearray(good[: max(length, len(good) // 2)])
    for place, value in changes:
        data[place % len(data)] = value
    folder = tmp_path_factory.getbasetemp() / f"damaged-{ending}"
    folder.mkdir(exist_ok=True)
    (folder / f"work.{ending}").write_bytes(data)
    submission = load(Entry("damaged", (folder,)), COURSE)
    assert submission.problems or submission.modules
    if ending != "tar":  # a tar has no checksums of what is in it
        assert submission.modules in ({}, {"rows": ROWS * 20})
