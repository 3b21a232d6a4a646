"""`officeflow org`, `officeflow user`, `officeflow employee`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from officeflow.cli import user_changes
from officeflow.cli.common import acting, actor, as_json, database, echo, principal, show_one, show_rows
from officeflow.cli.groups import group
from officeflow.cli.org_events import org_events
from officeflow.cli.org_privacy import org_privacy, org_retention
from officeflow.cli.org_time_zone import org_time_zone
from officeflow.cli.reading import read_text
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput, Unavailable
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.tenants import administration, employees, organizations, persons, users
from officeflow.tenants import user_changes as changes
from officeflow.tenants.roles import ROLES


@click.group()
def org() -> None:
    """Organizations: the tenants."""


org.add_command(org_events)
org.add_command(org_time_zone)
org.add_command(org_privacy)
org.add_command(org_retention)


@org.command(name="create")
@click.argument("slug")
@click.option("--name", required=True, help="Its name, for people.")
@click.option("--domain", required=True, help="Its internet domain, such as example.com.")
@click.option("--plan", default="standard", show_default=True)
@acting
@as_json
def org_create(slug: str, name: str, domain: str, plan: str, login: str | None, *, json_output: bool) -> None:
    """Create an organization and its Kafka topics."""
    with database() as db:
        created = administration.create_organization(
            db, load_settings().kafka, slug=slug, name=name, domain=domain, plan=plan, by=actor(login)
        )
    topics = _without(created.without_topics, slug) if created.without_topics else "created"
    show_one(organizations.to_json(created.organization) | {"topics": topics}, json_output=json_output)


@org.command(name="topics")
@click.argument("slug")
def org_topics(slug: str) -> None:
    """Create what is missing of an organization's Kafka topics."""
    with database() as db:
        made = administration.create_topics(db, load_settings().kafka, slug)
    echo("\n".join(made) if made else "all topics exist")


@org.command(name="list")
@as_json
def org_list(*, json_output: bool) -> None:
    """Show the organizations that one sees."""
    who = principal()
    with database() as db, db.service() as session:
        rows = [
            organizations.to_json(each)
            for each in organizations.every(session)
            if who.is_platform_admin or each.org_id in who.roles
        ]
    show_rows(rows, json_output=json_output, nothing=f"no organizations; `{typed('org create')}` makes one")


@org.command(name="show")
@click.argument("slug")
@as_json
def org_show(slug: str, *, json_output: bool) -> None:
    """Show one organization, named by slug or UUID."""
    with database() as db, db.service() as session:
        found = organizations.find(session, slug)
    show_one(organizations.to_json(found) | {"settings": found.settings}, json_output=json_output)


@click.group()
def user() -> None:
    """People who work with OfficeFlow for an organization."""


user.add_command(group)
for each in user_changes.COMMANDS:
    user.add_command(each)


@user.command(name="create")
@click.argument("org")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, help=f"One of {', '.join(ROLES)}.")
@click.option("--airflow-login", help="The person's account at Airflow.")
@acting
@as_json
def user_create(
    org: str,
    email: str,
    *,
    name: str,
    role: str,
    airflow_login: str | None,
    login: str | None,
    json_output: bool,
) -> None:
    """Let a person work for ORG."""
    with database() as db:
        created = changes.create(
            db, org, email=email, name=name, role=role, airflow_login=airflow_login, by=principal(login)
        )
    show_one(users.to_json(created), json_output=json_output)


@user.command(name="list")
@click.argument("org")
@as_json
def user_list(org: str, *, json_output: bool) -> None:
    """Show the users of ORG."""
    with database() as db, db.service() as session:
        rows = [users.to_json(each) for each in users.every(session, organizations.find(session, org).org_id)]
    show_rows(rows, json_output=json_output, nothing="no users")


@user.command(name="show")
@click.argument("org")
@click.argument("email")
@as_json
def user_show(org: str, email: str, *, json_output: bool) -> None:
    """Show one user of ORG."""
    with database() as db, db.service() as session:
        found = users.find(session, organizations.find(session, org).org_id, email)
    show_one(users.to_json(found) | {"may": ROLES.get(found.role, "")}, json_output=json_output)


@click.group()
def employee() -> None:
    """The people that lifecycle events are about."""


@employee.command(name="create")
@click.argument("org")
@click.argument("external_id")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME=TEXT",
    help="A field, such as given_name=Ana; repeat it for more.",
)
@click.option(
    "--payload",
    type=click.Path(allow_dash=True),
    help="A JSON file (- for standard input) with an object of fields, as in an event.",
)
@acting
@as_json
def employee_create(
    org: str,
    external_id: str,
    fields: Sequence[str],
    payload: str | None,
    login: str | None,
    *,
    json_output: bool,
) -> None:
    """Enter a person of ORG whose joining no event tells.

    EXTERNAL_ID is the HR system's identifier of the person.
    """
    values = _payload(payload) | dict(map(_field, fields))
    with database() as db:
        created = persons.enter(db, SystemClock(), org, external_id, values, by=actor(login))
    show_one(employees.to_json(created), json_output=json_output)


@employee.command(name="list")
@click.argument("org")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@as_json
def employee_list(org: str, limit: int, *, json_output: bool) -> None:
    """Show the employees of ORG."""
    with database() as db, db.service() as session:
        rows = [
            employees.to_json(each)
            for each in employees.every(session, organizations.find(session, org).org_id, limit=limit)
        ]
    show_rows(rows, json_output=json_output, nothing="no employees")


@employee.command(name="show")
@click.argument("org")
@click.argument("external_id")
@click.option("--reveal", is_flag=True, help="Show sensitive fields too; the audit log notes it.")
@acting
@as_json
def employee_show(org: str, external_id: str, login: str | None, *, reveal: bool, json_output: bool) -> None:
    """Show all that is known of one person of ORG."""
    with database() as db:
        if reveal:
            found = persons.reveal(db, org, external_id, by=actor(login))
        else:
            found = persons.look(db, org, external_id)
    show_one(found, json_output=json_output)


def _payload(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    content = read_text(path, most=MAX_EVENT_BYTES, what="a payload")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the payload is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise InvalidInput("the payload is not an object of fields")
    return values


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInput(f"--field {text!r} is not of the form NAME=TEXT")
    return name, value


def _without(why: Unavailable, slug: str) -> str:
    return f"not created: {why.message}; `{typed('org topics')} {slug}` creates them later"
