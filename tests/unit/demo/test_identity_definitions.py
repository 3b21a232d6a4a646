"""The identity demonstration's workflows and rules."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from officeflow.access.checking import checked
from officeflow.access.entitled import due
from officeflow.access.rules import parse
from officeflow.catalog.registry import node_type
from officeflow.connectors.families import Capability, Family
from officeflow.connectors.providers import provider
from officeflow.demo import setup
from officeflow.demo.identity.doors import doors_of
from officeflow.demo.identity.people import FIRST, HEAD, SECOND, Newcomer
from officeflow.demo.identity.publishing import JOINER, LEAVER, MOVER, RULES, without
from officeflow.demo.identity.reading import READERS
from officeflow.demo.identity.reading.seen import SESSIONS
from officeflow.demo.identity.systems import DEMO, SYSTEMS, System
from officeflow.stack.counterparts import of_demo
from officeflow.workflows.validation import validate

CONNECTIONS = {
    connection.name: connection.provider for each in SYSTEMS for connection in each.declared.connections
}
NEEDED = {
    JOINER: {"create_account", "add_groups", "set_manager"},
    MOVER: {"update_account", "apply_access"},
    LEAVER: {"suspend_account", "strip_groups"},
}


def definition(slug: str) -> dict[str, Any]:
    return setup.load_definition(f"{slug}.json")


def of(slug: str, system: System) -> set[str]:
    """The node types that the workflow has for the system."""
    nodes = [each for each in definition(slug)["nodes"] if each["id"].startswith(f"{system.key}_")]
    assert {each["connection"] for each in nodes} == {system.connection}
    return {each["type"].removeprefix("identity.") for each in nodes}


def test_there_is_a_system_and_a_reader_for_each_counterpart_of_the_demonstration() -> None:
    assert {*of_demo(DEMO), "scim"} == {each.counterpart for each in SYSTEMS}
    assert {each.key for each in SYSTEMS} == set(READERS)
    assert {each.connection for each in SYSTEMS} == set(CONNECTIONS)


@pytest.mark.parametrize("slug", [JOINER, MOVER, LEAVER])
def test_each_workflow_is_valid_and_has_its_steps_at_every_system(slug: str) -> None:
    assert validate(definition(slug), lambda: CONNECTIONS) == []
    for system in SYSTEMS:
        assert of(slug, system) >= NEEDED[slug]
        service = provider(CONNECTIONS[system.connection]).service(Family.IDENTITY)
        assert service is not None
        for name in of(slug, system):
            assert node_type(f"identity.{name}").needs <= service.capabilities


def test_what_is_suspended_waits_for_nothing_and_what_has_sessions_is_signed_out() -> None:
    nodes = definition(LEAVER)
    reached = {edge["to"] for edge in nodes["edges"]}
    assert {each["id"] for each in nodes["nodes"]} - reached == {f"{each.key}_suspend" for each in SYSTEMS}
    for system in SYSTEMS:
        assert ("end_sessions" in of(LEAVER, system)) is (SESSIONS in doors_of(system))


def test_units_are_moved_to_where_there_are_units() -> None:
    for system in SYSTEMS:
        service = provider(CONNECTIONS[system.connection]).service(Family.IDENTITY)
        assert service is not None
        has_units = Capability.MOVE_UNITS in service.capabilities
        assert ("move_account" in of(MOVER, system), "move_account" in of(LEAVER, system)) == (
            has_units,
            has_units,
        )


@pytest.mark.parametrize("slug", [JOINER, MOVER, LEAVER])
def test_a_system_that_cannot_run_here_is_in_no_node_and_the_workflow_is_still_valid(slug: str) -> None:
    less = without(definition(slug), {"ad"})
    others = {name: provider for name, provider in CONNECTIONS.items() if name != "ad"}
    assert validate(less, lambda: others) == []
    assert '"ad"' not in json.dumps(less)
    assert len(less["nodes"]) == len([n for n in definition(slug)["nodes"] if n.get("connection") != "ad"])


def test_every_system_gives_what_the_rules_say() -> None:
    rules = checked(setup.load_definition(RULES), CONNECTIONS)
    for rule in rules.rules:
        assert set(rule.connections) == set(CONNECTIONS)


def test_the_rules_give_something_to_people_of_the_demonstration_alone() -> None:
    rules, today = parse(setup.load_definition(RULES)), dt.date(2026, 3, 2)
    for place in (FIRST, SECOND):
        record = {**Newcomer("E1003", "Mei", "Okafor", place, HEAD).payload(), "status": "active"}
        given = due(rules, record, today)
        assert {each.connection for each in given} == set(CONNECTIONS)
        assert {"Staff", place.department} <= {each.name for each in given}
        for other in ({**record, "cost_center": "4100"}, {**record, "cost_center": None}):
            assert due(rules, other, today) == []


def test_the_main_demonstration_and_this_one_start_on_no_event_of_the_other() -> None:
    exit_filter, joins = (
        setup.load_definition(f"{name}.json")["trigger"]["filter"] for name in ("exit", "preboarding")
    )
    own = {definition(slug)["trigger"]["filter"] for slug in (JOINER, MOVER, LEAVER)}
    assert {f"!({each})" for each in own} == {exit_filter}
    assert "event.payload.work_email != null" in joins
    assert "work_email" not in Newcomer("E1003", "Mei", "Okafor", FIRST, HEAD).payload()
