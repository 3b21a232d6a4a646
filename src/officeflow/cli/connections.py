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
from officeflow.cli.reading import MAX_VALUE_BYTES, STDIN, ask_hidden, read_line, read_text, utf8, written
from officeflow.connectors import fields, providers, reach, sharing
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.errors import ConnectorError, InvalidInput, NotKnown, Problem, Unavailable, did_you_mean
from officeflow.ids import connection_id, is_slug
from officeflow.program import typed
from officeflow.settings import load_settings

if TYPE_CHECKING:
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.airflow_api.types import StoredConnection

Texts = tuple[str, ...]
NOT_CHECKED = 3
"""Exit status of `check` where the system answers and nobody has looked whether it lets us in."""
MASKED = "***"
"""What Airflow gives instead of a secret."""


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
    if not is_slug(name):
        raise InvalidInput(
            f"{name!r} cannot be a connection's name",
            hint="small letters, digits and single hyphens, a letter first",
        )
    title = providers.provider(provider_name).title
    made = fields.assemble(connection_id(org, name), provider_name, values)
    with reach.opened(made):
        pass  # its fields fit together
    with _airflow() as api:
        _slug(org)
        _refuse(api, made, replace=replace)
    found = "" if no_check else f": {_reached(made)}"
    with _audited(
        org, "connection.add", name, login, {"provider": provider_name, "fields": sorted(values)}
    ) as api:
        _refuse(api, made, replace=replace)
        api.put_connection(**fields.to_airflow(made), description=description or None)
    tell(f"{made.id}: {title} at {made.host}{found}")


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
    with _airflow() as api:
        stored = fields.from_airflow(_existing(api, _slug(org), name))
    known = providers.provider(stored.provider)
    secrets = {name for name, value in fields.told(stored).items() if value == MASKED}
    kept = {name: value for name, value in fields.told(stored).items() if name not in secrets}
    tried = fields.assemble(stored.id, stored.provider, {**kept, **values})
    unknown = sorted(secrets - set(values))
    found = reach.answers(tried) if unknown else reach.reached(tried)
    told = {
        "id": stored.id,
        "provider": stored.provider,
        "address": reach.addresses(tried),
        "found": found,
        "not_checked": unknown,
    }
    if json_output:
        show_json(told)
    else:
        missing = (
            "; the login was not checked, give"
            f" {', '.join(f'--from-env {field}=VARIABLE' for field in unknown)}"
            if unknown
            else ""
        )
        tell(f"{stored.id}: {known.title} at {told['address']}: {found}{missing}")
    if unknown:
        click.get_current_context().exit(NOT_CHECKED)


@connection.command(name="list")
@click.argument("org")
@as_json
def list_(org: str, *, json_output: bool) -> None:
    """Show the connections of ORG; of secrets only that they are there."""
    prefix = connection_id(_slug(org), "")
    with _airflow() as api:
        found = [fields.from_airflow(stored) for stored in api.connections(prefix)]
    rows = [
        {
            "name": each.id.removeprefix(prefix),
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
    with _airflow() as api:
        found = fields.from_airflow(_existing(api, _slug(org), name))
    show_one({"id": found.id, "provider": found.provider, **fields.shown(found)}, json_output=json_output)


@connection.command()
@click.argument("org")
@click.argument("name")
@acting
def remove(org: str, name: str, login: str | None) -> None:
    """Remove the connection NAME of ORG. Nodes that use it fail from now on."""
    with _audited(org, "connection.remove", name, login, {}) as api:
        api.delete_connection(_existing(api, org, name)["connection_id"])
    tell(f"{connection_id(org, name)} is removed")


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
def _airflow() -> Iterator[AirflowApi]:
    from officeflow.airflow_api.client import AirflowApi

    with AirflowApi.from_settings(load_settings()) as api:
        yield api


@contextmanager
def _audited(
    org: str, action: str, name: str, login: str | None, details: Mapping[str, Any]
) -> Iterator[AirflowApi]:
    """The organization's audit record is kept when the block has done its work, and only then."""
    from officeflow.audit import store
    from officeflow.audit.entry import AuditEntry
    from officeflow.tenants import organizations

    with database() as db, db.service() as session, _airflow() as api:
        found = organizations.find(session, org)
        if found.slug != org:
            raise InvalidInput(f"name the organization by its slug here, {found.slug}")
        entry = AuditEntry(
            actor=actor(login),
            action=action,
            subject=f"connection:{connection_id(org, name)}",
            details=dict(details),
        )
        store.append(session, found.org_id, entry)
        yield api


def _refuse(api: AirflowApi, made: Connection, *, replace: bool) -> None:
    if not replace and _find(api, made.id):
        raise InvalidInput(f"{made.id} is there already", hint="--replace puts this one in its place")
    _refuse_sharing(api, made)


def _reached(made: Connection) -> str:
    try:
        return reach.reached(made)
    except ConnectorError as error:
        hint = "; ".join(filter(None, (error.hint, "--no-check stores it all the same")))
        kind = Unavailable if error.retryable else InvalidInput
        raise kind(f"{made.id} was not stored: {error.message}", hint=hint) from error


def _refuse_sharing(api: AirflowApi, made: Connection) -> None:
    if Family.IDENTITY not in providers.provider(made.provider).families:
        return
    shared = sharing.shares_with(made, [fields.from_airflow(stored) for stored in api.connections()])
    if shared:
        raise InvalidInput(
            f"{made.id} leads to the directory that {', '.join(shared)} leads to", hint=sharing.HINT
        )


def _slug(org: str) -> str:
    from officeflow.tenants import organizations

    with database() as db, db.service() as session:
        return organizations.find(session, org).slug


def _find(api: AirflowApi, wanted: str) -> StoredConnection | None:
    return next((stored for stored in api.connections(wanted) if stored["connection_id"] == wanted), None)


def _existing(api: AirflowApi, org: str, name: str) -> StoredConnection:
    wanted = connection_id(org, name)
    if found := _find(api, wanted):
        return found
    prefix = connection_id(org, "")
    known = [stored["connection_id"].removeprefix(prefix) for stored in api.connections(prefix)]
    raise NotKnown(
        f"{org} has no connection {name!r}",
        hint=did_you_mean(name, known) or f"`{typed('connection list')} {org}`",
    )


def _line(each: Connection) -> str:
    return ", ".join(f"{name}={value}" for name, value in fields.shown(each).items())


def _pairs(option: str, texts: Texts, read: Callable[[str, str], str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise InvalidInput(f"{option} {field}: this is not FIELD=…")
        yield field, read(field, value)


def _literal(field: str, value: str) -> str:
    if field in _secrets() and value not in {"", STDIN} and (field != "proxy" or "@" in value):
        hint = (
            f"--from-env {field}=VARIABLE, --from-file {field}=PATH, --ask {field}, or --set {field}=- and"
            " the value on standard input"
        )
        raise InvalidInput(
            f"--set {field}: it is a secret, and what is typed in a command others can see", hint=hint
        )
    return read_line(what=f"the field {field}") if value == STDIN else value


def _secrets() -> set[str]:
    return {field.name for known in providers.providers().values() for field in known.fields if field.secret}


def _variable(field: str, name: str) -> str:
    if name not in os.environ:
        raise InvalidInput(f"--from-env {field}: the environment has no {name}")
    return utf8(os.environ[name], f"--from-env {field}: the variable {name}")


def _file(field: str, path: str) -> str:
    return read_text(path, most=MAX_VALUE_BYTES, what=f"the field {field}").rstrip("\r\n")
