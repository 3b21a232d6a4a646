"""What the commands share: who acts, the database, and how results are shown."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from officeflow import terminal
from officeflow.database.engine import Database

Command = Callable[..., None]


def acting(command: Command) -> Command:
    """Adds `--as LOGIN`; the command gets it as `login`."""
    return click.option(
        "--as", "login", metavar="LOGIN", envvar="OFFICEFLOW_LOGIN", help="Who acts, for the audit log; otherwise this machine's login."
    )(command)


def as_json(command: Command) -> Command:
    """Adds `--json`; the command gets it as `json_output`."""
    return click.option("--json", "json_output", is_flag=True, help="Print JSON, for programs.")(command)


def actor(login: str | None) -> str:
    """The audit log's name of who types: `cli:<login>`."""
    if login:
        return f"cli:{login}"
    try:
        return f"cli:{getpass.getuser().encode(errors='backslashreplace').decode()}"
    except (OSError, KeyError):
        return f"cli:uid-{os.getuid()}"


def database() -> Database:
    """The database that the settings name, to be used in a `with`."""
    return Database.from_settings()


def tell_unknown_variables() -> None:
    """A misspelt setting changes nothing: whoever set it is told at every command, beside its output."""
    from officeflow.variables import unknown

    for name, near in unknown(os.environ).items():
        echo(f"officeflow: {name} is set, and nothing reads it" + (f" ({near})" if near else ""), err=True)


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print text of several lines, in which nothing is an order to the terminal. Every command prints by this."""
    click.echo(terminal.text(text), nl=nl, err=err)


def echo_bytes(content: bytes) -> None:
    """Print these bytes exactly where they go to a file or a program; on a terminal as text that it does not obey."""
    if sys.stdout.isatty():
        echo(content.decode(errors="replace"))
    else:
        sys.stdout.buffer.write(content)


def show_json(value: Any, *, indent: int | None = 2) -> None:
    click.echo(terminal.as_json(value, indent=indent))


def show_rows(rows: Sequence[Mapping[str, Any]], *, json_output: bool, nothing: str) -> None:
    """A table with a column per name in the first row, or JSON; the sentence `nothing` where there are no rows."""
    if json_output:
        show_json(list(rows))
    elif not rows:
        echo(nothing)
    else:
        _show_table(list(rows[0]), [[_text(value) for value in row.values()] for row in rows])


def show_one(values: Mapping[str, Any], *, json_output: bool) -> None:
    """One thing: a line per value, or JSON."""
    if json_output:
        show_json(dict(values))
    else:
        width = max(map(len, values), default=0)
        for name, value in values.items():
            echo(f"{name:<{width}}  {_text(value)}")


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            return terminal.line(terminal.as_json(value))
        case _:
            return terminal.line(value)


def _show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
