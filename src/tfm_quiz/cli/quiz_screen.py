"""What a question looks like in a terminal, in a pipe and to a screen reader.

Numbered options are the only style: they read aloud well and need no cursor. In a terminal one key answers where one
key can; in a pipe line k answers question k, whatever became of the others.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tfm_quiz.quiz.answers import Answer, how_to_answer, show_answer
from tfm_quiz.quiz.asking import Place, Skip, Stop
from tfm_quiz.quiz.bank import TYPES, Closed
from tfm_quiz.quiz.kinds.base import Mark
from tfm_quiz.quiz.kinds.fields import LETTERS
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.untrusted import for_terminal

from .keyboard import edited_line, one_of
from .screen import columns, glyphs, say, wants_colour
from .spelling import spelled_out

if TYPE_CHECKING:
    from tfm_quiz.course import Course
    from tfm_quiz.quiz.prompts import Prompt


class TerminalScreen:
    """Asks on a terminal or in a pipe. `plain` leaves out marks and never clears; `err` writes to stderr."""

    def __init__(self, course: Course, *, plain: bool, err: bool = False) -> None:
        self.course = course
        self.plain = plain
        self.err = err
        self.stream = sys.stderr if err else sys.stdout
        self.patient = sys.stdin.isatty()
        self.marks = glyphs(self.stream)
        self.unread = False  # whether a reply is on the screen that a clear would take away
        self.note = ""

    def ask(self, prompt: Prompt, place: Place, given: Answer | None = None) -> str:
        """Show the question and read a line or a key. Raises Skip or Stop."""
        if self.unread and self.patient:
            self._wait()
        if self.patient and not self.plain and self.stream.isatty():
            click.clear()
        if self.note:
            self._marked("", "", self.note)
        self.unread, self.note = False, ""
        self.say(f"\n  Question {place.number} of {place.count}   {self._dim(place.topic)}\n")
        self.paragraph(prompt.ask)
        if prompt.code.strip():
            self.say("\n" + textwrap.indent(prompt.code.strip("\n"), "      "))
        self._options(prompt)
        if given is not None:
            self.say()
            self.paragraph(for_terminal(f"Your answer so far: {show_answer(prompt, given)}", lines=False))
        self.say()
        return self.ask_again(prompt)

    def ask_again(self, prompt: Prompt) -> str:
        """Read a line or a key for the question on the screen. Raises Skip or Stop."""
        keys = self._keys(prompt)
        if TYPES[prompt.type].one_key and self.patient:
            return self._key(prompt, keys)
        if TYPES[prompt.type].paragraphs and self.patient:
            return self._paragraphs(keys)
        return self._command(self._line(keys))

    def unclear(self, sentence: str) -> None:
        """Say why a line could not be read."""
        self.say()
        self.paragraph(sentence)
        if not self.patient:
            self.paragraph("Left open: the next line answers the next question.")

    def verdict(self, question: Closed, given: Mark) -> None:
        """Right or wrong, the reply to what was chosen, the answer, and the reason with its section."""
        self.unread = True
        self.say()
        replies = [reply.say for reply in given.replies if reply.say]
        if given.right:
            self._marked(self.marks.passed, "green", f"Right. {question.why}")
        else:
            part = given.share > 0
            lead = f"Partly: {_percent(given.share)} of the points." if part else "Not quite."
            mark, colour = (self.marks.partial, "yellow") if part else (self.marks.wrong, "red")
            single = len(replies) == 1 and question.reply_leads
            self._marked(mark, colour, f"{lead} {replies[0]}" if single and replies else lead)
            for reply in [] if single else replies:
                self._marked("", "", reply)
            self.say()
            self._marked("", "", f"The answer is {question.shown_key()}. {question.why}")
        self._sections(question.section)

    def prose(self, question: Prose, text: str) -> float:
        """Return the self-check of free text: the share of its ideas that the student ticked."""
        from tfm_quiz.quiz.prose import practice_rubric
        from tfm_quiz.quiz.prose_check import self_check

        self.unread = True
        share = self_check(practice_rubric(self.course.root, question), text, self).share
        self._sections(question.section)
        return share

    def tell(self, paragraphs: Sequence[str]) -> None:
        """Paragraphs of the self-check, which quote the student."""
        for paragraph in paragraphs:
            self.say()
            self.paragraph(for_terminal(paragraph, lines=False))

    def revise(self) -> str | None:
        """Read a second version of free text; None keeps the first, as in a pipe, whose next line is another answer."""
        if not self.patient:
            return None
        self._write("\n  Write it once more, or an empty line to leave it as it is:\n")
        try:
            return self._paragraphs("  ")
        except Skip:
            return None

    def tick(self, ideas: Sequence[str]) -> list[int] | None:
        """Ask, one by one, which ideas the student says were in the answer: their numbers, or None in a pipe."""
        if not self.patient:
            return None
        self.say()
        self.paragraph("Which of its ideas were in yours? You judge.")
        ticked: list[int] = []
        for number, idea in enumerate(ideas, start=1):
            self.say()
            self.paragraph(idea, indent=" " * 7, first=f"    {number}  ")
            self._write("       y or n (q stops): ")
            key = one_of({"y", "n", "q"})
            self._write(f"{key}\n")
            if key == "q":
                raise Stop
            ticked += [number] if key == "y" else []
        return ticked

    def noted(self, prompt: Prompt, answer: Answer) -> None:
        """Say that an answer is saved: at once in a pipe, above the next question where the screen is cleared."""
        self.note = f"Saved: {show_answer(prompt, answer)}"
        if not self.patient:
            self._marked("", "", self.note)
            self.note = ""

    def say(self, text: str = "") -> None:
        """Lines on this screen's stream."""
        say(spelled_out(text, self.stream.encoding), err=self.err)

    def paragraph(self, text: str, indent: str = "  ", first: str | None = None) -> None:
        """Wrapped text; a blank line in it stays one, a line that begins with four blanks is kept as it is."""
        first = indent if first is None else first
        for number, block in enumerate(text.strip("\n").split("\n\n")):
            if number:
                self.say()
            self.say(_wrapped(block, first if number == 0 else indent, indent))

    def _options(self, prompt: Prompt) -> None:
        if not prompt.options:
            return
        self.say()
        for number, option in enumerate(prompt.options, start=1):
            if TYPES[prompt.type].verbatim:
                self.say(f"    {number}  {option}")
            else:
                self.paragraph(option, indent=" " * 7, first=f"    {number}  ")
        if prompt.right:
            self.say()
            for letter, option in zip(LETTERS, prompt.right, strict=False):
                self.paragraph(option, indent=" " * 7, first=f"    {letter}  ")

    def _keys(self, prompt: Prompt) -> str:
        """Return the line that asks for an answer."""
        keys = f"1-{len(prompt.options)}" if TYPES[prompt.type].one_key else how_to_answer(prompt)
        ending = "an empty line ends it, " if TYPES[prompt.type].paragraphs and self.patient else ""
        return f"  {keys} ({ending}s skips, q stops): "

    def _key(self, prompt: Prompt, keys: str) -> str:
        """Return one key that means an option; other keys are ignored."""
        self._write(keys)
        count = len(prompt.options)
        key = one_of({*map(str, range(1, count + 1)), *LETTERS[:count], "s", "q"})
        self._write(f"{key}\n")
        return self._command(key)

    def _wait(self) -> None:
        """Until a key is pressed, so that a reply does not scroll away by itself."""
        self._write(f"\n  {self._dim('Enter for the next question, q stops')} ")
        key = one_of({"\r", "\n", " ", "q"})
        self.say()
        if key == "q":
            raise Stop

    def _line(self, keys: str) -> str:
        """Return a line, edited with the keys that a terminal's lines are edited with where the system has readline."""
        if self.patient and not self.err:
            try:
                return edited_line(spelled_out(keys, self.stream.encoding))
            except EOFError:
                self.say()
                raise Stop from None
        self._write(keys)
        data = sys.stdin.buffer.readline()
        if not data:
            self.say()
            raise Stop
        line = data.decode("utf-8", errors="replace").strip()
        if not self.patient:
            self.say("".join(c if c.isprintable() else "?" for c in line))
        return line

    def _write(self, text: str) -> None:
        self.stream.write(spelled_out(text, self.stream.encoding))
        self.stream.flush()

    def _paragraphs(self, keys: str) -> str:
        lines = [self._command(self._line(keys))]
        while line := self._line(""):
            lines.append(line)
        return "\n".join(lines)

    def _command(self, line: str) -> str:
        if line.lower() in ("s", "skip", ""):
            raise Skip
        if line.lower() in ("q", "quit"):
            raise Stop
        return line

    def _marked(self, mark: str, colour: str, text: str) -> None:
        """A paragraph behind a mark (or behind the blank in its place)."""
        width = self._width()
        if self.plain or not mark:
            self.paragraph(text, indent=" " * width)
            return
        lead = f"  {click.style(mark, fg=colour)}{' ' * (self.marks.width - len(mark) + 1)}"
        self.say(_wrapped(text, " " * width, " " * width).replace(" " * width, lead, 1))

    def _sections(self, sections: Sequence[str]) -> None:
        """Print, below the text, where the reason can be read."""
        if not sections:
            return
        self.say(" " * self._width() + self._dim(f"{_named(sections)} of {self.course.cite}"))

    def _width(self) -> int:
        """Columns before a reply: a mark and the blanks around it."""
        return 2 if self.plain else self.marks.width + 3

    def _dim(self, text: str) -> str:
        return click.style(text, dim=True) if wants_colour(self.stream) else text


def _wrapped(text: str, first: str, indent: str) -> str:
    width = min(columns(), 80) - 2
    return textwrap.fill(
        " ".join(text.split()),
        width=width,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _named(sections: Sequence[str]) -> str:
    numbered = [section for section in sections if section[0].isdigit()]
    named = [section for section in sections if not section[0].isdigit()]
    words = [f"Section{'s' if len(numbered) > 1 else ''} {', '.join(numbered)}"] if numbered else []
    return ", ".join([*words, *named])


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"
