"""Deciding about what waits for a second person; by whatever door, here.

Each decision is audited in the transaction that carries it out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import reason
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Release
from officeflow.errors import NotPending
from officeflow.events import mass
from officeflow.events.mass import Limit
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import Principal
from officeflow.statuses import ReleaseKind, ReleaseState
from officeflow.workflows import limits, protection, release_people, release_store, rules_protection, store
from officeflow.workflows.committing import Asked
from officeflow.workflows.publish import Publisher

Seen = Callable[[Mapping[str, Any]], None]
"""Takes `release_store.state_of` and raises where whoever decides has seen another one."""

OF_ORGANIZATION = (ReleaseKind.LIMITS, ReleaseKind.ACCESS_RULES, ReleaseKind.UNPROTECT_RULES)
"""Kinds that are decided under the lock of the organization's row."""

ACTIONS: Mapping[ReleaseState, AuditAction] = {
    ReleaseState.APPROVED: AuditAction.RELEASE_APPROVED,
    ReleaseState.REFUSED: AuditAction.RELEASE_REFUSED,
    ReleaseState.OVERRIDDEN: AuditAction.RELEASE_OVERRIDDEN,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What `principal` decides about a release of the organization, which `name` is the id of."""

    principal: Principal
    org_id: uuid.UUID
    name: str
    state: ReleaseState
    why: str
    seen: Seen | None = None


class Releases:
    """`publisher` opens one, for what is published."""

    def __init__(
        self, database: Database, publisher: Callable[[], AbstractContextManager[Publisher]]
    ) -> None:
        self._database = database
        self._publisher = publisher

    def approve(
        self, org_id: uuid.UUID, name: str, principal: Principal, *, why: str = "", seen: Seen | None = None
    ) -> dict[str, Any]:
        """Carry it out: `principal` is the second person. What it is then (`release_store.to_json`).

        `NotAllowed`, `SecondPersonNeeded`, `NotPending`; of what is published also `InvalidDefinition`, and
        `ChangedMeanwhile` where the workflow has a newer version than when it was asked for.
        """
        return self._carry_out(Decision(principal, org_id, name, ReleaseState.APPROVED, why.strip(), seen))

    def override(
        self, org_id: uuid.UUID, name: str, principal: Principal, *, why: str, seen: Seen | None = None
    ) -> dict[str, Any]:
        """Carry it out although nobody else has looked: in an emergency, with a reason. The other admins are
        told. Otherwise as `approve`; it may be the person who asked.
        """
        return self._carry_out(Decision(principal, org_id, name, ReleaseState.OVERRIDDEN, reason(why), seen))

    def refuse(
        self, org_id: uuid.UUID, name: str, principal: Principal, *, why: str, seen: Seen | None = None
    ) -> dict[str, Any]:
        """It is not done; events that were held start nothing. Whoever asked may take it back so, too."""
        decision = Decision(principal, org_id, name, ReleaseState.REFUSED, reason(why), seen)
        with self._database.service() as session:
            release = _settle(session, decision)
            if release.kind == ReleaseKind.EVENTS:
                mass.refuse(session, release.release_id, why=decision.why)
            return release_store.to_json(session, release)

    def _carry_out(self, decision: Decision) -> dict[str, Any]:
        with self._database.service() as session:
            release = release_store.find(session, decision.org_id, decision.name)
            _check(session, release, decision)
            slug = session.get_one(Organization, decision.org_id).slug
        if release.kind == ReleaseKind.PUBLISH:
            self._publish(slug, release, decision)
        else:
            with self._database.service() as session:
                _do(session, _settle(session, decision), decision)
        with self._database.service() as session:
            found = release_store.find(session, decision.org_id, decision.name)
            return release_store.to_json(session, found)

    def _publish(self, org: str, release: Release, decision: Decision) -> None:
        """It is checked once more, for much may have changed since it was asked for."""

        def settle(session: Session) -> None:
            _settle(session, decision)

        asked = Asked(
            release.requested_by,
            correlation_id=release.correlation_id,
            base=release.wanted["base"],
            released=settle,
        )
        with self._publisher() as publisher:
            checked = publisher.checked(org, release.wanted["definitions"])
            publisher.commit(checked, by=release.requested_by, asked=asked)


def _check(session: Session, release: Release, decision: Decision) -> None:
    match decision.state:
        case ReleaseState.APPROVED:
            release_people.check_second(session, release, decision.principal)
        case ReleaseState.OVERRIDDEN:
            decision.principal.require(Permission.RELEASE_OVERRIDE, release.org_id)
            release_people.check_person(decision.principal)
        case _:
            decision.principal.require(Permission.RELEASE_APPROVE, release.org_id)
    if release.state != ReleaseState.PENDING:
        raise NotPending(
            f"the release is {release.state.lower()} already, by {release.decided_by}",
            hint="what is still wanted is asked for anew",
        )
    if decision.seen is not None:
        decision.seen(release_store.state_of(session, release))


def _settle(session: Session, decision: Decision) -> Release:
    """The release, decided; nobody else decides about it meanwhile."""
    known = release_store.find(session, decision.org_id, decision.name)
    if known.kind == ReleaseKind.EVENTS:
        mass.lock(session, decision.org_id, known.subject)
    if known.kind == ReleaseKind.UNPROTECT:
        store.lock_revisions(session)
    if known.kind in OF_ORGANIZATION:
        session.get_one(Organization, decision.org_id, with_for_update=True)
    release = release_store.find(session, decision.org_id, decision.name, for_update=True)
    _check(session, release, decision)
    held = mass.held(session, release.release_id) if release.kind == ReleaseKind.EVENTS else None
    release.state, release.decision = decision.state, decision.why[: release_store.LONGEST_WHY]
    release.decided_by = decision.principal.actor
    release.decided_at = session.scalars(select(func.clock_timestamp())).one()
    release.is_announced = decision.state != ReleaseState.OVERRIDDEN
    session.flush()
    told = {"why": decision.why, "requested_by": release.requested_by}
    release_store.record(
        session,
        release,
        ACTIONS[decision.state],
        by=decision.principal.actor,
        **told,
        **({} if held is None else {"events": held}),
    )
    return release


def _do(session: Session, release: Release, decision: Decision) -> None:
    match release.kind:
        case ReleaseKind.EVENTS:
            mass.let_go(session, release.release_id)
        case ReleaseKind.UNPROTECT:
            workflow = store.find(session, release.org_id, release.subject)
            protection.unprotect(session, workflow, by=release.requested_by, release_id=release.release_id)
        case ReleaseKind.LIMITS:
            organization = session.get_one(Organization, release.org_id)
            wanted = {kind: Limit(**each) for kind, each in release.wanted["limits"].items()}
            limits.write(session, organization, wanted, why=release.why, by=release.requested_by)
        case ReleaseKind.ACCESS_RULES:
            rules_protection.carry_out(session, release)
        case ReleaseKind.UNPROTECT_RULES:
            rules_protection.unprotect(session, release)
        case _:
            raise AssertionError(f"{release.kind} is published, not done: {decision.name}")
