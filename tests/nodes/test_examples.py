"""What stands as an example in the reference runs: here for the nodes of identity, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.catalog import documents
from officeflow.catalog.registry import type_names
from officeflow.catalog.schemas import catalog
from officeflow.connectors.families.identity import Application, Entitlement, Group, Seats
from officeflow.expressions.params import resolve
from tests.nodes.world import World

IDENTITY = [name for name in type_names() if name.startswith("identity.")]


def furnished(world: World) -> Mapping[str, Any]:
    """A directory in which the examples make sense; gives what their expressions see."""
    world.paper.groups += [Group(id=f"g{name}", name=name) for name in ("Staff", "Engineering", "VPN")]
    world.paper.add("boss@acme.example", external_id="1000")
    person = {"given_name": "Ana", "family_name": "Pérez", "email": "ana@acme.example"}
    account_id = world.paper.add("ana@acme.example", external_id="1001", **person)
    world.paper.roles.append(Entitlement(id="r1", name="crm/editor"))
    world.paper.applications.append(Application(id="app1", name="CRM"))
    world.paper.application_roles["app1"] = ("editor",)
    world.paper.licences.append(Seats(licence=Entitlement(id="sku1", name="SPE_E3"), total=2))
    cursor = {"cursor": "0"}
    return {
        "employee": {**person, "external_id": "1001"},
        "event": {"payload": {"job_title": "Engineer", "department": "Sales"}},
        "nodes": {
            "create_account": {"output": {"account_id": account_id, "login": "ana@acme.example"}},
            "find_changes": {"output": cursor},
        },
    }


@pytest.mark.integration
@pytest.mark.parametrize("name", IDENTITY)
def test_the_example_of_the_reference_runs(name: str, world: World) -> None:
    values = furnished(world)
    example = documents.example(catalog()[name])
    result = world.run(name, resolve(example["params"], values), connection="paper")
    assert result.status == "success", result.error
