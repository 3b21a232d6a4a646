from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from officeflow.database.tables import Organization, RunRequest
from officeflow.ids import idempotency_key, run_request_id
from officeflow.runs.store import ensure_run
from officeflow.statuses import CallState, RunStatus
from tests.nodes.case import Case, Params
from tests.nodes.world import CONTEXT, World


def ended_run(world: World) -> Params:
    """The runs that the contract's nodes are going to ask for: they were asked for before, and have ended."""
    with world.services.database.service() as session:
        org_id = session.scalars(select(Organization.org_id).where(Organization.slug == "acme")).one()
        where: dict[str, Any] = {"org_id": org_id, "conf": CONTEXT}
        parent = ensure_run(session, dag_id="acme__contract", dag_run_id="manual__1", **where)
        for node in ("it", "one", "two"):
            child = ensure_run(
                session, dag_id="acme__equip", dag_run_id=node, status=RunStatus.SUCCEEDED, **where
            )
            session.add(
                RunRequest(
                    request_id=run_request_id(idempotency_key(parent.run_id, node)),
                    org_id=org_id,
                    parent_run_id=parent.run_id,
                    node_key=node,
                    workflow="equip",
                    state=CallState.ENDED,
                    child_run_id=child.run_id,
                )
            )
    return {}


CASES: Mapping[str, Case] = {
    "branch": Case(
        params={"cases": [{"when": "event.employee == '1001'", "to": "welcome"}], "default": ["other"]},
        wrong={"cases": [{"when": "true", "to": "Welcome!"}]},
        changes=False,
    ),
    "join": Case(
        params={"mode": "all", "sources": {"a": "event.employee == '1001'", "b": "'b' in nodes"}},
        wrong={"mode": "some"},
        changes=False,
    ),
    "for_each": Case(
        params={"items": ["a", 2, {"b": None}], "at_once": 2},
        wrong={"items": "a, b"},
        changes=False,
    ),
    "set": Case(
        params={"values": {"desk": "Room 1", "days": 14}, "types": {"days": "integer"}},
        wrong={"values": {"changed": True}},
        changes=False,
    ),
    "fail": Case(
        params={"message": "{{ event.payload.first_name }} has no manager"},
        wrong={"message": ""},
        changes=False,
        stops=True,
    ),
    "wait_until": Case(
        params={"date": "2020-02-29", "offset": "P1Y", "at": "09:00", "skip": "weekends"},
        wrong={"date": "2027-02-29"},
        changes=False,
    ),
    "wait_for_event": Case(
        params={"kinds": ["employee.update"], "timeout": "PT0S", "on_timeout": "go_on"},
        wrong={"kinds": ["employee.birthday"]},
        changes=False,
    ),
    "call": Case(
        params={"workflow": "equip"}, wrong={"workflow": "Equip!"}, arrange=ended_run, changes=False
    ),
    "delay": Case(params={"duration": "PT0S"}, wrong={"duration": "tomorrow"}, changes=False),
}
