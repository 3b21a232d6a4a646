"""What the commands share: who acts, the database, and how results are shown."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from officeflow import columns, terminal
from officeflow.cli.identity import acting, principal

if TYPE_CHECKING:
    from officeflow.database.engine import Database

__all__ = ["acting", "principal"]

Command = Callable[..., None]
WAITS_FOR_SECOND = 3
"""Exit status where nothing was done yet: a second admin decides."""


class Lines(tuple[str, ...]):
    """Texts that people see below each other."""

    __slots__ = ()


def with_reason(command: Command) -> Command:
    """Adds `--why REASON`, which has to be given; the command gets it as `why`."""
    return click.option("--why", required=True, help="The reason, for the audit log.")(command)


def as_json(command: Command) -> Command:
    """Adds `--json`; the command gets it as `json_output`."""
    return click.option("--json", "json_output", is_flag=True, help="Print JSON, for programs.")(command)


def actor(login: str | None) -> str:
    """The audit log's name of who acts: `cli:<login>`, or `token:<organization>/<account>`."""
    return principal(login).actor


def database() -> Database:
    """The database that the settings name, to be used in a `with`."""
    from officeflow.database.engine import Database

    return Database.from_settings()


def tell_unknown_variables() -> None:
    """A misspelt setting changes nothing: whoever set it is told at every command, beside its output."""
    from officeflow.variables import unknown

    for name, near in unknown(os.environ).items():
        echo(f"officeflow: {name} is set, and nothing reads it" + (f" ({near})" if near else ""), err=True)


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print text of several lines, in which nothing is an order to the terminal.

    Every command prints by this.
    """
    click.echo(terminal.text(text), nl=nl, err=err)


def echo_bytes(content: bytes) -> None:
    """Print these bytes exactly where they go to a file or a program; on a terminal as text that it does not
    obey.
    """
    if sys.stdout.isatty():
        echo(content.decode(errors="replace"))
    else:
        sys.stdout.buffer.write(content)


def show_json(value: Any, *, indent: int | None = 2) -> None:
    click.echo(terminal.as_json(value, indent=indent))


def tell(text: object, *, hang: str = "", err: bool = False) -> None:
    """`echo` for sentences: on a terminal no word is broken, and a line that goes on begins with its own
    indent and `hang`.
    """
    echo(
        "\n".join(
            columns.wrap(terminal.text(text), columns.width_of(sys.stderr if err else sys.stdout), hang=hang)
        ),
        err=err,
    )


def show_rows(rows: Sequence[Mapping[str, Any]], *, json_output: bool, nothing: str) -> None:
    """A table with a column per name in the first row, or JSON; the sentence `nothing` where there are no
    rows.
    """
    if json_output:
        show_json(list(rows))
    elif not rows:
        tell(nothing)
    else:
        headings = [terminal.line(name).replace("_", " ") for name in rows[0]]
        echo(
            "\n".join(
                columns.table(
                    headings, [list(map(_text, row.values())) for row in rows], columns.width_of(sys.stdout)
                )
            )
        )


def show_one(values: Mapping[str, Any], *, json_output: bool) -> None:
    """One thing: a line per value, or JSON. `Lines` have a line each."""
    if json_output:
        show_json(dict(values))
    else:
        shown = {terminal.line(name): _lines(value) for name, value in values.items()}
        echo("\n".join(columns.pairs(shown, columns.width_of(sys.stdout))))


def run_lines(runs: Sequence[Mapping[str, Any]]) -> Lines:
    """An event's runs, as `run show` takes them."""
    return Lines(
        f"{each['dag_id']}/{each['dag_run_id']}"
        + (f" (instead of {each['instead_of']})" if each.get("instead_of") else "")
        for each in runs
    )


def _lines(value: Any) -> str:
    if isinstance(value, Lines):
        return "\n".join(map(terminal.line, value)) or columns.NOTHING
    return _text(value)


def _text(value: Any) -> str:
    match value:
        case None:
            return columns.NOTHING
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            return terminal.line(terminal.as_json(value))
        case dt.datetime():
            return value.isoformat(timespec="seconds")
        case _:
            return terminal.line(value)
