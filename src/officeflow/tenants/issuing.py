"""Tokens of service accounts, made and taken back. What they look like, and whose one is: `tokens`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import ApiToken, ServiceAccount
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.ids import new_id
from officeflow.rights.giving import require_within_own
from officeflow.rights.permissions import GRANTS, Permission, Role
from officeflow.rights.principals import Principal
from officeflow.statuses import TokenState
from officeflow.tenants import organizations, service_accounts
from officeflow.tenants.tokens import new_token

DAYS = 90
MOST_DAYS = 365
"""How long a token holds, where nobody says, and at most."""

OLD_FOR_HOURS = 24
MOST_OLD_FOR_HOURS = 168
"""How long the old token of a rotation goes on, where nobody says, and at most."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: `prefix` is its beginning, which names it."""

    prefix: str
    account: str
    scopes: tuple[Permission, ...] | None
    """What it is narrowed to; None: all that its account's role allows."""
    state: TokenState
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None
    """To a minute; None: never."""

    def to_json(self) -> dict[str, Any]:
        return {
            "prefix": self.prefix,
            "account": self.account,
            "scopes": None if self.scopes is None else [each.value for each in self.scopes],
            "state": self.state,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "revoked_at": self.revoked_at,
            "last_used_at": self.last_used_at,
        }


@dataclass(frozen=True, slots=True)
class Issued:
    """`text` is the token itself: nobody can show it a second time."""

    token: Token
    text: str = field(repr=False)


def issue(
    database: Database,
    clock: Clock,
    org: str,
    account: str,
    *,
    scopes: Collection[str] | None = None,
    days: int = DAYS,
    by: Principal,
) -> Issued:
    """A new token of the account.

    `NotYoursToGive` where it would allow more than `by` may; `InvalidInput` where the account is not active,
    its role has not all of the scopes, or `days` are not 1 to 365.
    """
    with organizations.entered(database, org) as (session, org_id):
        holder = service_accounts.locked(session, org_id, account)
        if problems := [*_scope_problems(holder, scopes), *_days_problems(days)]:
            raise InvalidInput("no token was made", problems=problems)
        narrowed = None if scopes is None else frozenset(map(Permission, scopes))
        made = _new(session, holder, clock.now(), narrowed, dt.timedelta(days=days), by=by)
        _record(session, made.token, AuditAction.TOKEN_ISSUED, org_id, by=by)
    return made


def rotate(
    database: Database,
    clock: Clock,
    org: str,
    prefix: str,
    *,
    days: int = DAYS,
    old_for_hours: int = OLD_FOR_HOURS,
    by: Principal,
) -> Issued:
    """A new token that allows what the old one did, which holds for `old_for_hours` more, at most: so that
    programs can change over. 0 revokes it at once.

    `InvalidInput` where the old one does not hold any more; otherwise as `issue`.
    """
    now = clock.now()
    with organizations.entered(database, org) as (session, org_id):
        old, holder = _locked(session, org_id, prefix)
        if (state := _state(old, now)) is not TokenState.ACTIVE:
            raise InvalidInput(f"{prefix} is {state.value.lower()}", hint="issue a new token")
        if problems := [*_days_problems(days), *_hours_problems(old_for_hours)]:
            raise InvalidInput("the token was not rotated", problems=problems)
        narrowed = None if old.scopes is None else frozenset(map(Permission, old.scopes))
        made = _new(session, holder, now, narrowed, dt.timedelta(days=days), by=by)
        if old_for_hours:
            old.expires_at = min(old.expires_at, now + dt.timedelta(hours=old_for_hours))
        else:
            old.revoked_at = now
        until = {"instead_of": prefix, "old_until": (old.revoked_at or old.expires_at).isoformat()}
        _record(session, made.token, AuditAction.TOKEN_ROTATED, org_id, by=by, details=until)
    return made


def revoke(database: Database, clock: Clock, org: str, prefix: str, *, by: Principal) -> Token:
    """The token opens nothing any more, within five seconds in every process; nothing is recorded where it
    was revoked before.
    """
    with organizations.entered(database, org) as (session, org_id):
        old, holder = _locked(session, org_id, prefix)
        is_new = old.revoked_at is None
        old.revoked_at = old.revoked_at or clock.now()
        revoked = _shown(old, holder.name, clock.now())
        if is_new:
            _record(session, revoked, AuditAction.TOKEN_REVOKED, org_id, by=by)
    return revoked


def page(
    session: Session, org_id: uuid.UUID, now: dt.datetime, wanted: Wanted, *, account: str = ""
) -> Page[Token]:
    """The organization's tokens, the newest first; those of one account, where it is named."""
    query = _with_account(org_id)
    if account:
        holder = service_accounts.find(session, org_id, account)
        query = query.where(ApiToken.account_id == holder.account_id)
    order = (ApiToken.created_at.desc(), ApiToken.token_id.desc())
    found = page_of(session, query.order_by(*order), wanted)
    return Page([_shown(row[0], row[1].name, now) for row in found.rows], found.next)


def find(session: Session, org_id: uuid.UUID, now: dt.datetime, prefix: str) -> Token:
    """`NotKnown` where the organization has no token that begins with this."""
    token, account = _find(session, org_id, prefix)
    return _shown(token, account.name, now)


def _with_account(org_id: uuid.UUID) -> Select[ApiToken, ServiceAccount]:
    return (
        select(ApiToken, ServiceAccount)
        .join(ServiceAccount, ServiceAccount.account_id == ApiToken.account_id)
        .where(ApiToken.org_id == org_id)
    )


def _find(session: Session, org_id: uuid.UUID, prefix: str) -> tuple[ApiToken, ServiceAccount]:
    row = session.execute(_with_account(org_id).where(ApiToken.prefix == prefix)).one_or_none()
    if row is None:
        raise NotKnown(
            "the organization has no such token", hint="name it by its first twelve characters: oft_…"
        )
    return row[0], row[1]


def _locked(session: Session, org_id: uuid.UUID, prefix: str) -> tuple[ApiToken, ServiceAccount]:
    token, account = _find(session, org_id, prefix)
    session.refresh(account, with_for_update=True)
    session.refresh(token, with_for_update=True)
    return token, account


def _new(
    session: Session,
    account: ServiceAccount,
    now: dt.datetime,
    scopes: frozenset[Permission] | None,
    life: dt.timedelta,
    *,
    by: Principal,
) -> Issued:
    if not account.is_active:
        raise InvalidInput(f"{account.name} is not active", hint="activate it first")
    require_within_own(by, account.org_id, Role(account.role), scopes)
    made = new_token()
    token = ApiToken(
        token_id=new_id(),
        org_id=account.org_id,
        account_id=account.account_id,
        prefix=made.prefix,
        digest=made.digest,
        scopes=None if scopes is None else sorted(scopes),
        created_by=by.actor[:255],
        created_at=now,
        expires_at=now + life,
    )
    session.add(token)
    session.flush()
    return Issued(_shown(token, account.name, now), made.text)


def _state(token: ApiToken, now: dt.datetime) -> TokenState:
    if token.revoked_at is not None:
        return TokenState.REVOKED
    return TokenState.ACTIVE if token.expires_at > now else TokenState.EXPIRED


def _shown(token: ApiToken, account: str, now: dt.datetime) -> Token:
    return Token(
        prefix=token.prefix,
        account=account,
        scopes=None if token.scopes is None else tuple(map(Permission, token.scopes)),
        state=_state(token, now),
        created_by=token.created_by,
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )


def _scope_problems(account: ServiceAccount, scopes: Collection[str] | None) -> list[Problem]:
    if scopes is None:
        return []
    if not scopes:
        return [Problem("scopes", "a token without a scope opens nothing", "name one, or leave scopes out")]
    allowed = {each.value for each in GRANTS[Role(account.role)]}
    return [
        Problem("scopes", f"the role {account.role} has not {scope[:60]!r}", did_you_mean(scope, allowed))
        for scope in sorted(set(scopes) - allowed)
    ]


def _days_problems(days: int) -> list[Problem]:
    return [] if 1 <= days <= MOST_DAYS else [Problem("days", f"a token holds 1 to {MOST_DAYS} days")]


def _hours_problems(hours: int) -> list[Problem]:
    if 0 <= hours <= MOST_OLD_FOR_HOURS:
        return []
    return [Problem("old_for_hours", f"the old token goes on for 0 to {MOST_OLD_FOR_HOURS} hours")]


def _record(
    session: Session,
    token: Token,
    action: AuditAction,
    org_id: uuid.UUID,
    *,
    by: Principal,
    details: Mapping[str, Any] | None = None,
) -> None:
    entry = AuditEntry(
        actor=by.actor,
        action=action,
        subject=f"token:{token.prefix}",
        details={
            "account": token.account,
            "scopes": None if token.scopes is None else [each.value for each in token.scopes],
            "expires_at": token.expires_at.isoformat(),
            **(details or {}),
        },
    )
    audit.append(session, org_id, entry)
