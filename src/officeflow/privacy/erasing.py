"""Erasing a person: asked for, agreed to, and done.

In one transaction their keys are destroyed and our own tables emptied (`removal`); after that the steward has
Airflow forget their runs (`airflow`), as often as that takes.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import Erasure, InboxEvent, Organization, User, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, Problem
from officeflow.events import inbox, mass
from officeflow.ids import new_id
from officeflow.privacy import about, holds, remains, removal, settled
from officeflow.privacy.about import Person
from officeflow.program import typed
from officeflow.rights.permissions import GRANTS, Permission, Role
from officeflow.statuses import ENDED_RUNS, ErasureState, EventStatus
from officeflow.tenants import organizations

RETENTION = "service:retention"
"""Who asks where the organization has settled how long people are kept."""

WHY_LENGTH = 1000
MOST_NAMED = 20
OPEN = (ErasureState.WAITING, ErasureState.ERASED)


def erase(database: Database, slug_or_uuid: str, external_id: str, *, why: str, by: str) -> Erasure:
    """Erase the person; where the organization wants two people for that, ask for it.

    The erasure is ERASED, and the steward goes on with Airflow, or WAITING for `confirm`. `NotKnown` where
    nothing is known of such a person. `InvalidInput` with everything that stands against it: a legal hold,
    runs that have not ended, events that wait, messages that are not in Kafka yet, an erasure that was asked
    for already.
    """
    why = reason(why)[:WHY_LENGTH]
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        inbox.hold_back(session, organization.org_id, external_id)
        person = about.known(session, organization.org_id, external_id)
        _check(session, person)
        two = settled.two_person(organization)
        if two and by != RETENTION:
            _require_admin(session, person.org_id, by)
        erasure = _asked(session, person, why, by)
        if two:
            return erasure
        _do(session, database, person, erasure)
    database.keys.forget()
    return erasure


def confirm(database: Database, slug_or_uuid: str, external_id: str, *, by: str) -> Erasure:
    """Agree to what somebody else has asked for, and do it.

    `InvalidInput` as `erase`, or where the same person agrees, or somebody who may not erase. `NotKnown`
    where nobody has asked.
    """
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        erasure = _waiting(session, organization, external_id)
        _require_admin(session, organization.org_id, by)
        if _login(by) == _login(erasure.asked_by):
            raise InvalidInput(
                f"{_login(by)} has asked for it: somebody else has to agree",
                hint=f"another admin: `{typed('person erase')} … --confirm --as LOGIN`",
            )
        inbox.hold_back(session, organization.org_id, external_id)
        person = about.known(session, organization.org_id, external_id)
        _check(session, person, asked=True)
        erasure.confirmed_by = by
        _do(session, database, person, erasure)
    database.keys.forget()
    return erasure


def withdraw(database: Database, slug_or_uuid: str, external_id: str, *, why: str, by: str) -> Erasure:
    """Take back what waits for a second person. `NotKnown` where nothing does."""
    why = reason(why)[:WHY_LENGTH]
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        erasure = _waiting(session, organization, external_id)
        erasure.state, erasure.done_at = ErasureState.WITHDRAWN, _now(session)
        _record(session, erasure, AuditAction.PERSON_ERASURE_WITHDRAWN, by=by, details={"why": why})
    return erasure


def every(database: Database, slug_or_uuid: str, *, limit: int = 100) -> Sequence[Erasure]:
    """The organization's erasures, the newest first."""
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        query = select(Erasure).where(Erasure.org_id == org_id)
        return session.scalars(query.order_by(Erasure.asked_at.desc(), Erasure.erasure_id).limit(limit)).all()


def newest(database: Database, slug_or_uuid: str, external_id: str) -> Erasure:
    """The person's last one; `NotKnown` where there is none."""
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        query = select(Erasure).where(Erasure.org_id == org_id, Erasure.external_id == external_id)
        found = session.scalar(query.order_by(Erasure.asked_at.desc()).limit(1))
    if found is None:
        raise NotKnown(f"nobody has asked to erase {external_id!r}")
    return found


def _asked(session: Session, person: Person, why: str, by: str) -> Erasure:
    erasure = Erasure(
        erasure_id=new_id(),
        org_id=person.org_id,
        external_id=person.external_id,
        pseudonym=f"erased-{secrets.token_hex(6)}",
        state=ErasureState.WAITING,
        why=why,
        asked_by=by,
    )
    session.add(erasure)
    session.flush()
    _record(session, erasure, AuditAction.PERSON_ERASURE_ASKED, by=by, details={"why": why})
    return erasure


def _do(session: Session, database: Database, person: Person, erasure: Erasure) -> None:
    runs = about.runs_of(session, person)
    ids = [run.run_id for run in runs]
    left = remains.of_database(session, person, ids)
    erasure.airflow = [{"dag_id": run.dag_id, "dag_run_id": run.dag_run_id} for run in runs]
    removed = removal.remove(session, database.keys, person, ids, erasure.pseudonym)
    erasure.state, erasure.erased_at = ErasureState.ERASED, _now(session)
    erasure.report = {
        "keys_destroyed": removed.keys,
        "rows": removed.rows,
        "held": removed.held,
        "runs": len(runs),
        "remains": [each.to_json() for each in left],
    }
    details = {
        "why": erasure.why,
        "asked_by": erasure.asked_by,
        "confirmed_by": erasure.confirmed_by or None,
        "keys_destroyed": removed.keys,
        "rows": removed.rows,
        "held": removed.held,
        "runs": len(runs),
    }
    by = erasure.confirmed_by or erasure.asked_by
    _record(session, erasure, AuditAction.PERSON_ERASED, by=by, details=details)
    session.flush()


def _check(session: Session, person: Person, *, asked: bool = False) -> None:
    problems = list(_against(session, person, asked=asked))
    if problems:
        raise InvalidInput(f"{person.external_id} was not erased", problems=problems)


def _against(session: Session, person: Person, *, asked: bool) -> Iterator[Problem]:
    if hold := holds.of_person(session, person.org_id, person.external_id):
        yield Problem(
            "hold", f"{hold.placed_by} holds the person's data: {hold.why}", "`person release` ends it"
        )
    open_one = select(Erasure).where(
        Erasure.org_id == person.org_id,
        Erasure.external_id == person.external_id,
        Erasure.state.in_([ErasureState.ERASED] if asked else OPEN),
    )
    if there := session.scalar(open_one):
        what, then = (
            (f"{there.asked_by} has asked for it already", "another admin: `--confirm`")
            if there.state == ErasureState.WAITING
            else ("Airflow has yet to forget runs of an earlier one", "the steward is at it")
        )
        yield Problem("erasure", what, then)
    if person.employee_id is not None:
        yield from _unended(session, person)
    waiting = select(func.count()).where(
        InboxEvent.org_id == person.org_id,
        InboxEvent.employee_key == person.external_id,
        InboxEvent.status == EventStatus.RECEIVED,
    )
    if number := session.scalar(waiting):
        behind = mass.released_first(session, person.org_id, person.external_id)
        then = f"decide about the release {behind} first, behind which they wait" if behind else ""
        yield Problem(
            "inbox", f"{number} of their events are not dispatched yet", then or "try again after that"
        )
    runs = [run.run_id for run in about.runs_of(session, person)]
    if number := removal.unsent(session, person, runs):
        yield Problem("outbox", f"{number} messages about them are not in Kafka yet", "try again in a moment")


def _unended(session: Session, person: Person) -> Iterator[Problem]:
    query = select(WorkflowRun.dag_id, WorkflowRun.dag_run_id, WorkflowRun.status).where(
        WorkflowRun.org_id == person.org_id,
        WorkflowRun.employee_id == person.employee_id,
        WorkflowRun.status.not_in(ENDED_RUNS),
    )
    for dag_id, dag_run_id, status in session.execute(query.limit(MOST_NAMED)):
        name = f"{dag_id}/{dag_run_id}"
        yield Problem(
            f"run {name}", f"it is {status}", f"wait for its end, or `{typed('run cancel')} {name} --why …`"
        )


def _waiting(session: Session, organization: Organization, external_id: str) -> Erasure:
    query = select(Erasure).where(
        Erasure.org_id == organization.org_id,
        Erasure.external_id == external_id,
        Erasure.state == ErasureState.WAITING,
    )
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotKnown(f"nobody has asked to erase {external_id!r}, or it is done")
    return found


def _require_admin(session: Session, org_id: uuid.UUID, by: str) -> None:
    """Where two people are needed, both are of the organization and may erase."""
    login = _login(by)
    query = select(User.role).where(
        User.org_id == org_id,
        User.is_active,
        (func.lower(User.airflow_login) == login) | (func.lower(User.email) == login),
    )
    if not any(Permission.PERSON_ERASE in GRANTS[Role(role)] for role in session.scalars(query)):
        raise InvalidInput(
            f"{login} may not erase people of this organization",
            hint="two of its admins have to agree: `--as LOGIN` says who you are",
        )


def _login(actor: str) -> str:
    """Who it is, by whatever door: `cli:ana` and `airflow:ana` are one."""
    return actor.partition(":")[2].lower() or actor.lower()


def _now(session: Session) -> Any:
    return session.scalars(select(func.clock_timestamp())).one()


def _record(
    session: Session, erasure: Erasure, action: AuditAction, *, by: str, details: dict[str, Any]
) -> None:
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=about.subject(erasure.external_id),
        details={"erasure_id": str(erasure.erasure_id), **details},
    )
    audit.append(session, erasure.org_id, entry)
