"""What stands as an example in the reference runs, and is planned as it turns out: every node type's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.catalog import documents
from officeflow.catalog.registry import node_type, type_names
from officeflow.catalog.schemas import catalog
from officeflow.connectors.families.identity import Application, Entitlement, Group, Seats
from officeflow.expressions.params import resolve
from officeflow.expressions.templates import render
from officeflow.sdk import Answer, Doing, NodeResult, Planned
from officeflow.tenants import organizations, users
from tests.nodes.ruled import employ, settle, surroundings
from tests.nodes.world import CONTEXT, World

CONNECTIONS = {"identity": "paper", "mail": "smtp", "calendar": "caldav", "http": "http"}
ANSWERS = {
    "human.approval": Answer(chosen="Approve", by="boss"),
    "human.form": Answer(chosen="Submit", by="boss", values={"laptop": "light"}),
    "human.task": Answer(chosen="Done", by="boss", values={"reason": "shelf 3"}),
}
"""What people say who are asked by it."""
ENDS = {
    "flow.fail": "flow_stopped",
    "flow.call": "run_needed",
    "flow.wait_for_event": "event_needed",
    "identity.verify_closed": "not_yet",
}
"""With which error an example ends here that stops its run, or waits for what nobody does."""
IN_THE_LEDGER = {"audit.record"}
"""What changes OfficeFlow's own record alone, as part of having run."""


def furnished(world: World) -> dict[str, Any]:
    """A directory in which the examples make sense; gives what their expressions see."""
    world.paper.groups += [Group(id=f"g{name}", name=name) for name in ("Staff", "Engineering", "VPN")]
    world.paper.add("boss@acme.example", external_id="1000")
    person = {"given_name": "Ana", "family_name": "Pérez", "email": "ana@acme.example"}
    account_id = world.paper.add("ana@acme.example", external_id="1001", **person)
    world.paper.roles.append(Entitlement(id="r1", name="crm/editor"))
    world.paper.applications.append(Application(id="app1", name="CRM"))
    world.paper.application_roles["app1"] = ("editor",)
    world.paper.licences.append(Seats(licence=Entitlement(id="sku1", name="SPE_E3"), total=2))
    employ(world, department="Sales")
    settle(world, {"gives": {"groups": ["Staff"]}})
    with world.services.database.service() as session:
        org_id = organizations.find(session, "acme").org_id
        users.create(session, org_id, email="boss@acme.example", name="B", role="admin", airflow_login="boss")
    payload = {"job_title": "Engineer", "department": "Sales", "start_date": "2026-12-01"}
    return {
        "employee": {**person, "external_id": "1001"},
        "event": {**CONTEXT["event"], "payload": {**payload, "manager_email": "boss@acme.example"}},
        "nodes": {
            "create_account": {"output": {"account_id": account_id, "login": "ana@acme.example"}},
            "find_changes": {"output": {"cursor": "0"}},
        },
    }


def with_event(world: World, name: str, values: dict[str, Any]) -> None:
    """What changes an event of the calendar finds the one that the example of its creation makes."""
    if name in {"calendar.update_event", "calendar.cancel_event"}:
        params = filled("calendar.create_event", values)
        made = world.run("calendar.create_event", params, connection="caldav", node="before")
        values["nodes"]["create_event"] = {"output": made.output}


def filled(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    example = documents.example(catalog()[name])
    params = resolve(example["params"], values)
    return {key: render(each, values) if _is_template(each) else each for key, each in params.items()}


def _is_template(value: object) -> bool:
    return isinstance(value, str) and "{{" in value


@pytest.mark.integration
@pytest.mark.parametrize("name", type_names())
def test_the_example_of_the_reference_runs_and_its_plan_is_what_comes(name: str, world: World) -> None:
    values = furnished(world)
    with_event(world, name, values)
    params = filled(name, values)
    planned = () if name == "flow.fail" else plan(world, name, params, values)
    result = run_to_its_end(world, name, params, values)
    if name in ENDS:
        assert result.error is not None, result
        assert result.error.code == ENDS[name], result.error
        return
    assert result.status == "success", result.error
    changes = any(each.doing is not Doing.NO_CHANGE for each in planned)
    unknown = any(each.doing is Doing.UNKNOWN for each in planned)
    assert unknown or name in IN_THE_LEDGER or changes is result.output["changed"], planned


def plan(
    world: World, name: str, params: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Planned, ...]:
    """By a client that only looks, before anything is done."""
    kind = node_type(name)
    family = kind.spec.family
    connection = CONNECTIONS[family] if family else ""
    given = surroundings(world, kind, connection)
    act = world.act(**{**given, "values": {**given["values"], **values}})
    if not family:
        return tuple(kind().plan(kind.parse(params), None, act))
    client = world.open(connection, family, only_looks=True)
    try:
        return tuple(kind().plan(kind.parse(params), client, act))
    finally:
        client.close()


def run_to_its_end(
    world: World, name: str, params: Mapping[str, Any], values: Mapping[str, Any]
) -> NodeResult:
    """People answer, and days pass by the test's clock."""
    family = node_type(name).spec.family
    context = {**CONTEXT, "event": values["event"]}
    for answer in (None, ANSWERS.get(name)):
        result = world.run(
            name,
            params,
            connection=CONNECTIONS[family] if family else None,
            context=context,
            answer=answer,
        )
        if result.reschedule_at is not None and name not in ENDS:
            world.clock.moment = result.reschedule_at
        elif result.question is None:
            break
    return result
