"""Organizations: the tenants."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cachetools import TTLCache
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from officeflow.database.constraints import violated_unique
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.ids import as_uuid, is_slug, new_id
from officeflow.program import typed

TIME_ZONE = "time_zone"
"""In an organization's settings."""

_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])\Z"
)
"""RFC 1123, section 2.1, in lower case, with at least two labels."""


def create(session: Session, *, slug: str, name: str, domain: str, plan: str = "standard") -> Organization:
    """A new organization, written to `session` (a service's). `domain` is kept in lower case.

    `InvalidInput` with all that is wrong, or when another organization has the slug or the domain.
    """
    domain = domain.strip().lower()
    problems = [
        *_slug_problems(slug),
        *_name_problems(name),
        *_domain_problems(domain),
        *_plan_problems(plan),
    ]
    if problems:
        raise InvalidInput("the organization was not created", problems=problems)
    organization = Organization(org_id=new_id(), slug=slug, name=name.strip(), domain=domain, plan=plan)
    try:
        with session.begin_nested():
            session.add(organization)
    except IntegrityError as error:
        taken = {
            "uq_organizations_slug": f"slug {slug!r}",
            "uq_organizations_domain": f"domain {domain!r}",
        }.get(violated_unique(error) or "")
        if taken is None:
            raise
        raise InvalidInput(
            f"an organization with the {taken} exists already", hint=f"`{typed('org list')}` shows them"
        ) from error
    return organization


def find(session: Session, slug_or_uuid: str) -> Organization:
    """The organization of this slug or UUID.

    `NotKnown` where `session` sees none, with a suggestion where a slug is close.
    """
    organization = session.scalar(select(Organization).where(_is(slug_or_uuid)))
    if organization is None:
        hint = did_you_mean(slug_or_uuid, slugs(session)) or f"`{typed('org list')}` shows them"
        raise NotKnown(f"there is no organization {slug_or_uuid!r}", hint=hint)
    return organization


@contextmanager
def entered(database: Database, slug_or_uuid: str) -> Iterator[tuple[Session, uuid.UUID]]:
    """A transaction that sees the rows of this organization alone, and its UUID; otherwise as
    `Database.tenant`.
    """
    with database.service() as session:
        org_id = find(session, slug_or_uuid).org_id
    with database.tenant(org_id) as session:
        yield session, org_id


def every(session: Session) -> Sequence[Organization]:
    """All organizations that `session` sees, by slug."""
    return session.scalars(select(Organization).order_by(Organization.slug)).all()


def page(
    session: Session, wanted: Wanted, *, among: Collection[uuid.UUID] | None = None
) -> Page[Organization]:
    """Organizations by slug, `among` these alone; None: all that `session` sees."""
    query = select(Organization)
    if among is not None:
        query = query.where(Organization.org_id.in_(among))
    found = page_of(session, query.order_by(Organization.slug), wanted)
    return Page([row[0] for row in found.rows], found.next)


def slugs(session: Session) -> list[str]:
    """Those of all organizations that `session` sees, in order."""
    return list(session.scalars(select(Organization.slug).order_by(Organization.slug)))


class Identities:
    """`find`, remembered for a moment: neither id nor slug of an organization ever changes. Safe to share
    between threads.
    """

    def __init__(self, database: Database, *, fresh: float = 60.0, most: int = 10_000) -> None:
        self._database = database
        self._known: TTLCache[str, tuple[uuid.UUID, str]] = TTLCache(most, fresh)
        self._lock = threading.Lock()

    def find(self, slug_or_uuid: str) -> tuple[uuid.UUID, str]:
        """Its id and its slug; `NotKnown` without naming others."""
        kept = self.remembered(slug_or_uuid)
        if kept is not None:
            return kept
        with self._database.service() as session:
            organization = session.scalar(select(Organization).where(_is(slug_or_uuid)))
        if organization is None:
            raise NotKnown(f"there is no organization {slug_or_uuid[:60]!r}")
        with self._lock:
            self._known[slug_or_uuid] = organization.org_id, organization.slug
        return organization.org_id, organization.slug

    def remembered(self, slug_or_uuid: str) -> tuple[uuid.UUID, str] | None:
        """What `find` need not ask the database for; None where it would have to."""
        with self._lock:
            return self._known.get(slug_or_uuid)


def time_zone(organization: Organization) -> str:
    """The IANA name of its time zone, which expressions read as `org.settings.time_zone`; "" where none is
    settled.
    """
    zone = organization.settings.get(TIME_ZONE)
    return zone if isinstance(zone, str) else ""


def to_json(organization: Organization) -> dict[str, Any]:
    """What may be shown of it, without its settings."""
    return {
        "slug": organization.slug,
        "name": organization.name,
        "domain": organization.domain,
        "plan": organization.plan,
        "org_id": str(organization.org_id),
    }


def _is(slug_or_uuid: str) -> ColumnElement[bool]:
    org_id = as_uuid(slug_or_uuid)
    return Organization.slug == slug_or_uuid if org_id is None else Organization.org_id == org_id


def _slug_problems(slug: str) -> list[Problem]:
    if not is_slug(slug):
        return [
            Problem(
                "slug",
                f"{slug!r} is not one",
                "a-z, 0-9 and single hyphens, a letter first, at most 41 characters",
            )
        ]
    return [] if as_uuid(slug) is None else [Problem("slug", "it reads as a UUID", "choose a name")]


def _name_problems(name: str) -> list[Problem]:
    return (
        []
        if name.strip() and len(name) <= 255 and "\0" not in name
        else [Problem("name", "it must have 1 to 255 characters")]
    )


def _domain_problems(domain: str) -> list[Problem]:
    return (
        []
        if _DOMAIN.match(domain)
        else [Problem("domain", f"{domain!r} is not one", "such as example.com; international ones as xn--…")]
    )


def _plan_problems(plan: str) -> list[Problem]:
    return [] if is_slug(plan) else [Problem("plan", f"{plan!r} is not a name of a plan", "such as standard")]
