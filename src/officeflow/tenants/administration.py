"""What is decided about organizations and their users; each decision is audited in the transaction that
carries it out.

`by` is who decides, as the audit log names people: `cli:<login>`, `airflow:<login>`, `service:<name>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.errors import InvalidInput, Unavailable, did_you_mean
from officeflow.events import rules, topics
from officeflow.kafka_access import KafkaAccess
from officeflow.tenants import organizations, users

TOPICS_SECONDS = 5.0
"""How long a new organization waits for Kafka: its topics can be created later."""


@dataclass(frozen=True, slots=True)
class Created:
    """An organization that exists now.

    `without_topics` says why Kafka has not its topics: `create_topics` makes them later.
    """

    organization: Organization
    without_topics: Unavailable | None = None


def create_organization(
    database: Database,
    kafka: KafkaAccess,
    *,
    slug: str,
    name: str,
    domain: str,
    plan: str = "standard",
    by: str,
) -> Created:
    """A new organization and its Kafka topics. `InvalidInput` as `organizations.create`."""
    with database.service() as session:
        organization = add_organization(session, slug=slug, name=name, domain=domain, plan=plan, by=by)
    try:
        topics.create_topics(kafka, slug, timeout=TOPICS_SECONDS)
    except Unavailable as error:
        return Created(organization, error)
    return Created(organization)


def add_organization(
    session: Session, *, slug: str, name: str, domain: str, plan: str = "standard", by: str
) -> Organization:
    """A new organization in `session` (a service's); its topics are the caller's."""
    created = organizations.create(session, slug=slug, name=name, domain=domain, plan=plan)
    details = {"name": created.name, "domain": created.domain, "plan": plan}
    _record(session, created, AuditAction.ORGANIZATION_CREATED, by=by, details=details)
    return created


def create_topics(database: Database, kafka: KafkaAccess, slug_or_uuid: str) -> list[str]:
    """Create what is missing of the topics that all share and of the organization's own; their names."""
    with database.service() as session:
        slug = organizations.find(session, slug_or_uuid).slug
    return [*topics.create_topics(kafka, None), *topics.create_topics(kafka, slug)]


def settle_events(
    database: Database, slug_or_uuid: str, change: rules.Change, *, why: str, by: str
) -> dict[str, Any]:
    """Change what of its events' payloads the organization shows; what is settled now (`rules.current`).

    `InvalidInput` where the reason is empty, or as `rules.apply`.
    """
    why = reason(why)
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        session.refresh(organization, with_for_update=True)
        return settle_events_of(session, organization, change, why=why, by=by)


def settle_events_of(
    session: Session, organization: Organization, change: rules.Change, *, why: str, by: str
) -> dict[str, Any]:
    """The same in a transaction that has locked the organization's row."""
    before, after = rules.current(organization), rules.apply(organization, change)
    details = {"before": before, "after": after, "why": why}
    _record(session, organization, AuditAction.ORGANIZATION_EVENTS_SETTLED, by=by, details=details)
    return after


def settle_time_zone(database: Database, slug_or_uuid: str, zone: str, *, why: str, by: str) -> str:
    """Change the organization's time zone; the one that is settled now.

    `InvalidInput` where the reason is empty, or there is no such zone.
    """
    why = reason(why)
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        session.refresh(organization, with_for_update=True)
        return settle_time_zone_of(session, organization, zone, why=why, by=by)


def settle_time_zone_of(session: Session, organization: Organization, zone: str, *, why: str, by: str) -> str:
    """The same in a transaction that has locked the organization's row."""
    if zone not in available_timezones():
        hint = did_you_mean(zone, available_timezones()) or "write it as Europe/Madrid"
        raise InvalidInput(f"there is no time zone {zone[:60]!r}", hint=hint)
    details = {"before": organizations.time_zone(organization), "after": zone, "why": why}
    organization.settings = organization.settings | {organizations.TIME_ZONE: zone}
    _record(session, organization, AuditAction.ORGANIZATION_TIME_ZONE_SETTLED, by=by, details=details)
    return zone


def create_user(
    database: Database,
    slug_or_uuid: str,
    *,
    email: str,
    name: str,
    role: str,
    airflow_login: str | None = None,
    by: str,
) -> User:
    """A new user of the organization. `InvalidInput` as `users.create`."""
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        user = users.create(session, org_id, email=email, name=name, role=role, airflow_login=airflow_login)
        entry = AuditEntry(
            actor=by,
            action=AuditAction.USER_CREATED,
            subject=f"user:{user.email}",
            details={"name": user.name, "role": role},
        )
        audit.append(session, org_id, entry)
    return user


def _record(
    session: Session, organization: Organization, action: AuditAction, *, by: str, details: Mapping[str, Any]
) -> None:
    entry = AuditEntry(
        actor=by, action=action, subject=organization_subject(organization.slug), details=details
    )
    audit.append(session, organization.org_id, entry)
