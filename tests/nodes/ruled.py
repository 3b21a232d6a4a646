"""An organization with access rules, and a person on paper whom they are about."""

from __future__ import annotations

from typing import Any, Protocol

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.connectors.families.identity import Application, Entitlement, Group, Seats
from officeflow.database.tables import Employee
from officeflow.ids import new_id
from officeflow.runner.access import access_rules
from officeflow.runner.further import Opener, identity_connections
from officeflow.runner.services import Services
from officeflow.sdk import Node
from officeflow.statuses import EmployeeStatus
from officeflow.tenants import employees, organizations
from tests.nodes.world import World

GROUPS = ("Staff", "Sales", "Engineering", "Payroll", "Chess")


class Served(Protocol):
    """A test's world as far as the organization's tables go."""

    @property
    def services(self) -> Services: ...


def settle(world: Served, *rules: dict[str, Any], connection: str = "paper") -> None:
    """Each rule is what it gives at the connection, with `name` and conditions."""
    written = [
        {
            **{name: each[name] for name in ("match", "when") if name in each},
            "name": each.get("name", f"rule {number}"),
            "connections": {connection: each["gives"]},
        }
        for number, each in enumerate(rules, 1)
    ]
    store.settle(world.services.database, "acme", parse({"rules": written}), why="test", by="cli:boss")


def employ(world: Served, external_id: str = "1001", **fields: Any) -> None:
    """The person's record says this from now on."""
    with world.services.database.service() as session:
        org_id = organizations.find(session, "acme").org_id
        known = session.query(Employee).filter_by(org_id=org_id, external_id=external_id).one_or_none()
        if known is None:
            known = Employee(
                employee_id=new_id(), org_id=org_id, external_id=external_id, attributes={}, field_times={}
            )
            known.status = EmployeeStatus.ACTIVE
            session.add(known)
        for name, value in fields.items():
            setattr(known, name, value)


def furnish(world: World, **fields: Any) -> str:
    """Groups, roles, licences and applications, and Ana's account; gives its id."""
    paper = world.paper
    paper.groups += [Group(id=f"g{name}", name=name) for name in GROUPS]
    paper.roles += [Entitlement(id=f"r{name}", name=name) for name in ("approver", "auditor")]
    paper.licences += [
        Seats(licence=Entitlement(id=f"l{name}", name=name), total=5) for name in ("SUITE", "CAD")
    ]
    paper.applications += [Application(id=f"p{name}", name=name) for name in ("crm", "wiki")]
    paper.application_roles["pcrm"] = ("reader", "editor")
    return paper.add("ana@acme.example", external_id="1001", **fields)


def groups_of_ana(world: World) -> set[str]:
    return set(world.paper.by_login("ana@acme.example").groups)


def held(world: World, kind: str) -> set[str]:
    account = world.paper.by_login("ana@acme.example")
    return {each.name for each in world.paper.held[kind][account.id]}


def surroundings(world: Served, kind: type[Node[Any, Any, Any]], connection: str = "paper") -> dict[str, Any]:
    """Of an act, as the runner gives them: the connection, the rules, and the record where there is one."""
    database = world.services.database
    with organizations.entered(database, "acme") as (session, org_id):
        person = employees.find(session, org_id, "1001")
        record = {} if person is None else employees.as_values(person)
        settings = organizations.find(session, "acme").settings
    return {
        "connection": connection,
        "values": {"employee": record, "org": {"slug": "acme", "settings": settings}},
        "look_into": Opener(connect=world.services.connect, org="acme", kind=kind, correlation_id="corr-1"),
        "identity_connections": lambda: identity_connections(database, "acme"),
        "access_rules": lambda: access_rules(database, "acme"),
    }
