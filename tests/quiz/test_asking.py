"""`tfm-quiz quiz` as people, pipes and scripts meet it."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

COURSE = """\
format = 1
id = "small"
title = "A small course"
version = "1"
[[unit]]
id = "rows"
title = "Rows"
[[unit.exercise]]
id = "double"
name = "double"
title = "Double"
points = 1
hints = ["a", "b", "c"]
success = "Well."
[[questions]]
file = "quiz/practice/basics.toml"
title = "The basics"
kind = "practice"
[[questions]]
file = "quiz/practice/more.toml"
title = "More"
kind = "practice"
[[questions]]
file = "quiz/graded/basics.toml"
title = "The basics"
kind = "graded"
"""

BASICS = """\
[[question]]
id = "future"
type = "choice"
source = ["A3"]
section = ["3.2.3"]
ask = "What does a causal mask hide?"
why = "Later positions."
options = [
  { text = "the past", misconception = "hides-the-past", say = "The past is what may be seen." },
  { text = "the future", correct = true },
]

[[question]]
id = "pairs"
type = "number"
source = ["A3"]
section = ["3.2.3", "Figure 1"]
ask = "How many pairs does a causal mask over 2 positions allow?"
why = "1 + 2 = 3."
answer = 3
near = [{ answer = 1, misconception = "diagonal-hidden", say = "You hid the diagonal." }]

[[question]]
id = "all-of-them"
type = "several"
source = ["A2"]
section = ["3.2.1"]
ask = "Which are learned?"
why = "The projections."
options = [
  { text = "W^Q", correct = true },
  { text = "the weights", misconception = "weights-learned", say = "they are computed." },
  { text = "W^O", correct = true, say = "it mixes the heads." },
]
"""

MORE = """\
[[question]]
id = "mask"
type = "tensor"
source = ["A3"]
section = ["3.2.3"]
ask = "Which mask?"
code = "torch.ones(2, 2).tril()"
why = "The lower triangle."
answer = [[1, 0], [1, 1]]
near = [{ answer = [[0, 1], [0, 0]], misconception = "mask-inverted", say = "Inverted." }]
"""

PROMPTS = """\
[[question]]
id = "g-future"
type = "choice"
ask = "What does it hide?"
options = ["the past", "the future"]

[[question]]
id = "g-count"
type = "number"
ask = "How many?"

[[question]]
id = "g-why"
type = "prose"
points = 4
ask = "Why?"
"""


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    for name, text in {
        "course.toml": COURSE,
        "exercises/__init__.py": "",
        "exercises/rows.py": "def double(x):\n    raise NotImplementedError()\n",
        "quiz/practice/basics.toml": BASICS,
        "quiz/practice/more.toml": MORE,
        "quiz/graded/basics.toml": PROMPTS,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def here(tmp_path):
    """A student's folder."""
    folder = tmp_path / "work"
    (folder / "exercises").mkdir(parents=True)
    (folder / ".tfm-quiz").mkdir()
    return folder


@pytest.fixture
def quiz(course, here):
    def run(*arguments: str, typed: str | bytes = "", cwd: Path = here, **environment: str):
        data = typed.encode() if isinstance(typed, str) else typed
        result = subprocess.run(command(*arguments), cwd=cwd, env=env(course, **environment), input=data,
                                capture_output=True, timeout=60)  # fmt: skip
        return result.returncode, result.stdout.decode(), result.stderr.decode()

    return run


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "tfm_quiz", "quiz", *arguments]


def env(course: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TFM_QUIZ_COURSE": str(course), "PYTHONUTF8": "1", **more}


def remembered(here: Path) -> dict[str, float]:
    return json.loads((here / ".tfm-quiz" / "progress.json").read_text())["quiz"]


def test_every_line_of_a_pipe_answers_the_question_of_its_place(quiz, here):
    code, out, err = quiz("basics", typed="1\nnonsense\n1 3\n")
    assert (code, err) == (1, "")
    assert "Question 1 of 3   The basics" in out
    assert "Not quite. The past is what may be seen." in out
    assert "The answer is 2. Later positions." in out
    assert "“nonsense” is not a number" in out
    assert "Left open: the next line answers the next question." in out
    assert "Right. The projections." in out
    assert "1 of 2 right, 1 left open." in out
    assert "\x1b" not in out
    assert remembered(here) == {"future": 0.0, "all-of-them": 1.0}


def test_a_near_answer_gets_its_own_reply_and_the_section_is_named(quiz):
    _, out, _ = quiz("basics", typed="\n1\n")
    assert "You hid the diagonal." in out
    assert "Section 3.2.3, Figure 1 of the source" in out


def test_part_of_the_points_is_said_with_a_reply_to_each_fault(quiz):
    _, out, _ = quiz("basics", typed="\n\n1 2\n")
    assert "Not quite." in out
    assert "Not 2: they are computed." in out
    assert "3 too: it mixes the heads." in out


def test_all_right_is_exit_code_0(quiz):
    assert quiz("more", typed="1 0; 1 1\n")[0] == 0


def test_it_goes_on_where_it_stopped_and_again_asks_what_was_missed(quiz):
    quiz("basics", typed="1\n3\n")
    _, out, _ = quiz(typed="")
    assert "Question 3 of 4" in out  # two are answered
    assert "Which are learned?" in out
    _, out, _ = quiz("--again", typed="2\n")
    assert "Question 1 of 1" in out
    assert "causal mask hide" in out
    code, out, _ = quiz("--again")
    assert code == 0
    assert "Nothing missed" in out


def test_the_best_answer_is_what_is_remembered(quiz, here):
    quiz("more", typed="1 0; 1 1\n")
    quiz("more", typed="0 1; 0 0\n")
    assert remembered(here) == {"mask": 1.0}


def test_when_all_is_answered_it_says_what_can_be_done(quiz):
    quiz(typed="2\n3\n1 3\n1 0; 1 1\n")
    code, out, _ = quiz()
    assert code == 0
    assert "You have answered every practice question." in out
    assert "Question 1 of 1" in quiz("more")[1]  # a topic by name is asked once more


def test_other_parts_of_the_progress_and_broken_files_do_no_harm(quiz, here):
    file = here / ".tfm-quiz" / "progress.json"
    file.write_text('{"hints": {"double": 2}, "quiz": {"future": 1.0, "pairs": "x"}}')
    quiz("more", typed="1 0; 1 1\n")
    assert json.loads(file.read_text()) == {"hints": {"double": 2}, "quiz": {"future": 1.0, "mask": 1.0}}
    file.write_text("{ broken")
    assert quiz("more", typed="1 0; 1 1\n")[0] == 0
    assert remembered(here) == {"mask": 1.0}


def test_outside_of_a_students_folder_it_asks_and_remembers_nothing(quiz, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, out, _ = quiz("more", typed="0 1; 0 0\n", cwd=elsewhere)
    assert code == 1
    assert "nothing was remembered" in out
    assert list(elsewhere.iterdir()) == []


def test_an_unknown_topic_names_the_nearest(quiz):
    code, out, err = quiz("basic")
    assert (code, out) == (2, "")
    assert "There is no topic `basic`; did you mean `basics`?" in err


def test_the_list_shows_topics_of_both_kinds(quiz):
    code, out, _ = quiz("--list")
    assert code == 0
    assert [line.split()[:3] for line in out.splitlines() if "asics" in line] == [
        ["basics", "practice", "3"],
        ["basics", "graded", "3"],
    ]


def test_mistakes_in_the_bank_are_all_said_and_exit_3(quiz, course):
    (course / "quiz/practice/more.toml").write_text(MORE.replace("answer = [[1, 0]", "answer = [[1]"))
    (course / "quiz/practice/basics.toml").write_text(BASICS.replace("answer = 3", 'answer = "three"'))
    code, _, err = quiz("more")
    assert code == 3
    assert "quiz/practice/basics.toml:20: question pairs: `answer`" in err
    assert "quiz/practice/more.toml:9: question mask: the rows of a tensor must have the same length" in err


def test_json_is_all_there_is_on_stdout(quiz):
    code, out, err = quiz("basics", "--json", typed="1\nx\n\n")
    assert code == 1
    assert "Question 1 of 3" in err
    asked = json.loads(out)
    assert asked["format"] == 1
    assert asked["questions"] == {
        "future": {"id": "future", "outcome": "wrong", "share": 0, "answer": "a", "misconceptions": ["hides-the-past"]},
        "pairs": {"id": "pairs", "outcome": "unclear", "share": 0, "answer": None, "misconceptions": []},
        "all-of-them": {"id": "all-of-them", "outcome": "skipped", "share": 0, "answer": None, "misconceptions": []},
    }


def test_plain_speaks_in_words_and_ascii_streams_lose_nothing(quiz, tmp_path):
    for options, environment in ((["--plain"], {}), ([], {"TERM": "dumb"}), ([], {"PYTHONIOENCODING": "ascii"})):
        _, out, err = quiz("basics", *options, typed="1\n", cwd=tmp_path, **environment)
        assert "Not quite. The past is what may be seen." in out
        assert "Traceback" not in err
        assert not any(mark in out for mark in "✓✗◐")


def test_formulas_are_spelled_out_where_the_stream_has_no_signs(quiz, course):
    path = course / "quiz/practice/basics.toml"
    path.write_text(
        path.read_text("utf-8").replace("What does a causal mask hide?", "n² · √d_k − ∞?"), encoding="utf-8"
    )
    assert "n² · √d_k − ∞?" in quiz("basics")[1]
    assert "n^2 * sqrt d_k - inf?" in quiz("basics", PYTHONIOENCODING="ascii")[1]


def test_bytes_that_are_no_text_are_an_unclear_answer(quiz):
    code, out, err = quiz("more", typed=b"\xff\xfe\x1b[31m\n")
    assert code == 1
    assert "Traceback" not in err
    assert "\x1b" not in out


# --- graded ---------------------------------------------------------------------------------------------------------


def answers(here: Path) -> dict:
    return tomllib.loads((here / "answers.toml").read_text("utf-8"))["answers"]


def test_graded_answers_are_saved_and_not_judged(quiz, here):
    code, out, _ = quiz("--graded", typed="1\n2/3\n\n")
    assert code == 1
    assert answers(here) == {"g-future": "a", "g-count": 2 / 3}
    assert "Right" not in out
    assert "Not quite" not in out
    assert "2 of 3 graded questions answered, in answers.toml" in out


def test_graded_resumes_with_what_is_open_and_keeps_a_hand_edited_file(quiz, here):
    by_hand = '# mine\n[answers]\ng-why = "Because." # good\n\ng-future = "b"\n'
    (here / "answers.toml").write_text(by_hand)
    code, out, _ = quiz("--graded", typed="7\n")
    assert code == 0
    assert "Question 3 of 3" in out
    assert (here / "answers.toml").read_text() == by_hand + "\n# How many?\ng-count = 7\n"
    assert "3 of 3 graded questions answered" in out


def test_graded_again_shows_the_answer_and_an_empty_line_keeps_it(quiz, here):
    (here / "answers.toml").write_text('[answers]\ng-future = "b"\n')
    _, out, _ = quiz("--graded", "--again", typed="\n3\n")
    assert "Your answer so far: 2" in out
    assert answers(here) == {"g-future": "b", "g-count": 3}


def test_an_unreadable_answer_in_the_file_is_named_and_asked_again(quiz, here):
    (here / "answers.toml").write_text('[answers]\ng-future = "z"\nghost = 1\n')
    _, out, _ = quiz("--graded", typed="2\n")
    assert "answers.toml line 2, g-future: “z” is none of the answers" in out
    assert "answers.toml line 3: there is no question `ghost`" in out
    assert answers(here) == {"g-future": "b", "ghost": 1}


def test_a_broken_answers_file_stops_the_quiz_and_is_left_alone(quiz, here):
    (here / "answers.toml").write_text("[answers]\ng-future = \n")
    code, _, err = quiz("--graded", typed="2\n")
    assert code == 3
    assert "answers.toml line 2: is not TOML" in " ".join(err.split())
    assert "Nothing was changed" in " ".join(err.split())
    assert (here / "answers.toml").read_text() == "[answers]\ng-future = \n"


def test_graded_works_without_the_staff_s_files(quiz, course):
    assert not (course / "solutions").exists()
    assert "Question 1 of 3" in quiz("--graded")[1]


# --- a terminal -----------------------------------------------------------------------------------------------------


class Terminal:
    """The command on a pseudo-terminal."""

    def __init__(self, course: Path, cwd: Path, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command(*arguments), cwd=cwd, env=env(course, TERM="xterm"), stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=_controlling_terminal,
        )  # fmt: skip
        os.close(slave)
        self.seen = ""

    def wait_for(self, text: str, seconds: float = 20.0) -> None:
        """Read until this text has come since the last key."""
        self._read_for(seconds, text)
        assert text in self.seen, f"{text!r} did not come; there is:\n{self.seen}"

    def key(self, keys: str, text: str) -> None:
        """Press keys until this text comes: those pressed while the terminal changes its mode are lost."""
        self.seen = ""
        until = time.monotonic() + 20
        while text not in self.seen:
            assert time.monotonic() < until, f"{text!r} did not come; there is:\n{self.seen}"
            os.write(self.master, keys.encode())
            self._read_for(1.0, text)

    def _read_for(self, seconds: float, text: str) -> None:
        until = time.monotonic() + seconds
        while text not in self.seen and time.monotonic() < until:
            if select.select([self.master], [], [], 0.05)[0]:
                with suppress(OSError):  # the other side is closed: what came is there
                    self.seen += os.read(self.master, 4096).decode(errors="replace")

    def close(self) -> None:
        self.process.kill()
        self.process.wait(20)
        os.close(self.master)


def _controlling_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(course, here):
    opened: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        opened.append(Terminal(course, here, *arguments))
        return opened[0]

    yield start
    opened[0].close()


def test_one_key_answers_in_a_terminal_and_other_keys_are_ignored(terminal, here):
    screen = terminal("basics")
    screen.wait_for("1-2 (s skips, q stops):")
    screen.key("x9\x1b[A2", "Enter for the next question")
    assert "Right. Later positions." in screen.seen
    screen.key("\r", "How many pairs")
    screen.key("many\n", "is not a number that I can read")
    screen.key("3\n", "1 + 2 = 3.")
    screen.wait_for("Enter for the next question")
    screen.key("q", "2 of 2 right, 1 left open")
    assert screen.process.wait(20) == 1
    assert remembered(here) == {"future": 1.0, "pairs": 1.0}


@pytest.mark.parametrize("when", ["at a question", "at a reply"])
def test_control_c_loses_nothing_and_ends_with_130(terminal, here, when):
    screen = terminal("basics")
    screen.wait_for("q stops):")
    screen.key("2", "Enter for the next question")
    if when == "at a question":
        screen.key("\r", "How many pairs")
        screen.wait_for("q stops):")
    screen.key("\x03", "Interrupted")
    assert screen.process.wait(20) == 130
    assert remembered(here) == {"future": 1.0}


def test_a_killed_graded_quiz_has_every_answer_given_so_far(terminal, here):
    screen = terminal("--graded")
    screen.wait_for("q stops):")
    screen.key("2", "How many?")
    screen.process.kill()
    screen.process.wait(20)
    assert answers(here) == {"g-future": "b"}
    assert [path.name for path in here.iterdir() if path.is_file()] == ["answers.toml"]


# --- free text ------------------------------------------------------------------------------------------------------

PROSE = """\
[[question]]
id = "why-mask"
type = "prose"
source = ["A3"]
section = ["3.2.3"]
ask = "What is the causal mask for?"
model_answer = "It hides the future, so that nothing leaks."

[[question.key_points]]
text = "It hides later positions."
hint = "What must a position not see?"
any = ["hide* .. future"]

[[question.key_points]]
text = "Otherwise the answers would leak."
hint = "What would go wrong?"
any = ["leak*"]
"""


@pytest.fixture
def prose(course):
    (course / "quiz/practice/more.toml").unlink()
    folder = course / "quiz/practice/more"
    folder.mkdir()
    (folder / "A3.toml").write_text(PROSE, encoding="utf-8")


@pytest.mark.usefixtures("prose")
def test_free_text_is_mirrored_with_the_student_s_own_sentence_and_never_graded(quiz):
    code, out, _ = quiz("more", typed="The mask hides the future from every position.\n")
    assert code == 0
    assert "I found 1 of 2 ideas:" in out
    assert "“The mask hides the future from every position.” — It hides later positions." in " ".join(out.split())
    assert "I did not find one idea in your words. A hint: What would go wrong?" in " ".join(out.split())
    assert out.index("What would go wrong?") < out.index("It hides the future, so that nothing leaks.")
    assert "1 in your own words." in out
    assert "right" not in out
    assert "%" not in out


@pytest.mark.usefixtures("prose")
def test_a_question_left_open_does_not_count_as_one_that_could_have_been_right(quiz, course):
    file = course / "quiz/practice/more/A3.toml"
    file.write_text(PROSE + PROSE.replace('id = "why-mask"', 'id = "why-mask-again"'), encoding="utf-8")
    _, out, _ = quiz("more", typed="The mask hides the future from every position.\n\n")
    assert "  1 in your own words, 1 left open." in out


@pytest.mark.usefixtures("prose")
def test_in_a_terminal_free_text_gets_one_revision_and_the_student_s_ticks(terminal, here):
    screen = terminal("more")
    screen.wait_for("an empty line ends it")
    screen.key("The mask hides the future from every position.\n\n", "Write it once more")
    screen.key(
        "The mask hides the future, since the answers would leak otherwise.\n\n", "Now I find 2 of 2 ideas, new:"
    )
    screen.wait_for("y or n (q stops):")
    screen.key("y", "Otherwise the answers would leak.")
    screen.key("n", "1 in your own words.")
    screen.process.wait(20)
    assert remembered(here) == {"why-mask": 0.5}


@pytest.mark.usefixtures("prose")
def test_an_arrow_edits_the_line_of_free_text(terminal):
    screen = terminal("more")
    screen.wait_for("an empty line ends it")
    screen.key("It hides the uture\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Df\n\n", "It hides the future")
    assert "^[[D" not in screen.seen


@pytest.mark.usefixtures("prose")
@pytest.mark.parametrize(("key", "said", "code"), [("\x03", "Interrupted", 130), ("q", "1 in your own words", 1)])
def test_leaving_at_the_ticks_keeps_the_written_answer(terminal, here, quiz, key, said, code):
    text = "The mask hides the future from every position."
    screen = terminal("more")
    screen.wait_for("an empty line ends it")
    screen.key(f"{text}\n\n", "Write it once more")
    screen.key("\n", "y or n")
    screen.key(key, said)
    assert screen.process.wait(20) == code
    assert remembered(here) == {"why-mask": 0.0}
    _, out, _ = quiz("more", "--again", typed="\n")
    assert f"Your answer so far: {text}" in " ".join(out.split())
