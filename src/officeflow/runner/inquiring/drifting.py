"""Where an organization's systems differ from its record and its rules: each connection by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from officeflow.access.drift import Comparison
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry
from officeflow.connectors.families import Capability, Family, capabilities_of
from officeflow.connectors.opening import open_provider
from officeflow.errors import OfficeFlowError
from officeflow.ids import connection_id
from officeflow.runner import further
from officeflow.runner.services import Services
from officeflow.tenants import organizations

BY = "officeflow:drift"
"""Who compares every night, as the audit log names it."""


def of_connections(
    services: Services, org: str, names: Sequence[str], *, told: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """`{"connections": [{"connection", "looked", "why", "accounts", "found", "not_told", "counts",
    "differences"}], "found", "complete"}`, by looking alone.

    A system that cannot list accounts, or does not answer, was not `looked` at, with why; then the whole is
    not complete.
    """
    comparison = Comparison(services.database, org, services.clock.now())
    listed = [_of(services, comparison, org, name, told) for name in names]
    return {
        "connections": listed,
        "found": sum(each["found"] for each in listed),
        "complete": all(each["looked"] for each in listed),
    }


def of_organization(services: Services, org: str) -> dict[str, Any]:
    """`{"found", "connections": {name: counts by kind, or why it was not looked at}}`, without saying of
    whom: of every connection by which active workflows or access rules reach accounts.

    The audit log notes it.
    """
    names = further.identity_connections(services.database, org)
    found = of_connections(services, org, names)
    counts = {
        each["connection"]: each["counts"] if each["looked"] else each["why"] for each in found["connections"]
    }
    with organizations.entered(services.database, org) as (session, org_id):
        entry = AuditEntry(
            actor=BY,
            action=AuditAction.ACCESS_COMPARED,
            subject=organization_subject(organizations.find(session, org).slug),
            details={"connections": names, "found": found["found"]},
        )
        audit.append(session, org_id, entry)
    return {"found": found["found"], "connections": counts}


def _of(
    services: Services, comparison: Comparison, org: str, name: str, told: Callable[[str], None]
) -> dict[str, Any]:
    told(name)
    try:
        client = open_provider(
            services.connect(connection_id(org, name)),
            correlation_id=f"drift {name}",
            family=Family.IDENTITY,
            needs=(Capability.FIND_ACCOUNTS,),
            purpose="drift",
            only_looks=True,
        )
        with closing(client):
            if Capability.LIST_ACCOUNTS not in capabilities_of(type(client)):
                return _not_looked(name, "its system cannot list accounts")
            return comparison.compare(name, client, told=told).to_json()
    except OfficeFlowError as error:
        return _not_looked(name, error.message)


def _not_looked(name: str, why: str) -> dict[str, Any]:
    return {
        "connection": name,
        "looked": False,
        "why": why,
        "accounts": 0,
        "found": 0,
        "not_told": 0,
        "counts": {},
        "differences": [],
    }
