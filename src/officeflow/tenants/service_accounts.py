"""Programs that work with the API for an organization: each is an account with a role, and has tokens
(`issuing`).
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.constraints import violated_unique
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import ServiceAccount
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.ids import is_slug, new_id
from officeflow.rights.giving import require_within_own
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal
from officeflow.tenants import organizations, roles


def create(
    database: Database, org: str, *, name: str, role: str, description: str = "", by: Principal
) -> ServiceAccount:
    """A new account, active and without a token.

    `NotYoursToGive` where the role allows more than `by` may; `InvalidInput` with all that is wrong, or where
    the name is taken.
    """
    wanted = roles.check(role)
    if problems := _problems(name, description):
        raise InvalidInput("the service account was not created", problems=problems)
    with organizations.entered(database, org) as (session, org_id):
        require_within_own(by, org_id, wanted)
        account = ServiceAccount(
            account_id=new_id(),
            org_id=org_id,
            name=name,
            description=description.strip(),
            role=wanted,
            is_active=True,
        )
        _add(session, account)
        _record(session, account, AuditAction.ACCOUNT_CREATED, by=by)
    return account


def _add(session: Session, account: ServiceAccount) -> None:
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        if violated_unique(error) is None:
            raise
        raise InvalidInput(f"the organization has a service account {account.name!r} already") from error


def page(
    session: Session, org_id: uuid.UUID, wanted: Wanted, *, active: bool | None = None
) -> Page[ServiceAccount]:
    """The organization's accounts by name."""
    query = select(ServiceAccount).where(ServiceAccount.org_id == org_id)
    if active is not None:
        query = query.where(ServiceAccount.is_active == active)
    found = page_of(session, query.order_by(ServiceAccount.name), wanted)
    return Page([row[0] for row in found.rows], found.next)


def find(session: Session, org_id: uuid.UUID, name: str) -> ServiceAccount:
    """`NotKnown` where there is none of this name, with a suggestion where one is close."""
    account = session.scalar(_named(org_id, name))
    if account is None:
        known = session.scalars(
            select(ServiceAccount.name).where(ServiceAccount.org_id == org_id).limit(1000)
        ).all()
        raise NotKnown(
            f"the organization has no service account {name[:60]!r}", hint=did_you_mean(name, known)
        )
    return account


def locked(session: Session, org_id: uuid.UUID, name: str) -> ServiceAccount:
    """The same, which nobody else changes until the transaction ends."""
    account = find(session, org_id, name)
    session.refresh(account, with_for_update=True)
    return account


def deactivate(database: Database, org: str, name: str, *, by: Principal) -> ServiceAccount:
    """Its tokens open nothing any more, within five seconds in every process; activating it brings them
    back.
    """
    with organizations.entered(database, org) as (session, org_id):
        account = locked(session, org_id, name)
        if account.is_active:
            account.is_active = False
            _record(session, account, AuditAction.ACCOUNT_DEACTIVATED, by=by)
    return account


def activate(database: Database, org: str, name: str, *, by: Principal) -> ServiceAccount:
    """Its tokens open again what they did; `NotYoursToGive` where its role allows more than `by` may."""
    with organizations.entered(database, org) as (session, org_id):
        account = locked(session, org_id, name)
        require_within_own(by, org_id, Role(account.role))
        if not account.is_active:
            account.is_active = True
            _record(session, account, AuditAction.ACCOUNT_ACTIVATED, by=by)
    return account


def subject(account: ServiceAccount) -> str:
    """As the audit log names it; the record says in which organization."""
    return f"service_account:{account.name}"


def to_json(account: ServiceAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "description": account.description,
        "role": account.role,
        "active": account.is_active,
    }


def _named(org_id: uuid.UUID, name: str) -> Select[ServiceAccount]:
    return select(ServiceAccount).where(ServiceAccount.org_id == org_id, ServiceAccount.name == name)


def _problems(name: str, description: str) -> list[Problem]:
    problems = []
    if not is_slug(name):
        wanted = "a-z, 0-9 and single hyphens, a letter first, at most 41 characters"
        problems.append(Problem("name", f"{name[:60]!r} cannot be one", wanted))
    if len(description.strip()) > 255 or "\0" in description:
        problems.append(Problem("description", "it must have at most 255 characters"))
    return problems


def _record(session: Session, account: ServiceAccount, action: AuditAction, *, by: Principal) -> None:
    entry = AuditEntry(
        actor=by.actor, action=action, subject=subject(account), details={"role": account.role}
    )
    audit.append(session, account.org_id, entry)
