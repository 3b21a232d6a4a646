"""`officeflow org`, `officeflow user`, `officeflow employee`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy.orm import Session

from officeflow.audit import store
from officeflow.audit.entry import AuditEntry
from officeflow.cli.common import acting, actor, as_json, database, echo, show_one, show_rows
from officeflow.cli.org_events import org_events
from officeflow.cli.reading import read_text
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization, User
from officeflow.errors import InvalidInput, NotKnown, Unavailable, did_you_mean
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.ids import new_id
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.tenants import employees, organizations, users
from officeflow.tenants.roles import ROLES


@click.group()
def org() -> None:
    """Organizations: the tenants."""


org.add_command(org_events)


@org.command(name="create")
@click.argument("slug")
@click.option("--name", required=True, help="Its name, for people.")
@click.option("--domain", required=True, help="Its internet domain, such as example.com.")
@click.option("--plan", default="standard", show_default=True)
@acting
@as_json
def org_create(slug: str, name: str, domain: str, plan: str, login: str | None, *, json_output: bool) -> None:
    """Create an organization and its Kafka topics."""
    with database() as db, db.service() as session:
        created = organizations.create(session, slug=slug, name=name, domain=domain, plan=plan)
        session.flush()
        _audit(
            session,
            created.org_id,
            "org.create",
            f"org:{slug}",
            login=login,
            details={"name": created.name, "domain": created.domain, "plan": plan},
        )
    topics = _create_topics(slug)
    show_one(_org_row(created) | {"topics": topics}, json_output=json_output)


@org.command(name="topics")
@click.argument("slug")
def org_topics(slug: str) -> None:
    """Create what is missing of an organization's Kafka topics."""
    from officeflow.events.topics import create_topics

    with database() as db, db.service() as session:
        slug = organizations.find(session, slug).slug
    kafka = load_settings().kafka
    made = [*create_topics(kafka, None), *create_topics(kafka, slug)]
    echo("\n".join(made) if made else "all topics exist")


@org.command(name="list")
@as_json
def org_list(*, json_output: bool) -> None:
    """Show all organizations."""
    with database() as db, db.service() as session:
        rows = [_org_row(each) for each in organizations.every(session)]
    show_rows(rows, json_output=json_output, nothing=f"no organizations; `{typed('org create')}` makes one")


@org.command(name="show")
@click.argument("slug")
@as_json
def org_show(slug: str, *, json_output: bool) -> None:
    """Show one organization, named by slug or UUID."""
    with database() as db, db.service() as session:
        found = organizations.find(session, slug)
    show_one(_org_row(found) | {"settings": found.settings}, json_output=json_output)


@click.group()
def user() -> None:
    """People who work with OfficeFlow for an organization."""


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
        org_id = _org_id(db, org)
        with db.tenant(org_id) as session:
            created = users.create(
                session, org_id, email=email, name=name, role=role, airflow_login=airflow_login
            )
            _audit(
                session,
                org_id,
                "user.create",
                f"user:{created.email}",
                login=login,
                details={"name": created.name, "role": role},
            )
    show_one(_user_row(created), json_output=json_output)


@user.command(name="list")
@click.argument("org")
@as_json
def user_list(org: str, *, json_output: bool) -> None:
    """Show the users of ORG."""
    with database() as db, db.service() as session:
        rows = [_user_row(each) for each in users.every(session, organizations.find(session, org).org_id)]
    show_rows(rows, json_output=json_output, nothing="no users")


@user.command(name="show")
@click.argument("org")
@click.argument("email")
@as_json
def user_show(org: str, email: str, *, json_output: bool) -> None:
    """Show one user of ORG."""
    with database() as db, db.service() as session:
        found = users.find(session, organizations.find(session, org).org_id, email)
    show_one(_user_row(found) | {"may": ROLES.get(found.role, "")}, json_output=json_output)


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
        org_id = _org_id(db, org)
        with db.tenant(org_id) as session:
            if employees.find(session, org_id, external_id) is not None:
                raise InvalidInput(
                    f"the organization has an employee {external_id!r} already",
                    hint="an employee.update event changes one",
                )
            created = _enter(session, org_id, external_id, values)
            _audit(
                session,
                org_id,
                "employee.create",
                f"employee:{external_id}",
                login=login,
                details={"fields": sorted(values)},
            )
    show_one(_employee_row(created), json_output=json_output)


@employee.command(name="list")
@click.argument("org")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@as_json
def employee_list(org: str, limit: int, *, json_output: bool) -> None:
    """Show the employees of ORG."""
    with database() as db, db.service() as session:
        rows = [
            _employee_row(each)
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
        org_id = _org_id(db, org)
        with db.tenant(org_id) as session:
            found = employees.find(session, org_id, external_id)
            if found is None:
                known = [each.external_id for each in employees.every(session, org_id)]
                raise NotKnown(
                    f"the organization has no employee {external_id!r}", hint=did_you_mean(external_id, known)
                )
            hidden = {} if reveal else dict.fromkeys(found.sensitive or {}, "(sensitive)")
            if reveal:
                _audit(
                    session,
                    org_id,
                    "employee.reveal",
                    f"employee:{external_id}",
                    login=login,
                    details={"fields": sorted(found.sensitive or {})},
                )
    show_one(employees.as_values(found) | hidden, json_output=json_output)


def _enter(session: Session, org_id: uuid.UUID, external_id: str, values: dict[str, Any]) -> Employee:
    """What is typed is held against the schema of events, and counts as an update that happens now."""
    from officeflow.events.lifecycle import payload_problems
    from officeflow.events.payloads import rules_of, split
    from officeflow.events.topics import EMPLOYEE_UPDATE

    problems = payload_problems(EMPLOYEE_UPDATE, values)
    if problems:
        raise InvalidInput("the employee was not created", problems=problems)
    shown, hidden = split(values, rules_of(session.get_one(Organization, org_id).settings))
    return employees.apply_event(
        session,
        org_id,
        kind=EMPLOYEE_UPDATE,
        external_id=external_id,
        event_id=f"cli:{new_id()}",
        event_time=SystemClock().now(),
        payload=shown,
        sensitive=hidden,
    )


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


def _create_topics(slug: str) -> str:
    """What became of the organization's topics, in words; it exists in any case."""
    from officeflow.events.topics import create_topics

    try:
        create_topics(load_settings().kafka, slug, timeout=5)
    except Unavailable as error:
        return f"not created: {error.message}; `{typed('org topics')} {slug}` creates them later"
    return "created"


def _org_id(db: Database, org: str) -> uuid.UUID:
    with db.service() as session:
        return organizations.find(session, org).org_id


def _audit(
    session: Session,
    org_id: uuid.UUID,
    action: str,
    subject: str,
    *,
    login: str | None,
    details: dict[str, Any],
) -> None:
    store.append(
        session, org_id, AuditEntry(actor=actor(login), action=action, subject=subject, details=details)
    )


def _org_row(each: Organization) -> dict[str, Any]:
    return {
        "slug": each.slug,
        "name": each.name,
        "domain": each.domain,
        "plan": each.plan,
        "org_id": str(each.org_id),
    }


def _user_row(each: User) -> dict[str, Any]:
    return {
        "email": each.email,
        "name": each.name,
        "role": each.role,
        "airflow_login": each.airflow_login,
        "active": each.is_active,
    }


def _employee_row(each: Employee) -> dict[str, Any]:
    name = " ".join(part for part in (each.given_name, each.family_name) if part)
    row = {
        "external_id": each.external_id,
        "name": name or None,
        "status": each.status,
        "work_email": each.work_email,
    }
    dates = {"start_date": each.start_date, "end_date": each.end_date}
    return (
        row
        | {"department": each.department}
        | {key: day.isoformat() if day else None for key, day in dates.items()}
    )
