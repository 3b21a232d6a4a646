"""`officeflow connection`: an organization's connections to its systems, kept as Airflow Connections
`<organization>.<name>`.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from officeflow.cli.common import (
    Command,
    acting,
    actor,
    as_json,
    database,
    show_json,
    show_one,
    show_rows,
    tell,
)
from officeflow.cli.planning import test_connection
from officeflow.cli.reading import MAX_VALUE_BYTES, STDIN, ask_hidden, read_line, read_text, utf8, written
from officeflow.connectors import fields, providers
from officeflow.connectors.connection import Connection
from officeflow.errors import InvalidInput, Problem
from officeflow.program import typed
from officeflow.settings import load_settings

if TYPE_CHECKING:
    from officeflow.tenants.connections import Connections

Texts = tuple[str, ...]
NOT_CHECKED = 3
"""Exit status of `check` where the system answers and nobody has looked whether it lets us in."""


def _values(command: Command) -> Command:
    """Adds the ways to give fields; the command gets them as `values`."""

    @click.option(
        "--set",
        "given",
        multiple=True,
        metavar="FIELD=VALUE",
        help="A field; the value `-` is read from standard input.",
    )
    @click.option(
        "--from-env", multiple=True, metavar="FIELD=VARIABLE", help="A field, from the environment."
    )
    @click.option(
        "--from-file",
        multiple=True,
        metavar="FIELD=PATH",
        help="A field, from a file, without the line's end.",
    )
    @click.option("--ask", multiple=True, metavar="FIELD", help="A field, typed without being shown.")
    @functools.wraps(command)
    def with_values(given: Texts, from_env: Texts, from_file: Texts, ask: Texts, **options: Any) -> None:
        pairs = [
            *_pairs("--set", given, _literal),
            *_pairs("--from-env", from_env, _variable),
            *_pairs("--from-file", from_file, _file),
            *((field, ask_hidden(field)) for field in ask),
        ]
        names = [field for field, _ in pairs]
        problems = [
            Problem(field, "is given twice", "give it once")
            for field in sorted(set(names))
            if names.count(field) > 1
        ]
        problems += [
            Problem(field, "is empty", "leave it out, or give a value") for field, value in pairs if not value
        ]
        if problems:
            raise InvalidInput("the fields cannot be used", problems=problems)
        return command(values=dict(pairs), **options)

    return with_values


@click.group()
def connection() -> None:
    """Connections: where an organization's systems are, and who we are there."""


@connection.command(name="providers")
@as_json
def list_providers(*, json_output: bool) -> None:
    """Show the providers and the fields that a connection to each has."""
    rows = [
        {
            "provider": name,
            "field": field.name,
            "kind": field.kind.name,
            "required": field.required,
            "secret": field.secret,
            "what": field.description,
        }
        for name, known in providers.providers().items()
        for field in known.fields
    ]
    show_rows(rows, json_output=json_output, nothing="no providers")


@connection.command()
@click.argument("org")
@click.argument("name")
@click.option(
    "--provider",
    "provider_name",
    required=True,
    help=f"The kind of system; `{typed('connection providers')}` lists them.",
)
@_values
@click.option("--description", default="", help="What it is for.")
@click.option("--replace", is_flag=True, help="Put it in the place of the one that is there.")
@click.option(
    "--no-check",
    is_flag=True,
    help="Store it although nobody has looked whether the system answers and lets us in.",
)
@acting
def add(
    org: str,
    name: str,
    *,
    provider_name: str,
    values: Mapping[str, str],
    description: str,
    login: str | None,
    replace: bool,
    no_check: bool,
) -> None:
    """Add the connection NAME of ORG, once the system has answered and let us in.

    Give secrets by --from-env, --from-file or --ask: what is typed in a command, others can see.
    """
    with _connections() as connections:
        added = connections.add(
            org,
            name,
            provider_name,
            values,
            description=description,
            replace=replace,
            check=not no_check,
            by=actor(login),
        )
    made, found = added.connection, f": {added.found}" if added.found else ""
    place = f" at {made.host}" if made.host else ""
    tell(f"{made.id}: {providers.provider(provider_name).title}{place}{found}")


@connection.command()
@click.argument("org")
@click.argument("name")
@_values
@acting
def rotate(org: str, name: str, *, values: Mapping[str, str], login: str | None) -> None:
    """Put new credentials in the place of those that the connection NAME of ORG has, once the system has let
    us in with them.

    Give secrets by --from-env, --from-file or --ask, as to `connection add`.
    """
    with _connections() as connections:
        rotated = connections.rotate(org, name, values, by=actor(login))
    tell(f"{rotated.connection.id}: new credentials: {rotated.found}")


@connection.command()
@click.argument("org")
@click.argument("name")
@_values
@click.option("--unset", multiple=True, metavar="FIELD", help="A field to take away.")
@click.option(
    "--no-check", is_flag=True, help="Store it although nobody has looked whether the system answers."
)
@acting
def edit(
    org: str, name: str, *, values: Mapping[str, str], unset: Texts, no_check: bool, login: str | None
) -> None:
    """Change fields of the connection NAME of ORG, once the system has answered there.

    Its credentials stay, and `connection rotate` changes them. Where a field leads elsewhere, give its
    secrets again, by --from-env, --from-file or --ask.
    """
    if both := sorted(set(values) & set(unset)):
        raise InvalidInput(f"--unset {both[0]}: it is given a value too", hint="leave one of them out")
    changes = {**values, **dict.fromkeys(unset)}
    with _connections() as connections:
        changed = connections.edit(org, name, changes, check=not no_check, by=actor(login))
    found = f": {changed.found}" if changed.found else ""
    tell(f"{changed.connection.id}: {', '.join(sorted(changes))} changed{found}")


@connection.command()
@click.argument("org")
@click.argument("name")
@_values
@as_json
def check(org: str, name: str, *, values: Mapping[str, str], json_output: bool) -> None:
    """Look whether the connection NAME of ORG leads to its system, and with its secrets whether that lets us
    in.

    Airflow gives secrets to tasks alone: give them once more (--from-env token=VARIABLE) to have the login
    checked too. Exit status: 0 it let us in; 3 it answered, and the login was not checked; 1 it did not
    answer, or did not let us in.
    """
    with _connections() as connections:
        checked = connections.check(org, name, values)
    if json_output:
        show_json(checked.to_json())
    else:
        missing = (
            "; the login was not checked, give"
            f" {', '.join(f'--from-env {field}=VARIABLE' for field in checked.not_checked)}"
            if checked.not_checked
            else ""
        )
        title = providers.provider(checked.connection.provider).title
        tell(f"{checked.connection.id}: {title} at {checked.address}: {checked.found}{missing}")
    if checked.not_checked:
        click.get_current_context().exit(NOT_CHECKED)


connection.add_command(test_connection)


@connection.command(name="list")
@click.argument("org")
@as_json
def list_(org: str, *, json_output: bool) -> None:
    """Show the connections of ORG; of secrets only that they are there."""
    with _connections() as connections:
        found = connections.every(org)
    rows = [
        {
            "name": each.id.partition(".")[2],
            "provider": each.provider,
            "fields": fields.shown(each) if json_output else _line(each),
        }
        for each in found
    ]
    show_rows(
        rows,
        json_output=json_output,
        nothing=f"{org} has no connections; `{typed('connection add')}` makes one",
    )


@connection.command()
@click.argument("org")
@click.argument("name")
@as_json
def show(org: str, name: str, *, json_output: bool) -> None:
    """Show one connection of ORG; of secrets only that they are there."""
    with _connections() as connections:
        found = connections.find(org, name)
    show_one({"id": found.id, "provider": found.provider, **fields.shown(found)}, json_output=json_output)


@connection.command()
@click.argument("org")
@click.argument("name")
@click.option(
    "--force", is_flag=True, help="Even where something uses it: nodes fail from now on, rules give nothing."
)
@click.option("--why", default="", help="The reason, for the audit log; --force needs it.")
@acting
def remove(org: str, name: str, *, force: bool, why: str, login: str | None) -> None:
    """Remove the connection NAME of ORG. One that active workflows or access rules use is refused, and they
    are named.
    """
    from officeflow.workflows import uses_of_connections as uses

    with _connections() as connections:
        removed = connections.remove(org, name, uses_of=uses.of, force=force, why=why, by=actor(login))
    tell(f"{removed} is removed")


@connection.command("docs")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", is_flag=True, help="Change nothing; fail where it is not as the connectors have it.")
def docs(file: Path, *, check: bool) -> None:
    """Write the reference of connections as Markdown."""
    from officeflow.connectors import documents

    page = documents.page()
    if check:
        if not file.is_file() or file.read_text(encoding="utf-8") != page:
            raise InvalidInput(f"not current: {file}", hint=f"{typed('connection docs')} {file}")
        return
    with written(file):
        file.write_text(page, encoding="utf-8")
    tell(f"wrote {file}")


@contextmanager
def _connections() -> Iterator[Connections]:
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.tenants.connections import Connections

    with database() as db, AirflowApi.from_settings(load_settings()) as api:
        yield Connections(db, api, of_platform=True)


def _line(each: Connection) -> str:
    return ", ".join(f"{name}={value}" for name, value in fields.shown(each).items())


def _pairs(option: str, texts: Texts, read: Callable[[str, str], str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise InvalidInput(f"{option} {field}: this is not FIELD=…")
        yield field, read(field, value)


def _literal(field: str, value: str) -> str:
    if value not in {"", STDIN} and _is_secret(field, value):
        hint = (
            f"--from-env {field}=VARIABLE, --from-file {field}=PATH, --ask {field}, or --set {field}=- and"
            " the value on standard input"
        )
        raise InvalidInput(
            f"--set {field}: it is a secret, and what is typed in a command others can see", hint=hint
        )
    return read_line(what=f"the field {field}") if value == STDIN else value


def _is_secret(name: str, value: str) -> bool:
    """Whether a field of this name, of whichever provider, holds what others must not see."""
    everything = (field for known in providers.providers().values() for field in known.fields)
    return any(field.name == name and field.hides(value) for field in everything)


def _variable(field: str, name: str) -> str:
    if name not in os.environ:
        raise InvalidInput(f"--from-env {field}: the environment has no {name}")
    return utf8(os.environ[name], f"--from-env {field}: the variable {name}")


def _file(field: str, path: str) -> str:
    return read_text(path, most=MAX_VALUE_BYTES, what=f"the field {field}").rstrip("\r\n")
