"""`tfm-quiz teach grade` as an instructor runs it: on the tiny course, in a process of its own."""

import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tfm_quiz.course import Course
from tfm_quiz.outcome import Report
from tfm_quiz.teach.results import open_results, read_reports

COMMAND = [str(Path(sys.executable).with_name("tfm-quiz"))]


@pytest.fixture
def classroom(tmp_path: Path, tiny_sources: dict[str, str]) -> Path:
    """Two students: one right, one with a wrong `double`."""
    for name, added in {"student-01": "", "student-02": "\n\ndef double(x):\n    return x / 2\n"}.items():
        folder = tmp_path / "class" / name / "exercises"
        folder.mkdir(parents=True)
        for module, text in tiny_sources.items():
            (folder / f"{module}.py").write_text(text + (added if module == "rows" else ""))
    return tmp_path / "class"


def run(*arguments: object, course: Course, cwd: Path, command=COMMAND, check: int | None = 0, **extra: str):
    environment = {**os.environ, "TFM_QUIZ_COURSE": str(course.root), **extra}
    done = subprocess.run(
        [*command, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    if check is not None:
        assert done.returncode == check, done.stdout + done.stderr
    return done


def grade(classroom: Path, course: Course, *more: object, **options):
    out = classroom.parent / "results"
    return run(
        "teach", "grade", classroom, "--out", out, "--jobs", 1, "--no-sandbox", *more, course=course,
        cwd=classroom.parent, **options,
    )  # fmt: skip


def lines(classroom: Path) -> dict[str, dict]:
    text = (classroom.parent / "results" / "results.jsonl").read_text()
    return {json.loads(line)["submission"]: json.loads(line) for line in text.splitlines()}


def test_a_class_is_graded_kept_and_graded_again_only_where_it_changed(classroom: Path, tiny: Course):
    first = grade(classroom, tiny)
    assert "2 submissions: 2 graded" in first.stdout
    assert "You divided by two" in first.stdout
    results = classroom.parent / "results"
    before = lines(classroom)
    assert before["student-01"]["points"] == 9
    assert before["student-02"]["exercises"]["double"]["misconception"] == "halves"
    assert stat.S_IMODE((results / "run.json").stat().st_mode) == 0o600
    rows = list(csv.reader((results / "grades.csv").read_text().splitlines()))
    assert rows[0][:5] == ["submission", "id", "points", "out_of", "bonus"]
    assert rows[0][10:12] == ["double", "row_sums"]
    assert [row[0] for row in rows[1:]] == ["student-01", "student-02"]
    assert "You divided by two" in (results / "feedback" / "student-02.txt").read_text()

    again = grade(classroom, tiny)
    assert "0 graded" in again.stdout
    assert "2 up to date" in again.stdout

    rows_py = classroom / "student-02" / "exercises" / "rows.py"
    rows_py.write_text(rows_py.read_text().replace("x / 2", "x + x"))
    third = grade(classroom, tiny)
    assert "1 graded" in third.stdout
    after = lines(classroom)
    assert after["student-02"]["points"] == 9
    assert after["student-01"] == before["student-01"]
    assert after["student-02"]["key"] != before["student-02"]["key"]
    grade(classroom, tiny)  # on start, replaced lines move
    assert len((results / "results.jsonl").read_text().splitlines()) == 2
    assert len((results / "results.previous.jsonl").read_text().splitlines()) == 1


def test_hidden_grading_refuses_behind_a_weak_wall_unless_told_otherwise(classroom: Path, tiny: Course):
    out = classroom.parent / "results"
    arguments = ["teach", "grade", classroom, "--out", out, "--at-most", "basic"]
    refused = run(*arguments, course=tiny, cwd=classroom.parent, check=3)
    assert "isolation level `basic`" in refused.stderr
    assert "tfm-quiz doctor" in refused.stderr
    assert not (out / "grades.csv").exists()
    allowed = run(*arguments, "--no-sandbox", course=tiny, cwd=classroom.parent)
    assert allowed.stderr.count("Warning") == 1
    assert {line["isolation"] for line in lines(classroom).values()} == {"basic"}


def test_bad_submissions_cost_a_sentence_each_and_nobody_else_anything(classroom: Path, tiny: Course):
    outside = classroom.parent / "outside"
    (classroom / "empty").mkdir()
    (classroom / "student-link").symlink_to(classroom / "student-01")
    (classroom / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    with zipfile.ZipFile(classroom / "climbing.zip", "w") as archive:
        archive.writestr("../../outside/rows.py", "x = 1\n")
        archive.writestr("/tmp/rows.py", "x = 1\n")
    for name, data in {"binary": b"\xff\xfe\x00", "words": b"This is my homework.\n", "huge": b"#" * (3 << 20)}.items():
        (classroom / name).mkdir()
        (classroom / name / "rows.py").write_bytes(data)
    done = grade(classroom, tiny)
    reports = lines(classroom)
    assert reports["student-02"]["exercises"]["double"]["misconception"] == "halves"
    for name in ("empty", "student-link", "broken", "climbing", "binary", "huge"):
        assert reports[name]["points"] == 0
        assert reports[name]["problems"], name
        assert all(problem.endswith(".") for problem in reports[name]["problems"])
    assert reports["words"]["exercises"]["double"]["outcome"] == "crashed"
    assert not outside.exists()
    assert "To look at" in done.stdout


def test_two_of_one_name_are_not_graded_and_nobody_else_suffers(classroom: Path, tiny: Course):
    with zipfile.ZipFile(classroom / "student-02.zip", "w") as archive:
        archive.writestr("exercises/rows.py", "x = 1\n")
    done = grade(classroom, tiny, check=3)
    assert "2 submissions: 1 graded" in done.stdout
    assert "student-02 was not graded: student-02 and student-02.zip have the same name" in done.stderr
    assert list(lines(classroom)) == ["student-01"]
    grades = (classroom.parent / "results" / "grades.csv").read_text()
    (row,) = [row for row in csv.DictReader(grades.splitlines()) if row["submission"] == "student-02"]
    assert (row["points"], row["problems"][:12]) == ("", "Not graded: ")
    (classroom / "student-02.zip").unlink()
    assert "1 graded" in grade(classroom, tiny).stdout
    assert lines(classroom)["student-02"]["points"] == 7


UP_TO_DATE = """
import sys
started = []
sys.addaudithook(lambda event, found: started.append(found[0]) if event == "subprocess.Popen" else None)
from tfm_quiz.cli import main
try:
    main(prog_name="tfm-quiz")
except SystemExit as end:
    print("CODE", end.code, "STARTED", started, "LOADED", sorted({"torch", "numpy", "pytest"} & set(sys.modules)))
"""


def test_results_of_the_version_before_are_graded_again_and_then_up_to_date(
    tmp_path: Path, asked_course: Course, tiny_sources: dict[str, str]
):
    folder = tmp_path / "class" / "student-01"
    folder.mkdir(parents=True)
    for module, text in tiny_sources.items():
        (folder / f"{module}.py").write_text(text)
    answer = "All entries of a row become one number. So nothing is left along that axis."
    (folder / "answers.toml").write_text(f'[answers]\ntwice-a-row = "b"\nwhy-an-axis-goes = "{answer}"\n')
    results = shutil.copytree(Path(__file__).parent / "results-0.1.0", tmp_path / "results")
    first = grade(tmp_path / "class", asked_course)
    assert "1 submission: 1 graded" in first.stdout
    assert "Points: mean 9.0 of 9, median 9.0" in first.stdout
    report = lines(tmp_path / "class")["student-01"]
    assert report["questions"]["items"]["why-an-axis-goes"]["outcome"] == "reviewed"
    feedback = (results / "feedback" / "student-01.txt").read_text("utf-8")
    assert "In your own words: 4 of 4 points" in feedback
    assert "twice-a-row   0 of 2: That is so for softmax rows, not for sums." in feedback
    arguments = ["-c", UP_TO_DATE, "teach", "grade", tmp_path / "class", "--out", results, "--no-sandbox"]
    again = run(*arguments, command=[sys.executable, "-P"], course=asked_course, cwd=tmp_path)
    assert "1 submission: 0 graded" in again.stdout
    assert "1 up to date" in again.stdout
    assert again.stdout.endswith("CODE 0 STARTED [] LOADED []\n")


@pytest.mark.parametrize(("folder", "said"), [("nowhere", "There is no folder"), ("void", "holds no submissions")])
def test_nothing_to_grade_is_one_clear_sentence(tmp_path: Path, tiny: Course, folder, said):
    (tmp_path / "void").mkdir()
    done = run("teach", "grade", tmp_path / folder, "--out", tmp_path / "r", course=tiny, cwd=tmp_path, check=None)
    assert done.returncode in (2, 3)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


PLANTED = ("torch.py", "click.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "msgspec.py", "numpy.py")


@pytest.mark.parametrize("command", [COMMAND, [sys.executable, "-P", "-m", "tfm_quiz"]], ids=["script", "module"])
def test_what_a_submission_plants_is_never_imported(classroom: Path, tiny: Course, command):
    trap = f"import pathlib\npathlib.Path({str(classroom.parent / 'caught')!r}).touch()\n"
    for folder in (classroom, classroom / "student-01", classroom / "student-01" / "exercises", classroom.parent):
        for name in PLANTED:
            (folder / name).write_text(trap)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
        (folder / "tfm_quiz").mkdir()
        (folder / "tfm_quiz" / "__init__.py").write_text(trap)
        (folder / "__init__.py").write_text(trap)
    grade(classroom, tiny, command=command)
    assert lines(classroom)["student-01"]["points"] == 9
    assert not (classroom.parent / "caught").exists()


def test_the_plain_module_refuses_where_something_shadows_us(tmp_path: Path, tiny: Course):
    (tmp_path / "click.py").write_text("")
    plain = [sys.executable, "-m", "tfm_quiz"]
    done = run("teach", "grade", ".", "--out", "r", course=tiny, cwd=tmp_path, command=plain, check=None)
    assert done.returncode != 0
    assert "-P -m tfm_quiz" in done.stderr


def test_a_run_that_was_killed_is_finished_by_the_next(classroom: Path, tiny: Course):
    slow = "\n\nimport time\ntime.sleep(1.5)\n"
    for number in range(3, 7):
        folder = classroom / f"student-{number:02}"
        folder.mkdir()
        (folder / "rows.py").write_text((classroom / "student-01/exercises/rows.py").read_text() + slow)
    out = classroom.parent / "results"
    arguments = [*COMMAND, "teach", "grade", str(classroom), "--out", str(out), "--jobs", "1", "--no-sandbox"]
    process = subprocess.Popen(
        arguments,
        env={**os.environ, "TFM_QUIZ_COURSE": str(tiny.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not ((out / "results.jsonl").exists() and lines(classroom)):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with (out / "results.jsonl").open("ab") as stream:
        stream.write(b'{"format":1,"submission":"student-0')  # what a kill in the middle of a write leaves
    done_before = len(lines_tolerantly(out))
    assert 0 < done_before < 6
    finished = grade(classroom, tiny)
    assert f"{done_before} up to date" in finished.stdout
    assert len(lines(classroom)) == 6


def lines_tolerantly(out: Path) -> dict[str, Report]:
    return read_reports(out)


def test_ctrl_c_keeps_what_was_graded(classroom: Path, tiny: Course):
    for number in range(3, 7):
        folder = classroom / f"student-{number:02}"
        folder.mkdir()
        slow = "\n\nimport time\ntime.sleep(1.5)\n"
        (folder / "rows.py").write_text((classroom / "student-01/exercises/rows.py").read_text() + slow)
    out = classroom.parent / "results"
    arguments = [*COMMAND, "teach", "grade", str(classroom), "--out", str(out), "--jobs", "1", "--no-sandbox"]
    process = subprocess.Popen(
        arguments,
        env={**os.environ, "TFM_QUIZ_COURSE": str(tiny.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not ((out / "results.jsonl").exists() and lines(classroom)):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert (out / "grades.csv").exists()
    assert len(lines(classroom)) >= 1


def test_two_runs_into_one_folder_are_refused(tmp_path: Path):
    from tfm_quiz.errors import CouldNotCheck

    with open_results(tmp_path / "r"), pytest.raises(CouldNotCheck, match="Another run"), open_results(tmp_path / "r"):
        pass


def test_a_full_disk_loses_nothing_that_was_graded(tmp_path: Path):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    from tfm_quiz.errors import CouldNotCheck

    report = Report(submission="s", points=1, out_of=1, isolation="basic", versions={}, key="k", seconds=0)
    with open_results(tmp_path / "r") as results:
        results.add(report)
        results._lines.close()
        results._lines = Path("/dev/full").open("ab")  # noqa: SIM115 - closed with the results
        with pytest.raises(CouldNotCheck, match="could not be written"):
            results.add(report)
    assert read_reports(tmp_path / "r").keys() == {"s"}


@pytest.mark.parametrize("factor", ["nan", "NaN", "-nan", "inf", "-inf", "1e400", "0", "soon"])
def test_a_time_factor_that_is_no_number_in_the_range_is_refused_in_a_sentence(
    classroom: Path, tiny: Course, factor: str
):
    refused = grade(classroom, tiny, f"--time-factor={factor}", check=2)
    assert "--time-factor" in refused.stderr
    assert "range 0.1<=x<=100" in refused.stderr or "is not a valid float" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (classroom.parent / "results").exists()


@pytest.mark.parametrize(
    "target", ["class/results", "class", "class/student-01", "", "class/student-01/exercises/rows.py"]
)
def test_results_that_would_be_graded_as_a_submission_are_refused_in_a_sentence(
    classroom: Path, tiny: Course, target: str
):
    before = sorted(classroom.parent.rglob("*"))
    done = run("teach", "grade", classroom, "--out", target, course=tiny, cwd=classroom.parent, check=2)
    assert "among the submissions" in done.stderr or "a folder of their own" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(classroom.parent.rglob("*")) == before


@pytest.mark.parametrize("target", ["file", "file/results", "n" * 300, "/proc/nothing/here"])
def test_results_that_cannot_be_written_there_are_refused_in_a_sentence(classroom: Path, tiny: Course, target: str):
    (classroom.parent / "file").write_text("mine")
    done = run("teach", "grade", classroom, "--out", target, course=tiny, cwd=classroom.parent, check=3)
    assert "Results cannot be written there" in done.stderr
    assert "Traceback" not in done.stderr
    assert (classroom.parent / "file").read_text() == "mine"


def test_what_was_not_read_or_read_otherwise_is_on_the_screen_in_the_report_and_in_feedback(
    classroom: Path, tiny: Course
):
    exercises = classroom / "student-02" / "exercises"
    (exercises / "rows.py").rename(exercises / "rows (1).py")
    (classroom / "student-02" / "report.pdf").write_bytes(b"%PDF")
    done = grade(classroom, tiny)
    feedback = (classroom.parent / "results" / "feedback" / "student-02.txt").read_text("utf-8")
    report = " ".join(lines(classroom)["student-02"]["notes"])
    for words in ("rows (1).py", "report.pdf"):
        assert f"student-02: {next(note for note in lines(classroom)['student-02']['notes'] if words in note)}" in (
            done.stdout
        )
        assert words in report
        assert words in "\n".join(line for line in feedback.splitlines() if line.startswith("Handed in: "))
    assert "student-01: " not in done.stdout
