"""Loops, in a run as the platform makes it: what a round sees, what follows reads, what a list must be."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization
from officeflow.sdk import NodeResult
from officeflow.sdk.execution import Rounds
from officeflow.tenants import employees
from tests.ledger.conftest import NOW
from tests.nodes.world import World

pytestmark = pytest.mark.integration

BODIES = {"a": "all", "b": "all"}


def loop(world: World, items: Any, **more: Any) -> NodeResult:
    return world.run("flow.for_each", {"items": items}, node="all", **more)


def set_(
    world: World, node: str, value: Any, index: int = -1, each: str = "all", **rounds: Any
) -> NodeResult:
    """Runs a node that gives `value` as `v`: in a round, or behind all of them where `each` is ""."""
    place = Rounds(each=each, bodies=BODIES, **rounds)
    return world.run("flow.set", {"values": {"v": value}}, node=node, map_index=index, rounds=place)


def value_of(result: NodeResult) -> Any:
    assert result.status == "success", result.error
    return result.output["v"]


def test_the_items_are_computed_once_and_kept(world: World) -> None:
    first = loop(world, "${{ [event.employee, 'x'] }}")
    assert (first.output["items"], first.output["count"], first.rounds) == (["1001", "x"], 2, 2)
    again = loop(world, "${{ [event.employee, 'x'] }}", try_number=2)
    assert (again.replayed, again.rounds) == (True, 2)


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ("${{ event.payload.first_name }}", "list: it is what `${{ event.payload.first_name }}` gives"),
        ("${{ 1 + 1 }}", "list: it is what `${{ 1 + 1 }}` gives"),
        ("${{ null }}", "list: it is what `${{ null }}` gives"),
        ("${{ {'a': 1} }}", "list: it is what `${{ {'a': 1} }}` gives"),
    ],
)
def test_what_is_no_list_is_refused_with_its_expression(world: World, items: str, told: str) -> None:
    result = loop(world, items)
    assert result.error is not None
    assert (result.status, result.error.code, result.error.retryable) == (
        "failed",
        "invalid_parameters",
        False,
    )
    (problem,) = result.error.problems
    assert problem.path == "params.items"
    assert problem.reason.endswith(told), problem.reason
    assert "Ana" not in problem.reason


def test_a_hundred_thousand_items_are_refused_before_anything_is_done(world: World) -> None:
    result = loop(world, [0] * 100_000)
    assert result.error is not None
    assert (result.status, result.rounds) == ("failed", None)
    assert "the loop has 100000 items, more than the 1024 rounds" in result.error.message
    assert "nothing was done for any of them" in result.error.message
    assert "[core] max_map_length" in result.error.hint


def test_the_limits_are_airflows_and_the_workflows(world: World) -> None:
    assert loop(world, [1, 2, 3], most_rounds=3).rounds == 3
    few = world.run("flow.for_each", {"items": [1, 2, 3], "most": 2}, node="few")
    assert few.error is not None
    assert "more than the 2 that `most` allows" in few.error.message


@pytest.mark.parametrize(("nodes", "most"), [(1, 1024), (2, 512), (4, 256), (5, 204)])
def test_the_more_nodes_a_round_has_the_fewer_rounds_there_may_be(
    world: World, nodes: int, most: int
) -> None:
    place = Rounds(bodies={**{f"n{number}": "all" for number in range(nodes)}, "other": "another"})
    assert loop(world, [0] * most, rounds=place).rounds == most
    told = world.run("flow.for_each", {"items": [0] * (most + 1)}, node="all", map_index=7, rounds=place)
    assert told.error is not None
    assert (told.status, told.error.code, told.error.retryable) == ("failed", "invalid_parameters", False)
    which = "Airflow lets a loop have" if nodes == 1 else f"a loop of {nodes} nodes may have"
    assert f"more than the {most} rounds that {which}" in told.error.message
    assert "nothing was done for any of them" in told.error.message


def test_a_round_sees_its_item_and_what_others_gave_in_the_same_round(world: World) -> None:
    loop(world, [{"n": 5}, {"n": 7}])
    for index in range(2):
        set_(world, "a", "${{ item.n * 10 + item_index }}", index)
    assert [value_of(set_(world, "b", "${{ nodes.a.output.v + 1 }}", index)) for index in (1, 0)] == [72, 51]
    assert value_of(set_(world, "end", "${{ nodes.a.output.map(r, r.v) }}", each="")) == [50, 71]


@pytest.mark.parametrize("item", [0, "", None, False, [], {}])
def test_an_item_that_is_empty_is_one_all_the_same(world: World, item: Any) -> None:
    loop(world, [item])
    assert value_of(set_(world, "a", "${{ item }}", 0)) == item


def test_templates_see_the_item(world: World) -> None:
    loop(world, ["laptop"])
    place = Rounds(each="all", bodies=BODIES)
    params = {"message": "no {{ item }} in round {{ item_index + 1 }}"}
    result = world.run("flow.fail", params, node="a", map_index=0, rounds=place)
    assert result.error is not None
    assert result.error.message == "no laptop in round 1"


def test_behind_a_loop_over_nothing_its_nodes_gave_empty_lists(world: World) -> None:
    assert loop(world, []).rounds == 0
    assert value_of(set_(world, "end", "${{ nodes.a.output }}", each="")) == []


def test_a_round_that_no_way_leads_to_does_nothing(world: World, database: Database) -> None:
    loop(world, [1, 2])
    ways: dict[str, Any] = {"arrivals": ('"all" in nodes && (item > 1)', '"b" in nodes')}
    assert [set_(world, "a", "${{ item }}", index, **ways).status for index in range(2)] == [
        "skipped",
        "success",
    ]
    assert set_(world, "b", 1, 1, needs_all=True, **ways).status == "skipped"
    with database.service() as session:
        rows = session.execute(select(NodeRun.node_key, NodeRun.map_index)).all()
    assert {(key, index) for key, index in rows} == {("all", -1), ("a", 1)}


def test_a_condition_of_a_round_that_fails_names_itself(world: World) -> None:
    loop(world, [{}])
    result = set_(world, "a", 1, 0, arrivals=("item.price > 1",))
    assert result.error is not None
    assert (result.status, result.error.code) == ("failed", "invalid_expression")
    assert "item.price > 1" in result.error.message


def test_a_round_without_an_item_says_what_to_clear(world: World) -> None:
    loop(world, [1])
    result = set_(world, "a", "${{ item }}", 3)
    assert result.error is not None
    assert result.error.message == "there is no item 3 for this round: all has 1"
    assert "clear all" in result.error.hint


def test_sensitive_items_are_kept_encrypted_and_shown_to_nobody(
    world: World, database: Database, org: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        employees.apply_event(
            session,
            org.org_id,
            kind="employee.onboard",
            external_id="1001",
            event_id="e",
            event_time=NOW,
            payload={},
            sensitive={"personal_email": "ana@home.example"},
        )
    begun = loop(world, "${{ [employee.personal_email] }}")
    assert begun.output["items"] == ["ana@home.example"]
    assert begun.public["items"] == ["***"]
    with database.service() as session:
        row = session.scalars(select(NodeRun)).one()
        assert "ana@home" not in f"{row.output}"
    told = set_(world, "a", "${{ 'to ' + item }}", 0)
    assert (value_of(told), told.public["v"]) == ("to ana@home.example", "to ***")
