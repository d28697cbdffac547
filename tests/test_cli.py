"""The command as people and scripts meet it: words, streams and exit codes."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import requires
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tfm_quiz import __version__
from tfm_quiz.cli import COMMANDS, Door, main
from tfm_quiz.cli.lazy import Lazy
from tfm_quiz.cli.screen import ASCII, UNICODE, glyphs
from tfm_quiz.cli.teach import COMMANDS as TEACH
from tfm_quiz.errors import CourseError, Fault, NotSandboxed, SubmissionProblem, UsageProblem
from tfm_quiz.untrusted import for_csv, for_html, for_terminal

SOURCE = Path(__file__).parents[1] / "src"
TINY = Path(__file__).parent / "courses" / "tiny"


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(TINY))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def process(*arguments: str, cwd: Path, python: tuple[str, ...] = ("-P", "-m", "tfm_quiz"), **environment: str):
    """The command in a process of its own; an empty value unsets a variable."""
    values = {**os.environ, "PYTHONPATH": str(SOURCE), "TFM_QUIZ_COURSE": str(TINY), **environment}
    return subprocess.run(
        [sys.executable, *python, *arguments],
        cwd=cwd,
        env={key: value for key, value in values.items() if value},
        capture_output=True,
        timeout=60,
    )


# --- help -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "table"), [([], COMMANDS), (["teach"], TEACH)])
def test_help_lists_every_command_and_teaches(run, arguments, table):
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert "Exit codes:" in result.output
    for name, entry in table.items():
        assert re.search(rf"^  {name} +{re.escape(entry.help)}$", result.output, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments", [[name] for name in COMMANDS if name != "teach"] + [["teach", name] for name in TEACH]
)
def test_every_command_has_help_of_its_own_that_begins_as_the_list_says(run, arguments):
    result = run(*arguments, "--help")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: main {' '.join(arguments)}")


def test_the_version_is_told(run):
    assert run("--version").output == f"tfm-quiz {__version__}\n"


def test_a_typo_gets_the_nearest_command_and_exit_code_2(run):
    result = run("chekc")
    assert result.exit_code == 2
    assert "Did you mean 'check'?" in result.output
    assert run("teach", "gade").exit_code == 2
    assert run("check", "--no-such-option").exit_code == 2


# --- errors and exit codes ------------------------------------------------------------------------------------------


def door(body) -> Door:
    """A command line whose only command is `body`."""

    class OneCommand(Door):
        def get_command(self, ctx, cmd_name):
            return click.Command("go", callback=body)

    return OneCommand(name="door", table={"go": Lazy("door:go", "Go.")})


def raising(error: BaseException):
    def body():
        raise error

    return body


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (lambda: None, 0, ""),
        (lambda: 1, 1, ""),
        (lambda: "anything else", 0, ""),
        (
            raising(UsageProblem("No such thing.", where="there", next_step="Do this.")),
            2,
            "No such thing.\n  at there\n\n  Do",
        ),
        (raising(SubmissionProblem("It is broken.")), 3, "It is broken."),
        (raising(NotSandboxed("Too weak.")), 3, "Too weak."),
        (
            raising(CourseError([Fault("a:1", "one"), Fault("b:2", "two")])),
            3,
            "2 mistakes in the course:\n  a:1: one\n  b:2",
        ),
        (raising(KeyboardInterrupt()), 130, "Interrupted."),
        (raising(click.Abort()), 130, "Interrupted."),
        (raising(click.UsageError("Wrong.")), 2, "Wrong."),
        (lambda: click.get_current_context().exit(1), 1, ""),
    ],
)
def test_what_a_command_returns_or_raises_becomes_an_exit_code_and_words_on_stderr(body, code, words):
    result = CliRunner().invoke(door(body), ["go"])
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""


def test_a_fault_of_ours_keeps_its_traceback():
    result = CliRunner().invoke(door(raising(ZeroDivisionError("ours"))), ["go"])
    assert isinstance(result.exception, ZeroDivisionError)


PLACES = {
    "a file": "file",
    "in a file": "file/x.zip",
    "a folder": "folder",
    "in no folder": "no/such/x.zip",
    "where nothing can be made": "/proc/nothing/x.zip",
    "too long": "n" * 300 + ".zip",
    "nothing": "",
    "one that steers a terminal": "a\x1b[31mb.zip",
    "no text": os.fsdecode(b"\xff\xfe.zip"),
}
AT_A_PLACE = {
    "init": ("init", "{}"),
    "submit": ("submit", "-o", "{}"),
    "export": ("teach", "export", "moodle", "-o", "{}"),
    "export, replacing": ("teach", "export", "moodle", "--force", "-o", "{}"),
    "grade": ("teach", "grade", "{}", "--out", "results"),
    "results": ("teach", "grade", "nobody", "--out", "{}"),
    "review": ("teach", "review", "{}"),
    "items": ("teach", "items", "{}"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("command", AT_A_PLACE.values(), ids=AT_A_PLACE.keys())
def test_no_place_that_is_named_ends_in_a_traceback(run, tmp_path, command, place):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "rows.py").write_text("def double(x):\n    return 2 * x\n")
    result = run(*(part.format(place) for part in command))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, 1, 2, 3)
    assert result.exit_code == 0 or result.stderr.strip() or result.stdout.strip()
    assert (tmp_path / "file").read_text() == "mine" or "--force" in command
    assert {path.name for path in tmp_path.glob(".*")} <= {".tfm-quiz"}  # no half of a file stays


def test_a_disk_that_refuses_is_told_with_the_place_and_its_reason():
    full = OSError(28, "No space left on device", "grades\x1b[2J.csv")
    result = CliRunner().invoke(door(raising(full)), ["go"])
    assert result.exit_code == 3
    assert [line.strip() for line in result.stderr.splitlines()] == [
        "No space left on device.",
        "at grades\\x1b[2J.csv",
    ]


def test_a_failure_of_the_system_that_is_about_no_file_keeps_its_traceback():
    result = CliRunner().invoke(door(raising(OSError(11, "Try again"))), ["go"])
    assert isinstance(result.exception, OSError)


def test_a_command_that_is_not_installed_says_so_and_does_not_break_the_others(run):
    main.table["absent"] = Lazy("tfm_quiz.cli.absent:absent", "Not there.")
    main.table["needy"] = Lazy("tests_no_such_package.needy:needy", "Needs more.")
    try:
        assert "Not there." in run("--help").output
        result = run("absent")
        assert result.exit_code == 3
        assert "`main absent` needs `tfm_quiz.cli.absent`, which is not part of this install" in result.stderr
        assert "which is not installed" in run("needy").stderr
    finally:
        del main.table["absent"], main.table["needy"]


@pytest.mark.parametrize("absent", ["rich", "pytest"])
def test_a_command_that_needs_an_extra_names_it(tmp_path, absent):
    (tmp_path / "one").mkdir()
    program = (
        f"import sys; sys.modules[{absent!r}] = None; sys.argv[0] = 'tfm-quiz'\n"
        "from tfm_quiz.cli import main; main(prog_name='tfm-quiz')"
    )
    command = {"rich": ("grade", ".", "--out", "results"), "pytest": ("lint", "double")}[absent]
    result = process("teach", *command, cwd=tmp_path, python=("-P", "-c", program))
    assert result.returncode == 3
    assert f"needs `{absent}`, which is not installed".encode() in result.stderr
    assert b"pip install 'tfm-quiz[grade]'" in result.stderr
    assert b"Traceback" not in result.stderr


def test_help_names_the_courses_own_exercises(run):
    assert "tfm-quiz check double row_sums" in run("check", "--help").output
    assert "tfm-quiz quiz shapes" in run("quiz", "--help").output


def test_help_does_not_need_a_course_that_can_be_read(run, tmp_path, monkeypatch):
    (tmp_path / "course.toml").write_text("format = 1\nid = 3\n")
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(tmp_path))
    for arguments in ([], ["check"], ["teach"], ["teach", "grade"]):
        assert run(*arguments, "--help").exit_code == 0


def test_the_doctor_shows_every_declared_requirement(run):
    declared = re.findall(r"^([\w-]+)[^;]*$", "\n".join(requires("tfm-quiz") or ()), re.MULTILINE)
    lines = run("doctor").output
    assert declared
    assert all(re.search(rf"^  \S+ +{name} +\d", lines, re.MULTILINE) for name in declared)


def test_a_mistake_in_the_manifest_is_shown_with_its_line_and_exit_code_3(run, tmp_path, monkeypatch):
    (tmp_path / "course.toml").write_text("format = 1\nid = 3\n")
    monkeypatch.setenv("TFM_QUIZ_COURSE", str(tmp_path))
    result = run("hint")
    assert result.exit_code == 3
    assert "course.toml:2: the course: `id` is 3" in result.stderr


def test_staff_commands_refuse_where_no_graders_are(tmp_path):
    for name in ("course.toml", "exercises", "quiz"):
        (tmp_path / name).symlink_to(TINY / name)
    result = process("teach", "grade", "x", "--out", "y", cwd=tmp_path, TFM_QUIZ_COURSE=str(tmp_path))
    assert result.returncode == 3
    assert b"no hidden graders" in result.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    process("init", ".", cwd=tmp_path)
    command = f"'{sys.executable}' -P -m tfm_quiz --help | true; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TFM_QUIZ_COURSE": str(TINY)}
    for _ in range(3):  # whether the reader is gone before the first write is a matter of luck
        result = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )
        assert result.stderr == ""
        assert result.stdout in ("0\n", "1\n")


def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path):
    program = "import time, tfm_quiz.student.workspace as w\nw.find_workspace = lambda course: time.sleep(30)\n"
    program += "import tfm_quiz.cli.status as s\ns.find_workspace = w.find_workspace\n"
    program += "print('ready', flush=True)\nfrom tfm_quiz.cli import main\nmain([])\n"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TFM_QUIZ_COURSE": str(TINY)}
    with subprocess.Popen(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130
        assert running.stderr.read().strip() == "Interrupted."


# --- streams --------------------------------------------------------------------------------------------------------


def test_piped_output_has_no_escapes_and_no_trailing_blanks(tmp_path):
    process("init", ".", cwd=tmp_path)
    result = process(cwd=tmp_path, PYTHONIOENCODING="utf-8", FORCE_COLOR="")
    assert result.returncode == 0
    text = result.stdout.decode()
    assert "→ ·  double" in text
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.split("\n"))


def test_a_stream_that_knows_ascii_only_gets_marks_of_letters(tmp_path):
    process("init", ".", cwd=tmp_path)
    result = process(cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    text = result.stdout.decode("ascii")
    assert "> .   double" in text
    assert "?" not in text


@pytest.mark.parametrize(("encoding", "marks"), [("utf-8", UNICODE), ("ascii", ASCII), ("latin-1", ASCII)])
def test_marks_are_chosen_by_what_the_stream_can_show(encoding, marks):
    assert glyphs(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is marks


# --- text of others -------------------------------------------------------------------------------------------------


def test_text_of_others_cannot_steer_a_terminal():
    hostile = "a\x1b[2J\x9b31m\r\u202e\u2066\u200b\ufeff\x07\x00\ud800\u2028b"
    shown = for_terminal(hostile)
    assert shown == ("a\\x1b[2J\\x9b31m\\r\\u202e\\u2066\\u200b\\ufeff\\x07\\x00\\ud800\\u2028b")
    assert shown.isprintable()
    assert for_terminal("two\nlines\tand √d_k ✓ 中文") == "two\nlines\tand √d_k ✓ 中文"
    assert for_terminal("two\nlines", lines=False) == "two\\nlines"


def test_text_of_others_is_no_html_and_no_formula():
    assert for_html('<b class="x">&\x1b\'') == "&lt;b class=&quot;x&quot;&gt;&amp;\\x1b&#x27;"
    for formula in ("=1+1", "+1", "-1", "@x", "\t=1", " =1", "\n=1", "\r=1"):
        assert for_csv(formula).startswith("'")
        assert "\n" not in for_csv(formula)
    assert for_csv("student-01") == "student-01"


# --- python -m tfm_quiz ---------------------------------------------------------------------------------------------

PLANTED = 'open("PLANTED", "w").close()\n'


@pytest.mark.parametrize("name", ["torch.py", "click.py", "sitecustomize.py", "random.py", "rich/__init__.py"])
def test_teach_refuses_to_start_from_a_folder_that_hides_what_it_imports(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(PLANTED)
    result = process("teach", "grade", "x", "--out", "y", cwd=tmp_path, python=("-m", "tfm_quiz"))
    assert result.returncode == 3
    assert f"holds {name.split('/')[0]}," in result.stderr.decode()
    assert b"python -P -m tfm_quiz" in result.stderr
    assert not (tmp_path / "PLANTED").exists()


@pytest.mark.parametrize("python", [("-P", "-m", "tfm_quiz"), ("-P", "-c", "from tfm_quiz.cli import main; main()")])
def test_nothing_planted_in_the_current_folder_is_ever_imported(tmp_path, python):
    for name in (
        "torch.py",
        "click.py",
        "numpy.py",
        "conftest.py",
        "sitecustomize.py",
        "tfm_quiz/__init__.py",
        "pytest.ini",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PLANTED)
    for arguments in (["--help"], ["init", "."], [], ["hint"], ["submit"], ["doctor"], ["teach", "grade", "--help"]):
        result = process(*arguments, cwd=tmp_path, python=python)
        assert result.returncode in (0, 1), result.stderr  # submit says that torch.py is left out
        assert not (tmp_path / "PLANTED").exists()


def test_a_students_command_by_python_m_takes_nothing_from_the_current_folder(tmp_path):
    (tmp_path / "click.py").write_text(PLANTED)
    (tmp_path / "random.py").write_text(PLANTED)
    result = process("init", ".", cwd=tmp_path, python=("-m", "tfm_quiz"))
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "PLANTED").exists()


def test_teach_by_python_m_starts_where_nothing_is_planted(tmp_path):
    (tmp_path / "torch").mkdir()  # a folder of submissions may be called anything
    (tmp_path / "student_01.py").write_text("")
    result = process("teach", "--help", cwd=tmp_path, python=("-m", "tfm_quiz"))
    assert result.returncode == 0, result.stderr
