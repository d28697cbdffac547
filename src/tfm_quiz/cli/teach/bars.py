"""The display on stderr while a class is graded: a progress bar, and a line for each lab in training."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from tfm_quiz.cli.screen import console, glyphs
from tfm_quiz.grading.messages import Training
from tfm_quiz.outcome import Level
from tfm_quiz.sparkline import number, sparkline
from tfm_quiz.teach.classroom import Watch
from tfm_quiz.untrusted import for_terminal

MOST = 8  # lines of labs: more of them would push the bar off the screen


class Bars(Progress):
    """A progress bar with the labs under it."""

    def __init__(self, *columns: Any, **options: Any) -> None:
        self.labs: Mapping[str, Training] = {}  # by submission; replaced, never changed: another thread draws
        super().__init__(*columns, **options)

    def lab(self, name: str, message: Training) -> None:
        """Show how a submission's lab gets on, until it is over."""
        if message.losses:
            self.labs = {**self.labs, name: message}
        else:
            self.labs = {other: shown for other, shown in self.labs.items() if other != name}

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the bars, then the labs."""
        yield self.make_tasks_table(self.tasks)
        for name, message in list(self.labs.items())[:MOST]:
            yield lab_line(name, message, self.console)


def lab_line(name: str, message: Training, screen: Console) -> Text:
    """`student-03  Lab C: reversal  step 120/300  loss 2.31 █▇▅▄▂▁`, on one line of this screen."""
    width = len(str(message.of))
    told = f"{message.lab}  step {message.step:>{width}}/{message.of}  loss {number(message.losses[-1])}"
    line = Text(f"{told} {sparkline(message.losses, glyphs(screen.file).heights)}")
    who = Text(for_terminal(name, lines=False))
    who.truncate(max(0, screen.width - line.cell_len - 5))
    shown = Text("  ").join([who, line]) if who else line
    shown.truncate(screen.width - 2)
    return Text("  ", no_wrap=True).append_text(shown)


@contextmanager
def bars() -> Generator[Bars]:
    """Bars on stderr; in a pipe, nothing but what is printed to their console."""
    screen = console(err=True)
    with Bars(
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as progress:
        yield progress


class BarsWatch(Watch):
    """Shows the steps of a run as one bar after another, and warns of weak isolation."""

    def __init__(self, progress: Bars) -> None:
        self.progress = progress
        self.task = progress.add_task("Reading", total=None)
        self.shown = ""

    def step(self, name: str, done: int, of: int) -> None:
        """Move the bar; a new step begins a new one."""
        if name != self.shown:
            self.progress.reset(self.task)
            self.shown = name
        self.progress.update(self.task, description=name, completed=done, total=of)

    def isolation(self, level: Level) -> None:
        """Warn where student code is not locked in."""
        if level in ("none", "basic"):
            self.progress.console.print(
                f"Warning: student code runs at isolation level `{level}`: "
                "do not grade strangers' work like this. tfm-quiz doctor says how to get a stronger one."
            )

    def lab(self, name: str, message: Training) -> None:
        """Show a lab under the bar."""
        self.progress.lab(name, message)


@contextmanager
def watching() -> Generator[BarsWatch]:
    """Bars on stderr for a run; in a pipe, nothing but warnings."""
    with bars() as progress:
        yield BarsWatch(progress)
