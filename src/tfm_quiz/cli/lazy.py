"""A group of commands that imports a command only when it runs."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from tfm_quiz.errors import CouldNotCheck

from .examples import with_examples

EXTRAS = {"pytest": "grade", "rich": "grade", "nbgrader": "nbgrader", "genanki": "export", "text2qti": "export"}


class Lazy(NamedTuple):
    """Where a command is written, as `package.module:function`, and its line in the help."""

    target: str
    help: str


def not_installed(error: ModuleNotFoundError, command: str) -> CouldNotCheck:
    """Return the error for a command that needs a package of an extra, or a part of the engine that is not here."""
    absent = error.name or "?"
    reason = "which is not part of this install"
    if not absent.startswith("tfm_quiz"):
        absent, reason = absent.partition(".")[0], "which is not installed"
    extra = EXTRAS.get(absent)
    step = f"pip install 'tfm-quiz[{extra}]'" if extra else "tfm-quiz doctor"
    return CouldNotCheck(f"`{command}` needs `{absent}`, {reason}", next_step=step)


class LazyGroup(click.Group):
    """A click group whose commands are a table of `Lazy` entries, in the order in which people need them.

    Help, completion and "Did you mean" read the table alone, so that they are instant and do not depend on what a
    command imports, nor on whether it can be imported at all.
    """

    def __init__(self, *args, table: dict[str, Lazy], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, without importing any."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command. Raises CouldNotCheck if it is not part of this install."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        module, _, function = entry.target.partition(":")
        try:
            command = getattr(import_module(module), function)
        except ModuleNotFoundError as error:
            if ctx.resilient_parsing:  # completing a line: never an error
                return click.Command(cmd_name)
            raise not_installed(error, f"{ctx.command_path} {cmd_name}") from error
        if command.help and "{" in command.help:
            command.help = with_examples(command.help)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the table's names as suggestions."""
        if args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(args[0], possibilities=self.table, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, as the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names from the table, and the group's own options."""
        names = [CompletionItem(name, help=entry.help) for name, entry in self.table.items()]
        return [item for item in names if item.value.startswith(incomplete)] + click.Command.shell_complete(
            self, ctx, incomplete
        )
