"""The entry point. Each subject's commands live in a module of their own, imported when called."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from officeflow import program
from officeflow.cli.commands import COMMANDS, FOR_HELP, unknown, usage
from officeflow.cli.common import echo, tell, tell_unknown_variables
from officeflow.cli.guard import guarded
from officeflow.cli.interrupts import INTERRUPTED, says
from officeflow.cli.reading import utf8
from officeflow.cli.typing_errors import told
from officeflow.errors import InvalidInput, NotAllowed, NotKnown, OfficeFlowError, SignInNeeded

MAY_NOT = 77
"""EX_NOPERM of sysexits.h."""

STARTS_AND_STOPS = (
    ["up"],
    ["down"],
    ["reset"],
    ["demo", "approval"],
    ["demo", "identity"],
    ["demo", "exit"],
)
"""Commands for which ports that the stack had may be anybody's."""


@functools.cache
def _loaded(name: str) -> click.Command | None:
    """The command, which asks who acts before it does anything."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    command: Any = getattr(importlib.import_module(module), attribute)
    return guarded(command, name) if isinstance(command, click.Command) else None


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for: `officeflow --help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return _loaded(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            message, hint = unknown(program.name(), args[0])
            raise NotKnown(message, hint=hint)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        del ctx
        return usage(program.name())


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        echo(f"officeflow {importlib.metadata.version('officeflow')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": list(FOR_HELP)})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Print the version.",
)
def main() -> None:
    """Joiner, mover and leaver workflows on Apache Airflow."""
    tell_unknown_variables()


def _check(arguments: Sequence[str]) -> None:
    """What was typed, and what the environment says in its place, is UTF-8."""
    for number, argument in enumerate(arguments, start=1):
        utf8(argument, f"argument {number}")
    for name, value in os.environ.items():
        if name.startswith("OFFICEFLOW_"):
            utf8(name, "the name of a variable")
            utf8(value, f"the variable {name}")


def _guard() -> None:
    from officeflow.runtime.own_ports import guard

    guard()


def run(arguments: Sequence[str] | None = None) -> None:
    """Exit status: 0 done, 2 the input was wrong (one message that says what to do), 77 whoever acts may not,
    130 Ctrl-C, 1 anything else that we foresaw.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _check(given)
        if not any(given[: len(words)] == words for words in STARTS_AND_STOPS):
            _guard()
        status = main.main(args=given, prog_name=program.name(), standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        tell(f"officeflow: {told(error)}", err=True, hang="  ")
        sys.exit(error.exit_code)
    except click.Abort as abort:
        _end_aborted(abort)
    except OfficeFlowError as error:
        tell(f"officeflow: {error}", err=True, hang="  ")
        sys.exit(_status(error))
    sys.exit(status if isinstance(status, int) else 0)


def _status(error: OfficeFlowError) -> int:
    match error:
        case InvalidInput() | NotKnown():
            return 2
        case NotAllowed() | SignInNeeded():
            return MAY_NOT
        case _:
            return 1


def _end_aborted(abort: click.Abort) -> NoReturn:
    """Click raises it for Ctrl-C (also at a question), at the end of the input, and for a question that was
    answered with no.
    """
    if isinstance(abort.__context__, KeyboardInterrupt):
        tell(f"officeflow: {says(abort.__context__)}", err=True)
        sys.exit(INTERRUPTED)
    tell("officeflow: nothing was done", err=True)
    sys.exit(1)


if __name__ == "__main__":
    run()
