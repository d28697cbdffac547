r"""The command `tfm-quiz`: parse, call, print. What a command does is written in `student` and `teach`.

A command returns its exit code (None is 0): 0 passed, 1 something wrong or unfinished, 2 usage, 3 could not check,
130 interrupted. Errors of `tfm_quiz.errors` are shown here and only here.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from tfm_quiz import __version__
from tfm_quiz.errors import TfmQuizError
from tfm_quiz.untrusted import for_terminal

from .lazy import EXTRAS, Lazy, LazyGroup, not_installed
from .screen import say, settle_streams

COMMANDS = {
    "init": Lazy("tfm_quiz.cli.init:init", "Copy the exercises into a folder of your own."),
    "status": Lazy("tfm_quiz.cli.status:status", "Show where you are and the next thing to do."),
    "check": Lazy("tfm_quiz.cli.check:check", "Check an exercise, and name the mistake."),
    "hint": Lazy("tfm_quiz.cli.hint:hint", "Show the next of three hints."),
    "quiz": Lazy("tfm_quiz.cli.quiz:quiz", "Answer questions; every wrong answer says why."),
    "submit": Lazy("tfm_quiz.cli.submit:submit", "Pack your work into one file to hand in."),
    "doctor": Lazy("tfm_quiz.cli.doctor:doctor", "Show what works on this machine and what is missing."),
    "teach": Lazy("tfm_quiz.cli.teach:teach", "For instructors: grade, lint, generate stubs."),
}


class Door(LazyGroup):
    """The outermost group: turns what a command returns or raises into words and an exit code."""

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """Run as click does. In standalone mode (the console script) this ends the process."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **kwargs)
        settle_streams()
        try:
            code = super().main(*args, standalone_mode=False, **kwargs)
            sys.stdout.flush()  # a reader that went away must be noticed here, not while the interpreter shuts down
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            say("Interrupted.", err=True)
            code = 130
        except TfmQuizError as error:
            _show_error(error)
            code = error.exit_code
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in EXTRAS:
                raise  # a fault of ours
            absent = not_installed(error, "tfm-quiz " + " ".join(sys.argv[1:3]))
            _show_error(absent)
            code = absent.exit_code
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has no reader
            code = 1
        except OSError as error:  # a place that cannot be read or written: a folder, a name too long, a full disk
            if error.filename is None:
                raise
            _show_error(TfmQuizError(f"{error.strerror}.", where=for_terminal(str(error.filename), lines=False)))
            code = TfmQuizError.exit_code
        sys.exit(code if type(code) is int else 0)


def _show_error(error: TfmQuizError) -> None:
    """Print what is wrong, where, and the next step to stderr."""
    say(f"\n  {error.message}".replace("\n", "\n  ").lstrip("\n"), err=True)
    if error.where:
        say(f"  at {error.where}", err=True)
    if error.next_step:
        say(f"\n  {error.next_step}", err=True)


@click.group(
    cls=Door,
    table=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="tfm-quiz", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> Any:
    """Learn it by writing it, one function at a time, and be told which mistake you made.

    Without a command: where you are, and the next thing to do.

    \b
    Examples:
      tfm-quiz init                 put the exercises in a folder of your own
      tfm-quiz check                check the exercise you are at
      tfm-quiz check NAME           check one by name
      tfm-quiz hint                 when you are stuck
      tfm-quiz quiz TOPIC           questions on one topic
      tfm-quiz submit               pack your work to hand it in

    \b
    Exit codes:
      0 passed   1 something wrong or unfinished   2 usage
      3 could not check   130 interrupted
    """
    if context.invoked_subcommand is None:
        from .status import status

        return context.invoke(status)
    return None
