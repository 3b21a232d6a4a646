"""The entry point. Each subject's commands live in a module of their own, imported when called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from officeflow import terminal
from officeflow.cli.common import echo, tell_unknown_variables
from officeflow.cli.reading import utf8
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError

COMMANDS = {
    "up": "officeflow.cli.stack:up",
    "down": "officeflow.cli.stack:down",
    "status": "officeflow.cli.status:status",
    "logs": "officeflow.cli.stack:logs",
    "doctor": "officeflow.cli.doctor:doctor",
    "reset": "officeflow.cli.stack:reset",
    "settings": "officeflow.cli.settings:settings",
    "db": "officeflow.cli.db:db",
    "org": "officeflow.cli.tenants:org",
    "user": "officeflow.cli.tenants:user",
    "employee": "officeflow.cli.tenants:employee",
    "audit": "officeflow.cli.audit:audit",
    "connection": "officeflow.cli.connections:connection",
    "workflow": "officeflow.cli.workflows:workflow",
    "node": "officeflow.cli.nodes:node",
    "run": "officeflow.cli.runs:run",
    "ledger": "officeflow.cli.ledger:ledger",
    "event": "officeflow.cli.events:event",
    "inbox": "officeflow.cli.inbox:inbox",
    "outbox": "officeflow.cli.outbox:outbox",
    "bench": "officeflow.cli.bench:bench",
    "demo": "officeflow.cli.demo:demo",
}
"""Command name to `module:object`."""

STARTS_AND_STOPS = ("up", "down", "reset")
"""Commands for which ports that the stack had may be anybody's."""


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for: `officeflow --help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Click prints its errors itself: what they quote must be no order to the terminal either."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = terminal.text(error.message)
            raise


@click.group(cls=LazyGroup)
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
    from officeflow.stack.own_ports import guard

    guard()


def run(arguments: Sequence[str] | None = None) -> None:
    """Exit status: 0 done, 2 the input was wrong (one message that says what to do), 1 anything else that we foresaw."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _check(given)
        if given[:1] not in ([name] for name in STARTS_AND_STOPS):
            _guard()
        main.main(args=given, prog_name="officeflow")
    except (InvalidInput, NotKnown) as error:
        echo(f"officeflow: {error}", err=True)
        sys.exit(2)
    except OfficeFlowError as error:
        echo(f"officeflow: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    run()
