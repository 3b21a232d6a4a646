"""`officeflow connection`: an organization's connections to its systems, kept as Airflow Connections `<organization>.<name>`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from officeflow.cli.common import acting, actor, as_json, database, show_one, show_rows, tell
from officeflow.connectors import fields, providers, sharing
from officeflow.connectors.connection import Connection
from officeflow.errors import InvalidInput, NotKnown, did_you_mean
from officeflow.ids import connection_id, is_slug
from officeflow.program import typed
from officeflow.settings import load_settings

if TYPE_CHECKING:
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.airflow_api.types import StoredConnection


@click.group()
def connection() -> None:
    """Connections: where an organization's systems are, and who we are there."""


@connection.command(name="providers")
@as_json
def list_providers(*, json_output: bool) -> None:
    """Show the providers and the fields that a connection to each has."""
    rows = [
        {"provider": name, "field": field.name, "required": field.required, "secret": field.secret, "what": field.description}
        for name, known in providers.PROVIDERS.items()
        for field in known.fields
    ]
    show_rows(rows, json_output=json_output, nothing="no providers")


@connection.command()
@click.argument("org")
@click.argument("name")
@click.option("--provider", "provider_name", required=True, help=f"The kind of system; `{typed('connection providers')}` lists them.")
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help="A field; the value `-` is read from standard input.")
@click.option("--from-env", multiple=True, metavar="FIELD=VARIABLE", help="A field, from the environment.")
@click.option("--from-file", multiple=True, metavar="FIELD=PATH", help="A field, from a file, without the line's end.")
@click.option("--ask", multiple=True, metavar="FIELD", help="A field, typed without being shown.")
@click.option("--description", default="", help="What it is for.")
@click.option("--replace", is_flag=True, help="Put it in the place of the one that is there.")
@acting
def add(
    org: str,
    name: str,
    *,
    provider_name: str,
    given: tuple[str, ...],
    from_env: tuple[str, ...],
    from_file: tuple[str, ...],
    ask: tuple[str, ...],
    description: str,
    login: str | None,
    replace: bool,
) -> None:
    """Add the connection NAME of ORG. Give secrets by --from-env, --from-file or --ask: what is typed in a command, others can see."""
    if not is_slug(name):
        raise InvalidInput(f"{name!r} cannot be a connection's name", hint="small letters, digits and single hyphens, a letter first")
    providers.provider(provider_name)
    values = {
        **_pairs("--set", given, _literal),
        **_pairs("--from-env", from_env, _variable),
        **_pairs("--from-file", from_file, _file),
        **{field: click.prompt(field, hide_input=True, err=True) for field in ask},
    }
    made = fields.assemble(connection_id(org, name), provider_name, values)
    with _audited(org, "connection.add", name, login, {"provider": provider_name, "fields": sorted(values)}) as api:
        if not replace and _find(api, made.id):
            raise InvalidInput(f"{made.id} is there already", hint="--replace puts this one in its place")
        _refuse_sharing(api, made)
        api.put_connection(**fields.to_airflow(made), description=description or None)
    tell(f"{made.id}: {providers.provider(provider_name).title} at {made.host}")


@connection.command(name="list")
@click.argument("org")
@as_json
def list_(org: str, *, json_output: bool) -> None:
    """Show the connections of ORG; of secrets only that they are there."""
    prefix = connection_id(_slug(org), "")
    with _airflow() as api:
        found = [fields.from_airflow(stored) for stored in api.connections(prefix)]
    rows = [
        {"name": each.id.removeprefix(prefix), "provider": each.provider, "fields": fields.shown(each) if json_output else _line(each)}
        for each in found
    ]
    show_rows(rows, json_output=json_output, nothing=f"{org} has no connections; `{typed('connection add')}` makes one")


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


@contextmanager
def _airflow() -> Iterator[AirflowApi]:
    from officeflow.airflow_api.client import AirflowApi

    with AirflowApi.from_settings(load_settings()) as api:
        yield api


@contextmanager
def _audited(org: str, action: str, name: str, login: str | None, details: Mapping[str, Any]) -> Iterator[AirflowApi]:
    """The organization's audit record is kept when the block has done its work, and only then."""
    from officeflow.audit import store
    from officeflow.audit.entry import AuditEntry
    from officeflow.tenants import organizations

    with database() as db, db.service() as session, _airflow() as api:
        found = organizations.find(session, org)
        if found.slug != org:
            raise InvalidInput(f"name the organization by its slug here, {found.slug}")
        entry = AuditEntry(actor=actor(login), action=action, subject=f"connection:{connection_id(org, name)}", details=dict(details))
        store.append(session, found.org_id, entry)
        yield api


def _refuse_sharing(api: AirflowApi, made: Connection) -> None:
    if providers.provider(made.provider).family != "identity":
        return
    shared = sharing.shares_with(made, [fields.from_airflow(stored) for stored in api.connections()])
    if shared:
        raise InvalidInput(f"{made.id} leads to the directory that {', '.join(shared)} leads to", hint=sharing.HINT)


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
    raise NotKnown(f"{org} has no connection {name!r}", hint=did_you_mean(name, known) or f"`{typed('connection list')} {org}`")


def _line(each: Connection) -> str:
    return ", ".join(f"{name}={value}" for name, value in fields.shown(each).items())


def _pairs(option: str, texts: tuple[str, ...], read: Callable[[str, str], str]) -> dict[str, str]:
    values = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise InvalidInput(f"{option} {field}: this is not FIELD=…")
        values[field] = read(field, value)
    return values


def _literal(field: str, value: str) -> str:
    del field
    return sys.stdin.readline().rstrip("\r\n") if value == "-" else value


def _variable(field: str, name: str) -> str:
    if name not in os.environ:
        raise InvalidInput(f"--from-env {field}: the environment has no {name}")
    return os.environ[name]


def _file(field: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"--from-file {field}: {path} cannot be read: {error}") from error
