"""Acts across the runs of an organization, in pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from officeflow.database.pages import Page, Wanted, merged, page_of, sifted
from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.errors import NotKnown
from officeflow.runs.shown import act_to_json
from officeflow.statuses import ODD_ACTS, ActStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which acts; what is None or empty says nothing. The moments are those at which they were begun or
    allowed, the first included, the last not; `employee` is the HR system's identifier.
    """

    run_id: uuid.UUID | None = None
    employee: str | None = None
    statuses: Collection[ActStatus] = ()
    type: str | None = None
    node: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """An act with the run that it belongs to; `shown` as `runs.shown.act_to_json` has it."""

    act_id: uuid.UUID
    run_id: uuid.UUID
    dag_id: str
    dag_run_id: str
    employee: str | None
    shown: dict[str, object]


def page(session: Session, org_id: uuid.UUID, sought: Sought, wanted: Wanted) -> Page[Deed]:
    """The newest first. By type and node they are sifted, and by a status that is not odd: a page may have
    fewer than are wanted, and a next one (`pages.sifted`).
    """
    keys = select(
        NodeRun.node_run_id, NodeRun.created_at, NodeRun.status, NodeRun.node_type, NodeRun.node_key
    ).where(NodeRun.org_id == org_id)
    if sought.run_id is not None:
        keys = keys.where(NodeRun.run_id == sought.run_id)
    if sought.employee is not None:
        keys = keys.where(NodeRun.run_id.in_(_runs_about(org_id, sought.employee)))
    if sought.since is not None:
        keys = keys.where(NodeRun.created_at >= sought.since)
    if sought.until is not None:
        keys = keys.where(NodeRun.created_at < sought.until)
    keys = keys.order_by(NodeRun.created_at.desc(), NodeRun.node_run_id.desc())
    if is_odd := bool(sought.statuses) and ODD_ACTS.issuperset(sought.statuses):
        odd = [keys.where(NodeRun.odd_status == each) for each in set(sought.statuses)]
        keys = odd[0] if len(odd) == 1 else keys
    if is_odd and not (sought.type or sought.node):
        found = merged(session, odd, wanted, lambda row: (row.created_at, row.node_run_id))
    elif sought.statuses or sought.type or sought.node:
        found = sifted(session, keys, wanted, lambda row: _is_sought(row, sought))
    else:
        found = page_of(session, keys, wanted)
    return Page(_deeds(session, [row.node_run_id for row in found.rows]), found.next)


def one(session: Session, org_id: uuid.UUID, act_id: uuid.UUID) -> Deed:
    """`NotKnown` where the organization has none."""
    found = session.get(NodeRun, act_id)
    if found is None or found.org_id != org_id:
        raise NotKnown(f"there is no act {act_id}")
    return _deeds(session, [act_id])[0]


def _runs_about(org_id: uuid.UUID, employee: str) -> Select[uuid.UUID]:
    return select(WorkflowRun.run_id).where(
        WorkflowRun.org_id == org_id, WorkflowRun.employee_key == employee
    )


def _is_sought(row: NodeRun, sought: Sought) -> bool:
    return (
        (not sought.statuses or row.status in sought.statuses)
        and sought.type in {None, row.node_type}
        and sought.node in {None, row.node_key}
    )


def _deeds(session: Session, ids: Collection[uuid.UUID]) -> list[Deed]:
    query = (
        select(NodeRun, WorkflowRun.dag_id, WorkflowRun.dag_run_id, WorkflowRun.employee_key)
        .join(WorkflowRun, WorkflowRun.run_id == NodeRun.run_id)
        .where(NodeRun.node_run_id.in_(ids))
    )
    found = {}
    for act, dag_id, dag_run_id, employee in session.execute(query) if ids else ():
        found[act.node_run_id] = Deed(
            act.node_run_id, act.run_id, dag_id, dag_run_id, employee, act_to_json(act)
        )
    return [found[each] for each in ids if each in found]
